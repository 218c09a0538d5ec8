/** Does the model tell good signals from bad ones? Precision and recall by path, and the figures of every fold and path. */
import { numberColumn, textBlock, type Block, type Cell, type Fact, type Section, type TableBlock } from '../blocks.ts';
import { sampleRows } from '../charts/series-chart.ts';
import { hasPoints, xyChart, type XySeries } from '../charts/xy-chart.ts';
import { plural } from '../format/words.ts';
import type { ModelMetrics, ModelReportInput, PrecisionRecallPoint } from './model-report-input.ts';
import { figureCell, probabilityText, rowsText, shareText, spreadOf } from './model-text.ts';

export function discriminationSection(input: ModelReportInput): Section {
  const { metrics, precisionRecall, baseRateFrac } = input;
  return {
    id: 'discrimination',
    title: 'Does it find the good ones?',
    lead: 'Whether signals with a higher probability really have the outcome more often. A curve on the base rate is a model that knows nothing.',
    blocks: [
      recallChart(precisionRecall, baseRateFrac),
      { kind: 'facts', facts: foldFacts(metrics) },
      metricTable('fold', metrics),
      metricTable('path', metrics),
    ],
  };
}

/** Below this recall a handful of signals decides, and the curve jumps. */
const RECALL_MIN = 0.02;
/** Points of one path in a drawing. */
const STRETCHES_MAX = 80;

function recallChart(paths: readonly (readonly PrecisionRecallPoint[])[], baseRateFrac: number): Block {
  const name = plural(
    paths.length,
    paths.length === 1 ? 'the one' : `one line for each of ${rowsText(paths.length)}`,
    'path',
  );
  const series = paths.map((points, k): XySeries => {
    const shown = points.filter(({ recall }) => recall >= RECALL_MIN);
    const rows =
      shown.length === 0
        ? []
        : sampleRows(
            shown.map(({ precision }) => precision),
            STRETCHES_MAX,
          );
    return {
      name: k === 0 ? name : '',
      form: paths.length === 1 ? 'first' : 'many',
      points: rows.map((row) => ({ x: 100 * shown[row].recall, y: 100 * shown[row].precision })),
    };
  });
  if (!hasPoints(series)) return textBlock('There is no curve of precision and recall: no path has both outcomes.');
  return {
    kind: 'chart',
    hasReadout: false,
    chart: xyChart({
      id: 'precision-recall',
      title: 'Precision and recall',
      description: `Share of the taken signals that have the outcome, by share of all good signals that are taken, ${name}; the base rate is ${shareText(baseRateFrac)}. The part below ${shareText(RECALL_MIN)} recall is left out: a handful of signals decides there.`,
      xUnit: 'recall: % of all good signals taken, from 2 % on',
      yUnit: 'precision: % of the taken that are good',
      series,
      ...(Number.isFinite(baseRateFrac) && {
        level: { y: 100 * baseRateFrac, name: `base rate ${shareText(baseRateFrac)}` },
      }),
    }),
  };
}

/** Means over the folds with their range, after calibration. */
function foldFacts(metrics: readonly ModelMetrics[]): Fact[] {
  const folds = metrics.filter(({ scope, stage }) => scope === 'fold' && stage === 'calibrated');
  const fact = (label: string, values: readonly number[], words: string): Fact => {
    const { count, mean, min, max } = spreadOf(values);
    const range =
      count === 0
        ? 'no fold has this figure'
        : `${probabilityText(min)} to ${probabilityText(max)} over ${plural(count, rowsText(count), 'fold')}`;
    return { label, value: probabilityText(mean), words: `${words}; ${range}`, tone: 'plain' };
  };
  return [
    fact(
      'ROC-AUC',
      folds.map(({ rocAuc }) => rocAuc),
      'chance that a good signal stands above a bad one, 0.5 = coin; mean',
    ),
    fact(
      'PR-AUC',
      folds.map(({ prAuc }) => prAuc),
      'average precision; compare it with the base rate; mean',
    ),
    fact(
      'PR-AUC above base',
      folds.map(({ prAuc, baseRateFrac }) => prAuc - baseRateFrac),
      'against the base rate of the same fold; mean',
    ),
  ];
}

const WORDS = {
  fold: {
    caption: 'Fold by fold (splits of the cross-validation)',
    note: 'Folds overlap in their tests: each group of time is tested in several of them. Their spread is no standard error.',
  },
  path: {
    caption: 'Path by path',
    note: 'A path goes once through the whole history, put together from tests of several folds. Paths share signals, and most of the data that their models learned from: their agreement is no independent confirmation. Figures of a path are means over its groups of time.',
  },
} as const;

function metricTable(scope: ModelMetrics['scope'], metrics: readonly ModelMetrics[]): TableBlock {
  const of = (stage: ModelMetrics['stage']): ModelMetrics[] =>
    metrics.filter((row) => row.scope === scope && row.stage === stage);
  const raw = new Map(of('raw').map((row) => [row.index, row]));
  const rows = of('calibrated').map((row) => metricCells(row, raw.get(row.index)));
  return {
    kind: 'table',
    id: `${scope}-table`,
    caption: WORDS[scope].caption,
    columns: [
      numberColumn(scope, 'its number, from 1 on'),
      numberColumn('ROC-AUC', 'calibrated; 0.5 = no order'),
      numberColumn('PR-AUC', 'average precision, calibrated; compare it with the base rate beside it'),
      numberColumn('base rate', 'share of the tested with the outcome'),
      numberColumn('log-loss', 'before and after calibration; lower is better'),
      numberColumn('Brier score', 'before and after calibration; lower is better'),
      numberColumn('ECE', 'expected calibration error before and after calibration; lower is better'),
      numberColumn('tested on', scope === 'fold' ? 'test rows' : 'predictions'),
      ...(scope === 'fold' ? [numberColumn('learned from', 'training rows after purge and embargo')] : []),
    ],
    rows,
    note: `${rows.length === 0 ? `There is no ${scope} with figures. ` : ''}${WORDS[scope].note}`,
  };
}

const ONE_OUTCOME = 'one outcome only';

function metricCells(row: ModelMetrics, raw: ModelMetrics | undefined): Cell[] {
  const pair = (field: 'logLoss' | 'brier' | 'ece'): Cell => {
    const before = raw === undefined ? Number.NaN : raw[field];
    return figureCell((after) => `${probabilityText(before)} → ${probabilityText(after)}`, row[field]);
  };
  return [
    figureCell(rowsText, row.index + 1),
    figureCell(probabilityText, row.rocAuc, ONE_OUTCOME),
    figureCell(probabilityText, row.prAuc, ONE_OUTCOME),
    figureCell(shareText, row.baseRateFrac),
    pair('logLoss'),
    pair('brier'),
    pair('ece'),
    figureCell(rowsText, row.testRows),
    ...(row.scope === 'fold' ? [figureCell(rowsText, row.trainRows)] : []),
  ];
}
