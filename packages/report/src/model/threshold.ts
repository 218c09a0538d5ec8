/** What thresholds bring: by threshold, and by stretch of time. */
import {
  numberColumn,
  textBlock,
  textCell,
  textColumn,
  toneOf,
  type Block,
  type Cell,
  type Section,
  type TableBlock,
} from '../blocks.ts';
import { barChart } from '../charts/bar-chart.ts';
import { xyChart, type XyChart, type XySeries } from '../charts/xy-chart.ts';
import type { Banded, ModelEv, ModelReportInput, ModelThreshold } from './model-report-input.ts';
import {
  figureCell,
  hasInterval,
  intervalCell,
  intervalText,
  meanRCell,
  meanRText,
  missingCell,
  probabilityText,
  rowsText,
  shareText,
  totalRText,
} from './model-text.ts';
import { dayText, thresholdKind } from './verdict.ts';

/** Thresholds above which fewer signals lie are in the table only: their means jump, and the drawing would show nothing else. */
const DRAWN_MIN = 30;

export function evSection({ ev, threshold, rows }: ModelReportInput): Section {
  return {
    id: 'ev',
    title: 'What a threshold would have brought',
    lead: 'The mean result of the signals at or above each probability. This shows the shape; picking the best point of it and believing its height is the way to fool yourself, which is why p* is judged otherwise (section "Did it hold over time?").',
    blocks: [...evCharts(ev, threshold, rows), evTable(ev, threshold)],
  };
}

type EvPoint = ModelEv['points'][number];

function evCharts({ all, points }: ModelEv, threshold: ModelThreshold, rows: number): Block[] {
  const shown = points.filter(({ n }) => n >= DRAWN_MIN);
  const drawn = shown.filter(({ ev }) => Number.isFinite(ev.estimate));
  if (drawn.length === 0)
    return [textBlock(`There is nothing to draw: no threshold has ${DRAWN_MIN} signals at or above it.`)];
  const mark = markOf(threshold);
  const place = `${mark === null ? 'There is no p*.' : `${mark.name} is marked.`} All ${rowsText(rows)} signals: ${meanRText(all.estimate)}.`;
  const shared = {
    xUnit: 'threshold: signals with at least this probability',
    ...(mark !== null && { mark }),
  };
  return [
    chartBlock({
      ...shared,
      id: 'ev-curve',
      title: 'Mean result by threshold',
      description: `EV in R of the signals at or above each threshold. ${place} ${pointWords(drawn, ({ ev }) => ev)}`,
      yUnit: 'R per trade',
      series: [bandedSeries('mean result', drawn, ({ ev }) => ev)],
      bandName: '95 % interval',
      ...(Number.isFinite(all.estimate) && {
        level: { y: all.estimate, name: `all signals ${meanRText(all.estimate)}` },
      }),
    }),
    chartBlock({
      ...shared,
      id: 'ev-improvement',
      title: 'Gain over taking all signals',
      description: `EV of the signals at or above each threshold minus EV of all, on the same draws of weeks. ${place} ${pointWords(drawn, ({ improvement }) => improvement)}`,
      yUnit: 'R per trade more than all',
      series: [bandedSeries('gain', drawn, ({ improvement }) => improvement)],
      bandName: '95 % interval',
      level: { y: 0, name: 'no difference' },
    }),
    chartBlock({
      ...shared,
      id: 'ev-coverage',
      title: 'Share of signals kept',
      description: `Share of all signals at or above each threshold. ${place} ${drawn.map((point) => `${probabilityText(point.threshold)}: ${shareText(point.coverageFrac)}`).join(', ')}.`,
      yUnit: '% of all signals',
      series: [
        {
          name: '',
          form: 'first',
          points: drawn.map(({ threshold: x, coverageFrac }) => ({ x, y: 100 * coverageFrac })),
        },
      ],
    }),
  ];
}

const chartBlock = (chart: XyChart): Block => ({ kind: 'chart', hasReadout: false, chart: xyChart(chart) });

/** Where p* lies; null = there is none. */
function markOf(threshold: ModelThreshold): { readonly x: number; readonly name: string } | null {
  const kind = thresholdKind(threshold);
  if (kind === 'none') return null;
  const owner = kind === 'user' ? " (the user's)" : '';
  return { x: threshold.pstar, name: `p* ${probabilityText(threshold.pstar)}${owner}` };
}

function bandedSeries(name: string, points: readonly EvPoint[], valueOf: (point: EvPoint) => Banded): XySeries {
  return {
    name,
    form: 'first',
    points: points.map((point) => {
      const { estimate, low, high } = valueOf(point);
      return { x: point.threshold, y: estimate, low, high };
    }),
  };
}

function pointWords(points: readonly EvPoint[], valueOf: (point: EvPoint) => Banded): string {
  const words = points.map((point) => {
    const banded = valueOf(point);
    const range = hasInterval(banded) ? ` (${intervalText(banded)})` : '';
    return `${probabilityText(point.threshold)}: ${meanRText(banded.estimate)}${range}`;
  });
  return `${words.join(', ')}.`;
}

