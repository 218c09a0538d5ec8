/** Risk over time: rolling Sharpe ratio, the worst days, and how sure the Sharpe ratio is. */
import { DAY_MS, formatDay, numbersOf } from '@donch/core';
import { dailyReturns, type RunRobustness } from '@donch/stats';
import { chartBlock, factOf, textBlock, type Block, type Fact, type Section } from '../blocks.ts';
import { overlayChart } from '../charts/overlay-chart.ts';
import { changeText, countText, decimalText, percentText, ratioText, withUnit } from '../format/number-text.ts';
import { refusalWords } from '../format/refusal-words.ts';
import type { ReportInput } from '../report-input.ts';
import { chanceText, factOrRefusal, isRefused } from '../selection/figures.ts';

export function riskSection(input: ReportInput, robustness: RunRobustness): Section {
  return {
    id: 'risk',
    title: 'Risk over time',
    lead: 'Whether the result came evenly or from one good time, and how bad the bad days were.',
    blocks: [
      ...rollingBlocks(input, robustness),
      { kind: 'facts', facts: [...sureFacts(robustness), ...tailFacts(robustness)] },
    ],
  };
}

function rollingBlocks({ equity }: ReportInput, { rollingSharpe: rolling }: RunRobustness): Block[] {
  if (isRefused(rolling)) return [textBlock(`Rolling Sharpe ratio: not computed, ${refusalWords(rolling)}.`)];
  const { sharpe, windowDays, windows, lowest, median, lossFrac } = rolling;
  if (windows === 0) return [textBlock('Rolling Sharpe ratio: in no window do the returns vary.')];
  const { dayStartMs } = dailyReturns(numbersOf(equity, 'time'), numbersOf(equity, 'equity_usd'));
  const days = [...sharpe.keys()].filter((day) => !Number.isNaN(sharpe[day]));
  return [
    chartBlock(
      overlayChart({
        id: 'rolling-sharpe',
        title: `Sharpe ratio of the last ${windowDays} days`,
        description: `Per year, of daily returns, ${countText(windows)} windows: lowest ${ratioText(lowest)}, median ${ratioText(median)}, ${percentText(lossFrac)} of them below 0. Windows share most of their days.`,
        series: [
          {
            name: `last ${windowDays} days`,
            timesMs: days.map((day) => dayStartMs[day] + DAY_MS),
            values: days.map((day) => sharpe[day]),
          },
        ],
        level: 0,
        tickText: (value) => decimalText(value, 1),
        unit: 'per year',
        plotHeight: 180,
      }),
    ),
    {
      kind: 'facts',
      facts: [
        factOf('median window', ratioText(median), `Sharpe ratio of ${countText(windowDays)} days, per year`),
        factOf('lowest window', ratioText(lowest), 'how bad a stretch of this length was'),
        factOf('windows below 0', percentText(lossFrac), 'share of the stretches that lost money'),
      ],
    },
  ];
}

function sureFacts({ sharpe }: RunRobustness): Fact[] {
  const alone = 'as if nothing else had ever been tried';
  if (isRefused(sharpe)) {
    return [factOf('PSR', 'refused', `how sure the Sharpe ratio is; not computed: ${refusalWords(sharpe)}`)];
  }
  return [
    factOrRefusal(sharpe.psr, {
      label: 'PSR',
      value: ({ probability }) => chanceText(probability),
      words: `probability that the true Sharpe ratio is above 0, ${alone}; presumes independent days`,
    }),
    factOrRefusal(sharpe.psr2026, {
      label: 'PSR (2026)',
      value: ({ probability }) => chanceText(probability),
      words: `the revised formula; correlation of a day with the day before ${ratioText(sharpe.autocorrelation)}`,
    }),
    factOrRefusal(sharpe.minTrackRecord, {
      label: 'MinTRL',
      value: ({ observations }) => withUnit(countText(Math.ceil(observations)), 'days'),
      words: 'least record that shows a Sharpe ratio above 0 with 95 %, if the figures stay as they are',
    }),
  ];
}

function tailFacts({ tail, worstDay, worstWeek }: RunRobustness): Fact[] {
  const tailed = [
    factOrRefusal(tail, {
      label: 'VaR 5 %',
      value: ({ valueAtRiskFrac }) => changeText(valueAtRiskFrac),
      words: 'one day in twenty is worse than this',
    }),
    factOrRefusal(tail, {
      label: 'CVaR 5 %',
      value: ({ expectedShortfallFrac }) => changeText(expectedShortfallFrac),
      words: 'mean of those days',
    }),
    factOrRefusal(tail, {
      label: 'skewness',
      value: ({ skewness }) => ratioText(skewness),
      words: 'of daily returns: below 0 the bad days are the larger ones',
    }),
    factOrRefusal(tail, {
      label: 'kurtosis',
      value: ({ kurtosis }) => ratioText(kurtosis),
      words: '3 is normal; above it extremes are more frequent than a bell curve says',
    }),
  ];
  return [
    ...tailed,
    factOrRefusal(worstDay, {
      label: 'worst day',
      value: ({ returnFrac }) => changeText(returnFrac),
      words: isRefused(worstDay) ? 'lowest return of a day' : formatDay(worstDay.startMs),
    }),
    factOrRefusal(worstWeek, {
      label: 'worst week',
      value: ({ returnFrac }) => changeText(returnFrac),
      words: isRefused(worstWeek) ? 'lowest return of a week' : `week from ${formatDay(worstWeek.startMs)}`,
    }),
  ];
}
