/** Parameters of the regimes' switching models, as data: fitted in research, stored, read by everything that computes a regime. */

/** y_t = means[S_t] + e_t, e_t normal with variances[S_t], S_t a Markov chain of the states 0 and 1. */
export interface SwitchingParameters {
  /** P(state 0 | state 0 before). */
  readonly p00: number;
  /** P(state 0 | state 1 before). */
  readonly p10: number;
  readonly means: readonly [state0: number, state1: number];
  /** Squares of the standard deviations. */
  readonly variances: readonly [state0: number, state1: number];
}

/** The two models of the benchmark: returns on MARKOV_TIMEFRAME, variance of daily returns. */
export const SWITCHING_MODELS = ['markov', 'volatility'] as const;
export type SwitchingModel = (typeof SWITCHING_MODELS)[number];

/** Parameters fitted on the bars that had closed by a refit date. */
export interface RegimeFit {
  /** First of a month 00:00 UTC; the parameters hold from here to the next refit. */
  readonly refitMs: number;
  /** Returns that the fit was made of; too few of them make no parameters. */
  readonly observations: number;
  /** Hash of these returns and of the way of fitting. */
  readonly inputHash: string;
  /** State 0 has the smaller mean (`markov`) or variance (`volatility`); null = too few returns or no maximum. */
  readonly parameters: SwitchingParameters | null;
  readonly logLikelihood: number | null;
  /** Distance of the states in standard errors; null = not known. */
  readonly separationSe: number | null;
}

/** Fits of one benchmark, ascending by refit date. */
export type RegimeParameters = Readonly<Record<SwitchingModel, readonly RegimeFit[]>>;

/** Nothing fitted: every regime of a switching model is unknown. */
export const NO_REGIMES: RegimeParameters = { markov: [], volatility: [] };
