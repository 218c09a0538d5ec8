/** The leaderboard of a sweep: order, guards, neighbours, varied keys as columns. */
import { columnOf, numbersOf, TABLES, takeRows, textsOf, type Column, type ConfigValue, type Table } from '@donch/core';
import {
  deflatedSharpe,
  plateauScores,
  probabilisticSharpe,
  sharpeOfMoments,
  type PlateauInput,
  type TrialSearch,
} from '@donch/stats';
import type { SweepGrid, SweepVariant } from './sweep-grid.ts';

export interface LeaderboardInput {
  readonly grid: SweepGrid;
  /** By id. */
  readonly variants: ReadonlyMap<string, SweepVariant>;
  /** Made of `variantRow`. */
  readonly rows: Table;
  /** Ids in the trial ledger, parallel to the rows. */
  readonly trialIds: readonly string[];
  readonly minTrades: number;
}

/** TABLES.leaderboard, best first, with the varied keys behind. `dsr` is null: it depends on what else was tried. */
export function leaderboardOf(input: LeaderboardInput): Table {
  const { rows } = input;
  const guards = guardsOf(rows, input.minTrades);
  const order = ranking(rows, guards);
  const texts = (values: readonly (string | null)[]): Column => ({ type: 'text', values: order.map((k) => values[k]) });
  const numbers = (type: 'int' | 'float', values: ArrayLike<number>): Column => ({
    type,
    values: Float64Array.from(order, (k) => values[k]),
  });
  const plateau = plateauScores(plateauInput(input));
  const made: Readonly<Record<string, Column>> = {
    rank: { type: 'int', values: Float64Array.from(order, (_, place) => place + 1) },
    tag: texts(variantsOf(input).map(({ tag }) => tag)),
    guard: texts(guards),
    psr: numbers('float', psrOf(rows)),
    dsr: numbers('float', new Float64Array(rows.length).fill(Number.NaN)),
    neighbours: numbers('int', plateau.neighbours),
    neighbour_mean_r: numbers('float', plateau.neighbourMedian),
    plateau_frac: numbers('float', plateau.keptFrac),
    trial_id: texts(input.trialIds),
  };
  const sorted = takeRows(rows, order);
  const columns = new Map(
    TABLES.leaderboard.columns.map(({ name }) => [name, made[name] ?? columnOf(sorted, name)] as const),
  );
  const variants = order.map((k) => variantsOf(input)[k]);
  for (const { key } of input.grid.axes)
    columns.set(key.toLowerCase(), valueColumn(variants.map(({ values }) => values[key] ?? null)));
  return { name: 'leaderboard', length: rows.length, columns };
}

/** Parallel to the rows. */
function variantsOf({ rows, variants }: Pick<LeaderboardInput, 'rows' | 'variants'>): SweepVariant[] {
  return textsOf(rows, 'variant_id').flatMap((id) => variants.get(id ?? '') ?? []);
}

/** Why figures are no evidence; '' = nothing speaks against them. */
function guardsOf(rows: Table, minTrades: number): string[] {
  const trades = numbersOf(rows, 'trades');
  return textsOf(rows, 'abort_reason').map((reason, row) => {
    if (reason !== null && reason !== '') return `stopped: ${reason}`;
    return trades[row] < minTrades ? `${trades[row]} trades, fewer than ${minTrades}` : '';
  });
}

/** The larger the better, in this order; what is missing comes last. */
const RANKED_BY = ['profit_factor', 'mean_r', 'max_drawdown_frac', 'mar_ratio', 'win_rate_frac'] as const;

/** Places of the rows, best first; equals keep their order. */
function ranking(rows: Table, guards: readonly string[]): number[] {
  const measures = RANKED_BY.map((name) => numbersOf(rows, name));
  const compare = (a: number, b: number): number => {
    const guarded = Number(guards[a] !== '') - Number(guards[b] !== '');
    if (guarded !== 0) return guarded;
    for (const values of measures) {
      const [left, right] = [values[a], values[b]].map((value) => (Number.isNaN(value) ? -Infinity : value));
      if (left !== right) return left > right ? -1 : 1;
    }
    return a - b;
  };
  return Array.from(guards.keys()).sort(compare);
}

function psrOf(rows: Table): Float64Array {
  return Float64Array.from(sharpeSamples(rows), (sample) => {
    const psr = probabilisticSharpe(sample);
    return psr.kind === 'psr' ? psr.probability : Number.NaN;
  });
}

/** The leaderboard with `dsr`: what is left of each Sharpe ratio as the best of everything that was tried. `rows`: of its variants. */
export function withDeflation(leaderboard: Table, rows: Table, search: TrialSearch): Table {
  const rowOf = new Map(textsOf(rows, 'variant_id').map((id, row) => [id, row]));
  const samples = sharpeSamples(rows);
  const values = Float64Array.from(textsOf(leaderboard, 'variant_id'), (id) => {
    const dsr = deflatedSharpe(samples[rowOf.get(id) ?? -1], search);
    return dsr.kind === 'dsr' ? dsr.probability : Number.NaN;
  });
  return { ...leaderboard, columns: new Map(leaderboard.columns).set('dsr', { type: 'float', values }) };
}

/** What PSR and DSR need of each row; rows without spread have a Sharpe ratio of NaN. */
function sharpeSamples(rows: Table): Parameters<typeof probabilisticSharpe>[0][] {
  const [mean, sd] = [numbersOf(rows, 'return_mean'), numbersOf(rows, 'return_sd')];
  const [skewness, kurtosis] = [numbersOf(rows, 'return_skew'), numbersOf(rows, 'return_kurtosis')];
  const days = numbersOf(rows, 'days');
  return Array.from(days, (observations, row) => ({
    sharpe: sharpeOfMoments(mean[row], sd[row]),
    skewness: skewness[row],
    kurtosis: kurtosis[row],
    observations,
  }));
}

/** Places of the variants on the axes of the grid; the metric of plateaus is the mean R. */
function plateauInput({ grid, rows, variants }: Pick<LeaderboardInput, 'grid' | 'rows' | 'variants'>): PlateauInput {
  const ordered = variantsOf({ rows, variants });
  return {
    places: grid.axes.map(({ key, values }) =>
      Int32Array.from(ordered, (variant) => values.indexOf(variant.values[key] ?? null)),
    ),
    isOrdered: grid.axes.map(({ values }) => values.every((value) => value === null || typeof value === 'number')),
    metric: numbersOf(rows, 'mean_r'),
  };
}

/** Numbers and switches as such, null as a missing one; anything else as text. */
function valueColumn(values: readonly ConfigValue[]): Column {
  const isAll = (type: string): boolean => values.every((value) => value === null || typeof value === type);
  const numbers = (): Float64Array =>
    Float64Array.from(values, (value) => (value === null ? Number.NaN : Number(value)));
  if (isAll('number')) return { type: 'float', values: numbers() };
  if (isAll('boolean')) return { type: 'bool', values: numbers() };
  return { type: 'text', values: values.map((value) => (value === null ? null : String(value))) };
}
