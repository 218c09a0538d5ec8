/** The figures of a run: members of the `--json` document and the summary on the terminal, one source for both. */
import type { RunSummary } from '@donch/backtester';
import { formatMinute, type Interval } from '@donch/core';

export interface SummaryInput {
  readonly summary: RunSummary;
  readonly signals: number;
  readonly interval: Interval;
  /** Says whether members that have left are in the universe. */
  readonly survivorship: string;
  /** Why the figures are no evidence; '' = nothing speaks against them. */
  readonly watermark: string;
}

/** Plain JSON; a number that does not exist (no trade, less than a year, no losses) is null and `notes` says why. */
export interface SummaryFigures {
  readonly signals: number;
  readonly trades: number;
  readonly meanR: number | null;
  readonly ciLowR: number | null;
  readonly ciHighR: number | null;
  readonly ciNote: string;
  readonly winRateFrac: number | null;
  /** Null without losses (infinite) and without trades. */
  readonly profitFactor: number | null;
  readonly maxDrawdownFrac: number;
  readonly finalEquityUsd: number;
  readonly initialCapitalUsd: number;
  readonly totalReturnFrac: number;
  /** Null below one year: a rate per year would be an extrapolation. */
  readonly cagrFrac: number | null;
  readonly mar: number | null;
  readonly dailySharpe: number | null;
  readonly dailySortino: number | null;
  readonly timeInMarketFrac: number | null;
  readonly feesUsd: number;
  readonly fundingUsd: number;
  readonly fundingAssumedTrades: number;
  readonly slippageUsd: number;
  readonly openAtEnd: number;
  readonly participationWarnings: number;
  readonly exitsInDoubtByMinutes: number;
  readonly exitsInDoubtByTieBreaker: number;
  readonly abortReason: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly interval: Interval;
  readonly survivorship: string;
  readonly watermark: string;
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

export function summaryFigures({ summary, signals, interval, survivorship, watermark }: SummaryInput): SummaryFigures {
  const { tradesR, meanR, equity, exposure } = summary;
  const hasInterval = meanR.kind === 'interval';
  return {
    signals,
    trades: tradesR.trades,
    meanR: finite(tradesR.expectancy),
    ciLowR: hasInterval ? finite(meanR.low) : null,
    ciHighR: hasInterval ? finite(meanR.high) : null,
    ciNote: hasInterval
      ? `95 %, ${meanR.weeks} weeks resampled ${meanR.draws} times`
      : `no interval: trades in ${meanR.found} weeks, at least ${meanR.needed} are needed`,
    winRateFrac: finite(tradesR.winRateFrac),
    profitFactor: finite(tradesR.profitFactor),
    maxDrawdownFrac: -equity.drawdownFrac,
    finalEquityUsd: summary.finalEquityUsd,
    initialCapitalUsd: summary.initialCapitalUsd,
    totalReturnFrac: equity.totalReturnFrac,
    cagrFrac: finite(equity.cagrFrac),
    mar: finite(equity.marRatio),
    dailySharpe: finite(equity.dailySharpe),
    dailySortino: finite(equity.dailySortino),
    timeInMarketFrac: finite(exposure.timeInMarketFrac),
    feesUsd: summary.feesUsd,
    fundingUsd: summary.fundingUsd,
    fundingAssumedTrades: summary.fundingAssumedTrades,
    slippageUsd: summary.slippageUsd,
    openAtEnd: summary.openAtEnd,
    participationWarnings: summary.participationWarnings,
    exitsInDoubtByMinutes: summary.doubtfulExits.byMinutes,
    exitsInDoubtByTieBreaker: summary.doubtfulExits.byTieBreaker,
    abortReason: summary.abortReason,
    startMs: summary.startMs,
    endMs: summary.endMs,
    interval,
    survivorship,
    watermark,
  };
}

const number = (value: number | null, digits = 2): string => (value === null ? '-' : value.toFixed(digits));
const percent = (value: number | null, digits = 1): string =>
  value === null ? '-' : `${(value * 100).toFixed(digits)} %`;
const usd = (value: number): string => `${value.toFixed(2)} USD`;
const signed = (value: number | null, digits = 3): string =>
  value === null ? '-' : `${value >= 0 ? '+' : ''}${value.toFixed(digits)}`;

/** The summary for people: label, value, and what the value is where that is not plain. */
export function summaryLines(figures: SummaryFigures): string[] {
  const rows: [string, string][] = [
    ['window', `${formatMinute(figures.startMs)} to ${formatMinute(figures.endMs)} UTC, ${figures.interval} bars`],
    ['signals, trades', `${figures.signals}, ${figures.trades}`],
    ['final equity', `${usd(figures.finalEquityUsd)} from ${usd(figures.initialCapitalUsd)}`],
    ['win rate', percent(figures.winRateFrac)],
    [
      'profit factor',
      figures.profitFactor === null && figures.trades > 0 ? 'infinite (no losses)' : number(figures.profitFactor),
    ],
    ['expectancy', `${signed(figures.meanR)} R per trade${intervalText(figures)}`],
    ['max drawdown', `${percent(figures.maxDrawdownFrac)} of equity, marked to market`],
    figures.cagrFrac === null
      ? ['total return', `${percent(figures.totalReturnFrac)} (less than a year: no rate per year)`]
      : ['CAGR', percent(figures.cagrFrac)],
    ['MAR', number(figures.mar)],
    ['Sharpe, Sortino', `${number(figures.dailySharpe)}, ${number(figures.dailySortino)} (daily returns x sqrt(365))`],
    ['time in market', percent(figures.timeInMarketFrac)],
    [
      'costs',
      `fees ${usd(figures.feesUsd)}, slippage ${usd(figures.slippageUsd)}, funding ${signed(figures.fundingUsd, 2)} USD${assumedText(figures)}`,
    ],
    ['open at the end', `${figures.openAtEnd}${figures.openAtEnd > 0 ? ' (in equity, not in the statistics)' : ''}`],
  ];
  if (figures.participationWarnings > 0)
    rows.push([
      'large fills',
      `${figures.participationWarnings} fills took more than 5 % of their bar's volume: doubtful`,
    ]);
  const inDoubt = figures.exitsInDoubtByMinutes + figures.exitsInDoubtByTieBreaker;
  if (inDoubt > 0)
    rows.push([
      'exits in doubt',
      `${inDoubt} in bars that reached stop and target: ${figures.exitsInDoubtByMinutes} decided by 1m bars, ${figures.exitsInDoubtByTieBreaker} against you`,
    ]);
  if (figures.abortReason !== '') rows.push(['stopped early', figures.abortReason]);
  const width = Math.max(...rows.map(([label]) => label.length));
  const mark = figures.watermark === '' ? [] : [figures.watermark];
  return [...mark, ...rows.map(([label, value]) => `${label.padEnd(width)}  ${value}`), figures.survivorship, ...mark];
}

function intervalText({ ciLowR, ciHighR, ciNote }: SummaryFigures): string {
  return ciLowR === null ? ` (${ciNote})` : `, ${signed(ciLowR)} to ${signed(ciHighR)} (${ciNote})`;
}

function assumedText({ fundingAssumedTrades }: SummaryFigures): string {
  return fundingAssumedTrades === 0 ? '' : ` (assumed in part for ${fundingAssumedTrades} trades: rates not known)`;
}
