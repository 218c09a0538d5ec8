/** An invented model for tests and for the check in a browser: plausible figures, deterministic, names as hostile as wanted. */
import { createPrng, DAY_MS, nextMonthStartMs, type Prng } from '@donch/core';
import type { Banded, ModelMetrics, ModelReportInput, ModelThreshold } from '../model/model-report-input.ts';

const FROM_MS = 19_723 * DAY_MS;
const ROWS = 2_412;
const BASE = 0.412;

export interface SampleModelOptions {
  readonly threshold?: ModelThreshold['source'];
  readonly paths?: number;
  readonly name?: string;
  readonly features?: readonly string[];
}

const FEATURES = [
  'rs_percentile',
  'vol_mult',
  'atr_frac',
  'adx_1h',
  'rsi_1h',
  'eth_macd_hist_4h',
  'days_since_prev_break',
  'don_dist_atr',
  'funding_sum_3d',
  'hour_sin',
  'hour_cos',
  'vwap_expansion_frac',
  'markov_prob_up_4h',
  'trend_regime_1d=BULL',
  'trend_regime_1d=BEAR',
  'consolidation_days',
  'retest_depth_atr',
  'turnover_median_usd',
  'listing_age_days',
  'weekday',
  'gap_frac',
  'breadth_above_ema_frac',
];

const banded = (estimate: number, half: number): Banded => ({ estimate, low: estimate - half, high: estimate + half });

export function sampleModelInput(options: SampleModelOptions = {}): ModelReportInput {
  const { threshold: source = 'chosen', paths = 5, name = 'donchian_retest', features = FEATURES } = options;
  const prng = createPrng(7, 'sample model');
  return {
    strategy: name,
    side: 'long',
    target: "+2 ATR from the signal's price before the stop, within 72 h",
    rows: ROWS,
    unlabelledSignals: 19,
    instruments: 55,
    fromMs: FROM_MS,
    toMs: FROM_MS + 540 * DAY_MS,
    baseRateFrac: BASE,
    parameters: Object.entries({
      trees: 200,
      learningRate: 0.03,
      leaves: 8,
      depthMax: null,
      monotone: 'none',
      seed: 42,
    }).map(([key, value]): readonly [string, string] => [key, String(value)]),
    metrics: [...metricsOf('fold', 15, prng), ...metricsOf('path', paths, prng)],
    calibration: calibrationOf(prng),
    precisionRecall: Array.from({ length: paths }, () => recallOf(prng)),
    ev: evOf(prng),
    threshold: thresholdOf(source, prng),
    walkForward: walkForwardOf(prng),
    importance: features.map((feature, k) => ({
      name: feature,
      gain: 900 * Math.exp(-k / 4) * (0.8 + prng.next() * 0.4),
      splits: Math.round(220 * Math.exp(-k / 6)),
      permutation: 0.006 * Math.exp(-k / 3) - 0.0004 * prng.next(),
      permutationSd: 0.0008 + 0.0006 * prng.next(),
      shap: 0.19 * Math.exp(-k / 5),
    })),
    learningCurve: Array.from({ length: 40 }, (_, k) => {
      const trees = 5 * (k + 1);
      const learned = 1 - Math.exp(-trees / 60);
      return { trees, trainLogLoss: 0.678 - 0.055 * learned, testLogLoss: 0.678 - 0.016 * learned + 0.00003 * trees };
    }),
    probes: {
      permutations: 20,
      permutedAuc: 0.4968,
      permutedAucSe: 0.0041,
      permutedNamed: 1,
      isPlantFound: true,
      isTestBlind: true,
      suspicious: [],
    },
    warnings: [],
  };
}

function metricsOf(scope: ModelMetrics['scope'], count: number, prng: Prng): ModelMetrics[] {
  return Array.from({ length: count }).flatMap((_, index) => {
    const rocAuc = 0.585 + 0.03 * prng.normal();
    const baseRateFrac = BASE + 0.03 * prng.normal();
    const rows = {
      trainRows: scope === 'fold' ? 1_480 + prng.below(90) : Number.NaN,
      testRows: scope === 'fold' ? 804 : ROWS,
    };
    const shared = { scope, index, rocAuc, prAuc: baseRateFrac + 0.07 + 0.02 * prng.normal(), baseRateFrac, ...rows };
    const before = { brier: 0.2391, logLoss: 0.6702 + 0.004 * prng.normal(), ece: 0.041 + 0.008 * prng.next() };
    const after = { brier: before.brier - 0.0029, logLoss: before.logLoss - 0.0061, ece: before.ece * 0.55 };
    return [
      { ...shared, stage: 'raw', ...before },
      { ...shared, stage: 'calibrated', ...after },
    ];
  });
}

