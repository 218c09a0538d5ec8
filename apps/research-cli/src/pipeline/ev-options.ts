/** The flags of `donch ev` as values. */
import { wholeNumber } from '@donch/cli';
import { DonchError, nearestWord, parseDurationArgument } from '@donch/core';
import { DEDUP_WAYS, type DedupWay } from '@donch/meta';
import type { EvFlags } from '../commands/ev.ts';
import { numberArgument } from './training-options.ts';

/** What a training was judged with; its bundle is judged the same way unless a flag says otherwise. */
export interface JudgeOptions {
  readonly groups: number;
  readonly embargoMs: number;
  readonly minTrades: number;
  readonly seed: number;
}

export interface EvOptions {
  /** Flags that were given; the rest comes from the training. */
  readonly judge: Partial<JudgeOptions>;
  readonly horizonMs: number;
  /** Ascending; null = the default thresholds. */
  readonly grid: readonly number[] | null;
  /** The user's own threshold; null = none. */
  readonly pstar: number | null;
  readonly dedup?: DedupWay;
  readonly roundMs: number;
  readonly tolMs: number;
  readonly coverageMinFrac: number;
}

/** Reads the flags; `bad_argument` names the first that makes no sense. */
export function evOptions(flags: EvFlags): EvOptions {
  const { groups, embargo, minTrades, seed, grid, pstar } = flags;
  return {
    judge: {
      ...(groups !== undefined && { groups: wholeNumber(groups, '--groups', 2) }),
      ...(embargo !== undefined && { embargoMs: parseDurationArgument(embargo, '--embargo') }),
      ...(minTrades !== undefined && { minTrades: wholeNumber(minTrades, '--min-trades', 1) }),
      ...(seed !== undefined && { seed: wholeNumber(seed, '--seed') }),
    },
    horizonMs: parseDurationArgument(flags.horizon, '--horizon'),
    grid: grid === undefined ? null : parseGrid(grid),
    pstar: pstar === undefined ? null : numberArgument(pstar, '--pstar', { above: 0, atMost: 1 }),
    ...(flags.dedup !== undefined && { dedup: dedupOf(flags.dedup) }),
    roundMs: parseDurationArgument(flags.round ?? '', '--round'),
    tolMs: parseDurationArgument(flags.tol ?? '', '--tol'),
    coverageMinFrac: fraction(flags.minCoverage, '--min-coverage'),
  };
}

function fraction(text: string, flag: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value >= 0 && value <= 1) return value;
  throw new DonchError('bad_argument', `${flag} is "${text}"`, { expected: 'a number from 0 to 1' });
}

function dedupOf(text: string): DedupWay {
  const found = DEDUP_WAYS.find((way) => way === text);
  if (found !== undefined) return found;
  throw new DonchError('bad_argument', `--dedup is "${text}"`, {
    expected: DEDUP_WAYS.join(', '),
    remedy: `did you mean ${nearestWord(text, DEDUP_WAYS) ?? 'mean'}?`,
  });
}

/** Thresholds are probabilities: further digits are noise of the steps. */
const GRID_DIGITS = 12;
const GRID_MAX = 1_000;
/** Share of a step by which sums of steps may miss the last threshold. */
const STEP_SLACK = 1e-6;

/**
 * Thresholds that ascend; `0.30,0.35,...,0.90` goes on in the step before the dots. Throws `bad_argument` for what is no probability,
 * stands out of order or goes on without an end.
 */
function parseGrid(text: string): number[] {
  const words = text.split(',').map((word) => word.trim());
  const grid: number[] = [];
  for (const [k, word] of words.entries()) {
    if (word === '...' || word === '…') {
      if (k < 2 || k !== words.length - 2) throw badGrid(text, 'dots stand between two thresholds and the last one');
      continue;
    }
    const value = fraction(word, '--grid');
    const isEnd = k > 0 && grid.length !== k;
    if (isEnd) grid.push(...steps(grid[k - 3], grid[k - 2], value));
    grid.push(value);
  }
  const isAscending = grid.every((value, k) => k === 0 || value > grid[k - 1]);
  if (isAscending && grid.length <= GRID_MAX) return grid;
  throw badGrid(text, isAscending ? `they are more than ${GRID_MAX}` : 'they do not ascend');
}

/** What comes between `second` and `last`. */
function steps(first: number, second: number, last: number): number[] {
  const step = second - first;
  const count = Math.ceil((last - second) / step - STEP_SLACK) - 1;
  if (!(step > 0 && count <= GRID_MAX)) return [];
  return Array.from({ length: Math.max(0, count) }, (_, k) => Number((second + (k + 1) * step).toFixed(GRID_DIGITS)));
}

const badGrid = (text: string, why: string): DonchError =>
  new DonchError('bad_argument', `--grid is "${text}": ${why}`, {
    expected: 'thresholds that ascend, such as 0.30,0.35,...,0.90',
  });
