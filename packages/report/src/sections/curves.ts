/** Equity over time: curve, depth under water, months, drawdowns. */
import { civilFromMs, DAY_MS, formatDay, numbersOf } from '@donch/core';
import {
  compoundReturn,
  drawdownEpisodes,
  equityStatistics,
  monthlyReturns,
  underwaterFrac,
  type EquityStatistics,
} from '@donch/stats';
import {
  numberCell,
  numberColumn,
  resultCell,
  textBlock,
  textCell,
  textColumn,
  type Cell,
  type Fact,
  type Section,
  type TableBlock,
} from '../blocks.ts';
import { seriesChart } from '../charts/series-chart.ts';
import {
  amountText,
  changeText,
  decimalText,
  durationText,
  percentText,
  ratioText,
  usdText,
} from '../format/number-text.ts';
import type { ReportInput } from '../report-input.ts';

export function equitySection({ equity }: ReportInput): Section {
  const times = numbersOf(equity, 'time');
  const values = numbersOf(equity, 'equity_usd');
  const last = values.length - 1;
  const figures = equityStatistics(times, values);
  const period = `${formatDay(times[0])} to ${formatDay(times[last])}`;
  return {
    id: 'equity',
    title: 'Equity over time',
    lead: 'What the account was worth, open positions included, and how far it lay below its highest point so far.',
    blocks: [
      {
        kind: 'chart',
        hasReadout: true,
        chart: seriesChart({
          id: 'equity-curve',
          title: 'Equity',
          description: `Equity in USD, ${period}: from ${amountText(values[0])} to ${amountText(values[last])}. The dashed line is the starting capital.`,
          timesMs: times,
          values,
          form: 'line',
          tickText: (value) => decimalText(value, 0),
          unit: 'USD',
        }),
      },
      {
        kind: 'chart',
        hasReadout: false,
        chart: seriesChart({
          id: 'underwater',
          title: 'Under water',
          description: `Distance below the highest equity before, ${period}: at the deepest ${percentText(-figures.drawdownFrac)}.`,
          timesMs: times,
          values: underwaterFrac(values).map((depth) => depth * 100),
          form: 'depth',
          tickText: (value) => decimalText(value, Math.abs(figures.drawdownFrac) < 0.05 ? 1 : 0),
          unit: '% below the peak',
        }),
      },
      { kind: 'facts', facts: curveFacts(figures) },
    ],
  };
}

function curveFacts(figures: EquityStatistics): Fact[] {
  const { cagrFrac, marRatio, dailySharpe, dailySortino, underwaterDaysMax } = figures;
  const fact = (label: string, value: string, words: string): Fact => ({ label, value, words, tone: 'plain' });
  const hasRate = !Number.isNaN(cagrFrac);
  return [
    fact(
      'CAGR',
      changeText(cagrFrac),
      `growth rate per year${hasRate ? '' : ': the run is shorter than a year, so there is none'}`,
    ),
    fact('MAR', ratioText(marRatio), 'growth rate per year / deepest drawdown'),
    fact(
      'Sharpe',
      ratioText(dailySharpe),
      'mean / spread of daily returns, per year of 365 days; 1 is decent, above 2 is rare and worth a second look',
    ),
    fact('Sortino', ratioText(dailySortino), 'as Sharpe, but only losses count as risk'),
    fact(
      'longest wait',
      durationText(underwaterDaysMax * DAY_MS),
      'longest time from a peak to the next, or to the end',
    ),
  ];
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export function monthSection({ equity }: ReportInput): Section {
  const times = numbersOf(equity, 'time');
  const months = monthlyReturns(times, numbersOf(equity, 'equity_usd'));
  const years = new Map<number, { readonly byMonth: Map<number, number>; readonly returns: number[] }>();
  for (const [k, startMs] of months.monthStartMs.entries()) {
    const { year, month } = civilFromMs(startMs);
    const entry = years.get(year) ?? { byMonth: new Map<number, number>(), returns: [] };
    entry.byMonth.set(month, months.returns[k]);
    entry.returns.push(months.returns[k]);
    years.set(year, entry);
  }
  const rows = Array.from(years, ([year, { byMonth, returns }]) => [
    textCell(String(year)),
    ...MONTHS.map((_, k) => monthCell(byMonth.get(k + 1))),
    monthCell(compoundReturn(returns)),
  ]);
  const table: TableBlock = {
    kind: 'table',
    id: 'months',
    caption: 'Return per month, % of the equity at the start of the month',
    columns: [
      textColumn('year'),
      ...MONTHS.map((name) => numberColumn(name)),
      numberColumn('all', 'all months of the year together'),
    ],
    rows,
    note: `Marked-to-market, after all costs. The first and the last month may be cut: the run goes from ${formatDay(times[0])} to ${formatDay(times[times.length - 1])}. A dot is a month outside of the run.`,
  };
  return { id: 'monthly', title: 'Month by month', lead: 'When the money was made and lost.', blocks: [table] };
}

function monthCell(value: number | undefined): Cell {
  return value === undefined ? numberCell('·', Number.NaN) : resultCell(changeText(value), value);
}

const DRAWDOWNS_MAX = 10;

export function drawdownSection({ equity }: ReportInput): Section {
  const times = numbersOf(equity, 'time');
  const values = numbersOf(equity, 'equity_usd');
  const deepest = drawdownEpisodes(values)
    .toSorted((a, b) => a.depthFrac - b.depthFrac)
    .slice(0, DRAWDOWNS_MAX);
  const rows = deepest.map(({ depthFrac, peakIndex, troughIndex, recoveryIndex }): Cell[] => {
    const isOver = recoveryIndex >= 0;
    const endMs = times[isOver ? recoveryIndex : times.length - 1];
    const lossUsd = values[troughIndex] - values[peakIndex];
    return [
      numberCell(percentText(-depthFrac), -depthFrac),
      numberCell(usdText(lossUsd), lossUsd),
      textCell(formatDay(times[peakIndex])),
      textCell(formatDay(times[troughIndex])),
      isOver ? textCell(formatDay(endMs)) : { ...textCell('not yet'), sort: null },
      numberCell(durationText(endMs - times[peakIndex]), endMs - times[peakIndex]),
    ];
  });
  return {
    id: 'drawdowns',
    title: 'Drawdowns',
    lead: 'The deepest falls from a peak of equity, and how long it took to come back. Who trades this has to sit through them; the next one may be deeper.',
    blocks:
      rows.length === 0
        ? [textBlock('Equity never lay below its peak.')]
        : [
            {
              kind: 'table',
              id: 'drawdown-list',
              caption:
                rows.length < DRAWDOWNS_MAX
                  ? 'All drawdowns, marked to market'
                  : `The ${rows.length} deepest drawdowns, marked to market`,
              columns: [
                numberColumn('depth', 'share of the peak that was lost at the lowest point'),
                numberColumn('loss', 'the same in USD'),
                textColumn('peak', 'day of the highest equity before'),
                textColumn('lowest', 'day of the lowest equity'),
                textColumn('back', 'day on which the peak was reached again'),
                numberColumn('length', 'from the peak until it was reached again, or until the end of the run'),
              ],
              rows,
              note: '',
            },
          ],
  };
}
