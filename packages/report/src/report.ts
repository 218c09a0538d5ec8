/** A report as plain data: sections of blocks in the order of reading, and the data of the page. Everything is computed here once. */
import { formatDay, numbersOf, textsOf, type Table } from '@donch/core';
import { underwaterFrac, type RunRobustness } from '@donch/stats';
import type { Chart, Section } from './blocks.ts';
import { exitWords } from './format/words.ts';
import type { EquityPoints, PageData, PageTrade, TradeColumns } from './page/page-data.ts';
import type { ReportInput } from './report-input.ts';
import { exposureSection } from './robustness/exposure.ts';
import { luckSection } from './robustness/luck.ts';
import { riskSection } from './robustness/risk.ts';
import { robustnessOf } from './robustness/robustness-of.ts';
import { drawdownSection, equitySection, monthSection } from './sections/curves.ts';
import { breakTimesOf, funnelSection } from './sections/funnel.ts';
import { calendarSection, exitSection, regimeSection, symbolSection } from './sections/groups.ts';
import { glossarySection, provenanceSection } from './sections/reference.ts';
import { concentrationSection, costSection, distributionSection } from './sections/results.ts';
import { verdictSection } from './sections/verdict.ts';
import { selectionSections, type SelectionFindings } from './selection/selection-sections.ts';
import { stressSections } from './stress/stress-sections.ts';
import { symbolsOf, wordsOf } from './trade-columns.ts';
import { variantSection } from './variants/variant-groups.ts';

/** What holds for every figure of a run. */
export const CONVENTIONS = 'All times are UTC, all amounts USD; results are after all costs.';

/** A page of text, tables and drawings. */
export interface PageReport {
  readonly title: string;
  readonly subtitle: string;
  /** Sentences about times, amounts and costs; missing = those of runs. */
  readonly conventions?: string;
  readonly sections: readonly Section[];
}

/** The page of a run, with its trades and its equity at any instant. */
export interface Report extends PageReport {
  readonly data: PageData;
  /** What the sections about robustness are made of. */
  readonly robustness: RunRobustness;
}

export function buildReport(input: ReportInput): Report {
  const { equity, trades, strategies, run } = input;
  const times = numbersOf(equity, 'time');
  const names = strategies.map(({ name, side }) => `${name} (${side})`).join(', ');
  const robustness = robustnessOf(input);
  const ofTrades = trades.length === 0 ? [] : tradeSections(input, robustness);
  return {
    title: `${names}, ${formatDay(times[0])} to ${formatDay(times[times.length - 1])}`,
    subtitle: `Backtest ${run.id}, DONCH ${run.donchVersion}`,
    sections: [
      verdictSection(input, robustness),
      equitySection(input),
      monthSection(input),
      ...ofTrades,
      ...groupSections(input),
      funnelSection(input),
      drawdownSection(input),
      riskSection(input, robustness),
      ...(trades.length === 0 ? [] : [luckSection(robustness), exposureSection(input, robustness)]),
      ...(input.stress === undefined ? [] : stressSections(input.stress)),
      ...(input.selection === undefined
        ? []
        : selectionSections(input.selection, { subject: 'this run', tagOf: trialNames(input.selection) })),
      ...(trades.length === 0 ? [] : [tradeSection(input)]),
      provenanceSection(input),
      glossarySection(input),
    ],
    robustness,
    data: { runId: run.id, trades: tradeColumns(input), equity: equityPoints(equity), pathNote: input.pathNote },
  };
}

function tradeSections(input: ReportInput, robustness: RunRobustness): Section[] {
  return [
    distributionSection(input),
    exitSection(input),
    concentrationSection(input, robustness),
    costSection(input),
    symbolSection(input),
    regimeSection(input),
    calendarSection(input),
  ];
}

/** The run itself by its name, other trials by the begin of their id. */
function trialNames(selection: SelectionFindings): (id: string) => string {
  return (id) =>
    selection.kind === 'selection' && id === selection.verdict.chosenId ? 'this run' : `trial ${id.slice(0, 8)}`;
}

function groupSections({ groups, trades, run }: ReportInput): Section[] {
  if (groups === undefined || trades.length === 0) return [];
  return [variantSection(groups, { entryTimeMs: numbersOf(trades, 'entry_time'), seed: run.seed })];
}

