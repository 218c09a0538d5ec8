/** An invented sweep for tests and for the check in a browser: every figure fits its variant, the verdict is computed from their returns. */
import {
  createPrng,
  DAY_MS,
  tableFromRows,
  TABLES,
  type ColumnShape,
  type Prng,
  type Row,
  type Table,
} from '@donch/core';
import { equityStatistics, judgeSelection, kurtosis, mean, skewness, standardDeviation } from '@donch/stats';
import type { SelectionFindings } from '../selection/selection-sections.ts';
import type { SweepAxis, SweepReportInput } from '../sweep/sweep-report-input.ts';

const START_MS = 19_723 * DAY_MS;

export interface SampleSweepOptions {
  readonly axes?: readonly SweepAxis[];
  readonly days?: number;
  /** Mean daily return of the best corner of the grid; 0 = noise alone. */
  readonly edge?: number;
  readonly names?: readonly string[];
}

export const SAMPLE_AXES: readonly SweepAxis[] = [
  { key: 'DON_N_DAYS', values: [10, 20, 40] },
  { key: 'ENTRY_RULE', values: ['close_above_break', 'rebreak_high'] },
  { key: 'SL_ATR_MULT', values: [1.5, 2, 2.5, 3] },
  { key: 'FINAL_TP_ATR_MULT', values: [4, 8, 12, null] },
  { key: 'TRAIL_AFTER_TP1', values: [false, true] },
];

interface Variant {
  readonly values: Row;
  readonly returns: Float64Array;
}

/** A sweep of all combinations of the axes. */
export function sampleSweep(options: SampleSweepOptions = {}): SweepReportInput {
  const { axes = SAMPLE_AXES, days = 400, edge = 0.004, names = ['Sample'] } = options;
  const prng = createPrng(11, 'sample sweep');
  const common = noise(prng, days);
  const grid = combinationsOf(axes);
  // as if drawn by lot: some combinations and one pair of values are missing
  const combinations =
    grid.length < 50 ? grid : grid.filter(([, , sl, tp], k) => k % 7 !== 3 && !(sl === 3 && tp === 0));
  const variants = combinations.map((places, k): Variant => {
    const height =
      axes.length === 0
        ? 1
        : places.reduce((sum, place, axis) => sum + peak(place, axes[axis].values.length), 0) / axes.length;
    const own = noise(prng, days);
    const values = Object.fromEntries(axes.map(({ key, values: all }, axis) => [key, all[places[axis]]]));
    // every ninth never trades
    return {
      values,
      returns:
        k % 9 === 8
          ? new Float64Array(days)
          : common.map((value, day) => edge * (height - 0.55) + 0.6 * value + 0.5 * own[day]),
    };
  });
  const leaderboard = leaderboardOf(variants, axes, names);
  return {
    sweep: {
      id: 'sweep-0123456789abcdef',
      donchVersion: '0.1.0',
      nodeVersion: 'v24.21.0',
      seed: 1,
      specHash: 'a'.repeat(64),
      configHash: 'b'.repeat(64),
      universeHash: 'e'.repeat(64),
      sourceHash: 'c'.repeat(64),
      inputs: { candles: 'd'.repeat(64), funding: 'f'.repeat(64) },
      isSynthetic: false,
      interval: '5m',
      startMs: START_MS,
      endMs: START_MS + days * DAY_MS,
      strategies: names.map((name) => ({ name, side: 'long' })),
      survivorship: 'universe: 55 instruments, as listed on 2024-01-01',
      watermark: '',
      gridSize: grid.length,
      settings: { FEE_RATE: '0.00055', SLIPPAGE_BPS: '5', RISK_PCT: '0.01' },
      leaderboardFile: 'leaderboard.csv',
    },
    leaderboard: leaderboard.table,
    axes,
    selection: verdictOf(leaderboard.ranked, leaderboard.table),
    curves: leaderboard.ranked.slice(0, 4).map(({ returns }, rank) => ({
      variantId: `v${rank}`,
      timesMs: Float64Array.from({ length: days + 1 }, (_, day) => START_MS + day * DAY_MS),
      equityUsd: equityOf(returns),
    })),
    agreement: { checked: 8, agreed: 8, byEngine: Math.floor(combinations.length / 2) },
  };
}

function noise(prng: Prng, days: number): Float64Array {
  return Float64Array.from({ length: days }, () => 0.01 * (prng.next() + prng.next() + prng.next() - 1.5));
}

/** Highest in the middle of an axis. */
const peak = (place: number, count: number): number => 1 - Math.abs(place - (count - 1) / 2) / count;

function combinationsOf(axes: readonly SweepAxis[]): number[][] {
  return axes.reduce<number[][]>(
    (all, { values }) => all.flatMap((places) => values.map((_, k) => [...places, k])),
    [[]],
  );
}

