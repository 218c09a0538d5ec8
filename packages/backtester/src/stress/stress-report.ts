/**
 * What becomes of one finished backtest when trading costs more, orders come late or not at all, entries are random or the account
 * is larger: the results of `stressRun`. Nothing is chosen by them: they are the same configuration under worse conditions, and no
 * new trials.
 */
import type { InstrumentId } from '@donch/core';
import type { Refusal } from '@donch/stats';

export interface StressReport {
  /** Of all draws; the same seed gives the same report. */
  readonly seed: number;
  /** The run itself, simulated again. */
  readonly run: StressFigures;
  /** UTC days of the run; all daily returns here are parallel to them. */
  readonly dayStartMs: Float64Array;
  readonly runReturns: Float64Array;
  readonly costs: CostStress;
  readonly lateEntries: LateEntries;
  /** By share of missed signals, ascending. */
  readonly missedFills: readonly MissedFills[];
  readonly randomEntries: RandomEntries | Refusal<'no_positions'>;
  readonly holding: BuyAndHold;
  readonly capacity: Capacity | Refusal<'no_positions'>;
}

/** Figures of the run under one condition. */
export interface StressFigures {
  /** Finished trades; the next three are theirs. */
  readonly trades: number;
  /** Net of all costs, R; NaN without trades. */
  readonly meanR: number;
  /** Of results in R; NaN, Infinity: see `profitFactor`. */
  readonly profitFactor: number;
  readonly winRateFrac: number;
  /** Positions open at the end count from here on. */
  readonly finalEquityUsd: number;
  readonly totalReturnFrac: number;
  /** <= 0, of equity marked at every bar. */
  readonly drawdownFrac: number;
  /** Fees and slippage. */
  readonly costsUsd: number;
  /** Value of all entries and exits. */
  readonly turnoverUsd: number;
  /** Which guard ended the run early; '' = none did. */
  readonly abortReason: string;
}

/** The run with fees and slippage times something. Funding is not multiplied: nobody pays twice the rate that the market pays. */
export interface CostStress {
  /** Ascending by `costMult`; 1 is the run itself. */
  readonly levels: readonly (StressFigures & { readonly costMult: number })[];
  readonly breakEven:
    | BreakEvenCost
    /** `found`: the mean R without costs, or at the highest multiple that was tried (`needed`). */
    | Refusal<'no_trades' | 'no_costs' | 'loses_without_costs' | 'profitable_at_any_cost'>;
}

/** Costs at which the mean R is 0, found by running the portfolio again with ever closer multiples. */
export interface BreakEvenCost {
  readonly kind: 'break_even';
  /** Fees and slippage of the run times this. */
  readonly costMult: number;
  /** Fees and slippage of one entry or exit at this multiple, bps of its value; round trip = twice that. */
  readonly oneWayBps: number;
  readonly roundTripBps: number;
  /** The same of the run as it is. */
  readonly runOneWayBps: number;
  readonly runRoundTripBps: number;
}

/**
 * Every order one base bar later, at the next bar's open, with the stop and target of the original decision. What lies beyond stop
 * or target by then is refused as the engine does it.
 */
export interface LateEntries extends StressFigures {
  readonly delayBars: number;
  /** Signals whose order would come after the end of the run. */
  readonly lostSignals: number;
}

/** The run without a random share of its signals: the bot was down, the venue refused, the order was not filled. */
export interface MissedFills {
  /** Chance of each signal to be missed, independent of all others. */
  readonly missedFrac: number;
  readonly draws: number;
  /** `engine`: the settings of the run need every bar, so there are fewer draws. Both give the same figures. */
  readonly method: 'pass' | 'engine';
  readonly meanR: StressDistribution;
  readonly finalEquityUsd: StressDistribution;
  /** Share of the draws with a mean R above 0. */
  readonly profitableFrac: number;
}

/** A figure over all draws; quantiles of type 7, all NaN where some draw has no value. */
export interface StressDistribution {
  /** Ascending. */
  readonly values: Float64Array;
  readonly mean: number;
  /** ddof 1. */
  readonly sd: number;
  readonly p05: number;
  readonly median: number;
  readonly p95: number;
}