function calibrationOf(prng: Prng): ModelReportInput['calibration'] {
  const rows = [0, 120, 1_480, 3_310, 3_620, 2_240, 960, 290, 40, 0];
  const points = (slope: number) =>
    rows.flatMap((count, k) => {
      const meanP = (k + 0.5) / 10;
      const noise = (0.4 * prng.normal()) / Math.sqrt(count / 5);
      return count === 0 ? [] : [{ meanP, frequency: BASE + slope * (meanP - BASE) + noise, rows: count }];
    });
  return {
    kind: 'platt',
    logLoss: { none: 0.670_21, platt: 0.664_08, isotonic: 0.664_93 },
    before: points(0.55),
    after: points(0.97),
  };
}

function recallOf(prng: Prng): ModelReportInput['precisionRecall'][number] {
  const bend = 0.2 + 0.04 * prng.normal();
  return Array.from({ length: 200 }, (_, k) => {
    const recall = (k + 1) / 200;
    const noise = (0.03 * prng.normal()) / Math.sqrt(k + 1);
    return { recall, precision: Math.min(1, BASE + bend * (1 - recall) ** 1.5 + noise + (k === 0 ? 0.3 : 0)) };
  });
}

function evOf(prng: Prng): ModelReportInput['ev'] {
  const thresholds = [0.3, 0.35, 0.38, 0.4, 0.42, 0.45, 0.47, 0.5, 0.53, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9];
  const all = banded(0.064, 0.071);
  const points = thresholds.map((threshold) => {
    const coverageFrac = threshold > 0.78 ? 0 : 1 / (1 + Math.exp((threshold - 0.44) * 22));
    const n = coverageFrac * ROWS;
    const none = { estimate: Number.NaN, low: Number.NaN, high: Number.NaN };
    if (n === 0) return { threshold, n, coverageFrac, totalR: 0, winRateFrac: Number.NaN, ev: none, improvement: none };
    const estimate = 0.064 + 0.62 * Math.max(0, threshold - 0.36) + (0.6 * prng.normal()) / Math.sqrt(n);
    const half = 0.07 + 1.9 / Math.sqrt(n);
    const few = n < 30 ? none : null;
    return {
      threshold,
      n,
      coverageFrac,
      totalR: n * estimate,
      winRateFrac: 0.43 + 0.3 * (threshold - 0.3),
      ev: few === null ? banded(estimate, half) : { ...none, estimate },
      improvement:
        few === null
          ? banded(estimate - all.estimate, half * (1 - coverageFrac))
          : { ...none, estimate: estimate - all.estimate },
    };
  });
  return { all, points };
}

function thresholdOf(source: ModelThreshold['source'], prng: Prng): ModelThreshold {
  const isProven = source === 'chosen';
  const pstar = { chosen: 0.517_238_450_912_3, user: 0.6, none: Number.NaN }[source];
  const note = {
    chosen: '',
    user: "the user's own choice; there is no evidence for any threshold",
    none: 'the improvement may be chance: its lower bound is not above 0 (-0.0213, needed: 0)',
  }[source];
  const groupMs = 90 * DAY_MS;
  return {
    pstar,
    source,
    note,
    improvement: isProven ? banded(0.118, 0.084) : banded(0.041, 0.0623),
    n: 512.4,
    evR: isProven ? 0.181 : 0.099,
    evAllR: 0.064,
    inSampleImprovementR: source === 'none' ? 0.187 : 0.204,
    groups: Array.from({ length: 6 }, (_, k) => {
      const evAllR = 0.06 + 0.09 * prng.normal();
      return {
        fromMs: FROM_MS + k * groupMs,
        toMs: FROM_MS + (k + 1) * groupMs - DAY_MS,
        pstar: 0.51 + 0.01 * prng.normal(),
        rows: 402,
        n: 60 + prng.below(50) + 0.6,
        evR: evAllR + (isProven ? 0.12 : 0.04) + 0.08 * prng.normal(),
        evAllR,
      };
    }),
  };
}

function walkForwardOf(prng: Prng): ModelReportInput['walkForward'] {
  let fromMs = FROM_MS;
  const months = Array.from({ length: 12 }, (_, k) => {
    fromMs = nextMonthStartMs(fromMs + 150 * DAY_MS * (k === 0 ? 1 : 0));
    const hasPstar = k > 2;
    const rows = 110 + prng.below(60);
    const n = hasPstar ? 14 + prng.below(30) : 0;
    const evAllR = 0.06 + 0.15 * prng.normal();
    const evR = n > 0 ? evAllR + 0.08 + 0.25 * prng.normal() : Number.NaN;
    const pstar = hasPstar ? 0.52 + 0.012 * prng.normal() : Number.NaN;
    return { fromMs, trainRows: 640 + 145 * k, rows, pstar, n, evR, evAllR, rocAuc: 0.57 + 0.05 * prng.normal() };
  });
  return { months, improvement: banded(0.087, 0.131) };
}
