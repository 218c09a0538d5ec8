/** What the model looks at, and how much it learns from more trees. */
import {
  numberColumn,
  textBlock,
  textCell,
  textColumn,
  toneOf,
  type Block,
  type Section,
  type TableBlock,
} from '../blocks.ts';
import { barChart } from '../charts/bar-chart.ts';
import { hasPoints, xyChart, type XySeries } from '../charts/xy-chart.ts';
import { decimalText, signedText } from '../format/number-text.ts';
import type { FeatureImportance, ModelReportInput } from './model-report-input.ts';
import { figureCell, MISSING, missingCell, probabilityText, rowsText, shareText } from './model-text.ts';

const BARS_MAX = 20;

export function importanceSection({ importance }: ModelReportInput): Section {
  return {
    id: 'importance',
    title: 'What it looks at',
    lead: 'Which features the model uses, and what it would lose without them. Importance is not direction and not cause.',
    blocks:
      importance.length === 0
        ? [textBlock('The model has no features.')]
        : [permutationChart(importance), importanceTable(importance)],
  };
}

const lossText = (value: number): string => (Number.isNaN(value) ? MISSING : signedText(value, 5));

/** What is nothing when rounded is nothing in the drawing too. */
const isSomething = (value: number): boolean => Number.isFinite(value) && /[1-9]/.test(lossText(value));

function permutationChart(importance: readonly FeatureImportance[]): Block {
  if (importance.every(({ permutation }) => Number.isNaN(permutation)))
    return textBlock('The loss without each feature was not measured.');
  const ranked = importance
    .filter(({ permutation }) => isSomething(permutation))
    .toSorted((a, b) => Math.abs(b.permutation) - Math.abs(a.permutation));
  if (ranked.length === 0) {
    return textBlock(
      'Shuffling any one feature changes nothing out of fold: by this measure the model uses none of them.',
    );
  }
  const bars = ranked
    .slice(0, BARS_MAX)
    .toSorted((a, b) => b.permutation - a.permutation)
    .map(({ name, permutation, permutationSd }) => ({
      label: name,
      value: permutation,
      text: `${lossText(permutation)}${Number.isNaN(permutationSd) ? '' : ` ± ${decimalText(permutationSd, 5)}`}`,
      tone: toneOf(permutation),
    }));
  const title =
    bars.length < importance.length
      ? `Loss without each feature, the ${rowsText(bars.length)} that change most of ${rowsText(importance.length)}`
      : 'Loss without each feature';
  return {
    kind: 'chart',
    hasReadout: false,
    chart: barChart({
      id: 'permutation',
      title,
      description: `Growth of the out-of-fold log-loss when the feature is shuffled, mean ± standard deviation over the folds: ${bars.map(({ label, text }) => `${label} ${text}`).join(', ')}`,
      bars,
    }),
  };
}

const isUsed = ({ splits, permutation }: FeatureImportance): boolean => splits !== 0 || isSomething(permutation);

function importanceTable(importance: readonly FeatureImportance[]): TableBlock {
  const used = importance.filter(isUsed);
  const shown = used.length === 0 ? importance : used;
  const unused = used.length === 0 ? [] : importance.filter((feature) => !isUsed(feature));
  const names = unused.map(({ name }) => name).join(', ');
  const gains = importance.reduce((sum, { gain }) => sum + (Number.isFinite(gain) ? gain : 0), 0);
  return {
    kind: 'table',
    id: 'importance-table',
    caption: unused.length === 0 ? 'Importance of every feature' : 'Importance of the features in use',
    columns: [
      textColumn('feature'),
      numberColumn(
        'permutation',
        'growth of the out-of-fold log-loss when the feature is shuffled, mean over the folds; 0 or less = the model does as well without it',
      ),
      numberColumn('± sd', 'standard deviation over the folds; a mean that is not well above it may be chance'),
      numberColumn(
        'gain',
        'share of all gain of the splits; counts what was learned, useful or not, and favours features with many values',
      ),
      numberColumn('splits', 'how often trees of the deployed model ask for it'),
      numberColumn('SHAP', 'mean size of its contribution to the log-odds of a signal'),
    ],
    rows: shown.map(({ name, permutation, permutationSd, gain, splits, shap }) => [
      textCell(name),
      {
        ...figureCell(lossText, permutation, 'not measured'),
        tone: isSomething(permutation) ? toneOf(permutation) : 'plain',
      },
      figureCell((value) => decimalText(value, 5), permutationSd, 'needs two folds'),
      gains > 0 ? figureCell(shareText, gain / gains) : missingCell('no split'),
      figureCell(rowsText, splits),
      figureCell(probabilityText, shap, 'not measured'),
    ]),
    note: `${unused.length === 0 ? '' : `Offered, but no tree asks for them: ${names}. `}Permutation is measured on signals that the model has not seen; gain, splits and SHAP describe the deployed model itself and would name favourites even where there is nothing to learn. Features that say the same share their permutation importance, so that each of them looks dispensable.`,
  };
}

export function learningSection({ learningCurve }: ModelReportInput): Section {
  return {
    id: 'learning',
    title: 'How much learning is too much?',
    lead: 'Log-loss by number of trees, mean over the folds. The training curve always falls; only the test curve counts.',
    blocks: learningBlocks(learningCurve),
  };
}

function learningBlocks(curve: ModelReportInput['learningCurve']): Block[] {
  const series: XySeries[] = [
    {
      name: 'test (out of fold)',
      form: 'first',
      points: curve.map(({ trees, testLogLoss }) => ({ x: trees, y: testLogLoss })),
    },
    {
      name: 'training',
      form: 'second',
      points: curve.map(({ trees, trainLogLoss }) => ({ x: trees, y: trainLogLoss })),
    },
  ];
  if (!hasPoints(series)) return [textBlock('There is no learning curve.')];
  const tested = curve.filter(({ testLogLoss }) => Number.isFinite(testLogLoss));
  const words = tested.length === 0 ? 'No fold was tested.' : testWords(tested);
  return [
    {
      kind: 'chart',
      hasReadout: false,
      chart: xyChart({
        id: 'learning-curve',
        title: 'Learning curve',
        description: words,
        xUnit: 'trees',
        yUnit: 'log-loss',
        series,
      }),
    },
    textBlock(words),
  ];
}

function testWords(tested: ModelReportInput['learningCurve']): string {
  const best = tested.reduce((known, point) => (point.testLogLoss < known.testLogLoss ? point : known));
  const last = tested[tested.length - 1];
  const end = `with all ${rowsText(last.trees)} it is ${probabilityText(last.testLogLoss)}, on the training rows ${probabilityText(last.trainLogLoss)}`;
  return `The test log-loss is lowest with ${rowsText(best.trees)} trees (${probabilityText(best.testLogLoss)}); ${end}. The number of trees is a setting: choosing the lowest point after looking would be choosing on the test.`;
}
