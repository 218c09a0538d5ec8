/** Two or more runs side by side: what differs, what each other run has over the first, and what speaks against believing it. */
import { createPrng, formatDay, formatMinute, numbersOf } from '@donch/core';
import { clusterBootstrap, differenceBootstrap, type ClusterInterval, type Refusal } from '@donch/stats';
import { sumOf } from '../sections/groups.ts';
import { tradeSet, type TradeSet } from '../trade-columns.ts';
import { labelOf, type ComparedRun } from './compared-run.ts';
import { runDifferences, type RunDifference } from './run-differences.ts';
import { movedStops, pairTrades } from './trade-pairs.ts';

/** Trades and what they have brought; means are NaN without trades. */
export interface TradeGroup {
  readonly trades: number;
  readonly meanR: number;
  readonly totalR: number;
  readonly totalUsd: number;
}

/** What another run has over the first. Differences are other - first. */
export interface PairComparison {
  readonly base: string;
  readonly other: string;
  /** Of mean R over all trades of each; NaN when one has none. */
  readonly differenceR: number;
  /** Whole weeks of both drawn together. */
  readonly interval: ClusterInterval | Refusal;
  /** Trades of the same signal, with the mean of their differences. */
  readonly common: {
    readonly trades: number;
    readonly differenceR: number;
    readonly interval: ClusterInterval | Refusal;
    /** Trades with the same result to a billionth of R. */
    readonly sameResult: number;
    /** Trades with another initial stop: one R is another move of the price. */
    readonly movedStops: number;
  };
  /** The common trades as each run had them. */
  readonly commonBase: TradeGroup;
  readonly commonOther: TradeGroup;
  readonly onlyBase: TradeGroup;
  readonly onlyOther: TradeGroup;
  /** The set-ups differ, so no signal can be the same. */
  readonly hasOtherSetup: boolean;
}

export interface RunComparison {
  readonly runs: readonly ComparedRun[];
  readonly differences: readonly RunDifference[];
  /** The first run against each other one. */
  readonly pairs: readonly PairComparison[];
  /** Time that all runs have; null = there is none. */
  readonly commonWindow: { readonly fromMs: number; readonly toMs: number } | null;
  /** Why the comparison may not say what it seems to. */
  readonly warnings: readonly string[];
}

/** Compares the runs with the first. The draws come from the first run's seed, the same for every pair. */
export function compareRuns(runs: readonly ComparedRun[]): RunComparison {
  const differences = runDifferences(runs);
  const pairs = runs.slice(1).map((run, k) => comparePair(runs[0], run, labelOf(k + 1)));
  return {
    runs,
    differences,
    pairs,
    commonWindow: commonWindowOf(runs),
    warnings: [...markWarnings(runs), ...causeWarnings(runs, differences), ...unitWarnings(pairs), SELECTION],
  };
}

function comparePair(base: ComparedRun, other: ComparedRun, label: string): PairComparison {
  const draws = () => ({ prng: createPrng(base.identity.seed ?? 1, 'compare') });
  const [first, second] = [tradeSet(base.trades), tradeSet(other.trades)];
  const pairs = pairTrades(base.trades, other.trades);
  const changes = pairs.common.map(([a, b]) => second.pnlR[b] - first.pnlR[a]);
  // the decision is the same in both; fills of limit orders may come at other times
  const decided = numbersOf(base.trades, 'decision_time');
  return {
    base: labelOf(0),
    other: label,
    differenceR: sumOf(second.pnlR) / second.length - sumOf(first.pnlR) / first.length,
    interval: differenceBootstrap({ base: sampleOf(first), other: sampleOf(second) }, draws()),
    common: {
      trades: changes.length,
      differenceR: mean(changes),
      interval: clusterBootstrap({ entryTimeMs: pairs.common.map(([a]) => decided[a]), pnl: changes }, 'mean', draws()),
      sameResult: changes.filter((change) => Math.abs(change) < 1e-9).length,
      movedStops: movedStops(pairs, base.trades, other.trades),
    },
    commonBase: groupOf(
      tradeSet(
        base.trades,
        pairs.common.map(([a]) => a),
      ),
    ),
    commonOther: groupOf(
      tradeSet(
        other.trades,
        pairs.common.map(([, b]) => b),
      ),
    ),
    onlyBase: groupOf(tradeSet(base.trades, pairs.onlyBase)),
    onlyOther: groupOf(tradeSet(other.trades, pairs.onlyOther)),
    hasOtherSetup: isOtherSetup(setupOf(base), setupOf(other)),
  };
}

