/** What remains without the best trades, and without each symbol. */
import type { LeaveOutRefusal, LeftOut, Refusal, RunRobustness } from '@donch/stats';
import {
  numberCell,
  numberColumn,
  resultCell,
  textBlock,
  textCell,
  textColumn,
  type Block,
  type Cell,
} from '../blocks.ts';
import { countText, meanText, percentText, rText, usdText } from '../format/number-text.ts';
import { refusalWords } from '../format/refusal-words.ts';
import { plural } from '../format/words.ts';
import { isRefused } from '../selection/figures.ts';

/** For the section about what the result hangs on. */
export function leftOutBlocks({ withoutBest, decisiveTrades, withoutSymbol, trades }: RunRobustness): Block[] {
  const decisive = decisiveTrades.r;
  const words = isRefused(decisive)
    ? []
    : decisive.count === 0
      ? []
      : [
          textBlock(
            `Without the ${plural(decisive.count, countText(decisive.count), 'best trade')} in R (${percentText(decisive.countFrac)} of all) nothing was gained. Leaving the best out always lowers a result; the question is whether enough is left.`,
            'plain',
            'Decisive trades.',
          ),
        ];
  return [
    ...words,
    {
      kind: 'table',
      id: 'without-best',
      caption: 'Without the best trades',
      columns: COLUMNS,
      rows: withoutBest
        .filter(({ count }) => count < trades)
        .map(({ count, r, usd }) =>
          cells(textCell(count === 1 ? 'without the best trade' : `without the best ${countText(count)}`), r, usd),
        ),
      note: '',
      isFixed: true,
    },
    symbolTable(withoutSymbol),
  ];
}

const COLUMNS = [
  textColumn('left out'),
  numberColumn('trades', 'that remain'),
  numberColumn('mean R', 'of the trades that remain'),
  numberColumn('total R', 'sum of their results'),
  numberColumn('total USD', 'the best ones in USD left out, which may be other trades'),
];

type Rest = LeftOut | Refusal<LeaveOutRefusal>;

function cells(name: Cell, r: Rest, usd: Rest): Cell[] {
  if (isRefused(r))
    return [{ ...name, words: refusalWords(r) }, ...COLUMNS.slice(1).map(() => numberCell('none', Number.NaN))];
  const usdSum = isRefused(usd) ? Number.NaN : usd.restSum;
  return [
    name,
    numberCell(countText(r.rest.trades), r.rest.trades),
    resultCell(meanText(r.rest.expectancy), r.rest.expectancy),
    resultCell(rText(r.restSum), r.restSum),
    resultCell(usdText(usdSum), usdSum),
  ];
}

/** Rows of a page; the rest changes even less. */
const SYMBOLS_MAX = 10;

function symbolTable({ r, usd }: RunRobustness['withoutSymbol']): Block {
  if (isRefused(r)) return textBlock(`Leaving each symbol out: not computed, ${refusalWords(r)}.`);
  const inUsd = new Map(isRefused(usd) ? [] : usd.groups.map((group) => [group.group, group]));
  const shown = r.groups.slice(0, SYMBOLS_MAX);
  return {
    kind: 'table',
    id: 'without-symbol',
    caption:
      shown.length < r.groups.length ? `Without each of the ${shown.length} best symbols` : 'Without each symbol',
    columns: COLUMNS,
    rows: shown.map((group) => cells(textCell(`without ${group.group}`), group, inUsd.get(group.group) ?? group)),
    note: 'A result that is gone without one symbol is a story about that symbol.',
  };
}
