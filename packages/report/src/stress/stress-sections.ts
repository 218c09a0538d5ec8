/** The run under worse conditions: higher costs, late and missed orders, random entries, the market, a larger account. */
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
import { xyChart } from '../charts/xy-chart.ts';
import {
  changeText,
  countText,
  decimalText,
  meanText,
  percentText,
  ratioText,
  withUnit,
} from '../format/number-text.ts';
import { refusalWords } from '../format/refusal-words.ts';
import { plural } from '../format/words.ts';
import { isRefused } from '../selection/figures.ts';
import { capacityBlocks } from './capacity.ts';
import { randomEntryBlocks } from './random-entries.ts';
import type { StressFigures, StressFindings, StressInput } from './stress-input.ts';

/** All sections; one that says why where nothing was simulated. */
export function stressSections(found: StressFindings): Section[] {
  if (found.kind === 'none') {
    return [
      {
        id: 'stress',
        title: 'Under worse conditions',
        lead: 'Higher costs, late and missed orders, random entries, the market itself, a larger account.',
        blocks: [textBlock(`Not simulated: ${found.why}.`)],
      },
    ];
  }
  const { report } = found;
  return [costStressSection(report), marketSection(report), capacitySection(report)];
}

function costStressSection(report: StressInput): Section {
  const { costs, run } = report;
  return {
    id: 'stress',
    title: 'Under worse conditions',
    lead: 'The same configuration, simulated again with higher costs, with every order a bar late, and without a random part of its orders. Nothing was chosen by these figures.',
    blocks: [
      { kind: 'facts', facts: breakEvenFacts(report) },
      ...(run.trades === 0 ? [] : [chartBlock(costChart(costs.levels))]),
      conditionTable(report),
      missedTable(report),
      textBlock(
        'Fees and slippage are multiplied, funding is not: nobody pays twice the rate of the market. A strategy that dies at one and a half times its costs lives on the quality of its execution.',
        'plain',
        'How to read it.',
      ),
    ],
  };
}

function breakEvenFacts({ costs: { breakEven } }: StressInput): Fact[] {
  if (isRefused(breakEven)) return [factOf('break-even costs', 'refused', refusalWords(breakEven))];
  const { costMult, roundTripBps, runRoundTripBps } = breakEven;
  return [
    factOf(
      'break-even costs',
      `${ratioText(costMult)} x`,
      'fees and slippage of the run times this take everything: mean R is 0',
      toneOf(costMult - 1.5),
    ),
    factOf(
      'the same per trade',
      withUnit(decimalText(roundTripBps, 1), 'bps'),
      `fees and slippage of entry and exit together, of their value; the run assumed ${withUnit(decimalText(runRoundTripBps, 1), 'bps')}`,
    ),
  ];
}

function costChart(levels: StressInput['costs']['levels']): ReturnType<typeof xyChart> {
  const words = levels.map(({ costMult, meanR }) => `${ratioText(costMult)} x: ${meanText(meanR)}`).join(', ');
  return xyChart({
    id: 'cost-stress',
    title: 'Mean result by costs',
    description: `Mean R with fees and slippage times a number. ${words}.`,
    xUnit: 'fees and slippage, times those of the run',
    yUnit: 'R per trade',
    series: [
      { name: '', form: 'first', points: levels.map(({ costMult, meanR }) => ({ x: costMult, y: meanR, weight: 1 })) },
    ],
    level: { y: 0, name: 'no gain' },
  });
}

function conditionTable({ run, costs, lateEntries }: StressInput): TableBlock {
  const late = `every order ${plural(lateEntries.delayBars, countText(lateEntries.delayBars), 'bar')} late`;
  const rows: readonly (readonly [Cell, StressFigures])[] = [
    [textCell('the run'), run],
    ...costs.levels
      .filter(({ costMult }) => costMult !== 1)
      .map((level) => [textCell(`costs x ${ratioText(level.costMult)}`), level] as const),
    [
      textCell(
        late,
        lateEntries.lostSignals === 0
          ? 'stop and target as first decided'
          : `${countText(lateEntries.lostSignals)} orders would come after the end of the run`,
      ),
      lateEntries,
    ],
  ];
  return {
    kind: 'table',
    id: 'conditions',
    caption: 'The run under worse conditions',
    columns: [
      textColumn('condition'),
      numberColumn('mean R', 'average result per trade after all costs'),
      numberColumn('profit factor'),
      numberColumn('total return', 'positions open at the end included'),
      numberColumn('max drawdown', 'marked at every bar'),
      numberColumn('trades', 'finished; the account lets another number in when results change'),
      numberColumn('win rate'),
      numberColumn('costs, USD', 'fees and slippage'),
    ],
    rows: rows.map(([name, figures]) => [withAbort(name, figures), ...figureCells(figures)]),
    note: '',
    isFixed: true,
  };
}

