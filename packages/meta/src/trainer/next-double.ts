const bits = new BigInt64Array(1);
const value = new Float64Array(bits.buffer);

/** The next larger double (C's `nextafter(x, inf)`); Infinity stays. */
export function nextDouble(x: number): number {
  if (x === Infinity || Number.isNaN(x)) return x;
  if (x === 0) return Number.MIN_VALUE;
  value[0] = x;
  bits[0] += x > 0 ? 1n : -1n;
  return value[0];
}
