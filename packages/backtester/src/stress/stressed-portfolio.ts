/** The portfolio of a run under other costs, with later signals or without some of them: by the engine, and by the pass where it can. */
import { type Signal } from '@donch/core';
import type { CostSettings } from '@donch/sim';
import { runBacktest, type BacktestOptions, type BacktestResult } from '../run-backtest.ts';
import { isInWindow } from '../scan-window.ts';
import { exitAxes } from '../sweep/exit-axes.ts';
import { needsEngine } from '../sweep/needs-engine.ts';
import { passPortfolio } from '../sweep/portfolio-pass.ts';
import { SignalPaths } from '../sweep/signal-paths.ts';
import { summariseVariant } from '../sweep/variant-summary.ts';
import { stressFigures } from './stress-figures.ts';

export type StressedRun = Omit<BacktestOptions, 'onProgress' | 'onCommand' | 'onInstant' | 'beforeBars'>;

/** What is asked of hundreds of runs. */
export interface RunOutline {
  /** Of finished trades; NaN without any. */
  readonly meanR: number;
  readonly finalEquityUsd: number;
}

/** Fees and all slippage times something; funding stays what the market pays. */
export function scaledCosts(costs: CostSettings, costMult: number): CostSettings {
  return {
    ...costs,
    feeFrac: costs.feeFrac * costMult,
    slippageFrac: costs.slippageFrac * costMult,
    stopSlippageFrac: costs.stopSlippageFrac * costMult,
    impactFrac: costs.impactFrac * costMult,
  };
}

export class StressedPortfolio {
  readonly run: StressedRun;
  /** Signals of the window in an order of their own: what draws are counted by. */
  readonly signals: readonly Signal[];
  /** Null = the settings need every bar. */
  readonly #paths: SignalPaths | null;
  /** Place in `signals` of each signal of the paths. */
  readonly #placeOf: Int32Array;

  constructor(run: StressedRun) {
    this.run = run;
    this.signals = run.signals
      .filter((signal) => isInWindow(signal, run.window))
      .sort((a, b) => a.decisionTimeMs - b.decisionTimeMs || compare(a.signalId, b.signalId));
    this.#paths = needsEngine(run) === null ? new SignalPaths({ ...run, axes: axesOf(run) }) : null;
    const places = new Map(this.signals.map((signal, place) => [signal, place]));
    this.#placeOf = Int32Array.from(this.#paths?.signals ?? [], (signal) => places.get(signal) ?? -1);
  }

  /** How outlines are made. Both ways give the same bits. */
  get method(): 'pass' | 'engine' {
    return this.#paths === null ? 'engine' : 'pass';
  }

  /** The whole run, bar by bar. */
  simulate({
    costMult = 1,
    signals = this.run.signals,
  }: {
    costMult?: number;
    signals?: readonly Signal[];
  }): BacktestResult {
    return runBacktest({ ...this.run, venue: this.#venue(costMult), signals });
  }

  /** The run in short; `isMissed`: signals that are left out, parallel to `signals`. */
  outline({ costMult = 1, isMissed = null }: { costMult?: number; isMissed?: Uint8Array | null }): RunOutline {
    const quick = this.#pass(costMult, isMissed);
    if (quick !== null) return quick;
    const signals = this.signals.filter((_, place) => isMissed?.[place] !== 1);
    const { meanR, finalEquityUsd } = stressFigures(this.simulate({ costMult, signals }));
    return { meanR, finalEquityUsd };
  }

  /** Null when the pass cannot be exact. */
  #pass(costMult: number, isMissed: Uint8Array | null): RunOutline | null {
    const paths = this.#paths;
    if (paths === null) return null;
    const { strategies, settings } = this.run;
    const pass = passPortfolio({
      paths,
      strategies,
      settings,
      venue: this.#venue(costMult),
      ...(isMissed !== null && { isMissed: Uint8Array.from(this.#placeOf, (place) => isMissed[place]) }),
    });
    if ('needsEngine' in pass) return null;
    const { tradesR, finalEquityUsd } = summariseVariant(pass);
    return { meanR: tradesR.expectancy, finalEquityUsd };
  }

  #venue(costMult: number): StressedRun['venue'] {
    const { venue } = this.run;
    return costMult === 1 ? venue : { ...venue, costs: scaledCosts(venue.costs, costMult) };
  }
}

const axesOf = ({ strategies }: StressedRun): ReturnType<typeof exitAxes> =>
  exitAxes(strategies.map(({ exits }) => exits));

const compare = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);