const withAbort = (name: Cell, { abortReason }: StressFigures): Cell =>
  abortReason === '' ? name : { ...name, words: `stopped early: ${abortReason}` };

function figureCells(figures: StressFigures): Cell[] {
  const { meanR, profitFactor, totalReturnFrac, drawdownFrac, trades, winRateFrac, costsUsd } = figures;
  return [
    resultCell(meanText(meanR), meanR),
    numberCell(ratioText(profitFactor), profitFactor),
    resultCell(changeText(totalReturnFrac), totalReturnFrac),
    numberCell(percentText(-drawdownFrac), -drawdownFrac),
    numberCell(countText(trades), trades),
    numberCell(percentText(winRateFrac), winRateFrac),
    numberCell(countText(costsUsd), costsUsd),
  ];
}

function missedTable({ missedFills }: StressInput): Block {
  if (missedFills.length === 0) return textBlock('No missed orders were simulated.');
  return {
    kind: 'table',
    id: 'missed',
    caption: 'Without a random part of the orders',
    columns: [
      numberColumn('missed', 'chance of each order not to be filled: the bot was down, the venue refused'),
      numberColumn('mean R', 'median of the draws'),
      numberColumn('5 % below'),
      numberColumn('5 % above'),
      numberColumn('above zero', 'share of the draws with a mean R above 0'),
      numberColumn('draws'),
    ],
    rows: missedFills.map(({ missedFrac, draws, meanR, profitableFrac }) => [
      numberCell(percentText(missedFrac), missedFrac),
      resultCell(meanText(meanR.median), meanR.median),
      resultCell(meanText(meanR.p05), meanR.p05),
      resultCell(meanText(meanR.p95), meanR.p95),
      numberCell(percentText(profitableFrac), profitableFrac),
      numberCell(countText(draws), draws),
    ]),
    note: 'Where missing a tenth of the orders changes the sign, the result hangs on a few of them.',
    isFixed: true,
  };
}

function marketSection({ randomEntries, holding }: StressInput): Section {
  return {
    id: 'benchmarks',
    title: 'Against chance and the market',
    lead: 'The same positions at random times, and the market held without any strategy. What is left of the result when only the timing is chance, and when there is no timing at all.',
    blocks: [...randomEntryBlocks(randomEntries), ...holdingBlocks(holding)],
  };
}

function holdingBlocks({ equalWeight, reference, costFrac, beta, correlation }: StressInput['holding']): Block[] {
  const rows: [string, string, typeof equalWeight][] = [
    [
      'all instruments, equal parts',
      `${plural(equalWeight.instruments.length, countText(equalWeight.instruments.length), 'instrument')} of the run, rebalanced daily`,
      equalWeight,
    ],
  ];
  if (reference !== null) rows.push([reference.instruments.join(', '), 'bought once', reference]);
  const figures: Fact[] = [
    factOf(
      'beta to the market',
      ratioText(beta),
      Number.isNaN(beta)
        ? 'the reference has no stored bars, or nothing varies'
        : 'how much the account moved when the reference moved by 1; near 0 the result is not just the market',
    ),
    factOf('correlation', ratioText(correlation), 'of daily returns with the reference; 1 = the same ups and downs'),
  ];
  return [
    { kind: 'facts', facts: figures },
    {
      kind: 'table',
      id: 'holding',
      caption: 'Buy and hold on the same days',
      columns: [
        textColumn('held'),
        numberColumn('total return'),
        numberColumn('Sharpe', 'of daily returns, per year'),
        numberColumn('max drawdown', 'at ends of days'),
      ],
      rows: rows.map(([name, words, { totalReturnFrac, dailySharpe, drawdownFrac }]) => [
        textCell(name, words),
        resultCell(changeText(totalReturnFrac), totalReturnFrac),
        numberCell(ratioText(dailySharpe), dailySharpe),
        numberCell(percentText(-drawdownFrac), -drawdownFrac),
      ]),
      note: `Without leverage and funding, as on the spot market; ${decimalText(costFrac * 10_000, 1)} bps per purchase and sale.`,
      isFixed: true,
    },
  ];
}

function capacitySection({ capacity }: StressInput): Section {
  return {
    id: 'capacity',
    title: 'How large it may become',
    lead: 'How much of the traded volume the entries took, and what a larger account would move. An order of magnitude, no forecast.',
    blocks: isRefused(capacity) ? [textBlock(`Not computed: ${refusalWords(capacity)}.`)] : capacityBlocks(capacity),
  };
}
