/** What is left of the best Sharpe ratio when everything that was tried counts. */
import type { MultipleTests, SelectionVerdict, TestFindings } from '@donch/stats';
import {
  factOf,
  numberCell,
  numberColumn,
  textBlock,
  textCell,
  textColumn,
  type Block,
  type Cell,
  type Fact,
  type Section,
} from '../blocks.ts';
import { countText, decimalText, ratioText, withUnit } from '../format/number-text.ts';
import { refusalWords } from '../format/refusal-words.ts';
import { chanceText, factOrRefusal, isRefused, pValueText, trialsText } from './figures.ts';
import type { FoundSelection } from './selection-sections.ts';

/** `subject`: what is judged, the winner of a sweep or a run. */
export function deflationSection({ verdict, leftOut, thresholds }: FoundSelection, subject: string): Section {
  return {
    id: 'deflation',
    title: 'What the search has used up',
    lead: 'The best of many is good by luck alone. How many were tried, what the best of so many would show without any skill, and what is left of the figure that was found.',
    blocks: [
      {
        kind: 'facts',
        facts: [...countFacts(verdict), ...sharpeFacts(verdict, subject), ...deflatedFacts(verdict, subject)],
      },
      ...uncounted(leftOut, thresholds),
      textBlock(
        `PSR judges ${subject} as if nothing else had ever been tried. DSR takes the search into account and is only as good as N: trials that are not in the ledger (other programs, ideas thrown away in the head) make it too kind. Neither says what the next year brings; both presume that days do not depend on each other.`,
        'plain',
        'What this does not mean.',
      ),
    ],
  };
}

function uncounted(leftOut: number, thresholds: number): Block[] {
  const texts = [
    ...(leftOut > 0
      ? [
          `${countText(leftOut)} trials have returns with gaps or of other days: they count in N and take no part in PBO, walk-forward, CPCV and SPA.`,
        ]
      : []),
    ...(thresholds > 0
      ? [
          `Searches for a p* looked at ${countText(thresholds)} thresholds on these data: they have no account, so they do not count in N, and still they are looks.`,
        ]
      : []),
  ];
  return texts.map((text) => textBlock(text));
}

function countFacts({ counts, deflation: { effective, spread } }: SelectionVerdict): Fact[] {
  return [
    factOf(
      'N, configurations',
      countText(counts.configurations),
      `ever evaluated on data that overlap this window, the discarded ones too; ${countText(counts.ledger)} on exactly this window`,
    ),
    factOrRefusal(effective, {
      label: 'effective N',
      value: ({ byClusters }) => trialsText(byClusters),
      words: isRefused(effective)
        ? 'how many independent trials they are worth'
        : `clusters of similar trials among ${countText(effective.measured)} with daily returns; by their average correlation (${ratioText(effective.averageCorrelation)}) ${trialsText(effective.byCorrelation)}, by the spectrum ${trialsText(effective.byEffectiveRank)}: each method is an opinion`,
    }),
    factOrRefusal(spread, {
      label: 'spread of the trials',
      value: ({ sharpeVariance }) => ratioText(Math.sqrt(sharpeVariance * 365)),
      words: 'standard deviation of the Sharpe ratios of all trials of this window, per year',
    }),
  ];
}

function sharpeFacts({ sharpe }: SelectionVerdict, subject: string): Fact[] {
  const of = <Found>(pick: (inference: Exclude<typeof sharpe, { kind: 'refused' }>) => Found) =>
    isRefused(sharpe) ? sharpe : pick(sharpe);
  return [
    factOrRefusal(sharpe, {
      label: 'Sharpe',
      value: ({ annualSharpe }) => ratioText(annualSharpe),
      words: `of ${subject}, daily returns, per year of 365 days`,
    }),
    factOrRefusal(
      of(({ psr }) => psr),
      {
        label: 'PSR',
        value: ({ probability }) => chanceText(probability),
        words:
          'probability that its true Sharpe ratio is above 0, if it had been the only one ever tried (formula of 2012)',
      },
    ),
    factOrRefusal(
      of(({ psr2026 }) => psr2026),
      {
        label: 'PSR (2026)',
        value: ({ probability }) => chanceText(probability),
        words: 'the revision of 2026: the same question, with days that depend on the day before',
      },
    ),
    factOrRefusal(
      of(({ minTrackRecord }) => minTrackRecord),
      {
        label: 'MinTRL',
        value: ({ observations }) => withUnit(countText(Math.ceil(observations)), 'days'),
        words:
          'least length of record that shows a Sharpe ratio above 0 with 95 %, if the figures stay as they are; the search is not counted',
      },
    ),
  ];
}

