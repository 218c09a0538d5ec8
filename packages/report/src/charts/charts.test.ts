import { DAY_MS } from '@donch/core';
import { histogram } from '@donch/stats';
import { array, assert, double, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Chart } from '../blocks.ts';
import { markupProblems } from '../testing/markup-problems.ts';
import { barChart } from './bar-chart.ts';
import { binsChart } from './bins-chart.ts';
import { heatMap } from './heat-map.ts';
import { binWidthR, histogramChart } from './histogram-chart.ts';
import { sampleRows, seriesChart } from './series-chart.ts';
import { standaloneSvg } from './svg.ts';
import { niceTicks, tickDigits, timeTicks } from './ticks.ts';
import { hasPoints, xyChart, type XySeries } from './xy-chart.ts';

const HOSTILE = `"><script>alert('x')</script>&`;
const START_MS = 19_723 * DAY_MS;

const charts = {
  line: (values: readonly number[]) =>
    seriesChart({
      id: 'line',
      title: HOSTILE,
      description: HOSTILE,
      timesMs: values.map((_, k) => START_MS + k * DAY_MS),
      values,
      form: 'line',
      tickText: String,
      unit: HOSTILE,
    }),
  depth: (values: readonly number[]) =>
    seriesChart({
      id: 'depth',
      title: 'Depth',
      description: 'd',
      timesMs: values.map((_, k) => START_MS + k * DAY_MS),
      values: values.map((value) => -Math.abs(value)),
      form: 'depth',
      tickText: String,
      unit: '%',
    }),
  histogram: (values: readonly number[]) =>
    histogramChart({ id: 'histogram', title: HOSTILE, description: HOSTILE, values }),
  bars: (values: readonly number[]) =>
    barChart({
      id: 'bars',
      title: HOSTILE,
      description: HOSTILE,
      bars: values.map((value) => ({ label: HOSTILE, value, text: String(value), tone: 'gain' })),
    }),
  bins: (values: readonly number[]) =>
    binsChart({
      id: 'bins',
      title: HOSTILE,
      description: HOSTILE,
      bins: histogram(values, 0.5),
      countUnit: HOSTILE,
      unit: HOSTILE,
      marks: [
        { x: -3, name: HOSTILE },
        { x: 9, name: HOSTILE },
      ],
    }),
  heat: (values: readonly number[]) => heatOf(values.slice(0, 90), HOSTILE, HOSTILE),
  xy: (values: readonly number[]) =>
    xyChart({
      id: 'xy',
      title: HOSTILE,
      description: HOSTILE,
      xUnit: HOSTILE,
      yUnit: HOSTILE,
      series: [
        {
          name: HOSTILE,
          form: 'first',
          points: values.map((y, x) => ({ x, y, low: x % 2 === 0 ? Number.NaN : y - 1, high: y + 1 })),
        },
        { name: '', form: 'second', points: values.map((y, x) => ({ x, y: Number.NaN, weight: y })) },
        { name: 'dots', form: 'many', points: values.map((y, x) => ({ x, y, weight: y })) },
      ],
      bandName: HOSTILE,
      level: { y: 0, name: HOSTILE },
      mark: { x: 1, name: HOSTILE },
    }),
};

/** Values beside each other in one row and missing ones in the next. */
function heatOf(values: readonly number[], text: string, name = 'key'): Chart {
  const cells = [...values, ...values.map(() => Number.NaN)].map((value) => ({ value, text, note: text }));
  return heatMap({
    id: 'heat',
    title: name,
    description: name,
    rows: { name, labels: [name, 'b'] },
    columns: { name, labels: values.map(String) },
    cells,
    scaleMax: values.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
    scaleText: String,
    missingName: name,
    bestName: name,
  });
}

