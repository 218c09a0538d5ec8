/** Entries of a chaos run: drawn by seed, instrument and time alone, so that a run that starts again draws the same. */
import { createPrng, signalId, type BarSet, type Candles, type Side, type Signal, type StrategyId } from '@donch/core';
import type { SessionEntries } from '@donch/trader';

export interface ChaosEntryOptions {
  readonly seed: number;
  readonly strategyId: StrategyId;
  /** Chance of an entry per instrument and bar. */
  readonly entryFrac: number;
  /** No entries from here on: what is open runs out. */
  readonly untilMs: number;
}

/** Bars that the range is averaged over; fewer than three say nothing. */
const RANGE_BARS = 14;
const RANGE_BARS_MIN = 3;

/** Long and short entries at the last close, with the mean range of the last bars as ATR. */
export function chaosEntries({ seed, strategyId, entryFrac, untilMs }: ChaosEntryOptions): SessionEntries {
  const entryAt = (candles: Candles, row: number, about: Pick<Signal, 'instrumentId' | 'decisionTimeMs'>): Signal[] => {
    const { instrumentId, decisionTimeMs } = about;
    const prng = createPrng(seed, `chaos entry ${instrumentId} ${decisionTimeMs}`);
    const atr = meanRange(candles, row);
    if (prng.next() >= entryFrac || !(atr > 0)) return [];
    const side: Side = prng.next() < 0.5 ? 'long' : 'short';
    return [
      {
        ...about,
        signalId: signalId({ setupHash: `chaos ${seed}`, instrumentId, decisionTimeMs }),
        strategyId,
        side,
        referencePrice: candles.close[row],
        atr,
        levelPrice: candles.close[row],
        features: {},
        p: Number.NaN,
        riskScale: 1,
      },
    ];
  };
  return {
    signalsAt: ({ closeTimeMs, instruments, candles, rows }: BarSet) =>
      instruments.flatMap((instrumentId, index) => {
        const columns = candles[index];
        if (columns === null || rows[index] < 0 || closeTimeMs >= untilMs) return [];
        return entryAt(columns, rows[index], { instrumentId, decisionTimeMs: closeTimeMs });
      }),
    warmUp: () => undefined,
    dropStaleRows: () => undefined,
  };
}

function meanRange({ high, low }: Candles, row: number): number {
  const first = Math.max(0, row - RANGE_BARS + 1);
  const bars = row - first + 1;
  if (bars < RANGE_BARS_MIN) return Number.NaN;
  let sum = 0;
  for (let at = first; at <= row; at += 1) sum += high[at] - low[at];
  return sum / bars;
}
