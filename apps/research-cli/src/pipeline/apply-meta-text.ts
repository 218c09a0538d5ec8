/** What `donch apply-meta` prints and its `--json` document, from the same figures. */
import { textTable } from '@donch/cli';
import { formatMinute, formatMonth } from '@donch/core';
import { documentOf } from '../cli/documents.ts';
import { thresholdText, verdictCounts, VERDICTS, type Gate, type GatedMonth, type Verdict } from './apply-meta-gate.ts';
import type { GatedEv, Rebacktest } from './apply-meta-rebacktest.ts';
import { banded } from './ev-table.ts';
import type { BacktestOutcome } from './research.ts';
import type { SummaryFigures } from './summary-document.ts';

/** What a command has done with predictions. */
export interface AppliedMeta {
  readonly gate: Gate;
  /** Of walk-forward predictions, else empty. */
  readonly months: readonly GatedMonth[];
  /** Kept signals; null: there is no p*, nothing was written. */
  readonly file: string | null;
  /** Null: not asked for. */
  readonly rebacktest: Rebacktest | null;
  /** Where the gated trades and equity were put. */
  readonly published: readonly string[];
}

const KIND_WORDS: Readonly<Record<Gate['scored']['kind'], string>> = {
  file: 'of a file',
  walk_forward: 'walk-forward',
  model: 'of the model',
};

