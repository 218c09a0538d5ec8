/** What a look at the hold-out says: figures before and in it, side by side, and what chance would have shown. */
import { join } from 'node:path';
import { textTable } from '@donch/cli';
import { formatDay, invariant, numbersOf, TABLES } from '@donch/core';
import { readTable, type Run } from '@donch/data';
import { annualisedSharpe, dailyReturns, expectedMaxOfTrials, inferSharpe, probabilisticSharpe } from '@donch/stats';
import type { BacktestOutcome } from './research.ts';
import type { SummaryFigures } from './summary-document.ts';

/** Days whose Sharpe ratio means something: as PSR wants them. */
const DAYS_MIN = 20;
/** Below this, means of trades are far from normal, and one trade decides. */
const TRADES_MIN = 30;

export interface HoldoutFigures {
  readonly days: number;
  /** Per year; NaN = refused, `sharpeNote` says why. So are the next two. */
  readonly sharpe: number;
  readonly psr: number;
  readonly psrAgainstLuck: number;
  /** Expected best annual Sharpe ratio of so many configurations without skill; NaN with too few days. */
  readonly luckSharpe: number;
  readonly sharpeNote: string;
  readonly warnings: readonly string[];
}

/**
 * Figures of a look, which makes `tried` configurations in all. Without skill a Sharpe ratio of T days has the standard error
 * 1 / sqrt(T - 1), as in the PSR, so the best of k is expected at E[max of k] / sqrt(T - 1); similar configurations count as fewer, and
 * the bar is then somewhat too high.
 */
export async function holdoutFigures(
  { run, figures }: BacktestOutcome,
  tried: { readonly configurations: number; readonly others: number },
): Promise<HoldoutFigures> {
  const equity = await readTable(join(run.folder, 'equity.parquet'), TABLES.equity);
  const { returns } = dailyReturns(numbersOf(equity, 'time'), numbersOf(equity, 'equity_usd'));
  const days = returns.length;
  const luck = days < DAYS_MIN ? Number.NaN : expectedMaxOfNormals(tried.configurations) / Math.sqrt(days - 1);
  const found = inferSharpe(returns);
  const warnings = warningsOf(figures, days, tried);
  const luckSharpe = annualisedSharpe(luck);
  if (found.kind === 'refused') {
    const sharpeNote =
      found.reason === 'too_few_observations'
        ? `no Sharpe ratio: ${found.found} daily returns, at least ${found.needed} are needed`
        : `no Sharpe ratio: ${found.reason.replaceAll('_', ' ')}`;
    return { days, sharpe: Number.NaN, psr: Number.NaN, psrAgainstLuck: Number.NaN, luckSharpe, sharpeNote, warnings };
  }
  const against = probabilisticSharpe(found.sample, luck);
  return {
    days,
    sharpe: found.annualSharpe,
    psr: found.psr.kind === 'psr' ? found.psr.probability : Number.NaN,
    psrAgainstLuck: against.kind === 'psr' ? against.probability : Number.NaN,
    luckSharpe,
    sharpeNote: found.psr.kind === 'psr' ? '' : `no PSR: ${found.psr.reason.replaceAll('_', ' ')}`,
    warnings,
  };
}

/** E[max] of 1 to 4 independent standard normal numbers, exact; the formula for many begins at 5. H. David, H. Nagaraja, Order Statistics (2003), table 3.2. */
const EXPECTED_MAX_OF_FEW = [0, 0.564_189_583_5, 0.846_284_375_3, 1.029_375_373] as const;

/** Expected best of `count` independent standard normal numbers. */
function expectedMaxOfNormals(count: number): number {
  invariant(Number.isInteger(count) && count >= 1, 'there is one configuration at least: the one that is tested');
  if (count <= EXPECTED_MAX_OF_FEW.length) return EXPECTED_MAX_OF_FEW[count - 1];
  const best = expectedMaxOfTrials(count);
  invariant(best.kind === 'expected_max', 'the formula holds from 5 trials on');
  return best.standardDeviations;
}

