/**
 * The wire format of Protocol Buffers, as much of it as an ONNX file needs. The same calls give the same bytes.
 * https://protobuf.dev/programming-guides/encoding/
 */
import { invariant } from '@donch/core';
import { utf8ToBytes } from '@noble/hashes/utils.js';

const VARINT = 0;
const LENGTH_DELIMITED = 2;

const FIRST_BYTES = 256;
/** A varint of a whole number up to 2^53. */
const VARINT_BYTES_MAX = 8;

/** One message: fields in the order of the calls. Numbers of fields as in the message's definition. */
export class ProtobufWriter {
  #bytes = new Uint8Array(FIRST_BYTES);
  #length = 0;

  /** A whole number >= 0. */
  int(field: number, value: number): void {
    this.#varint(field * 8 + VARINT);
    this.#varint(value);
  }

  /** Whole numbers >= 0, packed into one field. */
  ints(field: number, values: ArrayLike<number>): void {
    const packed = new ProtobufWriter();
    for (let at = 0; at < values.length; at += 1) packed.#varint(values[at]);
    this.bytes(field, packed.finish());
  }

  text(field: number, value: string): void {
    this.bytes(field, utf8ToBytes(value));
  }

  bytes(field: number, value: Uint8Array): void {
    this.#varint(field * 8 + LENGTH_DELIMITED);
    this.#varint(value.length);
    this.#grow(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  /** A message inside of this one. */
  message(field: number, write: (inner: ProtobufWriter) => void): void {
    const inner = new ProtobufWriter();
    write(inner);
    this.bytes(field, inner.finish());
  }

  /** What was written so far. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** Seven bits a byte, the lowest first; divisions, because shifts end at 32 bits. */
  #varint(value: number): void {
    invariant(Number.isSafeInteger(value) && value >= 0, 'a varint is a whole number >= 0');
    this.#grow(VARINT_BYTES_MAX);
    let rest = value;
    while (rest >= 128) {
      this.#bytes[this.#length] = (rest % 128) + 128;
      this.#length += 1;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#length] = rest;
    this.#length += 1;
  }

  #grow(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + count));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}
