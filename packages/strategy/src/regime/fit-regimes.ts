/** Monthly fits of the switching models, each on nothing but the bars that had closed by its refit date. */
import {
  DAY_MS,
  hashBytes,
  hashJson,
  intervalMs,
  nextMonthStartMs,
  Resampler,
  type Candles,
  type ConfigValues,
  type RegimeFit,
  type RegimeParameters,
  type SwitchingModel,
} from '@donch/core';
import { fitSwitching } from '@donch/stats';
import { ReturnGrid } from './return-grid.ts';

interface FitRule {
  readonly switching: 'variance' | 'both';
  /** Fewer returns make no parameters. */
  readonly returnsMin: number;
  /** The last ones before the refit date; older ones are of another market. */
  readonly returnsMax: number;
}

/** Markov: means and variances switch (a variance held equal makes a state of every outlier). Volatility: variances around one mean. */
const FIT_RULES: Readonly<Record<SwitchingModel, FitRule>> = {
  markov: { switching: 'both', returnsMin: 300, returnsMax: 4_380 },
  volatility: { switching: 'variance', returnsMin: 100, returnsMax: 1_461 },
};

/** Raised when the way of fitting changes: stored fits of another version are made again. */
const FIT_VERSION = 1;

/** Bar length of a model. */
export function switchingIntervalMs(model: SwitchingModel, settings: ConfigValues): number {
  return model === 'markov' ? intervalMs(settings.MARKOV_TIMEFRAME) : DAY_MS;
}

export interface FitRegimesOptions {
  readonly settings: ConfigValues;
  /** Base bars of the benchmark; bars that close after `untilMs` are not looked at. */
  readonly candles: Candles;
  readonly untilMs: number;
  /** Stored fits: those of the same returns are taken over. */
  readonly known: RegimeParameters;
}

/** Fits of every first of a month up to `untilMs`. The same candles give the same fits, stored ones or not. */
export function fitRegimes(options: FitRegimesOptions): RegimeParameters {
  return { markov: fitModel('markov', options), volatility: fitModel('volatility', options) };
}

function fitModel(model: SwitchingModel, { settings, candles, untilMs, known }: FitRegimesOptions): RegimeFit[] {
  const { endMs, returns } = gridOf(candles, switchingIntervalMs(model, settings), untilMs);
  const stored = new Map(known[model].map((fit) => [fit.inputHash, fit]));
  const fits: RegimeFit[] = [];
  let end = 0;
  const firstMs = endMs.length === 0 ? Infinity : nextMonthStartMs(endMs.values[0]);
  for (let refitMs = firstMs; refitMs <= untilMs && end < endMs.length; refitMs = nextMonthStartMs(refitMs)) {
    while (end < endMs.length && endMs.values[end] <= refitMs) end += 1;
    const values = returns.values.slice(Math.max(0, end - FIT_RULES[model].returnsMax), end);
    const inputHash = hashJson({ version: FIT_VERSION, model, refitMs, returns: hashOf(values) });
    fits.push(stored.get(inputHash) ?? fitOf(model, values, { refitMs, inputHash }));
  }
  return fits;
}

/** Stands for a missing return: the bits of NaN are not the same everywhere. */
const MISSING = Number.MAX_VALUE;

function hashOf(values: Float64Array): string {
  const filled = values.map((value) => (Number.isNaN(value) ? MISSING : value));
  return hashBytes(new Uint8Array(filled.buffer));
}

/** Returns of all bars that close until an instant. */
function gridOf(candles: Candles, lengthMs: number, untilMs: number): ReturnGrid {
  const grid = new ReturnGrid();
  const resampler = new Resampler(candles.intervalMs, lengthMs);
  for (let i = 0; i < candles.length && candles.openTimeMs[i] + candles.intervalMs <= untilMs; i += 1) {
    const closed = resampler.step(candles, i);
    const { bars, usable } = resampler;
    for (let row = bars.length - closed; row < bars.length; row += 1) grid.closeBar(bars, row, usable[row] === 1);
  }
  return grid;
}

function fitOf(
  model: SwitchingModel,
  values: Float64Array,
  { refitMs, inputHash }: Pick<RegimeFit, 'refitMs' | 'inputHash'>,
): RegimeFit {
  const { switching, returnsMin } = FIT_RULES[model];
  const observations = values.reduce((count, value) => count + Number(!Number.isNaN(value)), 0);
  const nothing = { refitMs, inputHash, observations, parameters: null, logLikelihood: null, separationSe: null };
  if (observations < returnsMin) return nothing;
  const { parameters, logLikelihood, separationSe } = fitSwitching(values, switching);
  if (Number.isNaN(separationSe)) return nothing;
  return { refitMs, inputHash, observations, parameters, logLikelihood, separationSe };
}
