/** The verdict of a null test of sweeps over its seeds: whether the statistics of a search can be fooled by luck alone, or a mistake earns. */
import { meanInterval, type MeanInterval, type Refusal } from '@donch/stats';
import type { NullSweep } from './null-sweep.ts';

/** Fewer sweeps say nothing about how often a search is fooled. */
export const NULL_SWEEP_SEEDS_MIN = 8;

/** From so many seeds on the mean PBO has to lie within `BAND_HALF` of one half; fewer scatter more. */
const SEEDS_OF_BAND = 40;
const BAND_HALF = 0.1;
/** DSR is a probability: above it a winner passes for skilled. */
const SKILL = 0.95;
/** Of the winners, so many may pass by chance. */
const SKILLED_FRAC_MAX = 0.1;

/** `skill`: too many winners pass. `overfitting`: PBO is not about one half. `earns`: the variants earn on average. */
export type NullSweepFinding = 'too_few' | 'skill' | 'overfitting' | 'earns';

export interface NullSweepVerdict {
  /** Empty = luck was seen through. */
  readonly findings: readonly NullSweepFinding[];
  /** Seeds with DSR and PBO: the others had too few trades or days for them. */
  readonly judged: number;
  /** Winners with DSR > 0.95, and how many of them are allowed. */
  readonly skilled: number;
  readonly skilledMax: number;
  /** Mean PBO; NaN when no seed has one. */
  readonly pbo: number;
  /** What it has to lie within. */
  readonly pboLow: number;
  readonly pboHigh: number;
  /** t interval over the seeds of the mean R of all variants: nobody was chosen, so it must reach 0 or below. */
  readonly averageMeanR: MeanInterval | Refusal;
}

/**
 * At most max(1, 10 %) of the winners have DSR > 0.95, and the mean PBO lies within 0.4..0.6; below 40 seeds the band is as wide as the
 * 95 % t interval of the mean where that is wider. The average variant must not earn. `too_few` below 8 judged seeds.
 */
export function nullSweepVerdict(sweeps: readonly NullSweep[]): NullSweepVerdict {
  const judged = sweeps.filter(({ dsr, pbo }) => !Number.isNaN(dsr) && !Number.isNaN(pbo));
  const skilled = judged.filter(({ dsr }) => dsr > SKILL).length;
  const skilledMax = Math.max(1, Math.floor(judged.length * SKILLED_FRAC_MAX));
  const overfitting = meanInterval(judged.map((sweep) => sweep.pbo));
  const isKnown = overfitting.kind === 'interval';
  const spread = isKnown && judged.length < SEEDS_OF_BAND ? overfitting.high - overfitting.estimate : 0;
  const half = Math.max(BAND_HALF, spread);
  const pbo = isKnown ? overfitting.estimate : Number.NaN;
  const averageMeanR = meanInterval(sweeps.map((sweep) => sweep.averageMeanR).filter((value) => !Number.isNaN(value)));
  const found: Readonly<Record<NullSweepFinding, boolean>> = {
    too_few: judged.length < NULL_SWEEP_SEEDS_MIN,
    skill: !(skilled <= skilledMax),
    overfitting: !(Math.abs(pbo - 0.5) <= half),
    earns: !(averageMeanR.kind === 'interval' && averageMeanR.low <= 0),
  };
  const findings = found.too_few
    ? (['too_few'] as const)
    : (['skill', 'overfitting', 'earns'] as const).filter((name) => found[name]);
  return {
    findings,
    judged: judged.length,
    skilled,
    skilledMax,
    pbo,
    pboLow: 0.5 - half,
    pboHigh: 0.5 + half,
    averageMeanR,
  };
}
