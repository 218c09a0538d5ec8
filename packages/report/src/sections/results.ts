/** How single trades went: distribution, dependence on the best ones, costs. */
import { numbersOf } from '@donch/core';
import { concentrationOf, tradeCosts, tradeStatistics, type RunRobustness } from '@donch/stats';
import {
  numberCell,
  numberColumn,
  resultCell,
  textBlock,
  textCell,
  textColumn,
  toneOf,
  type Cell,
  type Section,
} from '../blocks.ts';
import { barChart, type Bar } from '../charts/bar-chart.ts';
import { binWidthR, histogramChart } from '../charts/histogram-chart.ts';
import { countText, decimalText, percentText, ratioText, rText, usdText } from '../format/number-text.ts';
import type { ReportInput } from '../report-input.ts';
import { leftOutBlocks } from '../robustness/left-out.ts';
import { groupRows, symbolsOf, tradeSet } from '../trade-columns.ts';
import { sumOf } from './groups.ts';

export function distributionSection({ trades }: ReportInput): Section {
  const pnlR = numbersOf(trades, 'pnl_r');
  const figures = tradeStatistics(pnlR);
  return {
    id: 'distribution',
    title: 'How trades went',
    lead: 'How often which result came. 1 R is the loss that the initial stop would have made as planned; fees and slippage make a full stop cost a little more.',
    blocks: [
      {
        kind: 'chart',
        hasReadout: false,
        chart: histogramChart({
          id: 'r-histogram',
          title: 'Results of all trades in R',
          description: `${countText(figures.trades)} trades from ${rText(Math.min(...pnlR))} to ${rText(Math.max(...pnlR))}, median ${rText(figures.median)}; each bar is ${decimalText(binWidthR(pnlR), 2)} R wide.`,
          values: pnlR,
        }),
      },
      {
        kind: 'facts',
        facts: [
          {
            label: 'median',
            value: rText(figures.median),
            tone: toneOf(figures.median),
            words: 'half of the trades were worse, half better',
          },
          {
            label: 'average gain',
            value: rText(figures.averageWin),
            tone: 'plain',
            words: 'mean of the trades that made money',
          },
          {
            label: 'average loss',
            value: rText(figures.averageLoss),
            tone: 'plain',
            words: 'mean of the trades that lost money',
          },
          {
            label: 'payoff ratio',
            value: ratioText(figures.payoffRatio),
            tone: 'plain',
            words: 'average gain / average loss',
          },
          {
            label: 'longest losing streak',
            value: countText(figures.losingStreakMax),
            tone: 'plain',
            words: 'losing trades one after the other, in order of entry',
          },
        ],
      },
    ],
  };
}

const BEST = 5;

export function concentrationSection({ trades }: ReportInput, robustness: RunRobustness): Section {
  const { pnlR, pnlUsd } = tradeSet(trades);
  const groups = groupRows(symbolsOf(trades)).map(({ rows }) => tradeSet(trades, rows));
  const symbolR = groups.map((group) => sumOf(group.pnlR));
  const symbolUsd = groups.map((group) => sumOf(group.pnlUsd));
  const rows = [
    bestRow('the best trade', { usd: concentrationOf(pnlUsd, 1), r: concentrationOf(pnlR, 1) }),
    bestRow(`the best ${BEST} trades`, { usd: concentrationOf(pnlUsd, BEST), r: concentrationOf(pnlR, BEST) }),
    bestRow('the best symbol', { usd: concentrationOf(symbolUsd, 1), r: concentrationOf(symbolR, 1) }),
    bestRow(`the best ${BEST} symbols`, { usd: concentrationOf(symbolUsd, BEST), r: concentrationOf(symbolR, BEST) }),
  ];
  return {
    id: 'concentration',
    title: 'What it hangs on',
    lead: 'How much of the result comes from a few trades or symbols. A result that is gone without its best trade is luck until more of them have come.',
    blocks: [
      {
        kind: 'table',
        id: 'concentration-table',
        caption: 'The result with and without its best parts',
        columns: [
          textColumn('taken out', 'the parts with the largest results'),
          numberColumn('their result', 'sum of these parts'),
          numberColumn('in R', 'the best parts in R, which may be other ones'),
          numberColumn('share of all gains', 'these parts / sum of everything that made money'),
          numberColumn('result without', 'what remains in USD'),
          numberColumn('R without', 'what remains in R'),
        ],
        rows,
        note: '',
      },
      ...leftOutBlocks(robustness),
    ],
  };
}

