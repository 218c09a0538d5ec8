/** How much was at stake: time in the market, positions at a time, leverage, turnover. */
import { DAY_MS, numbersOf, type Table } from '@donch/core';
import type { RunActivity, RunRobustness } from '@donch/stats';
import { factOf, numberCell, numberColumn, textBlock, type Block, type Fact, type Section } from '../blocks.ts';
import { countText, decimalText, durationText, percentText, ratioText } from '../format/number-text.ts';
import { refusalWords } from '../format/refusal-words.ts';
import type { ReportInput } from '../report-input.ts';
import { isRefused } from '../selection/figures.ts';

export function exposureSection({ equity }: ReportInput, { activity }: RunRobustness): Section {
  const facts = isRefused(activity) ? [] : activityFacts(activity);
  const stake = equity.columns.has('gross_notional_usd') ? stakeFacts(equity) : [];
  const concurrency = equity.columns.has('open_positions') ? [concurrencyTable(equity)] : [];
  return {
    id: 'exposure',
    title: 'How much was at stake',
    lead: 'A result is worth something only beside the capital that was exposed for it. Positions that are open together usually win and lose together.',
    blocks: [
      ...(isRefused(activity) ? [textBlock(`Not computed: ${refusalWords(activity)}.`)] : []),
      { kind: 'facts', facts: [...facts, ...stake] },
      ...concurrency,
    ],
  };
}

function activityFacts({
  exposure,
  holdingDaysMean,
  holdingDaysMedian,
  tradesPerYear,
  turnoverPerYear,
}: RunActivity): Fact[] {
  return [
    factOf('time in market', percentText(exposure.timeInMarketFrac), 'with at least one finished trade open'),
    factOf(
      'positions at a time',
      ratioText(exposure.positionsMean),
      `on average over the whole time; at most ${countText(exposure.positionsMax)}`,
    ),
    factOf(
      'holding time',
      durationText(holdingDaysMedian * DAY_MS),
      `median; on average ${durationText(holdingDaysMean * DAY_MS)}`,
    ),
    factOf('trades per year', countText(tradesPerYear), 'at the pace of the run'),
    factOf('turnover per year', `${decimalText(turnoverPerYear, 1)} x`, 'value of all entries and exits / mean equity'),
  ];
}

function stakeFacts(equity: Table): Fact[] {
  const [gross, values] = [numbersOf(equity, 'gross_notional_usd'), numbersOf(equity, 'equity_usd')];
  const leverage = gross.map((value, row) => value / values[row]).filter((value) => Number.isFinite(value));
  const facts: Fact[] = [];
  if (leverage.length > 0) {
    const sum = leverage.reduce((total, value) => total + value, 0);
    facts.push(
      factOf(
        'leverage, most',
        `${ratioText(leverage.reduce((a, b) => Math.max(a, b)))} x`,
        `value of all positions / equity at a bar's close; on average ${ratioText(sum / leverage.length)} x`,
      ),
    );
  }
  if (!equity.columns.has('open_risk_usd')) return facts;
  const risk = numbersOf(equity, 'open_risk_usd')
    .map((value, row) => value / values[row])
    .filter((value) => Number.isFinite(value));
  if (risk.length > 0)
    facts.push(
      factOf(
        'open risk, most',
        percentText(risk.reduce((a, b) => Math.max(a, b))),
        'of equity, if every stop were hit at its price; gaps cost more',
      ),
    );
  return facts;
}

function concurrencyTable(equity: Table): Block {
  const counts = new Map<number, number>();
  let known = 0;
  for (const open of numbersOf(equity, 'open_positions')) {
    if (Number.isNaN(open)) continue;
    known += 1;
    counts.set(open, (counts.get(open) ?? 0) + 1);
  }
  if (known === 0) return textBlock('How many positions were open is not recorded.');
  return {
    kind: 'table',
    id: 'concurrency',
    caption: 'Positions open at the same time',
    columns: [numberColumn('open positions', "at a bar's close"), numberColumn('share of the time')],
    rows: [...counts]
      .sort(([a], [b]) => a - b)
      .map(([open, bars]) => [numberCell(countText(open), open), numberCell(percentText(bars / known), bars / known)]),
    note: '',
  };
}
