/** Every way to cut blocks of rows into two halves, with the sums of each half. */
import { invariant } from '@donch/core';

/** Sums over rows, one entry per trial. */
export interface TrialSums {
  readonly sums: Float64Array;
  readonly squares: Float64Array;
}

/** Sums of the returns of each block, and of their squares. `columns`: returns of a trial; rows before `firstRow` are left out. */
export function blockSums(
  columns: readonly Float64Array[],
  {
    blocks,
    rowsPerBlock,
    firstRow,
  }: { readonly blocks: number; readonly rowsPerBlock: number; readonly firstRow: number },
): TrialSums[] {
  return Array.from({ length: blocks }, (_, block) => {
    const found = emptySums(columns.length);
    const from = firstRow + block * rowsPerBlock;
    for (let trial = 0; trial < columns.length; trial += 1) {
      const column = columns[trial];
      let sum = 0;
      let square = 0;
      for (let row = from; row < from + rowsPerBlock; row += 1) {
        sum += column[row];
        square += column[row] * column[row];
      }
      found.sums[trial] = sum;
      found.squares[trial] = square;
    }
    return found;
  });
}

/**
 * Calls `visit` for every cut into two halves, the first of which holds block 0, in lexicographic order of the first half: each
 * unordered pair of halves once. Sums are taken in order of the blocks, and halves with a beginning in common share its sums: a
 * visit costs about two additions per trial instead of one per block. The arrays are used again after the visit.
 */
export function forEachHalves(
  blocks: readonly TrialSums[],
  visit: (first: TrialSums, second: TrialSums) => void,
): void {
  const count = blocks.length;
  invariant(count >= 2 && count % 2 === 0, 'blocks are cut into two halves');
  const trials = blocks[0].sums.length;
  // at each depth one half has grown by a block; the other one is still that of the depth above
  const grown = blocks.map(() => emptySums(trials));
  const descend = (depth: number, inFirst: number, first: TrialSums, second: TrialSums): void => {
    if (depth === count) {
      visit(first, second);
      return;
    }
    if (inFirst < count / 2) {
      addSums(grown[depth], first, blocks[depth]);
      descend(depth + 1, inFirst + 1, grown[depth], second);
    }
    if (depth - inFirst < count / 2) {
      addSums(grown[depth], second, blocks[depth]);
      descend(depth + 1, inFirst, first, grown[depth]);
    }
  };
  descend(1, 1, blocks[0], emptySums(trials));
}

function emptySums(trials: number): TrialSums {
  return { sums: new Float64Array(trials), squares: new Float64Array(trials) };
}

function addSums(out: TrialSums, base: TrialSums, block: TrialSums): void {
  addColumn(out.sums, base.sums, block.sums);
  addColumn(out.squares, base.squares, block.squares);
}

function addColumn(out: Float64Array, base: Float64Array, added: Float64Array): void {
  for (let trial = 0; trial < out.length; trial += 1) out[trial] = base[trial] + added[trial];
}
