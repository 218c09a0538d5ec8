/** How sure the headline figures of a run are: each with the interval that its own way of chance gives. */
import { createPrng } from '@donch/core';
import {
  annualisedSharpe,
  clusterBootstrap,
  profitFactor,
  winRateFrac,
  type Refusal,
  type RunRobustness,
} from '@donch/stats';
import { numberCell, numberColumn, textCell, textColumn, type Block, type Cell } from '../blocks.ts';
import { changeText, meanText, percentText, ratioText } from '../format/number-text.ts';
import { refusalWords } from '../format/refusal-words.ts';
import type { ReportInput } from '../report-input.ts';
import { meanInterval } from '../sections/groups.ts';
import { isRefused } from '../selection/figures.ts';
import { tradeSet } from '../trade-columns.ts';

interface Range {
  readonly kind: 'interval';
  readonly low: number;
  readonly high: number;
}

interface Headline {
  readonly name: string;
  readonly estimate: number;
  readonly range: Range | Refusal<string>;
  readonly text: (value: number) => string;
  readonly how: string;
}

const WEEKS = 'whole weeks drawn again';
const DAYS = 'days drawn again in blocks';

/** A table of the headline figures with their intervals. */
export function intervalTable(input: ReportInput, robustness: RunRobustness): Block {
  const rows = [...tradeFigures(input), ...accountFigures(robustness)];
  return {
    kind: 'table',
    id: 'headline-intervals',
    caption: 'How sure the headline figures are',
    columns: [
      textColumn('figure'),
      numberColumn('the run'),
      numberColumn(
        '95 % interval',
        'where the figure plausibly lies by the luck of weeks and days; the search behind the run is not in it',
      ),
      textColumn('how'),
    ],
    rows: rows.map(cellsOf),
    note: '',
    isFixed: true,
  };
}

function cellsOf({ name, estimate, range, text, how }: Headline): Cell[] {
  const interval = isRefused(range)
    ? { ...numberCell('refused', Number.NaN), words: refusalWords(range) }
    : numberCell(`${text(range.low)} to ${text(range.high)}`, range.low);
  return [textCell(name), numberCell(text(estimate), estimate), interval, textCell(how)];
}

function tradeFigures({ trades, run }: ReportInput): Headline[] {
  const set = tradeSet(trades);
  const { entryTimeMs, pnlR } = set;
  const wins = pnlR.map((value) => (value > 0 ? 1 : 0));
  const drawn = (pnl: Float64Array, statistic: 'mean' | 'profit_factor'): Range | Refusal =>
    clusterBootstrap({ entryTimeMs, pnl }, statistic, { prng: createPrng(run.seed, 'bootstrap') });
  const mean = pnlR.reduce((sum, value) => sum + value, 0) / pnlR.length;
  return [
    { name: 'expectancy', estimate: mean, range: meanInterval(set, run.seed), text: meanText, how: WEEKS },
    { name: 'win rate', estimate: winRateFrac(pnlR), range: drawn(wins, 'mean'), text: percentText, how: WEEKS },
    {
      name: 'profit factor',
      estimate: profitFactor(pnlR),
      range: drawn(pnlR, 'profit_factor'),
      text: ratioText,
      how: WEEKS,
    },
  ];
}

/** 97.5 % quantile of the normal distribution. */
const TWO_SIDED_95 = 1.959_964;

function accountFigures({ sharpe, monteCarlo }: RunRobustness): Headline[] {
  const sharpeRange = isRefused(sharpe) ? sharpe : isRefused(sharpe.psr) ? sharpe.psr : null;
  const half =
    isRefused(sharpe) || isRefused(sharpe.psr) ? Number.NaN : annualisedSharpe(sharpe.psr.standardError) * TWO_SIDED_95;
  const annual = isRefused(sharpe) ? Number.NaN : sharpe.annualSharpe;
  const rows: Headline[] = [
    {
      name: 'Sharpe',
      estimate: annual,
      range: sharpeRange ?? { kind: 'interval', low: annual - half, high: annual + half },
      text: ratioText,
      how: 'its standard error, with skewness and fat tails',
    },
  ];
  if (isRefused(monteCarlo)) {
    return [...rows, { name: 'total return', estimate: Number.NaN, range: monteCarlo, text: changeText, how: DAYS }];
  }
  const { totalReturnFrac, drawdownFrac } = monteCarlo.simulation;
  return [
    ...rows,
    { name: 'total return', estimate: totalReturnFrac.estimate, range: totalReturnFrac, text: changeText, how: DAYS },
    {
      name: 'max drawdown, ends of days',
      estimate: -drawdownFrac.estimate,
      range: { kind: 'interval', low: -drawdownFrac.high, high: -drawdownFrac.low },
      text: percentText,
      how: DAYS,
    },
  ];
}