const sampleOf = ({ entryTimeMs, pnlR }: TradeSet) => ({ entryTimeMs, pnl: pnlR });
const mean = (values: readonly number[]): number => sumOf(Float64Array.from(values)) / values.length;

function groupOf({ length, pnlR, pnlUsd }: TradeSet): TradeGroup {
  return { trades: length, meanR: sumOf(pnlR) / length, totalR: sumOf(pnlR), totalUsd: sumOf(pnlUsd) };
}

/** Whether both say what their set-up is, and it is not the same. */
function isOtherSetup(base: string, other: string): boolean {
  return base !== '' && other !== '' && base !== other;
}

/** Set-ups of all strategies; '' = the run does not say. */
function setupOf({ strategies }: ComparedRun): string {
  return strategies
    .map(({ hashes }) => hashes['setupHash'] ?? '')
    .sort()
    .join(' ');
}

function commonWindowOf(runs: readonly ComparedRun[]): RunComparison['commonWindow'] {
  const fromMs = Math.max(...runs.map(({ figures }) => figures.startMs));
  const toMs = Math.min(...runs.map(({ figures }) => figures.endMs));
  return toMs > fromMs ? { fromMs, toMs } : null;
}

/** What the runs say against themselves. */
function markWarnings(runs: readonly ComparedRun[]): string[] {
  return runs.flatMap(({ figures: { watermark, abortReason } }, k) => [
    ...(watermark === '' ? [] : [`${labelOf(k)}: ${watermark}`]),
    ...(abortReason === '' ? [] : [`${labelOf(k)} stopped early: ${abortReason}`]),
  ]);
}

/** Differences besides the settings: each is another cause of a difference of results. */
function causeWarnings(runs: readonly ComparedRun[], differences: readonly RunDifference[]): string[] {
  const names = (group: RunDifference['group'], keys: readonly string[]): string[] =>
    differences.filter((one) => one.group === group && keys.includes(one.key)).map(({ key }) => key);
  const windows = runs.map(({ figures }) => `${formatMinute(figures.startMs)} to ${formatMinute(figures.endMs)}`);
  const intervals = new Set(runs.map(({ figures }) => figures.interval));
  const data = names('data', ['candles', 'minutes', 'funding', 'instruments']);
  const program = names('run', ['DONCH', 'program', 'Node']);
  const causes = [
    ...(new Set(windows).size > 1 ? [`windows (${windowWords(runs)})`] : []),
    ...(intervals.size > 1 ? [`bars (${[...intervals].join(', ')})`] : []),
    ...(data.length > 0 ? [`data (${data.join(', ')})`] : []),
    ...(names('run', ['universe', 'members']).length > 0 ? ['universes'] : []),
    ...(program.length > 0 ? ['versions of the program'] : []),
  ];
  if (causes.length === 0) return [];
  const hasChoices = differences.some(({ group }) => group === 'setting' || group === 'strategy');
  const rest = hasChoices ? 'So do strategy or settings: the comparison mixes causes, and' : 'So';
  return [`The runs differ in ${joined(causes)}. ${rest} a difference of results may come from any of it.`];
}

const windowWords = (runs: readonly ComparedRun[]): string =>
  runs.map(({ figures }, k) => `${labelOf(k)} ${formatDay(figures.startMs)} to ${formatDay(figures.endMs)}`).join(', ');

function unitWarnings(pairs: readonly PairComparison[]): string[] {
  return pairs
    .filter(({ common }) => common.movedStops > 0)
    .map(
      ({ base, other, common }) =>
        `${base} and ${other} have another initial stop in ${common.movedStops} of ${common.trades} common trades: one R is another move of the price there, so look at equity and drawdown too.`,
    );
}

const SELECTION =
  'Choosing the better of several compared runs is a selection: its figures are better than what it will earn. Every run that was ever looked at counts; an interval of one comparison knows nothing of the others.';

function joined(parts: readonly string[]): string {
  return parts.length === 1 ? parts[0] : `${parts.slice(0, -1).join(', ')} and ${parts[parts.length - 1]}`;
}
