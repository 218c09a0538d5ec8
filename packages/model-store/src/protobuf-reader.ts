/** Walks the wire format of Protocol Buffers without knowing the message. https://protobuf.dev/programming-guides/encoding/ */

/** Bytes that are no message. */
export class ProtobufDamage extends Error {
  override readonly name = 'ProtobufDamage';
}

export interface ProtobufField {
  readonly number: number;
  /** A text, a message or packed numbers; null = a single number, whose value nobody asks for. */
  readonly bytes: Uint8Array | null;
  /** Where the content starts in the file. */
  readonly at: number;
}

const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

/** The fields of one message; `at` is where it starts in the file. Throws ProtobufDamage at the first byte that cannot be. */
export function* protobufFields(bytes: Uint8Array, at = 0): Generator<ProtobufField, void, undefined> {
  const cursor: Cursor = { bytes, next: 0, at };
  while (cursor.next < bytes.length) {
    const start = at + cursor.next;
    const tag = varint(cursor);
    const number = Math.floor(tag / 8);
    if (number === 0) throw new ProtobufDamage(`a field without a number at byte ${start}`);
    const size = contentBytes(cursor, tag % 8, start);
    const from = cursor.next;
    if (!(size <= bytes.length - from))
      throw new ProtobufDamage(`a field of ${size} bytes at byte ${start}, where ${bytes.length - from} are left`);
    cursor.next += size;
    const isPart = tag % 8 === LENGTH_DELIMITED;
    yield { number, bytes: isPart ? bytes.subarray(from, from + size) : null, at: at + from };
  }
}

interface Cursor {
  readonly bytes: Uint8Array;
  next: number;
  readonly at: number;
}

/** How many bytes follow; a varint is consumed. */
function contentBytes(cursor: Cursor, wireType: number, start: number): number {
  switch (wireType) {
    case VARINT:
      varint(cursor);
      return 0;
    case FIXED_64:
      return 8;
    case LENGTH_DELIMITED:
      return varint(cursor);
    case FIXED_32:
      return 4;
    default:
      throw new ProtobufDamage(`a field of the unknown kind ${wireType} at byte ${start}`);
  }
}

/** 64 bits are ten groups of seven. */
const VARINT_BYTES_MAX = 10;

function varint(cursor: Cursor): number {
  let [value, scale] = [0, 1];
  for (let count = 0; count < VARINT_BYTES_MAX; count += 1) {
    const byte = cursor.bytes[cursor.next];
    if (byte === undefined) throw new ProtobufDamage(`the end at byte ${cursor.at + cursor.next}, inside of a number`);
    cursor.next += 1;
    value += (byte % 128) * scale;
    if (byte < 128) return value;
    scale *= 128;
  }
  throw new ProtobufDamage(`a number that does not end at byte ${cursor.at + cursor.next}`);
}
