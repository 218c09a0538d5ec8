/** Which settings exits on envelopes cannot treat exactly: such variants are simulated bar by bar. */
import type { EngineSettings, StrategyTerms } from '@donch/engine';
import type { BarVenueOptions } from '@donch/sim';

export interface SweepSettings {
  readonly settings: EngineSettings;
  readonly strategies: readonly StrategyTerms[];
  readonly venue: BarVenueOptions;
}

/** Why a variant has to go through the engine; null = the pass over envelopes gives the same bytes. */
export function needsEngine({ settings, strategies, venue }: SweepSettings): string | null {
  const { guards } = settings;
  const reasons: readonly (readonly [boolean, string])[] = [
    [strategies.some(({ exits }) => exits.trailing !== null), 'a trailing stop depends on the path'],
    [strategies.some(({ exits }) => exits.partial !== null), 'a first target depends on the path'],
    [strategies.some(({ exits }) => exits.basis !== 'price_atr'), 'exits are counted from a VWAP'],
    [settings.protectionAnchor !== 'reference', 'stop and target are moved to the fill'],
    [venue.costs.impactFrac > 0, 'market impact depends on the quantity'],
    [(venue.minuteBarsOf ?? null) !== null, '1m bars decide what came first'],
    [venue.disturbance !== null, 'the venue is disturbed'],
    [guards.lossStreakMax !== null, 'the loss streak stops entries'],
    [guards.drawdownMaxFrac !== null, 'the drawdown of every bar stops entries'],
    [guards.equityMinUsd > 0, 'the equity of every bar stops entries'],
  ];
  return reasons.find(([applies]) => applies)?.[1] ?? null;
}
