/** Which values are good whatever the others are: one parameter at a time, and every pair as a heat map. */
import { medianOf } from '@donch/core';
import { axisPairs, type AxisPair } from '@donch/stats';
import {
  chartBlock,
  numberCell,
  numberColumn,
  resultCell,
  textBlock,
  textCell,
  textColumn,
  type Block,
  type Cell,
  type Chart,
  type Section,
  type TableBlock,
} from '../blocks.ts';
import { heatMap } from '../charts/heat-map.ts';
import { countText, percentText, meanText, signedText } from '../format/number-text.ts';
import { plural } from '../format/words.ts';
import type { SweepAxis, SweepReportInput } from './sweep-report-input.ts';
import { figureOf, placesOn, valueText, variedAxes } from './variant-rows.ts';

export function parameterSection(input: SweepReportInput): Section {
  const axes = variedAxes(input);
  const maps = heatMaps(input, axes);
  const shown = maps.slice(0, MAPS_MAX);
  const rest = maps.length - shown.length;
  const blocks: Block[] =
    axes.length === 0 ? [textBlock('Nothing was varied, so there is nothing to compare.')] : [marginTable(input, axes)];
  if (axes.length === 1) blocks.push(textBlock('Only one parameter was varied: a heat map needs two.'));
  return {
    id: 'parameters',
    title: 'Which parameters matter',
    lead: 'The median of the mean R over all variants that share a value, or a pair of values. A broad field of good cells is worth more than the best single cell. All variants count, the guarded ones too.',
    blocks: [
      ...blocks,
      ...shown.map(chartBlock),
      ...(rest > 0 ? [textBlock(`${countText(rest)} more pairs are not drawn.`)] : []),
    ],
  };
}

/** A page with more drawings is not read; nine varied parameters have this many pairs. */
const MAPS_MAX = 36;

function marginTable(input: SweepReportInput, axes: readonly SweepAxis[]): TableBlock {
  const meanR = figureOf(input, 'mean_r');
  const rows = axes.flatMap((axis) => {
    const places = placesOn(input, axis);
    return axis.values.map((value, place): Cell[] => {
      const found = Array.from(meanR).filter((result, row) => places[row] === place && !Number.isNaN(result));
      const median = found.length === 0 ? Number.NaN : medianOf(found);
      const share = found.length === 0 ? Number.NaN : found.filter((result) => result > 0).length / found.length;
      return [
        textCell(axis.key),
        textCell(valueText(value)),
        resultCell(meanText(median), median),
        numberCell(percentText(share), share),
        numberCell(countText(found.length), found.length),
      ];
    });
  });
  return {
    kind: 'table',
    id: 'margins',
    caption: 'One parameter at a time',
    columns: [
      textColumn('parameter'),
      textColumn('value'),
      numberColumn('median mean R', 'over all values of the other parameters'),
      numberColumn('above zero', 'share of these variants with a mean R above 0'),
      numberColumn('variants', 'with this value that have traded'),
    ],
    rows,
    note: '',
  };
}

function heatMaps(input: SweepReportInput, axes: readonly SweepAxis[]): Chart[] {
  const places = axes.map((axis) => placesOn(input, axis));
  const pairs = axisPairs({ places, metric: figureOf(input, 'mean_r') });
  // one scale for all, so that a colour means the same everywhere
  const scaleMax = pairs.reduce(
    (most, { median }) => median.reduce((known, value) => Math.max(known, Math.abs(value) || 0), most),
    0,
  );
  return pairs.map((pair) => pairMap(pair, axes, scaleMax));
}

function pairMap(
  { axes: [down, across], median, counts, rows, columns }: AxisPair,
  axes: readonly SweepAxis[],
  scaleMax: number,
): Chart {
  const names = (axis: number, count: number): string[] => axes[axis].values.slice(0, count).map(valueText);
  const [rowNames, columnNames] = [names(down, rows), names(across, columns)];
  const known = [...median.keys()].filter((k) => !Number.isNaN(median[k]));
  const best = known.reduce((most, k) => (most < 0 || median[k] > median[most] ? k : most), -1);
  const bestWords =
    best < 0
      ? ''
      : `; the best, ${rowNames[Math.floor(best / columns)]} and ${columnNames[best % columns]}, has ${meanText(median[best])}`;
  return heatMap({
    id: `heat-${down}-${across}`,
    title: `${axes[down].key} and ${axes[across].key}: mean R`,
    description: `Median of the mean R over all variants of each pair of values. ${plural(known.length, countText(known.length), 'cell')} of ${countText(median.length)} with a result${bestWords}.`,
    rows: { name: axes[down].key, labels: rowNames },
    columns: { name: axes[across].key, labels: columnNames },
    cells: Array.from(median, (value, k) => ({
      value,
      text: Number.isNaN(value) ? '' : signedText(value, 3),
      note: Number.isNaN(value) ? '' : `of ${countText(counts[k])}`,
    })),
    scaleMax,
    scaleText: meanText,
    missingName: 'no variant',
    bestName: 'best cell',
  });
}