interface Best {
  readonly usd: ReturnType<typeof concentrationOf>;
  readonly r: ReturnType<typeof concentrationOf>;
}

function bestRow(name: string, { usd, r }: Best): Cell[] {
  return [
    textCell(name),
    resultCell(usdText(usd.best), usd.best),
    resultCell(rText(r.best), r.best),
    numberCell(percentText(usd.shareOfGainsFrac), usd.shareOfGainsFrac),
    resultCell(usdText(usd.restSum), usd.restSum),
    resultCell(rText(r.restSum), r.restSum),
  ];
}

export function costSection(input: ReportInput): Section {
  const { usd, r } = costsOf(input);
  const assumed = numbersOf(input.trades, 'funding_assumed').filter((flag) => flag === 1).length;
  const parts: readonly (readonly [name: string, usd: number, r: number, words: string])[] = [
    ['before costs', usd.gross, r.gross, 'what the price moves brought in'],
    ['fees', -usd.fees, -r.fees, 'paid to the venue at entry and exit'],
    ['slippage', -usd.slippage, -r.slippage, 'fills worse than the price that was asked'],
    ['funding', usd.funding, r.funding, 'payments between longs and shorts while holding; minus = paid'],
    ['after costs', usd.net, r.net, 'what was left'],
  ];
  const bars = parts.map(([name, value]): Bar => ({ label: name, value, text: usdText(value), tone: toneOf(value) }));
  return {
    id: 'costs',
    title: 'What it cost',
    lead: 'Results before and after costs, of all finished trades.',
    blocks: [
      {
        kind: 'chart',
        hasReadout: false,
        chart: barChart({
          id: 'costs-chart',
          title: 'Result before costs, costs, result after costs',
          description: parts.map(([name, value]) => `${name} ${usdText(value)}`).join(', '),
          bars,
        }),
      },
      {
        kind: 'table',
        id: 'costs-table',
        caption: 'Sum over all trades, and per trade',
        columns: [
          textColumn('part'),
          numberColumn('USD', 'sum of all trades'),
          numberColumn('R', 'sum over all trades, each against its own planned risk'),
          numberColumn('R per trade', 'the same / number of trades'),
        ],
        rows: parts.map(([name, usdValue, rValue, words]) => [
          textCell(name, words),
          resultCell(usdText(usdValue), usdValue),
          resultCell(rText(rValue), rValue),
          resultCell(rText(rValue / input.trades.length), rValue / input.trades.length),
        ]),
        note:
          assumed === 0
            ? ''
            : `Funding rates were not known for parts of ${countText(assumed)} of ${countText(input.trades.length)} trades; the assumed rate of the settings stood in.`,
      },
      ...(usd.gross > 0 && usd.costs > usd.gross
        ? [
            textBlock(
              'Costs took more than the trades earned: the strategy lost to its costs, not to the market.',
              'loss',
            ),
          ]
        : []),
    ],
  };
}

/** Costs of all finished trades. */
export function costsOf({ trades }: ReportInput): ReturnType<typeof tradeCosts> {
  return tradeCosts({
    pnlUsd: numbersOf(trades, 'pnl_usd'),
    riskUsd: numbersOf(trades, 'risk_usd'),
    feesUsd: numbersOf(trades, 'fees_usd'),
    slippageUsd: numbersOf(trades, 'slippage_usd'),
    fundingUsd: numbersOf(trades, 'funding_usd'),
  });
}
