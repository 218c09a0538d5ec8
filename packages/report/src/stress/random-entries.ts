/** The positions of a run at random times. */
import { histogram, type Refusal } from '@donch/stats';
import { chartBlock, factOf, textBlock, type Block } from '../blocks.ts';
import { binsChart } from '../charts/bins-chart.ts';
import { changeText, countText, ratioText } from '../format/number-text.ts';
import { refusalWords } from '../format/refusal-words.ts';
import { isRefused, pValueText } from '../selection/figures.ts';
import type { RandomEntries } from './stress-input.ts';

export function randomEntryBlocks(found: RandomEntries | Refusal<string>): Block[] {
  if (isRefused(found)) return [textBlock(`Random entries: not simulated, ${refusalWords(found)}.`)];
  const { draws, positions, runTotalReturnFrac, runDailySharpe, totalReturnFrac, dailySharpe } = found;
  return [
    {
      kind: 'facts',
      facts: [
        factOf(
          'p, total return',
          pValueText(found.totalReturnP),
          `share of random timings at least as good as the run (${changeText(runTotalReturnFrac)}); below 0.05 the timing is more than chance explains`,
        ),
        factOf(
          'p, Sharpe',
          pValueText(found.dailySharpeP),
          `the same for the Sharpe ratio (${ratioText(runDailySharpe)}; random median ${ratioText(dailySharpe.median)})`,
        ),
        factOf(
          'random median',
          changeText(totalReturnFrac.median),
          `total return; 90 % lie between ${changeText(totalReturnFrac.p05)} and ${changeText(totalReturnFrac.p95)}`,
        ),
      ],
    },
    ...drawing(found),
    textBlock(
      `${countText(draws)} draws of the ${countText(positions)} positions: same instruments, sides, holding times, sizes and costs, only the times of the entries are chance. A small p does not count how many configurations were tried before this one, and a rising market lifts random longs too.`,
      'plain',
      'What this does not mean.',
    ),
  ];
}

function drawing({ totalReturnFrac, runTotalReturnFrac, draws }: RandomEntries): Block[] {
  const values = totalReturnFrac.values.filter(Number.isFinite).map((value) => value * 100);
  if (values.length === 0) return [];
  return [
    chartBlock(
      binsChart({
        id: 'random-entries',
        title: 'Total return of random timings',
        description: `${countText(draws)} draws, median ${changeText(totalReturnFrac.median)}; the run made ${changeText(runTotalReturnFrac)}.`,
        bins: histogram(values, widthOf(values)),
        countUnit: 'draws',
        unit: 'total return, %',
        marks: [
          { x: runTotalReturnFrac * 100, name: `the run ${changeText(runTotalReturnFrac)}` },
          { x: totalReturnFrac.median * 100, name: `random median ${changeText(totalReturnFrac.median)}` },
        ],
      }),
    ),
  ];
}

const BINS_MAX = 40;

/** The narrowest round width with which the values and 0 fit into 40 bars. */
function widthOf(values: Float64Array): number {
  const span = values.reduce((a, b) => Math.max(a, b), 0) - values.reduce((a, b) => Math.min(a, b), 0);
  const power = 10 ** Math.floor(Math.log10(span / BINS_MAX || 1));
  const factor = [1, 2, 5, 10].find((one) => span / (one * power) <= BINS_MAX) ?? 10;
  return factor * power;
}
