/** Which trials are findings when every trial of the window is a test. */
import { invariant } from '@donch/core';
import type { Refusal } from '../bootstrap/interval.ts';
import { type Adjustment, adjustPValues } from '../multiple-tests/adjusted-p-values.ts';
import { probabilisticSharpe } from '../sharpe/probabilistic-sharpe.ts';
import type { LedgerMoments } from './selection-input.ts';
import type { MultipleTests, SelectionRefusalReason, TestFindings } from './selection-verdict.ts';

/** The usual level. */
const FINDING_LEVEL = 0.05;

/** From the strictest question (no false finding at all) to the share of false ones, each without and with assumptions. */
const ADJUSTMENTS: readonly Adjustment[] = ['bonferroni', 'holm', 'benjamini_hochberg', 'benjamini_yekutieli'];

/**
 * Tests every trial of the window with p = 1 - PSR against a Sharpe ratio of 0 and corrects for their number. Trials whose PSR is refused
 * (never traded, too few days) are tests that found nothing, p = 1. Refused below two trials.
 */
export function findSurvivors(
  ledger: LedgerMoments,
  chosenId: string,
): MultipleTests | Refusal<SelectionRefusalReason> {
  const tests = ledger.ids.length;
  if (!(tests >= 2)) return { kind: 'refused', reason: 'too_few_trials', found: tests, needed: 2 };
  const chosen = ledger.ids.indexOf(chosenId);
  invariant(chosen >= 0, 'the chosen trial stands in the ledger');
  let withoutPsr = 0;
  const pValues = Float64Array.from(ledger.ids, (_, k) => {
    const psr = probabilisticSharpe({
      sharpe: ledger.sharpe[k],
      skewness: ledger.skewness[k],
      kurtosis: ledger.kurtosis[k],
      observations: ledger.days[k],
    });
    if (psr.kind === 'psr') return 1 - psr.probability;
    withoutPsr += 1;
    return 1;
  });
  return {
    kind: 'multiple_tests',
    tests,
    withoutPsr,
    level: FINDING_LEVEL,
    plain: findingsOf(pValues, chosen),
    adjusted: ADJUSTMENTS.map((adjustment) => {
      const found = adjustPValues(pValues, adjustment);
      invariant(found.kind === 'adjusted', 'every test has a p value');
      return { adjustment, ...findingsOf(found.pValues, chosen) };
    }),
  };
}

function findingsOf(pValues: Float64Array, chosen: number): TestFindings {
  return { findings: pValues.filter((p) => p <= FINDING_LEVEL).length, chosenPValue: pValues[chosen] };
}
