/** Everything that daily returns say about their own Sharpe ratio, without a word about how many others there were. */
import { annualisedSharpe } from '../metrics/sharpe-ratio.ts';
import { mean } from '../moments.ts';
import {
  type MinTrackRecord2026,
  minTrackRecord2026,
  type ProbabilisticSharpe2026,
  probabilisticSharpe2026,
} from './probabilistic-sharpe-2026.ts';
import {
  type MinTrackRecord,
  minTrackRecord,
  type ProbabilisticSharpe,
  probabilisticSharpe,
} from './probabilistic-sharpe.ts';
import { type MeasuredSharpe, type SharpeRefusal, sharpeSampleOf } from './sharpe-sample.ts';

/** The Sharpe ratio of one series of daily returns against 0, and how sure it is. Lengths are in days. */
export interface SharpeInference {
  readonly kind: 'inference';
  /** Per day. */
  readonly sample: MeasuredSharpe;
  /** Per year of 365 days. */
  readonly annualSharpe: number;
  /** The formula of 2012: the one to quote. It presumes independent days. */
  readonly psr: ProbabilisticSharpe | SharpeRefusal;
  readonly minTrackRecord: MinTrackRecord | SharpeRefusal;
  /** The revision of 2026, to be named so: other figures on the same data. It takes `autocorrelation` into account. */
  readonly psr2026: ProbabilisticSharpe2026 | SharpeRefusal;
  readonly minTrackRecord2026: MinTrackRecord2026 | SharpeRefusal;
  /** Correlation of a day with the day before, as the revision uses it: a negative one counts as 0, for it would flatter. */
  readonly autocorrelation: number;
}

/** Judges a series of daily returns against a Sharpe ratio of 0. Refused when too short, incomplete or without spread. */
export function inferSharpe(dailyReturns: Float64Array): SharpeInference | SharpeRefusal {
  const sample = sharpeSampleOf(dailyReturns);
  if (sample.kind === 'refused') return sample;
  const autocorrelation = Math.max(0, lagOneCorrelation(dailyReturns));
  return {
    kind: 'inference',
    sample,
    annualSharpe: annualisedSharpe(sample.sharpe),
    psr: probabilisticSharpe(sample),
    minTrackRecord: minTrackRecord(sample),
    psr2026: probabilisticSharpe2026(sample, { autocorrelation }),
    minTrackRecord2026: minTrackRecord2026(sample, { autocorrelation }),
    autocorrelation,
  };
}

/** Sum of products of neighbours / sum of squares, both of the values less their mean: always below 1. */
function lagOneCorrelation(values: Float64Array): number {
  const center = mean(values);
  let [products, squares] = [0, 0];
  for (let k = 0; k < values.length; k += 1) {
    squares += (values[k] - center) ** 2;
    if (k > 0) products += (values[k] - center) * (values[k - 1] - center);
  }
  return products / squares;
}
