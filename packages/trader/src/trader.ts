/**
 * THE composition of scan, gates, slots and orders. Backtest, paper, live and replay call `step` once per bar set and `apply`
 * for what happens between; the seven steps of one instant live here and in the venue:
 *
 *   T = close of bars i = open of bars i+1
 *   1 venue events inside bars i          apply
 *   2 funding of T                        apply
 *   3 mark at the closes, risk, day roll  step
 *   4 market exits decided                step
 *   5 ranks, then every entry machine     step (the entry source)
 *   6 entries in priority order           step
 *   7 fills at the open of bars i+1       apply, exits before entries
 */
import type { BarSet, Command, EngineEvent, Signal } from '@donch/core';
import { Engine, type EngineOptions, type EngineState, type QuietPass, type QuietStretch } from '@donch/engine';

/** Where the signals of an instant come from: scanners stepped on the bar set, or a scan made before by the same scanners. */
export interface EntrySource {
  /** Signals of all strategies whose decision time is the bar set's; called once per bar set, in order of time. */
  signalsAt(barSet: BarSet): readonly Signal[];
}

export interface TraderOptions extends EngineOptions {
  readonly entries: EntrySource;
}

export class Trader {
  readonly #engine: Engine;
  readonly #entries: EntrySource;

  constructor({ entries, ...engine }: TraderOptions) {
    this.#engine = new Engine(engine);
    this.#entries = entries;
  }

  get state(): Readonly<EngineState> {
    return this.#engine.state;
  }

  /** As `Engine.configure`. */
  configure(changed: Pick<EngineOptions, 'settings' | 'strategies'>): void {
    this.#engine.configure(changed);
  }

  /** One event between decisions: an answer of the venue, a fill, an operator's word. */
  apply(event: EngineEvent): readonly Command[] {
    return this.#engine.apply(event);
  }

  /** Decides at T = `barSet.closeTimeMs`. `staleReason` says why these data must not be entered on; '' = fresh. */
  step(barSet: BarSet, staleReason = ''): readonly Command[] {
    const timeMs = barSet.closeTimeMs;
    const exits = this.#engine.apply({ kind: 'instant', timeMs, barSet });
    const signals = this.#entries.signalsAt(barSet);
    if (signals.length === 0) return exits;
    const entries = this.#engine.apply({ kind: 'signals', timeMs, signals, staleReason });
    return exits.length === 0 ? entries : [...exits, ...entries];
  }

  /** As `Engine.quietUntilMs`; when the entry source has its next signals, its owner knows. */
  get quietUntilMs(): number {
    return this.#engine.quietUntilMs;
  }

  /** `step` of a stretch of bar sets at once, at which nothing but prices moves: `Engine.passQuiet`. */
  passQuiet(stretch: QuietStretch): QuietPass {
    return this.#engine.passQuiet(stretch);
  }
}
