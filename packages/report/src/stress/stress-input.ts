/** What a run becomes under worse conditions, as the simulation tells it. Plain data, of the same form as the simulation's own report. */
import type { Refusal } from '@donch/stats';

export interface StressInput {
  readonly seed: number;
  readonly run: StressFigures;
  readonly costs: {
    /** Ascending; 1 is the run itself. */
    readonly levels: readonly (StressFigures & { readonly costMult: number })[];
    readonly breakEven: BreakEven | Refusal<string>;
  };
  readonly lateEntries: StressFigures & { readonly delayBars: number; readonly lostSignals: number };
  readonly missedFills: readonly MissedFills[];
  readonly randomEntries: RandomEntries | Refusal<string>;
  readonly holding: {
    readonly equalWeight: Holding;
    /** Null = its bars are not stored. */
    readonly reference: Holding | null;
    readonly costFrac: number;
    /** Of daily returns with those of the reference; NaN without it. */
    readonly correlation: number;
    readonly beta: number;
  };
  readonly capacity: Capacity | Refusal<string>;
}

export interface StressFigures {
  readonly trades: number;
  readonly meanR: number;
  readonly profitFactor: number;
  readonly winRateFrac: number;
  readonly finalEquityUsd: number;
  readonly totalReturnFrac: number;
  /** <= 0. */
  readonly drawdownFrac: number;
  readonly costsUsd: number;
  readonly abortReason: string;
}

interface BreakEven {
  readonly kind: 'break_even';
  readonly costMult: number;
  readonly roundTripBps: number;
  readonly runRoundTripBps: number;
}

interface Distribution {
  readonly mean: number;
  readonly p05: number;
  readonly median: number;
  readonly p95: number;
}

interface MissedFills {
  readonly missedFrac: number;
  readonly draws: number;
  readonly meanR: Distribution;
  readonly finalEquityUsd: Distribution;
  readonly profitableFrac: number;
}

export interface RandomEntries {
  readonly kind: 'random_entries';
  readonly draws: number;
  readonly positions: number;
  readonly runTotalReturnFrac: number;
  readonly runDailySharpe: number;
  readonly totalReturnFrac: Distribution & { readonly values: Float64Array };
  readonly dailySharpe: Distribution;
  readonly totalReturnP: number;
  readonly dailySharpeP: number;
}

interface Holding {
  readonly instruments: readonly string[];
  readonly totalReturnFrac: number;
  readonly dailySharpe: number;
  readonly drawdownFrac: number;
}

export interface Capacity {
  readonly kind: 'capacity';
  readonly entries: number;
  readonly withoutVolume: number;
  readonly bar: Participation;
  readonly hour: Participation;
  readonly impact: readonly Impact[];
  readonly leverageMax: number;
  readonly turnoverPerYear: number;
  readonly meanHoldingHours: number;
}

interface Participation {
  readonly median: number;
  readonly p95: number;
  readonly max: number;
  readonly equityUsd: {
    readonly medianAt1Pct: number;
    readonly medianAt10Pct: number;
    readonly p95At1Pct: number;
    readonly p95At10Pct: number;
  };
}

interface Impact {
  readonly equityMult: number;
  readonly medianBps: number;
  readonly p95Bps: number;
  readonly meanR: number;
}

/** Nothing was simulated, and why: a sentence without its point. */
interface NoStress {
  readonly kind: 'none';
  readonly why: string;
}

export type StressFindings = { readonly kind: 'stress'; readonly report: StressInput } | NoStress;
