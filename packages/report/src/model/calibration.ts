/** Does a probability of 60 % happen in 60 of 100 cases? Before and after calibration. */
import {
  numberColumn,
  textBlock,
  textCell,
  textColumn,
  type Block,
  type Cell,
  type Section,
  type TableBlock,
} from '../blocks.ts';
import { hasPoints, xyChart, type XySeries } from '../charts/xy-chart.ts';
import { signedText } from '../format/number-text.ts';
import { plural } from '../format/words.ts';
import type { ModelCalibration, ModelMetrics, ModelReportInput, ReliabilityPoint } from './model-report-input.ts';
import { figureCell, missingCell, probabilityText, rowsText, sentence, shareText, spreadOf } from './model-text.ts';

const KINDS = { none: 'no calibration', platt: 'Platt', isotonic: 'isotonic' } as const;

export function calibrationSection({ calibration, metrics }: ModelReportInput): Section {
  return {
    id: 'calibration',
    title: 'Are the probabilities right?',
    lead: 'Of the signals to which the model gives 60 %, about 60 of 100 should have the outcome. All figures are out of fold: no model here has seen the signals that it judges.',
    blocks: [
      reliabilityChart(calibration),
      kindTable(calibration),
      stageTable(metrics),
      ...baseSentence(metrics),
      binTable(calibration),
    ],
  };
}

function reliabilityChart({ kind, before, after }: ModelCalibration): Block {
  const series = (name: string, form: XySeries['form'], points: readonly ReliabilityPoint[]): XySeries => ({
    name,
    form,
    points: points.map(({ meanP, frequency, rows }) => ({ x: 100 * meanP, y: 100 * frequency, weight: rows })),
  });
  const lines = isSame(before, after)
    ? [series(`before and after (${KINDS[kind]})`, 'first', after)]
    : [series('before', 'second', before), series(`after (${KINDS[kind]})`, 'first', after)];
  if (!hasPoints(lines)) return textBlock('There is no reliability curve: no signal has an out-of-fold probability.');
  return {
    kind: 'chart',
    hasReadout: false,
    chart: xyChart({
      id: 'reliability',
      title: 'Promised and delivered',
      description: `Share with the outcome by mean probability of ten bins. ${curveWords('Before', before)} ${curveWords('After', after)}`,
      xUnit: 'mean probability of the bin, %',
      yUnit: '% with the outcome; dots grow with the bin',
      series: lines,
      diagonal: 'exactly right',
    }),
  };
}

/** Without calibration both curves are one. */
function isSame(before: readonly ReliabilityPoint[], after: readonly ReliabilityPoint[]): boolean {
  return (
    before.length === after.length &&
    before.every(({ meanP, frequency }, k) => meanP === after[k].meanP && frequency === after[k].frequency)
  );
}

function curveWords(stage: string, points: readonly ReliabilityPoint[]): string {
  const words = points
    .filter(({ meanP, frequency }) => Number.isFinite(meanP) && Number.isFinite(frequency))
    .map(({ meanP, frequency }) => `${shareText(meanP)} gave ${shareText(frequency)}`);
  return words.length === 0 ? '' : `${stage} calibration: ${words.join(', ')}.`;
}

function kindTable({ kind, logLoss }: ModelCalibration): TableBlock {
  const kinds = ['none', 'platt', 'isotonic'] as const;
  const missing = { none: 'not tried', platt: 'not tried', isotonic: 'not tried: needs 1,000 signals' };
  return {
    kind: 'table',
    id: 'calibrator-table',
    caption: 'Which calibrator',
    columns: [
      textColumn('calibrator'),
      numberColumn(
        'log-loss',
        'each stretch of time with the calibrator of the others; lower is better, and the lowest is taken',
      ),
      textColumn('choice'),
    ],
    rows: kinds.map((name): Cell[] => [
      textCell(KINDS[name]),
      figureCell(probabilityText, logLoss[name], missing[name]),
      textCell(name === kind ? '✓ in the model' : ''),
    ]),
    note: 'Calibration keeps the order of the probabilities (isotonic may make some equal) and changes their size.',
  };
}

/** What a forecast of nothing but the base rate would get on a fold: it knows that fold's own base rate, which no model does. */
const BASE = {
  logLoss: ({ baseRateFrac: b }: ModelMetrics): number =>
    b > 0 && b < 1 ? -(b * Math.log(b) + (1 - b) * Math.log(1 - b)) : Number.NaN,
  brier: ({ baseRateFrac: b }: ModelMetrics): number => b * (1 - b),
} as const;

