/** Invented findings about a run for tests and for the check in a browser: a search, worse conditions, groups. Figures fit together, and mean nothing. */
import { createPrng } from '@donch/core';
import type { ReportInput } from '../report-input.ts';
import type { StressFigures, StressInput } from '../stress/stress-input.ts';
import type { VariantGroups } from '../variants/variant-groups.ts';
import { sampleInput, type SampleOptions } from './sample-input.ts';
import { sampleSweep } from './sample-sweep.ts';

/** A run with everything that can be asked about it. */
export function sampleWithFindings(options: SampleOptions): ReportInput {
  const input = sampleInput(options);
  return {
    ...input,
    selection: sampleSweep({ edge: 0.002 }).selection,
    stress: { kind: 'stress', report: sampleStress() },
    groups: sampleGroups(options),
    settings: { FEE_RATE: '0.00055', SLIPPAGE_BPS: '5' },
  };
}

function sampleGroups({ trades, symbols = [] }: SampleOptions): VariantGroups {
  const prng = createPrng(3, 'groups');
  const name = symbols[0] ?? 'regime_up';
  const words = [...symbols.slice(0, 2), 'yes', 'no'].slice(0, 3);
  return {
    results: {
      name: 'pnl_R',
      values: Float64Array.from({ length: trades }, (_, row) => (row % 40 === 39 ? Number.NaN : prng.next() * 4 - 1.8)),
      isR: true,
    },
    columns: [
      { name: 'pullback_type', values: Array.from({ length: trades }, (_, row) => ['retest', 'mean'][row % 2]) },
      { name, values: Array.from({ length: trades }, (_, row) => words[row % words.length]) },
    ],
  };
}

const FIGURES: StressFigures = {
  trades: 300,
  meanR: 0.12,
  profitFactor: 1.18,
  winRateFrac: 0.31,
  finalEquityUsd: 1_360,
  totalReturnFrac: 0.36,
  drawdownFrac: -0.14,
  costsUsd: 220,
  abortReason: '',
};

function distribution(middle: number, width: number): StressInput['missedFills'][number]['meanR'] {
  return { mean: middle, p05: middle - width, median: middle, p95: middle + width };
}

/** Findings of a simulation that never ran. */
export function sampleStress(changes: Partial<StressInput> = {}): StressInput {
  const prng = createPrng(4, 'random entries');
  const values = Float64Array.from({ length: 500 }, () => 0.4 * (prng.next() + prng.next() + prng.next() - 1.5)).sort();
  const levels = [1, 1.5, 2, 3].map((costMult) => ({
    ...FIGURES,
    costMult,
    meanR: 0.12 - 0.08 * (costMult - 1),
    costsUsd: 220 * costMult,
  }));
  return {
    seed: 1,
    run: FIGURES,
    costs: { levels, breakEven: { kind: 'break_even', costMult: 2.5, roundTripBps: 52.4, runRoundTripBps: 21 } },
    lateEntries: { ...FIGURES, meanR: 0.07, delayBars: 1, lostSignals: 2 },
    missedFills: [0.1, 0.25].map((missedFrac) => ({
      missedFrac,
      draws: 200,
      meanR: distribution(0.12, missedFrac / 2),
      finalEquityUsd: distribution(1_300, 120),
      profitableFrac: 0.97,
    })),
    randomEntries: {
      kind: 'random_entries',
      draws: 500,
      positions: 301,
      runTotalReturnFrac: 0.36,
      runDailySharpe: 1.4,
      totalReturnFrac: { ...distribution(0.01, 0.3), values },
      dailySharpe: distribution(0.1, 1.3),
      totalReturnP: 0.024,
      dailySharpeP: 0.031,
    },
    holding: {
      equalWeight: {
        instruments: ['sim:BTCUSDT', 'sim:ETHUSDT'],
        totalReturnFrac: 0.52,
        dailySharpe: 0.9,
        drawdownFrac: -0.41,
      },
      reference: { instruments: ['sim:BTCUSDT'], totalReturnFrac: 0.61, dailySharpe: 1.1, drawdownFrac: -0.3 },
      costFrac: 0.00105,
      correlation: 0.22,
      beta: 0.14,
    },
    capacity: {
      kind: 'capacity',
      entries: 301,
      withoutVolume: 1,
      bar: participation(0.002),
      hour: participation(0.0004),
      impact: [1, 10, 100].map((equityMult) => ({
        equityMult,
        medianBps: 0.4 * Math.sqrt(equityMult),
        p95Bps: 2 * Math.sqrt(equityMult),
        meanR: 0.12 - 0.004 * Math.sqrt(equityMult),
      })),
      leverageMax: 2.4,
      turnoverPerYear: 210,
      meanHoldingHours: 31,
    },
    ...changes,
  };
}

function participation(median: number): Extract<StressInput['capacity'], { kind: 'capacity' }>['bar'] {
  return {
    median,
    p95: 8 * median,
    max: Number.POSITIVE_INFINITY,
    equityUsd: {
      medianAt1Pct: 10 / median,
      medianAt10Pct: 100 / median,
      p95At1Pct: 1.25 / median,
      p95At10Pct: 12.5 / median,
    },
  };
}
