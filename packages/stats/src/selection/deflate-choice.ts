/** What the Sharpe ratio of the chosen trial is worth as the best of many. */
import { annualisedSharpe } from '../metrics/sharpe-ratio.ts';
import {
  type DeflatedSharpe,
  deflatedSharpe,
  expectedMaxOfTrials,
  minBacktest,
  trialSpreadOf,
} from '../sharpe/deflated-sharpe.ts';
import type { SharpeInference } from '../sharpe/sharpe-inference.ts';
import { refuseSharpe, type SharpeRefusal } from '../sharpe/sharpe-sample.ts';
import { effectiveTrials } from '../trials/effective-trials.ts';
import type { MeasuredTrial, SelectionInput } from './selection-input.ts';
import type { Deflation, ExpectedMaxSharpe } from './selection-verdict.ts';

/** Judges the chosen one by N raw, and by the number of clusters of the drawn trials. */
export function deflateChoice(
  sharpe: SharpeInference | SharpeRefusal,
  drawn: readonly MeasuredTrial[],
  { configurations, ledger }: Pick<SelectionInput, 'configurations' | 'ledger'>,
): Deflation {
  // in order of size, so that the order of the trials leaves no trace in the sums
  const spread = trialSpreadOf(Float64Array.from(ledger.sharpe).sort(), 1);
  const effective = effectiveTrials(drawn.map(({ returns }) => returns));
  const dsrOf = (trials: number): DeflatedSharpe | SharpeRefusal => {
    if (sharpe.kind === 'refused') return sharpe;
    if (spread.kind === 'refused') return spread;
    return deflatedSharpe(sharpe.sample, { trials, sharpeVariance: spread.sharpeVariance });
  };
  return {
    spread,
    effective,
    dsr: dsrOf(configurations),
    dsrEffective: effective.kind === 'refused' ? effective : dsrOf(effective.byClusters),
    expectedMax: spread.kind === 'refused' ? spread : expectedMaxSharpe(configurations, spread.sharpeVariance),
    minBacktest: sharpe.kind === 'refused' ? sharpe : minBacktest(configurations, sharpe.annualSharpe),
  };
}

function expectedMaxSharpe(trials: number, sharpeVariance: number): ExpectedMaxSharpe | SharpeRefusal {
  if (!(sharpeVariance > 0)) return refuseSharpe('trials_without_spread', sharpeVariance, 0);
  const best = expectedMaxOfTrials(trials);
  if (best.kind === 'refused') return best;
  const annualSharpe = annualisedSharpe(Math.sqrt(sharpeVariance) * best.standardDeviations);
  return { kind: 'expected_max_sharpe', trials, annualSharpe };
}
