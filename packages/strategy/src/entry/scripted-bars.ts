/** Bars written by hand and the events they cause: for the tests of the entry machine. */
import { HOUR_MS, type GateCheck, type SetupEvent } from '@donch/core';
import { BreakoutSetup, type SetupBar, type SetupState } from './breakout-setup.ts';
import type { SetupRules } from './setup-rules.ts';

/** One bar. `volume` in multiples of the median; times count hourly bars, so that a gap is a jump of `hour`. */
export interface ScriptedBar {
  readonly hour: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly level: number;
  readonly volume: number;
  readonly atr: number;
  readonly ema: number;
}

/** Hourly bars, a touch within 4 hours, an entry within 6; no slack, no volume condition. */
export const PLAIN_RULES: SetupRules = {
  side: 'long',
  intervalMs: HOUR_MS,
  level: { basis: 'days', length: 20 },
  confirmClose: true,
  trigger: 'close_above_break',
  volume: { kind: 'none' },
  volumeLookbackMs: 30 * 24 * HOUR_MS,
  pullback: { type: 'retest', epsFrac: 0 },
  touchWindowMs: 4 * HOUR_MS,
  entryWindowMs: 6 * HOUR_MS,
  invalidateAtr: null,
  atr: { intervalMs: HOUR_MS, length: 14 },
};

interface RecordedEvent {
  readonly bar: number;
  readonly event: SetupEvent;
  readonly gates: readonly GateCheck[];
}

export interface SetupRun {
  readonly events: readonly RecordedEvent[];
  /** `bar: gate` of every bar beyond the level that was no breakout. */
  readonly failed: readonly string[];
  /** Bars at which `step` said that the entry condition held. */
  readonly entries: readonly number[];
  /** State after every bar. */
  readonly states: readonly SetupState[];
}

/** Steps a machine through all bars. Before each bar in `restartsAt` it is rebuilt from the JSON of its state. */
export function runSetup(
  rules: SetupRules,
  bars: readonly ScriptedBar[],
  restartsAt: readonly number[] = [],
): SetupRun {
  const events: RecordedEvent[] = [];
  const failed: string[] = [];
  const entries: number[] = [];
  const states: SetupState[] = [];
  let at = 0;
  const listener = {
    onSetup: (event: SetupEvent, gates: readonly GateCheck[]) => events.push({ bar: at, event, gates }),
    onBreakoutFailed: (gate: string) => failed.push(`${at}: ${gate}`),
  };
  let machine = new BreakoutSetup(rules, listener);
  for (const [index, bar] of bars.entries()) {
    at = index;
    if (restartsAt.includes(index)) {
      const saved = JSON.parse(JSON.stringify(machine.state)) as SetupState;
      machine = new BreakoutSetup(rules, listener);
      Object.assign(machine.state, saved);
    }
    if (machine.step(setupBar(bar))) entries.push(index);
    states.push({ ...machine.state });
  }
  return { events, failed, entries, states };
}

/** `bar event` of every event, in order. */
export function eventsOf({ events }: SetupRun): string[] {
  return events.map(({ bar, event }) => `${bar} ${event}`);
}

const MEDIAN_VOLUME = 10;

function setupBar({ hour, high, low, close, level, volume, atr, ema }: ScriptedBar): SetupBar {
  return {
    closeTimeMs: (hour + 1) * HOUR_MS,
    high,
    low,
    close,
    volume: volume * MEDIAN_VOLUME,
    levelPrice: level,
    atr,
    volumeMedian: () => MEDIAN_VOLUME,
    volumeQuantile: (q) => q * MEDIAN_VOLUME,
    pullbackEma: () => ema,
  };
}
