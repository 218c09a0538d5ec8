/** Choosing as time goes on: what one would have had who always held what had been best so far. */
import { DAY_MS, formatDay } from '@donch/core';
import type { SelectionVerdict, SelectionWalkForward } from '@donch/stats';
import {
  chartBlock,
  factOf,
  numberCell,
  numberColumn,
  resultCell,
  textBlock,
  textCell,
  textColumn,
  toneOf,
  type Block,
  type Cell,
  type Fact,
  type Section,
  type TableBlock,
} from '../blocks.ts';
import { overlayChart } from '../charts/overlay-chart.ts';
import { changeText, countText, decimalText, percentText, ratioText } from '../format/number-text.ts';
import { refusalWords } from '../format/refusal-words.ts';
import { plural } from '../format/words.ts';
import { factOrRefusal, isRefused } from './figures.ts';

export function walkForwardSection({ walkForward }: SelectionVerdict): Section {
  const both = [walkForward.rolling, walkForward.expanding];
  const found = both.filter((one) => !isRefused(one));
  const refused = both.flatMap((one, k) =>
    isRefused(one) ? [textBlock(`${k === 0 ? 'Rolling' : 'Expanding'}: not computed, ${refusalWords(one)}.`)] : [],
  );
  return {
    id: 'walk-forward',
    title: 'Choosing as time goes on',
    lead: 'At each step the trial that was best so far is chosen and held over the next days, which took no part in the choice. Rolling looks back over a window of fixed length, expanding over everything before.',
    blocks: [...(found.length === 0 ? [] : foundBlocks(found)), ...refused],
  };
}

function foundBlocks(found: readonly SelectionWalkForward[]): Block[] {
  return [
    chartBlock(stitchedChart(found)),
    ...found.map((one): Block => ({ kind: 'facts', facts: factsOf(one) })),
    ...found.map(stepTable),
    textBlock(
      'The grid itself was written by somebody who had seen these years; only the choice among its variants is out of sample here. Steps share most of their training days, so they are not as many independent proofs.',
      'plain',
      'What this does not mean.',
    ),
  ];
}

function stitchedChart(found: readonly SelectionWalkForward[]): ReturnType<typeof overlayChart> {
  const series = found.map(({ form, firstDayMs, equity }) => ({
    name: form,
    timesMs: Float64Array.from(equity, (_, day) => firstDayMs + day * DAY_MS),
    values: equity,
  }));
  const ends = found.map(({ form, equity }) => `${form} ${changeText(equity[equity.length - 1] - 1)}`).join(', ');
  return overlayChart({
    id: 'walk-forward-equity',
    title: 'Out of sample, the steps behind each other',
    description: `Growth of 1 over the days that took no part in any choice: ${ends}.`,
    series,
    level: 1,
    tickText: (value) => decimalText(value, 2),
    unit: 'start = 1',
    plotHeight: 220,
  });
}

function factsOf({
  form,
  efficiency,
  inSample,
  outOfSample,
  steps,
  distinctChosen,
  equity,
}: SelectionWalkForward): Fact[] {
  const change = equity[equity.length - 1] - 1;
  return [
    factOf(
      `${form}: out of sample`,
      changeText(change),
      `over ${countText(steps.length)} steps; ${countText(distinctChosen)} different trials were chosen`,
      toneOf(change),
    ),
    factOrRefusal(efficiency, {
      label: `${form}: WF efficiency`,
      value: ({ ratio }) => ratioText(ratio),
      words:
        'mean daily return out of sample / in sample: 1 = nothing was lost, below 0.5 most of what was seen was luck',
      tone: ({ ratio }) => toneOf(ratio),
    }),
    factOf(
      `${form}: Sharpe`,
      ratioText(outOfSample.annualSharpe),
      `out of sample, mean of the steps; in sample it was ${ratioText(inSample.annualSharpe)}`,
    ),
  ];
}

function stepTable({ form, steps, trainDays, testDays, embargoDays }: SelectionWalkForward): TableBlock {
  return {
    kind: 'table',
    id: `steps-${form}`,
    caption: `Steps, ${form}`,
    columns: [
      textColumn('held from', 'first day of the step (UTC)'),
      textColumn('chosen', 'trial with the highest Sharpe ratio on the days before'),
      numberColumn('Sharpe before', 'where it was chosen, per year'),
      numberColumn('Sharpe after', 'on the days of the step, per year; few days, so it jumps'),
      numberColumn('return after', 'mean daily return of the step x 365'),
    ],
    rows: steps.map(({ testFromMs, testToMs, chosenTag, chosenId, inSample, outOfSample }): Cell[] => [
      textCell(formatDay(testFromMs), `to ${formatDay(testToMs - DAY_MS)}`),
      textCell(chosenTag === '' ? chosenId.slice(0, 8) : chosenTag),
      numberCell(ratioText(inSample.annualSharpe), inSample.annualSharpe),
      numberCell(ratioText(outOfSample.annualSharpe), outOfSample.annualSharpe),
      resultCell(percentText(outOfSample.annualReturnFrac), outOfSample.annualReturnFrac),
    ]),
    note: `${form === 'rolling' ? 'Chosen on' : 'First chosen on'} ${countText(trainDays)} days, held for ${countText(testDays)}; ${plural(embargoDays, countText(embargoDays), 'day')} between them left out.`,
  };
}
