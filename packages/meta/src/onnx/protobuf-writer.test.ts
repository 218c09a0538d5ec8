/** Bytes of the examples in https://protobuf.dev/programming-guides/encoding/ */
import { describe, expect, it } from 'vitest';
import { ProtobufWriter } from './protobuf-writer.ts';

function hexOf(write: (writer: ProtobufWriter) => void): string {
  const writer = new ProtobufWriter();
  write(writer);
  return Buffer.from(writer.finish()).toString('hex');
}

describe('the wire format', () => {
  it.each<[string, (writer: ProtobufWriter) => void, string]>([
    ['an integer', (writer) => writer.int(1, 150), '089601'],
    ['zero', (writer) => writer.int(1, 0), '0800'],
    ['2^53 - 1', (writer) => writer.int(1, Number.MAX_SAFE_INTEGER), '08ffffffffffffff0f'],
    ['a text', (writer) => writer.text(2, 'testing'), '120774657374696e67'],
    ['a text beyond ASCII', (writer) => writer.text(2, 'ä€'), '1205c3a4e282ac'],
    ['a message', (writer) => writer.message(3, (inner) => inner.int(1, 150)), '1a03089601'],
    ['packed integers', (writer) => writer.ints(6, [3, 270, 86_942]), '3206038e029ea705'],
    ['no integers', (writer) => writer.ints(6, []), '3200'],
    ['a field above 15', (writer) => writer.int(20, 7), 'a00107'],
  ])('%s', (_, write, hex) => {
    expect(hexOf(write)).toBe(hex);
  });

  it('grows with what is written', () => {
    const long = new Uint8Array(100_000).fill(7);
    const writer = new ProtobufWriter();
    writer.bytes(1, long);
    writer.bytes(1, long);
    const bytes = writer.finish();
    expect(bytes.length).toBe(2 * (100_000 + 4));
    expect([...bytes.subarray(0, 5), bytes[100_004], bytes.at(-1)]).toEqual([10, 0xa0, 0x8d, 6, 7, 10, 7]);
  });

  it.each([-1, 0.5, Number.NaN, 2 ** 53])('%d is no varint', (value) => {
    expect(() => hexOf((writer) => writer.int(1, value))).toThrow('a varint is a whole number >= 0');
  });
});
