/** What `donch ev` says: figures for programs, lines for people, the table for notebooks. */
import { grouped, textTable } from '@donch/cli';
import { formatDay, type Column, type Table } from '@donch/core';
import type { EvCurve, ThresholdChoice } from '@donch/meta';
import type { EvJudgement, EvPoint, Judged } from './ev-judge.ts';
import { banded, evTable } from './ev-table.ts';
import { noThresholdText } from './model-figures.ts';

/** `ev_curve.csv`; the traded signals stand behind all of them. */
export function evCurveTable({ all, traded }: EvJudgement): Table {
  const table = evTable(all.curve);
  if (traded === null) return table;
  const columns = new Map(table.columns);
  const add = (name: string, of: (point: EvPoint) => number): void => {
    const column: Column = { type: 'float', values: Float64Array.from(traded.curve.points, of) };
    columns.set(`traded_${name}`, column);
  };
  add('n', ({ n }) => n);
  add('ev_R', ({ evR }) => evR);
  add('ev_R_low', (point) => evBand(point).low);
  add('ev_R_high', (point) => evBand(point).high);
  add('improvement_R', (point) => improvementBand(point, traded.curve).estimate);
  add('improvement_R_low', (point) => improvementBand(point, traded.curve).low);
  add('improvement_R_high', (point) => improvementBand(point, traded.curve).high);
  return { ...table, columns };
}

export const evBand = (point: Pick<EvPoint, 'ev' | 'evR'>): ReturnType<typeof banded> => banded(point.ev, point.evR);

const improvementBand = (point: EvPoint, { all }: EvCurve): ReturnType<typeof banded> =>
  banded(point.improvement, point.evR - all.evR);

/** One kind of signals in the document of the command. */
export function judgedDocument({ rows, paths, curve, choice, atPstar }: Judged): Readonly<Record<string, unknown>> {
  const { evidence } = choice;
  const improvement = banded(evidence.improvement, evidence.improvementR);
  const all = evBand(curve.all);
  return {
    rows,
    paths,
    evR: all.estimate,
    evLowR: all.low,
    evHighR: all.high,
    points: curve.points.map((point) => pointDocument(point, curve)),
    chosenPstar: choice.kind === 'named' ? choice.pstar : null,
    reason: choice.kind === 'none' ? noThresholdText(choice) : null,
    calibrator: choice.calibrator.kind,
    improvementR: improvement.estimate,
    improvementLowR: improvement.low,
    improvementHighR: improvement.high,
    crossFittedN: evidence.n,
    crossFittedCoverageFrac: evidence.coverageFrac,
    crossFittedEvR: evidence.evR,
    inSampleImprovementR: evidence.inSampleImprovementR,
    groups: evidence.groups.map(({ fromMs, toMs, pstar, rows: groupRows, n, evR, evAllR }) => ({
      fromMs,
      toMs,
      pstar,
      rows: groupRows,
      n,
      evR,
      evAllR,
    })),
    atPstar:
      atPstar === null
        ? null
        : { ...pointDocument(atPstar, curve), groupEvR: atPstar.groupEvR, pathEvR: atPstar.pathEvR },
  };
}

function pointDocument(point: EvPoint, curve: EvCurve): Readonly<Record<string, unknown>> {
  const [ev, improvement] = [evBand(point), improvementBand(point, curve)];
  return {
    threshold: point.threshold,
    n: point.n,
    coverageFrac: point.coverageFrac,
    evR: ev.estimate,
    evLowR: ev.low,
    evHighR: ev.high,
    totalR: point.totalR,
    winRateFrac: point.winRateFrac,
    improvementR: improvement.estimate,
    improvementLowR: improvement.low,
    improvementHighR: improvement.high,
  };
}

/** Everything for people. */
export function evLines(judgement: EvJudgement, userPstar: number | null): string[] {
  const { all, traded, pstar } = judgement;
  return [
    ...curveLines(judgement),
    '',
    ...choiceLines(all, traded === null ? '' : 'all signals: '),
    ...groupLines(all.choice),
    ...(userPstar === null ? [] : [`your p*           ${thresholdText(userPstar)}`]),
    ...atPstarLines(all, pstar, userPstar !== null),
    ...(traded === null ? [] : ['', ...choiceLines(traded, 'traded signals: '), ...tradedLines(traded)]),
  ];
}

