/** What a join says to people: the same lines when it is printed and when it is refused. */
import { DonchError, formatDuration, formatMinute, HOUR_MS } from '@donch/core';
import { counted, listed, thousands } from './message-words.ts';
import type { PredictionJoin, TimeRange } from './prediction-join.ts';
import type { SymbolRows } from './symbol-groups.ts';

/** Ages of predictions worth listing. */
const DIFFERENCES_MAX = 5;

/** Coverage, what was left out, and everything that hints at a mistake; one fact per line. */
export function joinLines(join: PredictionJoin): readonly string[] {
  return [
    `${coverageText(join)}, joined by ${join.by === 'id' ? 'id' : 'symbol and time'}`,
    ...leftOutLines(join),
    ...hintLines(join),
  ];
}

function coverageText({ matched, signals, side, coverageFrac }: PredictionJoin): string {
  const share = signals === 0 ? '' : ` (${(coverageFrac * 100).toFixed(1)} %)`;
  return `${thousands(matched)} of ${counted(signals, side.slice(0, -1))} have a prediction${share}`;
}

function leftOutLines({ predictions, withoutProbability, merged, leftOver, side }: PredictionJoin): string[] {
  const parts = [
    merged > 0 ? `${thousands(merged)} merged` : '',
    withoutProbability > 0 ? `${thousands(withoutProbability)} without a probability` : '',
    leftOver > 0 ? `${thousands(leftOver)} for none of the ${side}` : '',
  ].filter((part) => part !== '');
  return [`${counted(predictions, 'row')} of predictions${parts.length === 0 ? '' : `: ${parts.join(', ')}`}`];
}

function hintLines(join: PredictionJoin): string[] {
  const { side, signalsOnly, predictionsOnly, differences, laterOnly, signalTimes, predictionTimes } = join;
  const ages = differences.map(
    ({ differenceMs, signals }) => `${formatDuration(differenceMs)} (${thousands(signals)})`,
  );
  const isExact = differences.every(({ differenceMs }) => differenceMs === 0);
  return [
    `times of the ${side}: ${rangeText(signalTimes)}`,
    `times of the predictions: ${rangeText(predictionTimes)}${join.label === 'open' ? ' (one bar added: --pred-label open)' : ''}`,
    ...(signalsOnly.length > 0 ? [`symbols of the ${side} only: ${symbolsText(signalsOnly)}`] : []),
    ...(predictionsOnly.length > 0 ? [`symbols of the predictions only: ${symbolsText(predictionsOnly)}`] : []),
    ...(isExact ? [] : [`age of the predictions: ${listed(ages, DIFFERENCES_MAX)}`]),
    ...(laterOnly > 0
      ? [`${counted(laterOnly, side.slice(0, -1))} have a prediction only after them, within a bar: it is never used`]
      : []),
    ...shiftLines(join),
  ];
}

function rangeText({ firstMs, lastMs }: TimeRange): string {
  return Number.isNaN(firstMs) ? 'not known' : `${formatMinute(firstMs)} to ${formatMinute(lastMs)}`;
}

function symbolsText(symbols: readonly SymbolRows[]): string {
  return `${symbols.length} (${listed(symbols.map(({ symbol }) => symbol))})`;
}

function shiftLines({ shift, side, intervalMs, label }: PredictionJoin): string[] {
  if (shift === null) return [];
  const { shiftMs, signals, comparable } = shift;
  const distance = `${formatDuration(Math.abs(shiftMs))} ${shiftMs > 0 ? 'before' : 'after'} them`;
  const seen = `${thousands(signals)} of ${thousands(comparable)} ${side} have a prediction exactly ${distance}`;
  return [`${seen}: ${shiftMeaning({ shiftMs, intervalMs, label, side })}`];
}

type ShiftFacts = Pick<PredictionJoin, 'intervalMs' | 'label' | 'side'> & { readonly shiftMs: number };

function shiftMeaning({ shiftMs, intervalMs, label, side }: ShiftFacts): string {
  if (shiftMs === intervalMs && label === 'close')
    return "predictions seem to stamp the bar's open: set --pred-label open";
  if (shiftMs === -intervalMs && label === 'open') return `both seem to stamp bars alike: set --pred-label close`;
  if (shiftMs === -intervalMs) return `the ${side} seem to stamp the bar's open and the predictions its close`;
  const hours = -shiftMs / HOUR_MS;
  return `times of the predictions seem to be those of UTC${hours > 0 ? '+' : ''}${hours}: convert them to UTC`;
}

/** The refusal of a join that leaves too many signals without a prediction. */
export function lowCoverage(join: PredictionJoin, coverageMinFrac: number): DonchError {
  const isByTime = join.by === 'time';
  const flags = isByTime
    ? `--pred-ts, --pred-sym, --pred-label open|close, --round 5min, --tol 10min${join.side === 'trades' ? ', --trades-ts, --trades-sym' : ''}`
    : `--pred-id${join.side === 'trades' ? ', --trades-id' : ''}; ids change with the set-up of the strategy`;
  return new DonchError('low_coverage', coverageText(join), {
    expected: `at least ${Math.round(coverageMinFrac * 1e4) / 100} %`,
    remedy: [
      ...leftOutLines(join),
      ...hintLines(join),
      `flags to look at: ${flags}`,
      '--min-coverage allows less: signals without a prediction do not pass a gate',
    ].join('\n  '),
  });
}

/** The refusal of a file whose stamps may be those of the bar's open, so that its predictions could know a bar too much. */
export function unclearLabel({ side, stamps, matched, intervalMs }: PredictionJoin, column: string): DonchError {
  const { same, oneBarBefore } = stamps ?? { same: 0, oneBarBefore: 0 };
  const seen = `${thousands(same)} have one at their very time and ${thousands(oneBarBefore)} one bar (${formatDuration(intervalMs)}) before`;
  const found = `does "${column}" stamp the open or the close of a bar? of ${thousands(matched)} ${side} with a prediction ${seen}`;
  const guess = oneBarBefore > same * 2 ? 'the times speak for --pred-label open' : 'the times alone cannot tell';
  return new DonchError('label_unclear', found, {
    expected: '--pred-label open or --pred-label close',
    remedy: `${guess}. Earlier systems stamp a prediction with the open of the bar whose close it was made at: read as a close it would know a bar too much`,
  });
}
