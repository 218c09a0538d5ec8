/** What trading costs in the simulation. Slippage is always against us; defaults must not flatter. */
import type { ConfigValues } from '@donch/core';

const BPS = 1e-4;

export interface CostSettings {
  /** Fraction of notional per fill. */
  readonly feeFrac: number;
  /** Market orders, fraction of price. */
  readonly slippageFrac: number;
  /** Stops, and targets that trade at market. */
  readonly stopSlippageFrac: number;
  /** Extra slippage x square root of the share of the bar's volume; 0 = off. */
  readonly impactFrac: number;
  /** Charged against a position per 8 hours where funding is not known, fraction of notional. */
  readonly assumedFundingFrac: number;
}

/** Costs from effective configuration values. */
export function costSettings(config: ConfigValues): CostSettings {
  return {
    feeFrac: config.FEE_RATE,
    slippageFrac: config.SLIPPAGE_BPS * BPS,
    stopSlippageFrac: config.STOP_SLIPPAGE_BPS * BPS,
    impactFrac: config.IMPACT_BPS_PER_PARTICIPATION * BPS,
    assumedFundingFrac: config.ASSUMED_FUNDING_BPS_8H * BPS,
  };
}

/** Share of a bar's volume above which a fill is doubtful. */
export const PARTICIPATION_WARNING_FRAC = 0.05;

export interface MarketFill {
  readonly side: 'buy' | 'sell';
  /** Price without slippage. */
  readonly price: number;
  readonly qty: number;
  /** Volume of the bar it trades in, base units; NaN = outside of trading, where there is no impact. */
  readonly barVolume: number;
  readonly slippageFrac: number;
}

/**
 * Price of a market fill: slippage, and impact by the square root of participation where it is switched on (at most 1: in a bar
 * without volume the whole bar would be ours).
 */
export function marketFillPrice({ side, price, qty, barVolume, slippageFrac }: MarketFill, impactFrac: number): number {
  const trades = impactFrac > 0 && !Number.isNaN(barVolume);
  const against = slippageFrac + (trades ? impactFrac * Math.sqrt(Math.min(1, qty / barVolume)) : 0);
  return side === 'buy' ? price * (1 + against) : price * (1 - against);
}
