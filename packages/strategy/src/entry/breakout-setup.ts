/**
 * The entry machine: breakout of the Donchian level on volume, pullback, trigger. One per symbol and strategy, stepped once per
 * closed bar; the same object in research and live. Its state is plain JSON.
 *
 *   idle -> broken -> touched -> (entry) -> disarmed -> idle
 *
 * Order inside one bar: expiry, invalidation, touch, entry, replacement, rearming, new breakout; each step works on what the one
 * before has left, so that a bar may end one set-up and begin the next. Broken and touched never fall in one bar; touched and
 * entry may. Prices are compared after multiplication with the direction (+1 long, -1 short), so one text serves both sides.
 *
 * Where the rule in words has two readings, this one is meant: windows end with the bar that closes exactly at their length;
 * invalidation looks at closes, holds for both kinds of pullback and in both waiting phases, and disarms like an expiry; an EMA,
 * ATR or volume that is not ready fails its condition and ends nothing.
 */
import { directionOf, HOUR_MS, type GateCheck, type SetupEvent } from '@donch/core';
import { check } from '../gate-check.ts';
import type { SetupRules, VolumeCondition } from './setup-rules.ts';

export type SetupPhase = 'idle' | 'broken' | 'touched' | 'disarmed';

/** What the machine remembers: plain JSON. Prices and times are those of the set-up in progress (or last ended, while disarmed). */
export interface SetupState {
  phase: SetupPhase;
  /** Frozen breakout level. */
  levelPrice: number;
  /** Close of the breakout bar; 0 = none. */
  breakTimeMs: number;
  /** Close of the touch bar; 0 = none. */
  touchTimeMs: number;
  /** Highest high (lowest low) from the breakout bar to the last bar. */
  extremePrice: number;
  /** Close of the last bar before the breakout bar whose extreme reached the level then valid; 0 = none known. */
  previousReachMs: number;
  /** Close of the last bar of all whose extreme reached the level then valid; 0 = none known. */
  lastReachMs: number;
  /** Close of the last bar before the breakout bar that had no level to reach; 0 = none. */
  previousBlindMs: number;
  /** Close of the last bar of all that had no level to reach; 0 = none. */
  lastBlindMs: number;
}

/** What a bar looks like to the machine. The methods are asked only on the few bars that need them. */
export interface SetupBar {
  readonly closeTimeMs: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  /** Donchian level as read at the bar's open; NaN = not ready. */
  readonly levelPrice: number;
  /** Median of the volumes of the window, current bar included; NaN = not ready. */
  volumeMedian(): number;
  /** Quantile q of the same window; NaN = not ready. */
  volumeQuantile(q: number): number;
  /** EMA of the pullback rule on base bars; NaN = not ready. */
  pullbackEma(): number;
  /** THE ATR; NaN = not ready. */
  readonly atr: number;
}

/** Told about everything worth a decision record, in order. */
export interface SetupListener {
  onSetup(event: SetupEvent, gates: readonly GateCheck[]): void;
  /** A bar beyond the level that is no breakout: counted in the funnel, not recorded. */
  onBreakoutFailed(gate: 'confirm_close' | 'volume'): void;
}

export class BreakoutSetup {
  readonly state: SetupState;
  readonly #rules: SetupRules;
  readonly #listener: SetupListener;
  readonly #direction: 1 | -1;

  constructor(rules: SetupRules, listener: SetupListener) {
    this.#rules = rules;
    this.#listener = listener;
    this.#direction = directionOf(rules.side);
    this.state = {
      phase: 'idle',
      levelPrice: 0,
      breakTimeMs: 0,
      touchTimeMs: 0,
      extremePrice: 0,
      previousReachMs: 0,
      lastReachMs: 0,
      previousBlindMs: 0,
      lastBlindMs: 0,
    };
  }

  /** Takes one closed bar; true when the entry condition held at its close. */
  step(bar: SetupBar): boolean {
    const { phase } = this.state;
    let entered = false;
    if (phase === 'idle') this.#tryBreakout(bar, 'broken');
    else if (phase === 'broken') entered = this.#stepBroken(bar);
    else if (phase === 'touched') entered = this.#stepTouched(bar);
    // also on the bar that has just ended a set-up
    if (this.state.phase === 'disarmed') this.#stepDisarmed(bar);
    this.#track(bar);
    return entered;
  }