function evTable({ all, points }: ModelEv, threshold: ModelThreshold): TableBlock {
  const hasPstar = thresholdKind(threshold) !== 'none';
  // the first row at or above p*: what it would keep is at most p*'s
  const first = hasPstar ? points.findIndex((point) => point.threshold >= threshold.pstar) : -1;
  const rows = points.map((point, k) => evCells(point, k === first ? 'from p* on' : ''));
  return {
    kind: 'table',
    id: 'ev-table',
    caption: 'Expected value by threshold, all paths',
    columns: [
      numberColumn('threshold', 'least probability of the signals that are taken'),
      numberColumn('signals', 'at or above it, as a mean over the paths'),
      numberColumn('gain', 'their mean result minus that of all signals'),
      numberColumn('95 % of the gain', 'interval of the gain, on the same draws of weeks'),
      numberColumn('mean R', 'their mean result: EV(p >= threshold)'),
      numberColumn('95 % interval', 'of the mean; whole weeks are resampled, and below 12 weeks there is none'),
      numberColumn('kept', 'their share of all signals'),
      numberColumn('total R', 'sum of the results, as a mean over the paths'),
      numberColumn('win rate', 'share with a result above 0'),
    ],
    rows,
    note: `All signals: ${meanRText(all.estimate)}${hasInterval(all) ? ` (${intervalText(all)})` : ''}. Paths share their data, so more paths do not narrow the intervals: they come from weeks. Of many thresholds some look good by chance. Drawings leave out thresholds with fewer than ${DRAWN_MIN} signals.`,
  };
}

const NO_SIGNAL = 'no signal';

function evCells(point: EvPoint, words: string): Cell[] {
  const { threshold, n, coverageFrac, ev, improvement, totalR, winRateFrac } = point;
  const isEmpty = !(n > 0);
  const why = isEmpty ? NO_SIGNAL : undefined;
  return [
    { ...figureCell(probabilityText, threshold), words },
    figureCell(rowsText, n),
    meanRCell(improvement.estimate, why),
    intervalCell(improvement, why),
    meanRCell(ev.estimate, why),
    intervalCell(ev, why),
    figureCell(shareText, coverageFrac),
    isEmpty ? missingCell(NO_SIGNAL) : figureCell(totalRText, totalR),
    figureCell(shareText, winRateFrac, why),
  ];
}

export function groupSection({ threshold }: ModelReportInput): Section {
  const { groups } = threshold;
  return {
    id: 'groups',
    title: 'Did it hold over time?',
    lead: 'The evidence for p*: each stretch of time is judged by a calibrator and a threshold that were fitted on all the others, without signals whose outcome overlaps. A gain that comes from one stretch alone is not worth much.',
    blocks:
      groups.length === 0
        ? [textBlock('There are no stretches of time to compare.')]
        : [groupChart(groups), groupTable(threshold)],
  };
}

type Group = ModelThreshold['groups'][number];

const periodText = ({ fromMs, toMs }: Group): string => `${dayText(fromMs)} to ${dayText(toMs)}`;

/** NaN where nothing was taken. */
export const gainOf = ({ evR, evAllR }: { readonly evR: number; readonly evAllR: number }): number => evR - evAllR;

function groupChart(groups: readonly Group[]): Block {
  const bars = groups.map((group) => {
    const gain = gainOf(group);
    const isKnown = Number.isFinite(gain);
    return {
      label: periodText(group),
      value: isKnown ? gain : 0,
      text: isKnown ? meanRText(gain) : '- (nothing taken)',
      tone: toneOf(gain),
    };
  });
  return {
    kind: 'chart',
    hasReadout: false,
    chart: barChart({
      id: 'group-gains',
      title: 'Gain over taking all, by stretch of time',
      description: bars.map(({ label, text }) => `${label} ${text}`).join(', '),
      bars,
    }),
  };
}

function groupTable({ groups, improvement }: ModelThreshold): TableBlock {
  const better = groups.filter((group) => gainOf(group) > 0).length;
  const compared = groups.filter((group) => Number.isFinite(gainOf(group))).length;
  const range = hasInterval(improvement) ? `, 95 % interval ${intervalText(improvement)}` : '';
  return {
    kind: 'table',
    id: 'group-table',
    caption: 'Stretches of time, each judged by the others',
    columns: [
      textColumn('stretch'),
      numberColumn('gain', 'mean R taken minus mean R of all'),
      numberColumn('taken', 'at or above that threshold, as a mean over the paths'),
      numberColumn('signals', 'with an outcome'),
      numberColumn('mean R taken'),
      numberColumn('mean R of all'),
      numberColumn('p* of the others', 'threshold that the other stretches chose'),
    ],
    rows: groups.map((group) => {
      const { fromMs, toMs, pstar, rows, n, evR, evAllR } = group;
      return [
        textCell(dayText(fromMs), `to ${dayText(toMs)}`),
        meanRCell(gainOf(group), 'nothing taken'),
        figureCell(rowsText, n),
        figureCell(rowsText, rows),
        meanRCell(evR, 'nothing taken'),
        meanRCell(evAllR, NO_SIGNAL),
        figureCell(probabilityText, pstar, 'none named: all taken'),
      ];
    }),
    note: `Better than taking all in ${rowsText(better)} of ${rowsText(compared)} ${compared === 1 ? 'stretch' : 'stretches'}. Together, weighted by their signals: ${meanRText(improvement.estimate)}${range}. The interval comes from weeks and holds the thresholds as they are; because the stretches share most of their teachers, it is somewhat too narrow.`,
  };
}
