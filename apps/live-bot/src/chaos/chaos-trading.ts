/** Account and exits of a strategy as a chaos run trades them. */
import { strategyTerms } from '@donch/backtester';
import { tradingSettings } from '@donch/project';
import type { CompiledStrategy } from '@donch/strategy';
import type { ChaosTraderOptions } from './chaos-trader.ts';
import { CHAOS_INTERVAL_MS, CHAOS_START_USD } from './chaos-world.ts';

/**
 * Exits and sizing are the strategy's; what limits how often it trades is off (a run lasts minutes and must meet every state of
 * orders and trades), and its bars are minutes.
 */
export function chaosTrading(strategies: readonly CompiledStrategy[]): Pick<ChaosTraderOptions, 'settings' | 'terms'> {
  const { settings } = tradingSettings(strategies[0].settings, { rules: [], fundingOf: () => null });
  return {
    settings: {
      ...settings,
      initialCapitalUsd: CHAOS_START_USD,
      meta: { ...settings.meta, required: false },
      guards: {
        ...settings.guards,
        openMax: Infinity,
        entriesPerDayMax: Infinity,
        cooldownMs: 0,
        dedupMs: 0,
        lossStreakMax: null,
        drawdownMaxFrac: null,
        abortTradesMax: Infinity,
      },
    },
    terms: strategies.map((strategy) => ({
      ...strategyTerms(strategy),
      intervalMs: CHAOS_INTERVAL_MS,
      regimeWanted: null,
    })),
  };
}
