/** What the returns and the trades of one run can bear: every figure is there, or the reason why it is not. */
import type { ClusterInterval } from '../bootstrap/cluster-bootstrap.ts';
import type { Refusal } from '../bootstrap/interval.ts';
import type { DecisiveTrades, GroupsLeftOut, LeaveOutRefusal, LeftOut } from '../breakdowns/leave-out.ts';
import type { KellyRefusal } from '../kelly/kelly-fraction.ts';
import type { Exposure } from '../metrics/exposure.ts';
import type { RollingRefusal, RollingSharpe } from '../metrics/rolling-sharpe.ts';
import type { TailRefusal, TailStatistics } from '../metrics/tail-statistics.ts';
import type { WorstPeriod, WorstPeriodRefusal } from '../metrics/worst-periods.ts';
import type { ReturnSimulation, SimulationRefusal } from '../monte-carlo/return-simulation.ts';
import type { ShuffleRefusal, TradeShuffle } from '../monte-carlo/trade-shuffle.ts';
import type { SharpeInference } from '../sharpe/sharpe-inference.ts';
import type { SharpeRefusal } from '../sharpe/sharpe-sample.ts';

export interface RunRobustness {
  readonly days: number;
  readonly trades: number;
  /** As told: with false every figure is what the search has left of it, and too good. */
  readonly isOutOfSample: boolean;
  /** Against a Sharpe ratio of 0; how many other configurations there were does not enter here. */
  readonly sharpe: SharpeInference | SharpeRefusal;
  /** Days drawn in blocks with replacement: what luck alone would spread. Assumes that the future is made of the same days. */
  readonly monteCarlo: MonteCarlo | Refusal<SimulationRefusal | 'no_trades'>;
  /** The trades in another order, compounded as fractions of the equity at their decisions: for drawdowns alone. */
  readonly shuffle: TradeShuffle | Refusal<ShuffleRefusal>;
  readonly killLevel: KillLevel | Refusal<SimulationRefusal | 'no_trades'>;
  readonly rollingSharpe: RollingFigures | Refusal<RollingRefusal>;
  readonly tail: TailStatistics | Refusal<TailRefusal>;
  readonly worstDay: WorstPeriod | Refusal<WorstPeriodRefusal>;
  readonly worstWeek: WorstPeriod | Refusal<WorstPeriodRefusal>;
  /** Refused below 30 trades. */
  readonly kelly: RunKelly | Refusal<KellyRefusal>;
  /** Without the 1, 5 and 10 best trades. */
  readonly withoutBest: readonly WithoutBest[];
  /** How few of the best trades made all of the profit. */
  readonly decisiveTrades: InBothUnits<DecisiveTrades | Refusal<LeaveOutRefusal>>;
  readonly withoutSymbol: InBothUnits<GroupsLeftOut | Refusal<LeaveOutRefusal>>;
  /** Groups in the order of the calendar, only those that have trades; by the entry in UTC. */
  readonly calendar: {
    readonly years: readonly TradeGroup[];
    readonly months: readonly TradeGroup[];
    readonly hours: readonly TradeGroup[];
  };
  /** One group when the run has one side only. */
  readonly sides: readonly TradeGroup[];
  readonly activity: RunActivity | Refusal<'no_trades'>;
}

/** The same question about results in R (each trade against its own risk) and in USD (with the sizes that were traded). */
export interface InBothUnits<Answer> {
  readonly r: Answer;
  readonly usd: Answer;
}

export interface MonteCarlo {
  readonly kind: 'monte_carlo';
  readonly simulation: ReturnSimulation;
  /** Why blocks are as long as they are: trades are held so long, the cube root of the number of days is longer, it was asked for. */
  readonly blockFrom: 'holding_time' | 'days' | 'option';
  readonly holdingDaysMean: number;
  readonly ruinLossFrac: number;
  readonly drawdownLimitFrac: number;
}

/**
 * Drawdown at which the run would not be what it was taken for: `quantile` of the simulated paths go deeper. Reaching it is a reason to
 * stop and look, not a proof.
 */
export interface KillLevel {
  readonly kind: 'kill_level';
  /** Share of the peak, <= 0. */
  readonly drawdownFrac: number;
  /** Share of the simulated paths that are deeper at some time, 0.025. */
  readonly quantile: number;
}

export interface RollingFigures {
  readonly kind: 'rolling_figures';
  readonly windowDays: number;
  /** Annual, per day; NaN before the first whole window and where there is no spread. */
  readonly sharpe: RollingSharpe['sharpe'];
  /** Windows that have a Sharpe ratio; the figures below are theirs, NaN when there is none. */
  readonly windows: number;
  readonly lowest: number;
  readonly median: number;
  /** Share of the windows with a Sharpe ratio that lie below 0. */
  readonly lossFrac: number;
}

/** Share of capital to risk per trade (1 R). */
export interface RunKelly {
  readonly kind: 'kelly';
  /** Argmax of the mean of log(1 + f R) over the trades; 0 without an edge. */
  readonly fraction: number;
  /** A quarter of it, at most `capFrac`. */
  readonly quarterCapped: number;
  readonly capFrac: number;
  readonly trades: number;
  /** False: the trades were chosen from, so the edge and with it this share are too large. */
  readonly isOutOfSample: boolean;
}

export interface WithoutBest extends InBothUnits<LeftOut | Refusal<LeaveOutRefusal>> {
  readonly count: number;
}

export interface TradeGroup {
  /** 2026; 2026-03; 00 to 23; long, short. */
  readonly name: string;
  readonly trades: number;
  readonly winRateFrac: number;
  readonly sumR: number;
  readonly meanR: number;
  readonly sumUsd: number;
  /** Of the mean R, by whole weeks. */
  readonly interval: ClusterInterval | Refusal;
}

export interface RunActivity {
  readonly kind: 'activity';
  readonly exposure: Exposure;
  readonly holdingDaysMean: number;
  readonly holdingDaysMedian: number;
  readonly tradesPerYear: number;
  /** Value of all fills / mean equity / years: how often the capital is turned over per year. */
  readonly turnoverPerYear: number;
}
