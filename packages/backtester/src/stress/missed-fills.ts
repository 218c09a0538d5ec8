/** A random share of the signals never becomes a position. */
import { createPrng } from '@donch/core';
import { distributionOf } from './stress-figures.ts';
import type { MissedFills } from './stress-report.ts';
import type { StressedPortfolio } from './stressed-portfolio.ts';

const MISSED_FRACS = [0.05, 0.1, 0.25] as const;
const DRAWS = { pass: 200, engine: 50 } as const;

/** The run without 5, 10 and 25 % of its signals, many times each. */
export function missedFills(portfolio: StressedPortfolio, seed: number): MissedFills[] {
  return MISSED_FRACS.map((missedFrac) => missedAt(portfolio, missedFrac, seed));
}

function missedAt(portfolio: StressedPortfolio, missedFrac: number, seed: number): MissedFills {
  const { method, signals } = portfolio;
  const draws = DRAWS[method];
  const prng = createPrng(seed, `missed fills ${missedFrac}`);
  const meanR = new Float64Array(draws);
  const finalEquityUsd = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw += 1) {
    const isMissed = Uint8Array.from(signals, () => Number(prng.next() < missedFrac));
    const outline = portfolio.outline({ isMissed });
    meanR[draw] = outline.meanR;
    finalEquityUsd[draw] = outline.finalEquityUsd;
  }
  return {
    missedFrac,
    draws,
    method,
    meanR: distributionOf(meanR),
    finalEquityUsd: distributionOf(finalEquityUsd),
    profitableFrac: meanR.filter((value) => value > 0).length / draws,
  };
}