/** Beyond the first curve, what the traded signals bring at the same thresholds. */
function curveLines({ all, traded }: EvJudgement): string[] {
  const right = (title: string) => ({ title, align: 'right' }) as const;
  const columns = ['p >=', 'n', 'coverage', 'EV R', '95 %', 'EV - all', '95 %'].map(right);
  const rows = all.curve.points.map((point, k) => [
    ...pointCells(point, all.curve),
    ...(traded === null ? [] : tradedCells(traded.curve.points[k])),
  ]);
  const first = [
    'all',
    count(all.curve.all.n),
    percent(1),
    ...bandCells(evBand(all.curve.all)),
    '',
    '',
    ...(traded === null ? [] : tradedCells(traded.curve.all)),
  ];
  return textTable([...columns, ...(traded === null ? [] : ['traded n', 'EV R', '95 %'].map(right))], [first, ...rows]);
}

const pointCells = (point: EvPoint, curve: EvCurve): string[] => [
  thresholdText(point.threshold),
  count(point.n),
  percent(point.coverageFrac),
  ...bandCells(evBand(point)),
  ...bandCells(improvementBand(point, curve)),
];

const tradedCells = (point: Pick<EvPoint, 'n' | 'ev' | 'evR'>): string[] => [
  count(point.n),
  ...bandCells(evBand(point)),
];

const bandCells = ({ estimate, low, high }: ReturnType<typeof banded>): [string, string] => [
  signed(estimate),
  bandText(low, high),
];

const bandText = (low: number, high: number): string => (Number.isNaN(low) ? '-' : `${signed(low)} to ${signed(high)}`);

const THRESHOLD_DIGITS = 4;
const thresholdText = (p: number): string => (p === Number(p.toFixed(2)) ? p.toFixed(2) : p.toFixed(THRESHOLD_DIGITS));

/** n is a mean over the paths. */
const count = (n: number): string => (n < 10 && n % 1 !== 0 ? n.toFixed(1) : grouped(Math.round(n)));
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const signed = (r: number): string => (Number.isNaN(r) ? '-' : `${r < 0 ? '' : '+'}${r.toFixed(3)}`);

function choiceLines({ choice }: Judged, whose: string): string[] {
  const { evidence } = choice;
  const improvement = banded(evidence.improvement, evidence.improvementR);
  const found = choice.kind === 'named' ? choice.pstar.toFixed(THRESHOLD_DIGITS) : `none: ${noThresholdText(choice)}`;
  return [
    `p*                ${whose}${found}`,
    `cross-fitted      EV(p >= p*) - EV(all) ${signed(improvement.estimate)} R, ${bandText(improvement.low, improvement.high)} (95 %); EV ${signed(evidence.evR)} R of ${count(evidence.n)} signals (${percent(evidence.coverageFrac)}), all ${signed(evidence.evAllR)} R`,
    ...(Number.isNaN(evidence.inSampleImprovementR)
      ? []
      : [
          `naive, in sample  ${signed(evidence.inSampleImprovementR)} R: read on the rows on which p* was chosen, no evidence`,
        ]),
  ];
}

function groupLines({ evidence }: ThresholdChoice): string[] {
  const right = (title: string) => ({ title, align: 'right' }) as const;
  const rows = evidence.groups.map(({ fromMs, toMs, pstar, n, evR, evAllR }) => [
    `${formatDay(fromMs)} to ${formatDay(toMs)}`,
    Number.isNaN(pstar) ? 'none' : pstar.toFixed(THRESHOLD_DIGITS),
    count(n),
    signed(evR),
    signed(evAllR),
  ]);
  const columns = [{ title: 'judged by the others' }, ...['their p*', 'n', 'EV R', 'all R'].map(right)];
  return ['', ...textTable(columns, rows)];
}

function atPstarLines({ atPstar }: Judged, pstar: number, isUser: boolean): string[] {
  if (atPstar === null) return [];
  const each = (values: readonly number[]): string => values.map(signed).join(' ');
  return [
    '',
    `at p* ${thresholdText(pstar)}${isUser ? ' (yours)' : ' (in sample)'}: EV ${signed(atPstar.evR)} R of ${count(atPstar.n)} signals`,
    `  by group of time  ${each(atPstar.groupEvR)}`,
    ...(atPstar.pathEvR.length > 1 ? [`  by path           ${each(atPstar.pathEvR)}`] : []),
  ];
}

function tradedLines({ atPstar, curve }: Judged): string[] {
  if (atPstar === null) return [];
  return [
    `at p* of all      EV ${signed(atPstar.evR)} R of ${count(atPstar.n)} traded signals, ${signed(curve.all.evR)} R of all ${count(curve.all.n)}`,
  ];
}