function stageTable(metrics: readonly ModelMetrics[]): TableBlock {
  const folds = (stage: ModelMetrics['stage']): ModelMetrics[] =>
    metrics.filter((row) => row.scope === 'fold' && row.stage === stage);
  const [raw, calibrated] = [folds('raw'), folds('calibrated')];
  const rows = (
    [
      ['log-loss', 'logLoss', 'punishes wrong certainty'],
      ['Brier score', 'brier', 'mean squared distance of probability and outcome'],
      ['ECE', 'ece', 'mean distance from the diagonal, ten bins'],
    ] as const
  ).map(([name, field, words]): Cell[] => {
    const [before, after] = [raw, calibrated].map((stage) => spreadOf(stage.map((fold) => fold[field])));
    const change = after.mean - before.mean;
    return [
      textCell(name, words),
      figureCell(probabilityText, before.mean, 'no fold'),
      figureCell(probabilityText, after.mean, 'no fold'),
      figureCell((value) => signedText(value, 4), change),
      field === 'ece'
        ? missingCell('0 by construction')
        : figureCell(probabilityText, spreadOf(calibrated.map(BASE[field])).mean),
    ];
  });
  return {
    kind: 'table',
    id: 'calibration-table',
    caption: `Before and after calibration, mean of ${rowsText(calibrated.length)} folds`,
    columns: [
      textColumn('figure', 'lower is better for all of them'),
      numberColumn('before', 'probabilities as the trees give them'),
      numberColumn('after', 'probabilities that are compared with p*'),
      numberColumn('change', 'after minus before; below 0 = better'),
      numberColumn(
        'base rate only',
        "a forecast that always says the fold's own base rate, which it would have to know in advance; a model above it adds nothing to the size of the probabilities",
      ),
    ],
    rows,
    note: 'Means over folds, never over the pooled rows of all folds: models of different folds do not share a scale.',
  };
}

/** Whether the probabilities say more than the base rate, in words: the losses differ in their third digit and are easily overlooked. */
function baseSentence(metrics: readonly ModelMetrics[]): Block[] {
  const folds = metrics.filter(({ scope, stage }) => scope === 'fold' && stage === 'calibrated');
  const gains = folds.map((fold) => BASE.logLoss(fold) - fold.logLoss).filter((gain) => !Number.isNaN(gain));
  const { count, mean } = spreadOf(gains);
  if (count === 0) return [];
  const better = gains.filter((gain) => gain > 0).length;
  const folded = `in ${rowsText(better)} of ${plural(count, rowsText(count), 'fold')} the log-loss is lower than that of the fold's own base rate`;
  return mean > 0
    ? [
        textBlock(
          `${sentence(folded)} On average the probabilities say more than the base rate alone.`,
          'plain',
          'Against the base rate.',
        ),
      ]
    : [
        textBlock(
          `${sentence(folded)} On average the probabilities say no more than the base rate alone: their order may still be of use, their size is not to be trusted, nor sizing by it.`,
          'loss',
          'Against the base rate.',
        ),
      ];
}

function binTable({ before, after }: ModelCalibration): TableBlock {
  const rows = (stage: string, points: readonly ReliabilityPoint[]): Cell[][] =>
    points.map(({ meanP, frequency, rows: count }) => [
      textCell(stage),
      figureCell(shareText, meanP, 'empty bin'),
      figureCell(shareText, frequency, 'empty bin'),
      figureCell((value) => signedText(value, 1), 100 * (frequency - meanP)),
      figureCell(rowsText, count),
    ]);
  return {
    kind: 'table',
    id: 'reliability-table',
    caption: 'The bins of the curves',
    columns: [
      textColumn('calibration'),
      numberColumn('promised', 'mean probability of the bin'),
      numberColumn('delivered', 'share of the bin with the outcome'),
      numberColumn('difference', 'delivered minus promised, in percentage points'),
      numberColumn('predictions', 'a signal counts once per path, so this is more than the number of signals'),
    ],
    rows: isSame(before, after)
      ? rows('before and after', after)
      : [...rows('before', before), ...rows('after', after)],
    note: 'Small bins scatter: look at their size before reading anything into a distance from the diagonal.',
  };
}
