/** A comparison as a page: what differs in the results, whether it could be chance, and what differs in the causes. */
import { civilFromMs, formatDay, numbersOf } from '@donch/core';
import { monthlyReturns } from '@donch/stats';
import {
  numberCell,
  numberColumn,
  resultCell,
  textBlock,
  textCell,
  textColumn,
  toneOf,
  type Fact,
  type Section,
} from '../blocks.ts';
import { changeText, countText, meanText } from '../format/number-text.ts';
import { plural } from '../format/words.ts';
import type { PageReport } from '../report.ts';
import { curveSection } from './compare-curves.ts';
import type { RunComparison } from './compare-runs.ts';
import { differenceTable, figureTable, pairTable, strategyNames, tradeGroupTable } from './compare-tables.ts';
import { pairSentence, setupNotes } from './compare-words.ts';
import { labelOf, type ComparedRun } from './compared-run.ts';

/** The page as plain data. */
export function buildCompareReport(comparison: RunComparison): PageReport {
  const { runs } = comparison;
  return {
    title: titleOf(runs),
    subtitle: runs.map(({ id }, k) => `${labelOf(k)}: ${id}`).join(', '),
    sections: [
      verdictSection(comparison),
      {
        id: 'side-by-side',
        title: 'Side by side',
        lead: 'The figures of each run, as it has told them itself.',
        blocks: [figureTable(comparison)],
      },
      pairSection(comparison),
      curveSection(comparison),
      monthSection(comparison),
      differenceSection(comparison),
      glossarySection(),
    ],
  };
}

function titleOf(runs: readonly ComparedRun[]): string {
  const names = new Set(runs.map(strategyNames));
  const what = [...names].join(' against ');
  return names.size === runs.length ? what : `${what}: ${countText(runs.length)} runs side by side`;
}

function verdictSection(comparison: RunComparison): Section {
  const { warnings, pairs } = comparison;
  return {
    id: 'verdict',
    title: 'In plain words',
    lead: '',
    blocks: [
      ...pairs.map(pairSentence),
      ...warnings.map((text) => textBlock(text, 'loss')),
      { kind: 'facts', facts: comparison.runs.map(runFact) },
    ],
  };
}

/** The run as a card: what it made, and which one it is. */
function runFact(run: ComparedRun, position: number): Fact {
  const { trades, meanR, startMs, endMs, interval } = run.figures;
  const made = plural(trades, countText(trades), 'trade');
  return {
    label: `${labelOf(position)}: ${strategyNames(run)}`,
    value: meanText(meanR ?? Number.NaN),
    tone: toneOf(meanR ?? 0),
    words: `per trade on average; ${made}, ${formatDay(startMs)} to ${formatDay(endMs)}, ${interval} bars; ${run.id}`,
  };
}

function pairSection(comparison: RunComparison): Section {
  const notes = setupNotes(comparison);
  return {
    id: 'difference',
    title: 'Where the difference comes from',
    lead: 'The same signals traded in another way, or other trades. What a run has in total is the sum of its two rows.',
    blocks: [pairTable(comparison), tradeGroupTable(comparison), ...notes.map((text) => textBlock(text))],
  };
}

function monthSection({ runs }: RunComparison): Section {
  const returns = runs.map(({ equity }) => {
    const months = monthlyReturns(numbersOf(equity, 'time'), numbersOf(equity, 'equity_usd'));
    return new Map(Array.from(months.monthStartMs, (startMs, k) => [startMs, months.returns[k]]));
  });
  const starts = Array.from(new Set(returns.flatMap((map) => [...map.keys()]))).sort((a, b) => a - b);
  return {
    id: 'monthly',
    title: 'Month by month',
    lead: 'When each made and lost money.',
    blocks: [
      {
        kind: 'table',
        id: 'months',
        caption: 'Return per month, of the equity at the start of the month',
        columns: [textColumn('month'), ...runs.map((_, k) => numberColumn(labelOf(k)))],
        rows: starts.map((startMs) => {
          const { year, month } = civilFromMs(startMs);
          const cells = returns.map((map) => {
            const value = map.get(startMs);
            return value === undefined ? numberCell('·', Number.NaN) : resultCell(changeText(value), value);
          });
          return [textCell(`${year}-${String(month).padStart(2, '0')}`), ...cells];
        }),
        note: 'Marked to market, after all costs. The first and the last month of a run may be cut. A dot is a month outside of the run.',
      },
    ],
  };
}

function differenceSection(comparison: RunComparison): Section {
  const { differences } = comparison;
  return {
    id: 'settings',
    title: 'What differs',
    lead: 'Settings, strategy, universe, data and program of the runs, where they are not the same.',
    blocks: [
      differences.length === 0
        ? textBlock(
            'Nothing differs but the window and the signals: settings, strategy, universe, data and program are the same.',
          )
        : differenceTable(comparison),
    ],
  };
}

const WORDS: readonly (readonly [string, string])[] = [
  [
    'R',
    'the planned risk of a trade: quantity x distance from the price at the decision to the initial stop. With another stop one R is another move of the price.',
  ],
  [
    '95 % interval of a difference',
    'range in which the true difference plausibly lies. Both runs share the weeks of the market, so whole weeks are drawn again and again, the same ones for both. Below 12 weeks with trades in either run there is none.',
  ],
  [
    'common trades',
    'trades of the same signal in both runs. Their difference is what exits, sizes and costs did to the same entries; other entries play no part in it.',
  ],
  [
    'selection',
    'the best of many runs is partly the luckiest. How many were tried has to be counted to know what is left; this page compares, it does not count.',
  ],
  ['none', 'the number does not exist here. It is not zero.'],
];

function glossarySection(): Section {
  return { id: 'glossary', title: 'Words', lead: '', blocks: [{ kind: 'glossary', words: WORDS }] };
}
