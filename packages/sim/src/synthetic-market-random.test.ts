import { describe, expect, it } from 'vitest';
import { NormalRows, NormalStream, uniformAt, uniformKey } from './synthetic-market-random.ts';

const COUNT = 500_000;

function drawn(kind: 'draw' | 'drawCoarse', seed = 3): Float64Array {
  const out = new Float64Array(COUNT);
  new NormalStream(seed, 'test')[kind](out);
  return out;
}

const meanOf = (values: Float64Array, f: (x: number) => number): number => {
  let sum = 0;
  for (const value of values) sum += f(value);
  return sum / values.length;
};

/** Share of values above x and what it should be (tables of the normal law). */
const TAILS = [
  [0.5, 0.308_537_538_7],
  [1, 0.158_655_253_9],
  [2, 0.022_750_131_9],
  [3, 0.001_349_898_03],
] as const;

describe.each(['draw', 'drawCoarse'] as const)('NormalStream.%s', (kind) => {
  const values = drawn(kind);

  it('has the moments of a standard normal within four standard errors', () => {
    const unit = 4 / Math.sqrt(COUNT);
    expect(Math.abs(meanOf(values, (x) => x))).toBeLessThan(unit);
    expect(Math.abs(meanOf(values, (x) => x * x) - 1)).toBeLessThan(unit * Math.SQRT2);
    expect(Math.abs(meanOf(values, (x) => x ** 3))).toBeLessThan(unit * Math.sqrt(15));
    // The coarse law has lighter tails by construction: kurtosis 2.99.
    expect(Math.abs(meanOf(values, (x) => x ** 4) - 3)).toBeLessThan(
      unit * Math.sqrt(96) + (kind === 'draw' ? 0 : 0.02),
    );
  });

  it('has the tail probabilities of a standard normal on both sides', () => {
    for (const [x, probability] of TAILS) {
      // The coarse law is a staircase of 4,096 steps.
      const tolerance = 4 * Math.sqrt(probability / COUNT) + (kind === 'draw' ? 0 : 0.5 / 4_096);
      expect(Math.abs(meanOf(values, (v) => (v > x ? 1 : 0)) - probability)).toBeLessThan(tolerance);
      expect(Math.abs(meanOf(values, (v) => (v < -x ? 1 : 0)) - probability)).toBeLessThan(tolerance);
    }
  });

  it('has no memory', () => {
    for (const lag of [1, 2, 3, 10, 256]) {
      let sum = 0;
      for (let i = lag; i < COUNT; i += 1) sum += values[i] * values[i - lag];
      expect(Math.abs(sum / COUNT)).toBeLessThan(4 / Math.sqrt(COUNT));
    }
  });

  it('repeats itself for the same seed and not for another', () => {
    expect(drawn(kind)).toEqual(values);
    expect(drawn(kind, 4)[0]).not.toBe(values[0]);
  });
});

describe('NormalStream.draw', () => {
  it('reaches beyond the base strip of the ziggurat with the right frequency', () => {
    const values = drawn('draw', 9);
    const beyond = meanOf(values, (x) => (Math.abs(x) > 3.7 ? 1 : 0)) * COUNT;
    const expected = 2 * 1.078e-4 * COUNT;
    expect(Math.abs(beyond - expected)).toBeLessThan(4 * Math.sqrt(expected));
  });
});

describe('NormalRows', () => {
  it('hands out the values of its stream in order', () => {
    const rows = new NormalRows(new NormalStream(5, 'rows'), 3);
    const flat = new Float64Array(3 * 300);
    const stream = new NormalStream(5, 'rows');
    const seen: number[] = [];
    for (let row = 0; row < 300; row += 1) {
      const at = rows.advance();
      seen.push(rows.values[at], rows.values[at + 1], rows.values[at + 2]);
    }
    stream.draw(flat);
    expect(seen).toEqual([...flat]);
  });
});

describe('uniformAt', () => {
  it('is uniform over counters and unrelated between neighbours and keys', () => {
    const [key, other] = [uniformKey(1, 'a'), uniformKey(1, 'b')];
    let [sum, squares, neighbours, keys] = [0, 0, 0, 0];
    for (let i = 0; i < COUNT; i += 1) {
      const u = uniformAt(key, i) - 0.5;
      sum += u;
      squares += u * u;
      neighbours += u * (uniformAt(key, i + 1) - 0.5);
      keys += u * (uniformAt(other, i) - 0.5);
    }
    expect(Math.abs(sum / COUNT)).toBeLessThan(4 * Math.sqrt(1 / 12 / COUNT));
    expect(Math.abs(squares / COUNT - 1 / 12)).toBeLessThan(4 * Math.sqrt(1 / 180 / COUNT));
    expect(Math.abs(neighbours / COUNT)).toBeLessThan(4 / 12 / Math.sqrt(COUNT));
    expect(Math.abs(keys / COUNT)).toBeLessThan(4 / 12 / Math.sqrt(COUNT));
  });
});