function deflatedFacts({ deflation }: SelectionVerdict, subject: string): Fact[] {
  const { dsr, dsrEffective, expectedMax, minBacktest } = deflation;
  return [
    factOrRefusal(expectedMax, {
      label: 'best of N by luck',
      value: ({ annualSharpe }) => ratioText(annualSharpe),
      words: 'Sharpe ratio that the best of N trials without any skill is expected to show, per year',
    }),
    factOrRefusal(dsr, {
      label: 'DSR',
      value: ({ probability }) => chanceText(probability),
      words: `probability that the true Sharpe ratio of ${subject} is above that; 95 % is the usual bar`,
      tone: ({ probability }) => (probability > 0.95 ? 'gain' : 'loss'),
    }),
    factOrRefusal(dsrEffective, {
      label: 'DSR, effective N',
      value: ({ probability }) => chanceText(probability),
      words: 'the kind reading, with the clusters as N; never to be quoted alone',
    }),
    factOrRefusal(minBacktest, {
      label: 'MinBTL',
      value: ({ years }) => withUnit(decimalText(years, 1), 'years'),
      words: 'with less data than this, N trials without skill are expected to show as much',
    }),
  ];
}

const ADJUSTMENTS: Readonly<Record<string, readonly [name: string, words: string]>> = {
  bonferroni: ['Bonferroni', 'chance of a single false finding below 5 %, whatever depends on whatever'],
  sidak: ['Sidak', 'the same, for independent tests'],
  holm: ['Holm', 'the same as Bonferroni, finds a little more'],
  benjamini_hochberg: ['Benjamini-Hochberg', 'share of false findings among the findings below 5 %, independent tests'],
  benjamini_yekutieli: ['Benjamini-Yekutieli', 'the same, whatever depends on whatever'],
};

export function multipleTestSection({ multipleTests: found }: SelectionVerdict, subject: string): Section {
  return {
    id: 'multiple-tests',
    title: 'All trials as tests',
    lead: 'Every trial is a test of "the true Sharpe ratio is above 0" (p = 1 - PSR). Of a hundred tests of nothing, five are significant at 5 %; corrections take that back. A cross-check of DSR, not a second proof.',
    blocks: isRefused(found) ? [textBlock(`Not computed: ${refusalWords(found)}.`)] : [testTable(found, subject)],
  };
}

function testTable({ tests, withoutPsr, level, plain, adjusted }: MultipleTests, subject: string): Block {
  const row = (name: string, words: string, { findings, chosenPValue }: TestFindings): Cell[] => [
    textCell(name, words),
    numberCell(countText(findings), findings),
    numberCell(pValueText(chosenPValue), chosenPValue),
  ];
  return {
    kind: 'table',
    id: 'tests',
    caption: `${countText(tests)} tests, level ${decimalText(level * 100, 0)} %`,
    columns: [
      textColumn('correction'),
      numberColumn('findings', 'trials whose Sharpe ratio counts as above 0'),
      numberColumn(`p of ${subject}`, 'how often nothing at all would look at least as good'),
    ],
    rows: [
      row('none', 'as if each had been the only one', plain),
      ...adjusted.map((one) => row(...(ADJUSTMENTS[one.adjustment] ?? [one.adjustment, '']), one)),
    ],
    note:
      withoutPsr === 0
        ? ''
        : `${countText(withoutPsr)} trials have no Sharpe ratio (they hardly ever traded, or on too few days): tests without a finding.`,
    isFixed: true,
  };
}
