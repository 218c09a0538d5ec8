/** Equity and drawdown of compared runs over each other. */
import { formatDay, numbersOf } from '@donch/core';
import { underwaterFrac } from '@donch/stats';
import { textBlock, type Block, type Section } from '../blocks.ts';
import { overlayChart, type OverlaySeries } from '../charts/overlay-chart.ts';
import { decimalText } from '../format/number-text.ts';
import type { RunComparison } from './compare-runs.ts';
import { labelOf, type ComparedRun } from './compared-run.ts';

const CURVE_HEIGHT = 210;
const DEPTH_HEIGHT = 130;

export function curveSection({ runs, commonWindow }: RunComparison): Section {
  const curves = runs.map(curveOf);
  const depths = curves.map((curve) => ({
    ...curve,
    values: underwaterFrac(curve.values).map((depth) => depth * 100),
  }));
  const names = curves.map(({ name }) => name).join(', ');
  const deepest = depths
    .map(
      ({ name, values }) =>
        `${name} ${decimalText(
          values.reduce((a, b) => Math.min(a, b), 0),
          1,
        )} %`,
    )
    .join(', ');
  const ends = curves.map(({ name, values }) => `${name} ${decimalText(values[values.length - 1], 2)} USD`).join(', ');
  return {
    id: 'curves',
    title: 'Equity and drawdown',
    lead: 'Each account with its open positions at their present price, on one axis of time.',
    blocks: [
      {
        kind: 'chart',
        hasReadout: false,
        chart: overlayChart({
          id: 'equity',
          title: 'Equity',
          description: `Equity of ${names} in USD. At the end: ${ends}. The dashed line is the starting capital of A.`,
          series: curves,
          level: curves[0].values[0],
          tickText: (value) => decimalText(value, 0),
          unit: 'USD',
          plotHeight: CURVE_HEIGHT,
        }),
      },
      ...normalised(curves, commonWindow),
      {
        kind: 'chart',
        hasReadout: false,
        chart: overlayChart({
          id: 'underwater',
          title: 'Under water',
          description: `Distance below the highest equity before. At the deepest: ${deepest}.`,
          series: depths,
          level: 0,
          tickText: (value) => decimalText(value, 0),
          unit: '% below the peak',
          plotHeight: DEPTH_HEIGHT,
        }),
      },
    ],
  };
}

type Curve = OverlaySeries & { readonly values: Float64Array; readonly timesMs: Float64Array };

function curveOf({ equity }: ComparedRun, position: number): Curve {
  const values = Float64Array.from(numbersOf(equity, 'equity_usd'));
  return { name: labelOf(position), timesMs: Float64Array.from(numbersOf(equity, 'time')), values };
}

/** Growth of 100 over the time that all have. */
function normalised(curves: readonly Curve[], window: RunComparison['commonWindow']): Block[] {
  if (window === null) {
    return [textBlock('The windows have no time in common, so the curves cannot be set against each other.')];
  }
  const series = curves.map((curve) => growthOf(curve, window));
  const period = `${formatDay(window.fromMs)} to ${formatDay(window.toMs)}`;
  const ends = series.map(({ name, values }) => `${name} ${decimalText(values[values.length - 1], 1)}`).join(', ');
  return [
    {
      kind: 'chart',
      hasReadout: false,
      chart: overlayChart({
        id: 'growth',
        title: `Growth of 100 over the common window, ${period}`,
        description: `Each equity divided by its value at the start of the common window, ${period}. At the end: ${ends}.`,
        series,
        level: 100,
        tickText: (value) => decimalText(value, 0),
        unit: 'start = 100',
        plotHeight: CURVE_HEIGHT,
      }),
    },
  ];
}

function growthOf(
  { name, timesMs, values }: Curve,
  { fromMs, toMs }: NonNullable<RunComparison['commonWindow']>,
): Curve {
  const start = Math.max(
    timesMs.findLastIndex((timeMs) => timeMs <= fromMs),
    0,
  );
  const end = timesMs.findLastIndex((timeMs) => timeMs <= toMs) + 1;
  const inside = values.subarray(start, end);
  return { name, timesMs: timesMs.subarray(start, end), values: inside.map((value) => (value / inside[0]) * 100) };
}
