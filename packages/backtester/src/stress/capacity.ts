/** How much of the market a run takes, and what a larger account would pay for taking more. */
import { HOUR_MS, numbersOf, type Trade } from '@donch/core';
import { mean, YEAR_DAYS, type Refusal } from '@donch/stats';
import type { BacktestResult } from '../run-backtest.ts';
import { entryNotionalUsd, stressFigures } from './stress-figures.ts';
import type { Capacity, ImpactEstimate, Participation } from './stress-report.ts';
import type { VisitedPosition } from './visited-instruments.ts';

const EQUITY_MULTS = [1, 10, 100] as const;
const SHARES = { few: 0.01, many: 0.1 } as const;
const TAIL = 0.95;
const BPS = 1e4;

/** `days`: calendar days of the run. */
export function capacityOf(
  positions: readonly VisitedPosition[],
  result: BacktestResult,
  days: number,
): Capacity | Refusal<'no_positions'> {
  if (positions.length === 0) return { kind: 'refused', reason: 'no_positions', found: 0, needed: 1 };
  const equityUsd = numbersOf(result.equity, 'equity_usd');
  const notionalUsd = numbersOf(result.equity, 'gross_notional_usd');
  const finished = new Set(result.trades);
  return {
    kind: 'capacity',
    entries: positions.length,
    withoutVolume: positions.filter(({ barUsd }) => !(barUsd > 0)).length,
    bar: participation(positions, ({ barUsd }) => barUsd),
    hour: participation(positions, ({ hourUsd }) => hourUsd),
    impact: EQUITY_MULTS.map((equityMult) => impactAt(equityMult, positions, finished)),
    leverageMax: notionalUsd.reduce((most, usd, row) => Math.max(most, usd / equityUsd[row]), 0),
    turnoverPerYear: (stressFigures(result).turnoverUsd / mean(equityUsd)) * (YEAR_DAYS / days),
    meanHoldingHours: mean(positions.map(({ trade }) => (trade.exitTimeMs - trade.entryTimeMs) / HOUR_MS)),
  };
}

type VolumeOf = (position: VisitedPosition) => number;

function participation(positions: readonly VisitedPosition[], volumeOf: VolumeOf): Participation {
  const shares = ranked(positions.map((position) => entryNotionalUsd(position.trade) / volumeOf(position)));
  // per USD of equity: entries stay the same fraction of it
  const perUsd = ranked(positions.map((position) => position.equityFrac / volumeOf(position)));
  const [median, p95] = [nearestRank(perUsd, 0.5), nearestRank(perUsd, TAIL)];
  return {
    median: nearestRank(shares, 0.5),
    p95: nearestRank(shares, TAIL),
    max: shares[shares.length - 1],
    equityUsd: {
      medianAt1Pct: SHARES.few / median,
      medianAt10Pct: SHARES.many / median,
      p95At1Pct: SHARES.few / p95,
      p95At10Pct: SHARES.many / p95,
    },
  };
}

const ranked = (values: readonly number[]): Float64Array => Float64Array.from(values).sort();

/** The smallest value that at least the share q of all values does not exceed; NaN without any. */
function nearestRank(ascending: Float64Array, q: number): number {
  return ascending.length === 0 ? Number.NaN : ascending[Math.max(0, Math.ceil(q * ascending.length) - 1)];
}

/** Square-root law, see `ImpactEstimate`; positions without 24 hours of bars before them are left out. */
function impactAt(
  equityMult: number,
  positions: readonly VisitedPosition[],
  finished: ReadonlySet<Trade>,
): ImpactEstimate {
  const known = positions.filter(({ dayVolatilityFrac }) => !Number.isNaN(dayVolatilityFrac));
  const impacts = known.map(
    ({ trade, dayUsd, dayVolatilityFrac }) =>
      dayVolatilityFrac * Math.sqrt((equityMult * entryNotionalUsd(trade)) / dayUsd),
  );
  const results = known.flatMap(({ trade }, k) =>
    finished.has(trade) ? [trade.pnlR - (2 * impacts[k] * entryNotionalUsd(trade)) / trade.riskUsd] : [],
  );
  const ascending = ranked(impacts);
  return {
    equityMult,
    medianBps: nearestRank(ascending, 0.5) * BPS,
    p95Bps: nearestRank(ascending, TAIL) * BPS,
    meanR: mean(results),
  };
}
