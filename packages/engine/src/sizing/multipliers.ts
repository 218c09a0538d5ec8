/** The factors on risk, each a number with a place in the reported chain. */
import { clamp, type Signal } from '@donch/core';
import type { LinearMap, SizingSettings, VwapStackSizing } from '../settings.ts';
import type { StrategyTerms } from '../state.ts';
import { scalerFactor } from './scalers.ts';

/** A numeric feature of the signal; NaN when it is missing or a word. */
export function featureOf(signal: Signal, name: string): number {
  const value = signal.features[name];
  return typeof value === 'number' ? value : Number.NaN;
}

/** Linear from [inMin, inMax] to [outMin, outMax], clamped at both ends; NaN in, NaN out. */
function linear({ inMin, inMax, outMin, outMax }: LinearMap, value: number): number {
  return outMin + clamp((value - inMin) / (inMax - inMin), 0, 1) * (outMax - outMin);
}

/** What factors read of a strategy. */
export type RegimeTerms = Pick<StrategyTerms, 'regimeDownFactor' | 'regimeFeature' | 'regimeWanted'>;

export interface Factors {
  readonly barometer: number;
  readonly vwapStack: number;
  readonly probability: number;
  readonly scalers: number;
  readonly regimeDown: number;
  readonly riskScale: number;
}

/** All factors of one signal. A factor whose input is missing takes its least favourable value, never 1 by accident. */
export function riskFactors(signal: Signal, settings: SizingSettings, terms: RegimeTerms): Factors {
  return {
    barometer: barometerFactor(signal, settings.barometer),
    vwapStack: settings.vwapStack === null ? 1 : vwapStackFactor(signal, settings.vwapStack),
    probability: settings.probability === null ? 1 : probabilityFactor(signal.p, settings.probability),
    scalers: clamp(
      settings.scalers.reduce(
        (product, scaler) => product * scalerFactor(scaler, featureOf(signal, scaler.feature)),
        1,
      ),
      settings.scalersMin,
      settings.scalersMax,
    ),
    regimeDown: regimeFactor(signal, terms),
    riskScale: signal.riskScale,
  };
}

/** The product of all factors of a signal: what its risk is multiplied by. */
export function riskFactorOf(signal: Signal, settings: SizingSettings, terms: RegimeTerms): number {
  return productOf(riskFactors(signal, settings, terms));
}

/** What all factors make of the risk together. */
export function productOf({ barometer, vwapStack, probability, scalers, regimeDown, riskScale }: Factors): number {
  return barometer * vwapStack * probability * scalers * regimeDown * riskScale;
}

/** ETH MACD barometer: unfavourable for a long below the first cutoff, for a short above the second; unknown counts as unfavourable. */
function barometerFactor(signal: Signal, barometer: SizingSettings['barometer']): number {
  if (barometer === null) return 1;
  const histogram = featureOf(signal, 'eth_macd_hist_4h');
  const favourable = signal.side === 'long' ? histogram >= barometer.longBelow : histogram <= barometer.shortAbove;
  return favourable ? 1 : barometer.factor;
}

/** Weighted mean of the two scores, mapped to the multiplier range; a missing score counts 0. */
function vwapStackFactor(signal: Signal, stack: VwapStackSizing): number {
  const fracScore = linear(stack.fracMap, featureOf(signal, 'vwap_frac_in_band'));
  const expansionScore = linear(stack.expansionMap, featureOf(signal, 'vwap_expansion_frac'));
  const known = (score: number): number => (Number.isNaN(score) ? 0 : score);
  const score =
    (stack.fracWeight * known(fracScore) + stack.expansionWeight * known(expansionScore)) /
    (stack.fracWeight + stack.expansionWeight);
  return stack.multMin + score * (stack.multMax - stack.multMin);
}

/** Clip to [floor, cap], linear to [min, max]; a signal without a probability takes the minimum. */
function probabilityFactor(p: number, map: LinearMap): number {
  return Number.isNaN(p) ? map.outMin : linear(map, p);
}

/** Size-down while the regime is not as wanted; unknown counts as not wanted. */
function regimeFactor(signal: Signal, { regimeDownFactor, regimeFeature, regimeWanted }: RegimeTerms): number {
  if (regimeDownFactor === null || regimeWanted === null) return 1;
  return featureOf(signal, regimeFeature) === regimeWanted ? 1 : regimeDownFactor;
}