const percent = (part: number, whole: number): string => (whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`);

/** Coverage, p*, share kept, and the reason of everything that was not; then the two backtests side by side. */
export function appliedLines(applied: AppliedMeta): string[] {
  const { gate, months, file, rebacktest, published } = applied;
  const { scored, threshold, watermark } = gate;
  const counts = verdictCounts(gate);
  const total = gate.verdicts.length;
  const withP = counts.taken + counts.below + counts.no_threshold;
  const mark = watermark === '' ? [] : [watermark];
  return [
    ...mark,
    `predictions  ${KIND_WORDS[scored.kind]}${scored.bundle === null ? '' : `, bundle ${scored.bundle.id}`}: ${scored.path}`,
    `scored       ${withP} of ${total} signals (${percent(withP, total)})`,
    `p*           ${thresholdText(threshold)}`,
    ...(months.length > 0 ? [`months       ${monthsText(months)}`] : []),
    `kept         ${counts.taken} of ${withP} scored signals (${percent(counts.taken, withP)})`,
    ...(Object.keys(VERDICTS) as Verdict[]).flatMap((verdict) =>
      verdict === 'taken' || counts[verdict] === 0
        ? []
        : [`             ${String(counts[verdict]).padStart(String(total).length)} ${VERDICTS[verdict]}`],
    ),
    file === null ? 'no file of signals was written: without a p* nothing is kept' : `kept signals: ${file}`,
    ...(rebacktest === null ? [] : ['', ...rebacktestLines(rebacktest, watermark !== '')]),
    ...published.map((path) => `gated run: ${path}`),
    ...mark,
  ];
}

function monthsText(months: readonly GatedMonth[]): string {
  const withPstar = months.filter(({ pstar }) => !Number.isNaN(pstar)).length;
  return `${formatMonth(months[0].fromMs)} to ${formatMonth(months[months.length - 1].fromMs)}: ${months.length} with a model, ${withPstar} with a p*`;
}

const number = (value: number | null, digits: number): string => (value === null ? '-' : value.toFixed(digits));
const signed = (value: number | null): string =>
  value === null || Number.isNaN(value) ? '-' : `${value < 0 ? '' : '+'}${value.toFixed(3)}`;

const ROWS: readonly (readonly [string, (figures: SummaryFigures) => string])[] = [
  ['signals', ({ signals }) => String(signals)],
  ['trades', ({ trades }) => String(trades)],
  ['final equity, USD', ({ finalEquityUsd }) => finalEquityUsd.toFixed(2)],
  [
    'profit factor',
    ({ profitFactor, trades }) => (profitFactor === null && trades > 0 ? 'infinite' : number(profitFactor, 2)),
  ],
  ['max drawdown', ({ maxDrawdownFrac }) => `${(100 * maxDrawdownFrac).toFixed(1)} %`],
  ['mean R', ({ meanR }) => signed(meanR)],
  ['  95 % interval', ({ ciLowR, ciHighR }) => (ciLowR === null ? '-' : `${signed(ciLowR)} to ${signed(ciHighR)}`)],
  ['win rate', ({ winRateFrac }) => (winRateFrac === null ? '-' : `${(100 * winRateFrac).toFixed(1)} %`)],
];

const COMPARED_WORDS: Readonly<Record<Rebacktest['compared'], string>> = {
  judged: 'signals that were held against a p*',
  scored: 'signals with a probability',
  all: 'all signals',
};

function rebacktestLines(rebacktest: Rebacktest, isInSample: boolean): string[] {
  const { compared, gated, gatedNote, baseline, whole, ev, notes } = rebacktest;
  const sides: readonly (readonly [string, BacktestOutcome])[] = [
    ...(gated === null ? [] : [[isInSample ? 'gated, IN SAMPLE' : 'gated', gated] as const]),
    ['all (no model)', baseline],
    ...(whole === null ? [] : [['whole history (no model)', whole] as const]),
  ];
  const { startMs, endMs } = baseline.figures;
  const withoutInterval = sides.find(([, { figures }]) => figures.ciLowR === null);
  return [
    `${formatMinute(startMs)} to ${formatMinute(endMs)} UTC, ${COMPARED_WORDS[compared]}:`,
    ...(gatedNote === '' ? [] : [`no gated run: ${gatedNote}`]),
    ...textTable(
      [{ title: '' }, ...sides.map(([title]) => ({ title, align: 'right' as const }))],
      ROWS.map(([label, cell]) => [label, ...sides.map(([, { figures }]) => cell(figures))]),
    ),
    ...(withoutInterval === undefined ? [] : [`${withoutInterval[0]}: ${withoutInterval[1].figures.ciNote}`]),
    evLine(ev),
    ...notes,
    ...sides.map(([title, { run, cached }]) => `${title}: ${cached ? 'cached run' : 'run'} ${run.id}`),
  ];
}

/** What the choice is worth before any account: every signal alone. */
function evLine({ signals, taken, allR, takenR, differenceR, interval }: GatedEv): string {
  if (signals === 0) return 'each signal alone: none has an outcome';
  const figures = `each signal alone: all ${signals} ${signed(allR)} R`;
  if (taken === 0) return figures;
  const band =
    interval.kind === 'interval'
      ? `${signed(interval.low)} to ${signed(interval.high)} (95 %, ${interval.weeks} weeks)`
      : `no interval: kept signals in ${interval.found} weeks, at least ${interval.needed} are needed`;
  return `${figures}, the ${taken} kept ${signed(takenR)} R; kept - all ${signed(differenceR)} R, ${band}`;
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** The fields of the document: see `apply-meta-fields.ts`. */
export function appliedDocument(applied: AppliedMeta): Readonly<Record<string, unknown>> {
  const { gate, months, file, rebacktest } = applied;
  const { scored, threshold, watermark } = gate;
  const counts = verdictCounts(gate);
  return documentOf('apply-meta', {
    ok: true,
    predictions: scored.path,
    kind: scored.kind,
    bundle: scored.bundle?.id ?? null,
    watermark,
    pstar: finite(threshold.pstar),
    pstarLow: finite(threshold.lowest),
    pstarHigh: finite(threshold.highest),
    pstarSource: threshold.source,
    pstarNote: threshold.note,
    signals: gate.verdicts.length,
    scored: counts.taken + counts.below + counts.no_threshold,
    taken: counts.taken,
    reasons: (Object.keys(VERDICTS) as Verdict[]).map((verdict) => ({
      verdict,
      signals: counts[verdict],
      text: VERDICTS[verdict],
    })),
    months: months.map((month) => ({ ...month, pstar: finite(month.pstar) })),
    notes: [...scored.lines, ...scored.warnings],
    file,
    rebacktest: rebacktest === null ? null : rebacktestDocument(rebacktest),
  });
}

function rebacktestDocument(rebacktest: Rebacktest): Record<string, unknown> {
  const { compared, gated, gatedNote, baseline, whole, ev, notes } = rebacktest;
  const run = (outcome: BacktestOutcome | null): unknown =>
    outcome === null ? null : { runId: outcome.run.id, cached: outcome.cached, ...outcome.figures };
  const { estimate, low, high } = banded(ev.interval, ev.differenceR);
  return {
    compared,
    gated: run(gated),
    gatedNote,
    baseline: run(baseline),
    whole: run(whole),
    ev: {
      signals: ev.signals,
      taken: ev.taken,
      allR: finite(ev.allR),
      takenR: finite(ev.takenR),
      differenceR: finite(estimate),
      differenceLowR: finite(low),
      differenceHighR: finite(high),
    },
    notes,
  };
}