  /**
   * Armed again by a level beyond the old one, which is known at the open: the same bar may break it. Or by a close back at or
   * behind the old level: from the next bar on.
   */
  #stepDisarmed(bar: SetupBar): void {
    const { state } = this;
    const d = this.#direction;
    if (d * bar.levelPrice > d * state.levelPrice) {
      this.#end('rearmed', 'idle', [check('level_beyond', bar.levelPrice, d > 0 ? '>' : '<', state.levelPrice)]);
      this.#tryBreakout(bar, 'broken');
    } else if (d * bar.close <= d * state.levelPrice) {
      this.#end('rearmed', 'idle', [check('close_back', bar.close, d > 0 ? '<=' : '>=', state.levelPrice)]);
    }
  }

  #stepBroken(bar: SetupBar): boolean {
    if (this.#expired('touch_window_hours', bar.closeTimeMs - this.state.breakTimeMs, this.#rules.touchWindowMs))
      return false;
    if (this.#invalidated(bar)) return false;
    const touch = this.#touchCheck(bar);
    if (touch.result === 'pass') {
      this.state.phase = 'touched';
      this.state.touchTimeMs = bar.closeTimeMs;
      this.#listener.onSetup('touched', [touch]);
      return this.#tryEntry(bar);
    }
    if (this.#direction * bar.levelPrice > this.#direction * this.state.levelPrice) this.#tryBreakout(bar, 'replaced');
    return false;
  }

  #stepTouched(bar: SetupBar): boolean {
    if (this.#expired('entry_window_hours', bar.closeTimeMs - this.state.touchTimeMs, this.#rules.entryWindowMs))
      return false;
    if (this.#invalidated(bar)) return false;
    return this.#tryEntry(bar);
  }

  #expired(gate: string, elapsedMs: number, windowMs: number): boolean {
    if (elapsedMs <= windowMs) return false;
    this.#end('expired', 'disarmed', [check(gate, elapsedMs / HOUR_MS, '<=', windowMs / HOUR_MS)]);
    return true;
  }

  #invalidated(bar: SetupBar): boolean {
    const { invalidateAtr } = this.#rules;
    if (invalidateAtr === null) return false;
    const d = this.#direction;
    const bound = this.state.levelPrice - d * invalidateAtr * bar.atr;
    if (!(d * bar.close < d * bound)) return false;
    this.#end('invalidated', 'disarmed', [check('invalidate', bar.close, d > 0 ? '>=' : '<=', bound)]);
    return true;
  }

  #touchCheck(bar: SetupBar): GateCheck {
    const { pullback } = this.#rules;
    const d = this.#direction;
    if (pullback.type === 'retest') {
      return check(
        'touch',
        d > 0 ? bar.low : bar.high,
        d > 0 ? '<=' : '>=',
        this.state.levelPrice * (1 + d * pullback.epsFrac),
      );
    }
    return check('touch', Math.abs(bar.close - bar.pullbackEma()), '<=', pullback.bandAtr * bar.atr);
  }

  #tryEntry(bar: SetupBar): boolean {
    const { state } = this;
    const long = this.#direction > 0;
    const trigger =
      this.#rules.trigger === 'close_above_break'
        ? check('trigger', bar.close, long ? '>' : '<', state.levelPrice)
        : check('trigger', long ? bar.high : bar.low, long ? '>' : '<', state.extremePrice);
    if (trigger.result !== 'pass') return false;
    this.#end('entry', 'disarmed', [trigger]);
    return true;
  }

  /** A breakout that meets all its conditions freezes the level: from idle, or in place of an untouched lower one. */
  #tryBreakout(bar: SetupBar, event: 'broken' | 'replaced'): void {
    const d = this.#direction;
    const extreme = d > 0 ? bar.high : bar.low;
    if (!(d * extreme > d * bar.levelPrice)) return;
    const gates = [check('breakout', extreme, d > 0 ? '>' : '<', bar.levelPrice)];
    if (this.#rules.confirmClose) {
      if (!(d * bar.close >= d * bar.levelPrice)) return this.#listener.onBreakoutFailed('confirm_close');
      gates.push(check('confirm_close', bar.close, d > 0 ? '>=' : '<=', bar.levelPrice));
    }
    const volume = volumeCheck(this.#rules.volume, bar);
    if (volume !== null && volume.result !== 'pass') return this.#listener.onBreakoutFailed('volume');
    if (volume !== null) gates.push(volume);
    Object.assign(this.state, {
      phase: 'broken',
      levelPrice: bar.levelPrice,
      breakTimeMs: bar.closeTimeMs,
      touchTimeMs: 0,
      extremePrice: extreme,
      previousReachMs: this.state.lastReachMs,
      previousBlindMs: this.state.lastBlindMs,
    } satisfies Partial<SetupState>);
    this.#listener.onSetup(event, gates);
  }

  #end(event: SetupEvent, phase: SetupPhase, gates: readonly GateCheck[]): void {
    this.state.phase = phase;
    this.#listener.onSetup(event, gates);
  }

  /** After the decisions of the bar: what later bars compare with. */
  #track(bar: SetupBar): void {
    const { state } = this;
    const d = this.#direction;
    const extreme = d > 0 ? bar.high : bar.low;
    if (d * extreme > d * state.extremePrice) state.extremePrice = extreme;
    if (d * extreme >= d * bar.levelPrice) state.lastReachMs = bar.closeTimeMs;
    if (Number.isNaN(bar.levelPrice)) state.lastBlindMs = bar.closeTimeMs;
  }
}

function volumeCheck(condition: VolumeCondition, bar: SetupBar): GateCheck | null {
  if (condition.kind === 'multiple') return check('volume', bar.volume / bar.volumeMedian(), '>=', condition.multiple);
  if (condition.kind === 'quantile') return check('volume', bar.volume, '>=', bar.volumeQuantile(condition.q));
  return null;
}