/**
 * The positions of the run (those open at its end too) at random times: same instrument, side, number of bars, fraction of equity
 * and cost as a fraction of value; entry at the open of a listed bar of the window, exit at a close, funding of those hours, never
 * two at once on one instrument. What is left of a result when only the timing of the entries is chance.
 */
export interface RandomEntries {
  readonly kind: 'random_entries';
  readonly draws: number;
  readonly positions: number;
  /** Of the run's own daily returns. */
  readonly runTotalReturnFrac: number;
  /** Per year, as everywhere. */
  readonly runDailySharpe: number;
  readonly totalReturnFrac: StressDistribution;
  readonly dailySharpe: StressDistribution;
  /** (1 + draws at least as good as the run) / (1 + draws): small = random entries hardly ever do as well. */
  readonly totalReturnP: number;
  readonly dailySharpeP: number;
  /** Mean of the draws' returns of each day. */
  readonly meanReturns: Float64Array;
}

/** What holding the market made in the same days, without leverage and without funding (as on the spot market). */
export interface BuyAndHold {
  /** Instruments that the run had signals of, in equal parts, rebalanced daily among those that are listed. */
  readonly equalWeight: HoldingSeries;
  /** The reference symbol bought once; null = it is not stored. */
  readonly reference: HoldingSeries | null;
  /** Fees and slippage of the run, charged on everything that is bought or sold; fraction of value, one way. */
  readonly costFrac: number;
  /** Of the run's daily returns with those of the reference before costs; NaN without spread or reference. */
  readonly correlation: number;
  /** Covariance / variance of the reference. */
  readonly beta: number;
}

export interface HoldingSeries {
  readonly instruments: readonly InstrumentId[];
  /** After costs. */
  readonly returns: Float64Array;
  readonly totalReturnFrac: number;
  readonly dailySharpe: number;
  /** <= 0, of the ends of days. */
  readonly drawdownFrac: number;
  /** Sum of costs, fractions of the equity of their day. */
  readonly costsFrac: number;
}

/** How large the account may be before the market notices. */
export interface Capacity {
  readonly kind: 'capacity';
  readonly entries: number;
  /** Entries into bars without any volume; their participation is Infinity. */
  readonly withoutVolume: number;
  /** Value of an entry / quote volume of the bar that it fills in. */
  readonly bar: Participation;
  /** The same with all bars of the hour before the entry, the only volume that is known when it is decided. */
  readonly hour: Participation;
  /** By size of the account, ascending. */
  readonly impact: readonly ImpactEstimate[];
  /** Highest value of all positions / equity at a bar's close. */
  readonly leverageMax: number;
  /** Value of all entries and exits / mean equity, per year of 365 days. */
  readonly turnoverPerYear: number;
  readonly meanHoldingHours: number;
}

/** Shares of volume, fractions; quantiles by nearest rank. */
export interface Participation {
  readonly median: number;
  readonly p95: number;
  readonly max: number;
  /** Equity at which that quantile would reach the share, every entry staying the same fraction of equity; USD. */
  readonly equityUsd: {
    readonly medianAt1Pct: number;
    readonly medianAt10Pct: number;
    readonly p95At1Pct: number;
    readonly p95At10Pct: number;
  };
}

/**
 * Square-root law: an order of value Q moves the price by about `volatility x sqrt(Q / V)`, with the daily volatility and the volume V
 * of the 24 hours before the entry (B. Toth et al., "Anomalous price impact and the critical nature of liquidity in financial
 * markets", Phys. Rev. X 1, 2011; prefactor 1). Positions without bars before their entry are left out. An order of magnitude, no forecast.
 */
export interface ImpactEstimate {
  /** Times the equity of the run. */
  readonly equityMult: number;
  /** Of one entry or exit, bps. */
  readonly medianBps: number;
  readonly p95Bps: number;
  /** Mean R of the finished trades after impact on the way in and out, on top of the run's costs. */
  readonly meanR: number;
}
