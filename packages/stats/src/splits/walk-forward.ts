/** Walk-forward: every block of rows is tested by what could be known before it, block after block. */
import { invariant } from '@donch/core';
import type { LabelSpans, PurgedSplit, TestBlock } from './purged-splits.ts';

export interface WalkForwardBlockOptions {
  readonly rows: number;
  /** First tested row: so many rows are there to train on before the first test. */
  readonly firstRow: number;
  /** Rows of a block, and of the step from one block to the next: every row is tested once at most. */
  readonly testRows: number;
  /** Whether a last block with fewer rows is tested too; default false. */
  readonly keepsPartial?: boolean;
}

/** Test blocks that follow each other without a gap, in order of time. None when the rows do not suffice for one. */
export function walkForwardBlocks({
  rows,
  firstRow,
  testRows,
  keepsPartial = false,
}: WalkForwardBlockOptions): TestBlock[] {
  invariant(Number.isInteger(testRows) && testRows >= 1, 'a test block has rows');
  invariant(Number.isInteger(firstRow) && firstRow >= 0, 'the first tested row is a row');
  const blocks: TestBlock[] = [];
  for (let from = firstRow; from < rows; from += testRows) {
    const to = Math.min(from + testRows, rows);
    if (to - from === testRows || keepsPartial) blocks.push({ from, to });
  }
  return blocks;
}

/**
 * Training rows of each block: those whose labels end before its first label starts, so that the gap is as long as the labels are.
 * `trainRows`: at most so many of them, the latest (rolling); null = all (expanding).
 */
export function walkForwardSplits(
  spans: LabelSpans,
  blocks: readonly TestBlock[],
  trainRows: number | null,
): Pick<PurgedSplit, 'train' | 'test'>[] {
  invariant(trainRows === null || trainRows >= 1, 'a rolling window has rows');
  return blocks.map(({ from, to }) => {
    const train: number[] = [];
    for (let row = 0; row < from; row += 1) if (spans.endMs[row] < spans.startMs[from]) train.push(row);
    return {
      train: Int32Array.from(trainRows === null ? train : train.slice(-trainRows)),
      test: Int32Array.from({ length: to - from }, (_, k) => from + k),
    };
  });
}
