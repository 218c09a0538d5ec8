/** Below this a comparison sort is as fast. */
const RADIX_MIN = 4_096;
const DIGIT_BITS = 11;
const DIGITS = 2 ** DIGIT_BITS;
const SIGN = 0x8000_0000;

/** The values that are not NaN, ascending. By digits of the bits from `RADIX_MIN` values on: a quarter of the time. */
export function sortedFloats(values: Float32Array): Float32Array {
  const sorted = new Float32Array(values.length);
  let size = 0;
  for (let k = 0; k < values.length; k += 1) {
    if (Number.isNaN(values[k])) continue;
    sorted[size] = values[k];
    size += 1;
  }
  const present = sorted.subarray(0, size);
  if (size < RADIX_MIN) return present.sort();
  sortByBits(new Uint32Array(sorted.buffer, 0, size));
  return present;
}

/** Sorts the bits of floats in the order of the floats. */
function sortByBits(bits: Uint32Array<ArrayBuffer>): void {
  // negative numbers have larger bits the smaller they are: turn them all, and the sign of the others
  for (let k = 0; k < bits.length; k += 1) bits[k] ^= bits[k] >= SIGN ? 0xffff_ffff : SIGN;
  let [from, to] = [bits, new Uint32Array(bits.length)];
  for (let shift = 0; shift < 32; shift += DIGIT_BITS) {
    sortByDigit(from, to, shift);
    [from, to] = [to, from];
  }
  for (let k = 0; k < bits.length; k += 1) bits[k] = from[k] ^ (from[k] >= SIGN ? SIGN : 0xffff_ffff);
}

/** Keeps the order of equal digits. */
function sortByDigit(from: Uint32Array, to: Uint32Array, shift: number): void {
  const next = new Int32Array(DIGITS + 1);
  for (let k = 0; k < from.length; k += 1) next[((from[k] >>> shift) & (DIGITS - 1)) + 1] += 1;
  for (let digit = 0; digit < DIGITS; digit += 1) next[digit + 1] += next[digit];
  for (let k = 0; k < from.length; k += 1) {
    const digit = (from[k] >>> shift) & (DIGITS - 1);
    to[next[digit]] = from[k];
    next[digit] += 1;
  }
}