function warningsOf(
  { trades }: SummaryFigures,
  days: number,
  { configurations, others }: { readonly configurations: number; readonly others: number },
): string[] {
  return [
    ...(days < DAYS_MIN ? [`the hold-out has ${days} daily returns: too few to judge anything by (${DAYS_MIN})`] : []),
    ...(trades < TRADES_MIN ? [`${trades} trades in the hold-out: one of them can decide its figures`] : []),
    ...(others > 0
      ? [`${others} configurations were evaluated on these data in another way: the hold-out is not untouched`]
      : []),
    ...(configurations > 1
      ? [`this is one of ${configurations} configurations seen here: choosing the best of them is a search`]
      : []),
  ];
}

/** Both windows side by side. */
export function figureLines(
  { run: beforeRun, figures: before }: BacktestOutcome,
  { run: heldRun, figures: held }: BacktestOutcome,
  { sharpe, days }: HoldoutFigures,
): string[] {
  const right = 'right' as const;
  const sharpeOf = (value: number | null): string => (value === null ? '-' : value.toFixed(2));
  const rows: readonly (readonly [string, (figures: SummaryFigures) => string])[] = [
    ['trades', ({ trades }) => String(trades)],
    ['mean R', ({ meanR }) => signed(meanR)],
    ['95 % interval', ({ ciLowR, ciHighR }) => (ciLowR === null ? 'none' : `${signed(ciLowR)} to ${signed(ciHighR)}`)],
    [
      'profit factor',
      ({ profitFactor, trades }) => (profitFactor === null ? (trades > 0 ? 'infinite' : '-') : profitFactor.toFixed(2)),
    ],
    ['max drawdown', ({ maxDrawdownFrac }) => `${(maxDrawdownFrac * 100).toFixed(1)} %`],
    ['return', ({ totalReturnFrac }) => `${(totalReturnFrac * 100).toFixed(1)} %`],
  ];
  const table = textTable(
    [{ title: '' }, { title: 'in sample', align: right }, { title: 'hold-out', align: right }],
    [
      ['window', windowText(beforeRun), windowText(heldRun)],
      ...rows.map(([name, text]) => [name, text(before), text(held)]),
      ['Sharpe p.a.', sharpeOf(before.dailySharpe), Number.isNaN(sharpe) ? `- (${days} days)` : sharpeOf(sharpe)],
    ],
  );
  const notes = [before, held].map(({ ciLowR, ciNote }) => (ciLowR === null ? ciNote : ''));
  return [
    ...table,
    ...(notes[0] === '' ? [] : [`in sample: ${notes[0]}`]),
    ...(notes[1] === '' ? [] : [`hold-out: ${notes[1]}`]),
  ];
}

/** Not the first and last row of equity, which lie a bar before. */
const windowText = ({ manifest: { parameters } }: Run): string =>
  `${formatDay(Number(parameters['start_ms']))} to ${formatDay(Number(parameters['end_ms']))}`;

const signed = (value: number | null): string => (value === null ? '-' : `${value >= 0 ? '+' : ''}${value.toFixed(3)}`);

/** What the Sharpe ratio of the hold-out is worth. */
export function luckLines({ psr, psrAgainstLuck, luckSharpe, sharpeNote }: HoldoutFigures, tried: number): string[] {
  const percent = (value: number): string => (Number.isNaN(value) ? '-' : `${(value * 100).toFixed(1)} %`);
  if (sharpeNote !== '') return [sharpeNote];
  const first = `PSR ${percent(psr)}: how sure it is that the true Sharpe ratio lies above 0`;
  if (tried === 1) return [first, 'the first look: nothing was chosen on these data, so no allowance is made'];
  return [
    first,
    `the best of ${tried} configurations without skill would show a Sharpe ratio of ${luckSharpe.toFixed(2)} here; above that: ${percent(psrAgainstLuck)}`,
  ];
}
