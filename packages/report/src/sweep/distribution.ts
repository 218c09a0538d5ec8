/** All variants at once: how their Sharpe ratios spread, and where the best one stands against what luck would show. */
import { histogram } from '@donch/stats';
import { chartBlock, textBlock, type Block, type Section } from '../blocks.ts';
import { binsChart } from '../charts/bins-chart.ts';
import { overlayChart } from '../charts/overlay-chart.ts';
import { amountText, countText, decimalText, percentText, ratioText } from '../format/number-text.ts';
import { isRefused } from '../selection/figures.ts';
import { binWidth } from '../selection/paths.ts';
import type { SweepReportInput } from './sweep-report-input.ts';
import { bestRow, figureOf, textOf } from './variant-rows.ts';

export function sharpeSection(input: SweepReportInput): Section {
  return {
    id: 'sharpes',
    title: 'All variants at once',
    lead: 'How the Sharpe ratios of all variants spread. Where most lie below zero, the best is the tip of noise; the second line is what the best of all trials would show without any skill.',
    blocks: sharpeBlocks(input),
  };
}

function sharpeBlocks(input: SweepReportInput): Block[] {
  const all = figureOf(input, 'daily_sharpe');
  const known = all.filter((value) => Number.isFinite(value));
  const without = all.length - known.length;
  const note =
    without === 0
      ? []
      : [textBlock(`${countText(without)} variants have no Sharpe ratio: no trades, or returns that do not vary.`)];
  if (known.length === 0) return note;
  const best = bestRow(input);
  const { selection } = input;
  const expected = selection.kind === 'selection' ? selection.verdict.deflation.expectedMax : null;
  const luck = expected === null || isRefused(expected) ? null : expected;
  const bestSharpe = best < 0 ? Number.NaN : all[best];
  const marks = [
    ...(Number.isFinite(bestSharpe) ? [{ x: bestSharpe, name: `the best variant ${ratioText(bestSharpe)}` }] : []),
    ...(luck === null
      ? []
      : [{ x: luck.annualSharpe, name: `best of ${countText(luck.trials)} by luck ${ratioText(luck.annualSharpe)}` }]),
  ];
  const positive = known.filter((value) => value > 0).length / known.length;
  return [
    chartBlock(
      binsChart({
        id: 'sharpe-distribution',
        title: 'Sharpe ratios of all variants',
        description: `${countText(known.length)} variants, ${percentText(positive)} above 0. ${marks.map(({ name }) => name).join('; ')}.`,
        bins: histogram(known, binWidth(known)),
        countUnit: 'variants',
        unit: 'Sharpe ratio per year',
        marks,
      }),
    ),
    ...note,
  ];
}

/** As many as there are lines that can be told apart. */
const CURVES_MAX = 5;

export function bestCurveSection(input: SweepReportInput): Section {
  const ids = textOf(input, 'variant_id');
  const tags = textOf(input, 'tag');
  const drawn = input.curves.filter(({ equityUsd }) => equityUsd.length > 0).slice(0, CURVES_MAX);
  const series = drawn.map(({ variantId, timesMs, equityUsd }) => ({
    name: tags[ids.indexOf(variantId)] ?? variantId,
    timesMs,
    values: equityUsd,
  }));
  const ends = series.map(({ name, values }) => `${name} ${amountText(values[values.length - 1])}`).join(', ');
  return {
    id: 'curves',
    title: 'The best few over time',
    lead: 'Accounts of the best variants, marked at the ends of days. They were chosen after the fact on these very days; curves that move together are one bet, not several.',
    blocks:
      series.length === 0
        ? [textBlock('There is no curve to draw.')]
        : [
            chartBlock(
              overlayChart({
                id: 'best-curves',
                title: 'Equity of the best variants',
                description: `Equity in USD. At the end: ${ends}. The dashed line is the starting capital.`,
                series,
                level: series[0].values[0],
                tickText: (value) => decimalText(value, 0),
                unit: 'USD',
                plotHeight: 240,
              }),
            ),
          ],
  };
}
