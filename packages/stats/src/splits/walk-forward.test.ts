import { readFileSync } from 'node:fs';
import { describeWithShared, sharedDir } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { type WalkForwardBlockOptions, walkForwardBlocks, walkForwardSplits } from './walk-forward.ts';

interface PlainSplit {
  readonly train: readonly number[];
  readonly test: readonly number[];
}

/** Splits of rows one unit of time apart, `gap` of them between training and test. */
function splitsOf(options: WalkForwardBlockOptions, gap: number, trainRows: number | null): PlainSplit[] {
  const startMs = Array.from({ length: options.rows }, (_, row) => row);
  const spans = { startMs, endMs: startMs.map((start) => start + gap) };
  const found = walkForwardSplits(spans, walkForwardBlocks(options), trainRows);
  return found.map(({ train, test }) => ({ train: [...train], test: [...test] }));
}

describeWithShared('walk-forward splits of others', () => {
  const file = JSON.parse(readFileSync(sharedDir('vectors', 'walkforward', 'splits.json'), 'utf8')) as {
    readonly n: number;
    readonly time_series_split: {
      readonly params: { readonly n_splits: number; readonly test_size: number; readonly gap: number };
      readonly splits: readonly PlainSplit[];
    };
    readonly walk_forward: readonly {
      readonly params: {
        readonly train: number;
        readonly test: number;
        readonly purge: number;
        readonly reduce?: boolean;
      };
      readonly splits: readonly PlainSplit[];
    }[];
  };

  it('expanding with a gap: TimeSeriesSplit of scikit-learn', () => {
    const { params, splits } = file.time_series_split;
    const { n_splits: count, test_size: testRows, gap } = params;
    const options = { rows: file.n, firstRow: file.n - count * testRows, testRows };
    expect(splitsOf(options, gap, null)).toEqual(splits);
  });

  it.each(file.walk_forward)('rolling: WalkForward of skfolio with $params', ({ params, splits }) => {
    const { train, test: testRows, purge, reduce: keepsPartial = false } = params;
    // there the window is counted before the gap is taken from it
    expect(splitsOf({ rows: file.n, firstRow: train, testRows, keepsPartial }, purge, train - purge)).toEqual(splits);
  });
});

describe('walk-forward splits', () => {
  it('train only on what had ended', () => {
    const startMs = [0, 1, 2, 3, 4, 5, 6, 7];
    const spans = { startMs, endMs: startMs.map((start) => start + 2) };
    const blocks = walkForwardBlocks({ rows: 8, firstRow: 4, testRows: 2 });
    const [first, second] = walkForwardSplits(spans, blocks, null);
    expect([[...first.train], [...first.test]]).toEqual([
      [0, 1],
      [4, 5],
    ]);
    expect([[...second.train], [...second.test]]).toEqual([
      [0, 1, 2, 3],
      [6, 7],
    ]);
    expect([...walkForwardSplits(spans, blocks, 2)[1].train]).toEqual([2, 3]);
  });

  it('leave out a long label that reaches into the test, wherever it begins', () => {
    const spans = { startMs: [0, 1, 2, 3], endMs: [9, 1, 3, 3] };
    expect([...walkForwardSplits(spans, [{ from: 3, to: 4 }], null)[0].train]).toEqual([1]);
  });

  it.each([
    { rows: 10, firstRow: 4, testRows: 4, keepsPartial: false, blocks: [[4, 8]] },
    {
      rows: 10,
      firstRow: 4,
      testRows: 4,
      keepsPartial: true,
      blocks: [
        [4, 8],
        [8, 10],
      ],
    },
    { rows: 8, firstRow: 4, testRows: 4, keepsPartial: true, blocks: [[4, 8]] },
    { rows: 4, firstRow: 4, testRows: 4, keepsPartial: true, blocks: [] },
    { rows: 7, firstRow: 4, testRows: 4, keepsPartial: false, blocks: [] },
  ])('of $rows rows from $firstRow on by $testRows: $blocks', ({ blocks, ...options }) => {
    expect(walkForwardBlocks(options).map(({ from, to }) => [from, to])).toEqual(blocks);
  });

  it('need rows to test and to train on', () => {
    expect(() => walkForwardBlocks({ rows: 5, firstRow: 0, testRows: 0 })).toThrow('a test block has rows');
    const spans = { startMs: [0, 1], endMs: [0, 1] };
    expect(() => walkForwardSplits(spans, [{ from: 1, to: 2 }], 0)).toThrow('a rolling window has rows');
  });
});