describe.each(Object.entries(charts))('%s', (name, draw) => {
  const cases = [[1], [0, 0], [1, 1, 1], [-1.05, 3.9, 0], Array.from({ length: 5_000 }, (_, k) => Math.sin(k / 50))];
  it.each(cases.map((values) => ({ values, count: values.length })))(
    'is well-formed and without a missing number for $count values',
    ({ values }) => {
      const chart = draw(values);
      for (const svg of [chart.wide, chart.narrow, standaloneSvg(chart).trim()]) {
        expect(markupProblems(svg, true)).toEqual([]);
        expect(svg).not.toMatch(/NaN|Infinity|undefined|<script/);
      }
    },
  );

  it('names itself and carries no colour of its own', () => {
    const { id, wide } = draw([1, -2]);
    expect(id).toBe(name);
    expect(wide).toMatch(/role="img" aria-labelledby="(\S+)-w-t \1-w-d"/);
    expect(wide).not.toMatch(/style=|fill="|stroke="|#[0-9a-f]{6}/i);
  });
});

describe('heatMap', () => {
  const classes = (svg: string, name: string): number => svg.match(new RegExp(`class="${name}"`, 'g'))?.length ?? 0;

  it('has a cell with its text for every pair, hatches what is missing, and frames the best', () => {
    const { wide, narrow } = heatOf([0.1, 0.3, -0.2], '#');
    for (const svg of [wide, narrow]) {
      // the rest stands in the legend: ten shades, one hatched and one framed sample
      expect(classes(svg, 'c-cell')).toBe(6 + 10 + 1);
      expect(classes(svg, 'c-best')).toBe(1 + 1);
      expect(svg.match(/>#</g)).toHaveLength(6);
    }
    expect(classes(heatOf([1, 2], '#').wide, 'c-grid')).toBeGreaterThan(10);
  });

  it('colours by sign and by size against the scale', () => {
    // what follows the name of the last column are the cells
    const cells = heatOf([0.5, 0.1, 0, -0.5], '#').wide.split('>-0.5</text>').at(-1) ?? '';
    expect(cells.match(/c-(?:more|less)\d/g)).toEqual(['c-more5', 'c-more1', 'c-less5']);
  });

  it('goes on in a panel below where the columns do not fit', () => {
    const height = (svg: string): number => Number(/viewBox="0 0 \d+ (\d+)"/.exec(svg)?.[1]);
    const { wide, narrow } = heatOf(
      Array.from({ length: 12 }, (_, k) => k),
      '+0.123',
    );
    expect(height(narrow)).toBeGreaterThan(2 * height(wide) - 60);
    const xs = Array.from(narrow.matchAll(/<rect class="c-[a-z]+\d?" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"/g));
    expect(xs.length).toBeGreaterThan(24);
    for (const [, x, width] of xs) expect(Number(x) + Number(width)).toBeLessThanOrEqual(340);
  });
});

describe('xyChart', () => {
  const drawn = (series: XySeries, diagonal?: string): string =>
    xyChart({
      id: 'x',
      title: 't',
      description: 'd',
      xUnit: '',
      yUnit: '',
      series: [series],
      ...(diagonal !== undefined && { diagonal }),
    }).wide;
  const of = (ys: readonly number[], rest: Partial<XySeries['points'][number]> = {}): XySeries => ({
    name: 'line',
    form: 'first',
    points: ys.map((y, x) => ({ x, y, ...rest })),
  });
  const paths = (svg: string, name: string): number => svg.match(new RegExp(`<path class="${name}"`, 'g'))?.length ?? 0;

  it('breaks a line where there is nothing, and does not bridge it', () => {
    expect(paths(drawn(of([1, 2, 3, 4, 5])), 'c-line')).toBe(1);
    expect(paths(drawn(of([1, 2, Number.NaN, 4, 5])), 'c-line')).toBe(2);
    expect(paths(drawn(of([1, Number.POSITIVE_INFINITY, 3])), 'c-line')).toBe(2);
  });

  it('has room for whole intervals', () => {
    const svg = drawn({ name: 'line', form: 'first', points: [0, 1].map((x) => ({ x, y: 0, low: -8, high: 9 })) });
    const [, band = ''] = /<path class="c-band" d="M([^"]*)Z"/.exec(svg) ?? [];
    const ys = band.split('L').map((point) => Number(point.split(' ')[1]));
    expect(Math.min(...ys)).toBeGreaterThan(0);
    expect(Math.max(...ys)).toBeLessThan(300);
    expect(new Set(ys).size).toBe(2);
  });

  it('draws heavier dots larger, and none without weight', () => {
    const svg = drawn({ name: 'dots', form: 'first', points: [0, 25, 100].map((weight, x) => ({ x, y: x, weight })) });
    const radii = Array.from(svg.matchAll(/<circle class="c-dot" cx="[^"]*" cy="[^"]*" r="([^"]*)"/g), ([, r]) =>
      Number(r),
    );
    // the first is the sample beside the name
    expect(radii).toEqual([4, 5.5, 8.5]);
  });

  it('gives both axes one range where there is a diagonal', () => {
    const svg = drawn(
      {
        name: 'line',
        form: 'first',
        points: [
          { x: 10, y: 30 },
          { x: 20, y: 60 },
        ],
      },
      'right',
    );
    const ticks = Array.from(
      svg.matchAll(/text-anchor="(end|middle)">(\d+)</g),
      ([, anchor, text]) => `${anchor} ${text}`,
    );
    for (const value of [20, 40, 60])
      expect(ticks).toEqual(expect.arrayContaining([`end ${value}`, `middle ${value}`]));
  });

  it('says whether there is anything to draw', () => {
    expect(hasPoints([of([Number.NaN, 1])])).toBe(true);
    expect(hasPoints([of([Number.NaN, Number.NEGATIVE_INFINITY]), of([])])).toBe(false);
  });
});

describe('standaloneSvg', () => {
  it('is a whole drawing: colours, ground, size', () => {
    const svg = standaloneSvg(charts.bars([1, 2]));
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" viewBox="0 0 760 124" width="760" height="124"/);
    expect(svg).toContain('.c-gain{fill:#0b5cab}');
    expect(svg).toContain('<rect width="760" height="124" fill="#ffffff"/>');
  });
});

describe('sampleRows', () => {
  it('keeps both ends and both extremes, in order, with at most three rows a pixel', () => {
    const values = array(double({ min: -10, max: 10, noNaN: true }), { minLength: 1, maxLength: 2_000 });
    assert(
      property(values, integer({ min: 1, max: 100 }), (series, pixels) => {
        const rows = sampleRows(series, pixels);
        const shown = rows.map((row) => series[row]);
        expect([rows[0], rows.at(-1)]).toEqual([0, series.length - 1]);
        expect([Math.min(...shown), Math.max(...shown)]).toEqual([Math.min(...series), Math.max(...series)]);
        expect(rows.every((row, k) => k === 0 || row > rows[k - 1])).toBe(true);
        expect(rows.length).toBeLessThanOrEqual(Math.max(3 * pixels + 1, 3));
      }),
      { seed: 4, numRuns: 300 },
    );
  });
});

describe('binWidthR', () => {
  it.each([
    { values: [], width: 0.25 },
    { values: [-1, 4], width: 0.25 },
    { values: [-1, 15], width: 0.5 },
    { values: [-1, 60], width: 2 },
    { values: [-1, 1e6], width: 100 },
  ])('of $values is $width', ({ values, width }) => {
    expect(binWidthR(values)).toBe(width);
  });
});

describe('niceTicks', () => {
  it.each([
    { low: 0, high: 10, count: 5, ticks: [0, 2, 4, 6, 8, 10] },
    { low: -1.3, high: 4.2, count: 5, ticks: [0, 2, 4] },
    { low: 950, high: 1_360, count: 5, ticks: [1_000, 1_100, 1_200, 1_300] },
    { low: 5, high: 5, count: 5, ticks: [5] },
  ])('from $low to $high', ({ low, high, count, ticks }) => {
    expect(niceTicks(low, high, count)).toEqual(ticks);
  });

  it('lie inside, ascend, and differ in their digits', () => {
    const edge = double({ min: -1e6, max: 1e6, noNaN: true });
    assert(
      property(edge, double({ min: 1e-6, max: 1e6, noNaN: true }), integer({ min: 2, max: 10 }), (low, span, count) => {
        const ticks = niceTicks(low, low + span, count);
        expect(ticks.every((tick) => tick >= low - span * 1e-3 && tick <= low + span * 1.001)).toBe(true);
        expect(ticks.length).toBeLessThanOrEqual(count + 2);
        const texts = ticks.map((tick) => tick.toFixed(tickDigits(ticks)));
        expect(new Set(texts).size).toBe(ticks.length);
      }),
      { seed: 5, numRuns: 300 },
    );
  });
});

describe('timeTicks', () => {
  const texts = (days: number, count: number): string[] =>
    timeTicks(START_MS, START_MS + days * DAY_MS, count).map(({ text }) => text);

  it.each([
    { days: 0.5, count: 4, expected: ['01-01 00:00', '01-01 03:00', '01-01 06:00', '01-01 09:00', '01-01 12:00'] },
    { days: 3, count: 3, expected: ['01-01', '01-02', '01-03', '01-04'] },
    { days: 170, count: 6, expected: ['2024-01', '2024-02', '2024-03', '2024-04', '2024-05', '2024-06'] },
    { days: 730, count: 5, expected: ['2024-01', '2024-07', '2025-01', '2025-07'] },
  ])('of $days days are round instants of UTC', ({ days, count, expected }) => {
    expect(texts(days, count)).toEqual(expected);
  });
});