function equityOf(returns: Float64Array): Float64Array {
  const equity = new Float64Array(returns.length + 1).fill(1_000);
  for (const [day, value] of returns.entries()) equity[day + 1] = equity[day] * (1 + value);
  return equity;
}

function leaderboardOf(
  variants: readonly Variant[],
  axes: readonly SweepAxis[],
  names: readonly string[],
): { readonly table: Table; readonly ranked: readonly Variant[] } {
  const ranked = variants.toSorted((a, b) => mean(b.returns) - mean(a.returns));
  const rows = ranked.map(({ values, returns }, rank): Row => {
    const trades = returns.some((value) => value !== 0) ? 40 + 7 * (rank % 11) : 0;
    const meanR = trades === 0 ? Number.NaN : mean(returns) * 150;
    const times = Float64Array.from({ length: returns.length + 1 }, (_, day) => START_MS + day * DAY_MS);
    const figures = equityStatistics(times, equityOf(returns));
    return {
      rank: rank + 1,
      variant_id: `v${rank}`,
      tag: tagOf(values, names[0]),
      guard: trades === 0 ? 'no trades' : rank % 13 === 12 ? 'fewer trades than MIN_TRADES (30)' : '',
      trades,
      win_rate_frac: trades === 0 ? null : 0.35,
      profit_factor: trades === 0 ? null : 1 + meanR,
      mean_r: meanR,
      mean_r_low: rank % 5 === 4 ? null : meanR - 0.12,
      mean_r_high: rank % 5 === 4 ? null : meanR + 0.14,
      median_r: meanR - 0.3,
      total_return_frac: figures.totalReturnFrac,
      cagr_frac: figures.cagrFrac,
      max_drawdown_frac: figures.drawdownFrac,
      mar_ratio: figures.marRatio,
      daily_sharpe: figures.dailySharpe,
      min_block_sharpe: figures.minBlockSharpe,
      psr: trades === 0 ? null : 0.9,
      dsr: trades === 0 ? null : 0.4,
      neighbours: axes.length === 0 ? 0 : 6,
      neighbour_mean_r: meanR * 0.8,
      plateau_frac: meanR > 0 ? 0.8 : null,
      final_equity_usd: equityOf(returns)[returns.length],
      fees_usd: 51,
      slippage_usd: 23,
      funding_usd: -7,
      open_at_end: 0,
      days: returns.length,
      engine_reason: values['TRAIL_AFTER_TP1'] === true ? 'trailing stop' : '',
      trial_id: `t${rank}`,
      ...values,
    };
  });
  const keys = axes.map(({ key, values }): ColumnShape => ({ name: key, type: typeOf(values) }));
  return { table: tableFromRows('leaderboard', [...TABLES.leaderboard.columns, ...keys], rows), ranked };
}

/** As sweeps name their variants; hostile where the name of the strategy is. */
function tagOf(values: Row, name: string): string {
  const words = Object.entries(values).map(
    ([key, value]) => `${key.slice(0, 3).toLowerCase()}${String(value).slice(0, 6)}`,
  );
  return `${name === 'Sample' ? '' : name}${words.join('-') || 'base'}`;
}

function typeOf(values: SweepAxis['values']): ColumnShape['type'] {
  const known = values.find((value) => value !== null);
  return typeof known === 'string' ? 'text' : typeof known === 'boolean' ? 'bool' : 'float';
}

/** What `@donch/stats` says of these variants, or why it says nothing. */
function verdictOf(ranked: readonly Variant[], table: Table): SelectionFindings {
  if (ranked.length < 2) return { kind: 'none', why: 'one variant is no choice' };
  const tags = table.columns.get('tag')?.values ?? [];
  const ids = ranked.map((_, rank) => `t${rank}`);
  const perDay = ranked.map(({ returns }) => mean(returns) / standardDeviation(returns, 1));
  const verdict = judgeSelection({
    trials: ranked.map(({ returns }, rank) => ({ id: ids[rank], tag: String(tags[rank]), returns, isDrawn: true })),
    chosenId: ids[0],
    firstDayMs: START_MS,
    configurations: ranked.length + 17,
    ledger: {
      ids,
      days: ranked.map(({ returns }) => returns.length),
      sharpe: perDay,
      skewness: ranked.map(({ returns }) => skewness(returns)),
      kurtosis: ranked.map(({ returns }) => kurtosis(returns)),
    },
    benchmarks: [
      { name: 'buy and hold of all instruments', returns: noise(createPrng(5, 'benchmark'), ranked[0].returns.length) },
    ],
    seed: 1,
    options: { pboBlocks: 10 },
  });
  return { kind: 'selection', verdict, leftOut: 2, thresholds: 31 };
}
