/** Every order later than it should be. */
import { isInWindow } from '../scan-window.ts';
import { stressFigures } from './stress-figures.ts';
import type { LateEntries } from './stress-report.ts';
import type { StressedPortfolio } from './stressed-portfolio.ts';

const DELAY_BARS = 1;

/**
 * The run with all its decisions one bar later and otherwise unchanged: reference price, ATR, stop, target and risk are those of the
 * signal's own bar, account and gates those of the later instant.
 */
export function lateEntries(portfolio: StressedPortfolio): LateEntries {
  const { window, intervalMs } = portfolio.run;
  const late = portfolio.signals.map((signal) => ({
    ...signal,
    decisionTimeMs: signal.decisionTimeMs + DELAY_BARS * intervalMs,
  }));
  const signals = late.filter((signal) => isInWindow(signal, window));
  return {
    delayBars: DELAY_BARS,
    lostSignals: late.length - signals.length,
    ...stressFigures(portfolio.simulate({ signals })),
  };
}