function tradeSection({ pathNote }: ReportInput): Section {
  return {
    id: 'trades',
    title: 'All trades',
    lead: `Each with its way: candles, entry, stop, targets, exit, breakout level. ${pathNote}`,
    blocks: [{ kind: 'trades' }],
  };
}

/** All charts of a report, in the order of reading. */
export function chartsOf({ sections }: Pick<PageReport, 'sections'>): Chart[] {
  return sections.flatMap(({ blocks }) => blocks.flatMap((block) => (block.kind === 'chart' ? [block.chart] : [])));
}

/** Instants of the readout: as many as a slider on a wide screen has places. */
const POINTS_MAX = 600;

function equityPoints(equity: Table): EquityPoints {
  const times = numbersOf(equity, 'time');
  const values = numbersOf(equity, 'equity_usd');
  const depths = underwaterFrac(values);
  const count = Math.min(POINTS_MAX, equity.length);
  const rows = Array.from({ length: count }, (_, k) => Math.round((k * (equity.length - 1)) / Math.max(count - 1, 1)));
  return {
    timesMs: rows.map((row) => times[row]),
    equityUsd: rows.map((row) => rounded(values[row], 10)),
    depthFrac: rows.map((row) => rounded(depths[row], 4)),
  };
}

/** A number with so many significant digits: shorter in the page. */
function rounded(value: number, digits: number): number {
  return Number.isFinite(value) ? Number(value.toPrecision(digits)) : value;
}

/** Digits of prices and results in the page; what is shown has fewer. */
const PRICE_DIGITS = 8;
const RESULT_DIGITS = 7;

function tradeColumns({ trades, decisions, strategies, paths }: ReportInput): TradeColumns {
  const numbers = (name: string, digits: number): number[] =>
    Array.from(numbersOf(trades, name), (value) => rounded(value, digits));
  const price = (name: string): number[] => numbers(name, PRICE_DIGITS);
  const result = (name: string): number[] => numbers(name, RESULT_DIGITS);
  const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null);
  const columns: { [Name in keyof PageTrade]: PageTrade[Name][] } = {
    symbol: symbolsOf(trades),
    strategy: wordsOf(trades, 'strategy_id'),
    side: wordsOf(trades, 'side'),
    reason: wordsOf(trades, 'exit_reason').map(exitWords),
    entryMs: [...numbersOf(trades, 'entry_time')],
    exitMs: [...numbersOf(trades, 'exit_time')],
    decisionMs: [...numbersOf(trades, 'decision_time')],
    breakMs: Array.from(breakTimesOf(trades, decisions), orNull),
    entry: price('entry_price'),
    exit: price('exit_price'),
    level: price('don_break_level'),
    stop: price('initial_stop_price'),
    finalStop: price('final_stop_price'),
    target: price('target_price').map(orNull),
    firstTarget: firstTargets(trades, strategies).map((value) => orNull(rounded(value, PRICE_DIGITS))),
    qty: price('qty'),
    riskUsd: result('risk_usd'),
    pnlR: result('pnl_r'),
    pnlUsd: result('pnl_usd'),
    feesUsd: result('fees_usd'),
    slippageUsd: result('slippage_usd'),
    fundingUsd: result('funding_usd'),
    maeAtr: result('mae_atr'),
    mfeAtr: result('mfe_atr'),
    path: [...paths],
  };
  return columns;
}

/** Price of the first target as planned (the venue rounds it to its price step): reference +- multiple x ATR; NaN without one. */
function firstTargets(trades: Table, strategies: ReportInput['strategies']): number[] {
  const multiples = new Map(strategies.map(({ strategyId, firstTargetAtrMult }) => [strategyId, firstTargetAtrMult]));
  const [reference, atr] = [numbersOf(trades, 'reference_price'), numbersOf(trades, 'atr')];
  const sides = textsOf(trades, 'side');
  return wordsOf(trades, 'strategy_id').map((id, row) => {
    const direction = sides[row] === 'short' ? -1 : 1;
    return reference[row] + direction * (multiples.get(id) ?? Number.NaN) * atr[row];
  });
}
