/** Rows of a file that lie before the hold-out: whoever made the file may have looked at more. */
import type { CommandContext } from '@donch/cli';
import { DonchError, formatMinute, numbersOf, takeRows, type Table } from '@donch/core';
import type { ScoredRows } from '@donch/meta';

interface HoldoutRule {
  /** Column of times. */
  readonly name: string;
  /** Null = no hold-out. */
  readonly holdoutMs: number | null;
  /** What the rows are, for people. */
  readonly what: string;
}

/** The rows before the hold-out; how many were left out is told. Throws `in_holdout` when none is left. */
export function beforeHoldout(
  table: Table,
  { name, holdoutMs, what }: HoldoutRule,
  { terminal }: Pick<CommandContext, 'terminal'>,
): Table {
  if (holdoutMs === null) return table;
  const rows = earlierRows(numbersOf(table, name), { holdoutMs, what }, terminal);
  return rows.length === table.length ? table : takeRows(table, rows);
}

/** The same for predictions with outcomes: an outcome that was known only in the hold-out is part of it. Throws `in_holdout`. */
export function scoredBeforeHoldout(
  scored: ScoredRows,
  holdoutMs: number | null,
  { terminal }: Pick<CommandContext, 'terminal'>,
): ScoredRows {
  if (holdoutMs === null) return scored;
  const rows = earlierRows(scored.labelEndMs, { holdoutMs, what: 'trades with a prediction' }, terminal);
  const { paths } = scored;
  const take = (values: ArrayLike<number>): Float64Array => Float64Array.from(rows, (row) => values[row]);
  return {
    ...scored,
    decisionTimeMs: take(scored.decisionTimeMs),
    labelEndMs: take(scored.labelEndMs),
    y: take(scored.y),
    pnlR: take(scored.pnlR),
    score: Float64Array.from({ length: rows.length * paths }, (_, place) => {
      const path = place % paths;
      return scored.score[rows[(place - path) / paths] * paths + path];
    }),
  };
}

function earlierRows(
  times: ArrayLike<number>,
  { holdoutMs, what }: { readonly holdoutMs: number; readonly what: string },
  terminal: CommandContext['terminal'],
): number[] {
  const rows = Array.from({ length: times.length }, (_, row) => row).filter((row) => times[row] < holdoutMs);
  const left = times.length - rows.length;
  if (left > 0 && rows.length === 0) throw nothingBefore(left, what, holdoutMs);
  if (left > 0) terminal.info(`hold-out: ${left} of ${times.length} ${what} lie in it and are left out`);
  return rows;
}

function nothingBefore(rows: number, what: string, holdoutMs: number): DonchError {
  return new DonchError('in_holdout', `all ${rows} ${what} lie in the hold-out`, {
    expected: `some before HOLDOUT_START, ${formatMinute(holdoutMs)} UTC`,
    remedy:
      'Nothing there is looked at while you still choose. `donch holdout` judges one configuration on it, and counts it.',
  });
}
