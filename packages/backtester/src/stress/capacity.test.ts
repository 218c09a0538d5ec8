import { CandleBuffer, DAY_MS, HOUR_MS, type Trade } from '@donch/core';
import { FREE_OF_COSTS, TEST_START_MS, testRules, testSettings, testSignal, testTerms } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { runBacktest } from '../run-backtest.ts';
import { capacityOf } from './capacity.ts';
import type { Capacity } from './stress-report.ts';
import { stressRun } from './stress-run.ts';
import type { VisitedPosition } from './visited-instruments.ts';

const FIFTEEN_MS = HOUR_MS / 4;
const BARS = 3 * 96;

/** 15-minute bars that go up and down by 1 %, with a quote volume of 1,000 USD in the first bar, 2,000 in the second, ... */
function seesaw(): CandleBuffer {
  const candles = new CandleBuffer(FIFTEEN_MS);
  for (let k = 0; k < BARS; k += 1) {
    const [open, close] = k % 2 === 0 ? [100, 101] : [101, 100];
    candles.append({
      openTimeMs: TEST_START_MS + k * FIFTEEN_MS,
      open,
      high: 101,
      low: 100,
      close,
      volume: 1,
      turnover: 1_000 * (k + 1),
    });
  }
  return candles;
}

describe('capacity of a run with one position', () => {
  const candles = seesaw();
  const decisionTimeMs = TEST_START_MS + DAY_MS + HOUR_MS;
  const run = {
    signals: [testSignal({ decisionTimeMs, referencePrice: 100, atr: 10 })],
    strategies: [testTerms({ slAtrMult: 1, tpAtrMult: null, timeExitHours: 12 }, { intervalMs: FIFTEEN_MS })],
    settings: testSettings({ initialCapitalUsd: 1_000, sizing: { leverageMax: 5 } }),
    venue: {
      costs: FREE_OF_COSTS,
      rulesAt: (instrumentId: Trade['instrumentId']) => testRules({ instrumentId }),
      fundingOf: () => null,
      entryFill: 'next_open' as const,
      disturbance: null,
    },
    candlesOf: () => candles,
    intervalMs: FIFTEEN_MS,
    window: { startMs: TEST_START_MS + DAY_MS, endMs: TEST_START_MS + 3 * DAY_MS + 1 },
  };
  const { capacity } = stressRun({ run, result: runBacktest(run), seed: 1, reference: null });
  const found = capacity as Capacity;

  it('compares it with the bar it fills in and with the hour before', () => {
    // 100 USD of risk over 10: 10 units, 1,000 USD; bar 101 of 1,000 USD x its number, the four before it
    expect(found).toMatchObject({ kind: 'capacity', entries: 1, withoutVolume: 0, meanHoldingHours: 12 });
    const bar = 1_000 / 101_000;
    const hour = 1_000 / (97_000 + 98_000 + 99_000 + 100_000);
    for (const [share, expected] of [
      [found.bar, bar],
      [found.hour, hour],
    ] as const) {
      expect([share.median, share.p95, share.max]).toEqual([expected, expected, expected]);
      expect(share.equityUsd.medianAt1Pct).toBeCloseTo((1_000 * 0.01) / expected, 6);
      expect(share.equityUsd.p95At10Pct).toBeCloseTo((1_000 * 0.1) / expected, 6);
    }
  });

  it('estimates impact by the square-root law over the 24 hours before', () => {
    // bars 5..100: 95 returns of about 1 %
    const volumeUsd = Array.from({ length: 96 }, (_, k) => 1_000 * (k + 5)).reduce((a, b) => a + b, 0);
    const volatility = Math.log(1.01) * Math.sqrt(96);
    const impact = volatility * Math.sqrt(1_000 / volumeUsd);
    expect(found.impact.map(({ equityMult }) => equityMult)).toEqual([1, 10, 100]);
    found.impact.forEach(({ equityMult, medianBps, p95Bps, meanR }) => {
      const expected = impact * Math.sqrt(equityMult);
      expect(medianBps).toBeCloseTo(expected * 1e4, 8);
      expect(p95Bps).toBeCloseTo(expected * 1e4, 8);
      // in and out, 1,000 USD each, on a risk of 100; the trade itself makes nothing
      expect(meanR).toBeCloseTo((-2 * expected * 1_000) / 100, 8);
    });
  });

  it('counts leverage and turnover', () => {
    expect(found.leverageMax).toBeCloseTo(1_010 / 1_010, 12);
    expect(found.turnoverPerYear / (2 * (365 / (2 + 1 / 96)))).toBeCloseTo(1, 2);
  });
});

describe('participation of many positions', () => {
  const position = (barUsd: number): VisitedPosition => ({
    trade: { qty: 1, entryPrice: 100, entryTimeMs: 0, exitTimeMs: HOUR_MS } as Trade,
    direction: 1,
    barsHeld: 1,
    equityFrac: 0.1,
    costFrac: 0,
    barUsd,
    hourUsd: 1,
    dayUsd: 1,
    dayVolatilityFrac: Number.NaN,
  });
  const result = runBacktest({
    signals: [],
    strategies: [],
    settings: testSettings(),
    venue: {
      costs: FREE_OF_COSTS,
      rulesAt: (instrumentId) => testRules({ instrumentId }),
      fundingOf: () => null,
      entryFill: 'next_open',
      disturbance: null,
    },
    candlesOf: () => new CandleBuffer(FIFTEEN_MS),
    intervalMs: FIFTEEN_MS,
    window: { startMs: TEST_START_MS, endMs: TEST_START_MS + DAY_MS },
  });

  it('ranks them, the one into a bar without volume last', () => {
    const positions = [0, ...Array.from({ length: 19 }, (_, k) => 1_000 * (k + 1))].map(position);
    const found = capacityOf(positions, result, 1) as Capacity;
    expect(found.withoutVolume).toBe(1);
    expect([found.bar.median, found.bar.p95, found.bar.max]).toEqual([100 / 10_000, 100 / 1_000, Infinity]);
    expect(found.bar.equityUsd.medianAt10Pct).toBeCloseTo((0.1 * 10_000) / 0.1, 6);
    expect(found.impact[0]).toEqual({ equityMult: 1, medianBps: Number.NaN, p95Bps: Number.NaN, meanR: Number.NaN });
  });
});
