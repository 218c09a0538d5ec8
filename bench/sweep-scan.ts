/** What a sweep is compared with: a loop over the bars of each signal that leaves as soon as it can. */
import {
  HOUR_MS,
  lowerBound,
  lowerBoundOf,
  type Candles,
  type ExitRules,
  type FundingEvents,
  type Signal,
} from '@donch/core';
import type { CostSettings } from '@donch/sim';

export interface ScannedSignal {
  readonly signal: Signal;
  readonly candles: Candles;
  readonly funding: FundingEvents;
  readonly riskUsd: number;
}

/** Sum of R of all signals under one set of exits. */
export function scanAlone(signals: readonly ScannedSignal[], exits: ExitRules, costs: CostSettings): number {
  let sum = 0;
  for (const scanned of signals) {
    const r = scanOne(scanned, exits, costs);
    if (!Number.isNaN(r)) sum += r;
  }
  return sum;
}

/** R of one signal; NaN = not entered, or open at the end of the bars. */
function scanOne({ signal, candles, funding, riskUsd }: ScannedSignal, exits: ExitRules, costs: CostSettings): number {
  const { decisionTimeMs, referencePrice, atr } = signal;
  const { openTimeMs, open, high, low, length } = candles;
  const direction = signal.side === 'long' ? 1 : -1;
  const stop = referencePrice - direction * exits.slAtrMult * atr;
  const target = exits.tpAtrMult === null ? direction * Infinity : referencePrice + direction * exits.tpAtrMult * atr;
  const first = lowerBound(candles, decisionTimeMs);
  if (openTimeMs[first] !== decisionTimeMs) return Number.NaN;
  const entry = open[first];
  if (direction * (entry - stop) <= 0 || direction * (target - entry) <= 0) return Number.NaN;
  const untilMs = exits.timeExitHours === null ? Infinity : decisionTimeMs + exits.timeExitHours * HOUR_MS;
  const [best, worst] = direction > 0 ? [high, low] : [low, high];
  let row = first;
  let price = Number.NaN;
  let slippageFrac = costs.stopSlippageFrac;
  for (; row < length; row += 1) {
    if (openTimeMs[row] >= untilMs) {
      price = open[row];
      slippageFrac = costs.slippageFrac;
      break;
    }
    if (direction * (worst[row] - stop) <= 0) {
      price =
        direction * (open[row] - stop) <= 0 ? open[row] : direction * (open[row] - target) >= 0 ? open[row] : stop;
      break;
    }
    if (direction * (best[row] - target) >= 0) {
      price = direction * (open[row] - target) >= 0 ? open[row] : target;
      break;
    }
  }
  if (row === length) return Number.NaN;
  const risk = Math.abs(referencePrice - stop);
  const qty = riskUsd / risk;
  const bought = entry * (1 + direction * costs.slippageFrac);
  const sold = price * (1 - direction * slippageFrac);
  let fundingUsd = 0;
  for (
    let k = lowerBoundOf(funding.timeMs, decisionTimeMs + 1), at = first;
    k < funding.timeMs.length && funding.timeMs[k] <= openTimeMs[row];
    k += 1
  ) {
    while (at + 1 < length && openTimeMs[at + 1] < funding.timeMs[k]) at += 1;
    fundingUsd -= direction * funding.rate[k] * qty * candles.close[at];
  }
  const fees = costs.feeFrac * qty * (bought + sold);
  return (direction * qty * (sold - bought) - fees + fundingUsd) / riskUsd;
}
