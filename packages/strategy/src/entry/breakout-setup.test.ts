import { HOUR_MS } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { eventsOf, PLAIN_RULES, runSetup, type ScriptedBar } from './scripted-bars.ts';
import type { SetupRules } from './setup-rules.ts';

/** High, low, close, and what differs from a level of 100 and a quiet bar one hour after the one before. */
type Short = readonly [high: number, low: number, close: number, other?: Partial<ScriptedBar>];

function barsOf(rows: readonly Short[]): ScriptedBar[] {
  let hour = -1;
  return rows.map(([high, low, close, other]) => {
    hour = other?.hour ?? hour + 1;
    return { high, low, close, level: 100, volume: 1, atr: 2, ema: close, ...other, hour };
  });
}

/** The same market seen in a mirror at `centre`: highs are lows, up is down. */
function mirrored(bars: readonly ScriptedBar[], centre = 100): ScriptedBar[] {
  const flip = (price: number): number => 2 * centre - price;
  return bars.map((bar) => ({
    ...bar,
    high: flip(bar.low),
    low: flip(bar.high),
    close: flip(bar.close),
    level: flip(bar.level),
    ema: flip(bar.ema),
  }));
}

interface Case {
  readonly name: string;
  readonly rules?: Partial<SetupRules>;
  readonly bars: readonly Short[];
  readonly events: readonly string[];
  readonly failed?: readonly string[];
  /** Has no exact mirror image (the slack is a share of the level). */
  readonly longOnly?: boolean;
}

const BREAK: Short = [103, 99, 102];
const AWAY: Short = [104, 101, 103];
const TOUCH: Short = [103, 99, 99.5];
const ABOVE: Short = [102, 100.5, 101];

const REBREAK = { trigger: 'rebreak_high' } as const;
const MEAN = { pullback: { type: 'mean', emaBars: 20, bandAtr: 0.5 } } as const;

const CASES: readonly Case[] = [
  {
    name: 'breakout, pullback, trigger',
    bars: [BREAK, AWAY, TOUCH, ABOVE],
    events: ['0 broken', '2 touched', '3 entry'],
  },

  // breakout
  { name: 'a high at the level is no breakout', bars: [[100, 98, 100]], events: [] },
  {
    name: 'a high just above it is one when the close is at the level',
    bars: [[100.5, 98, 100]],
    events: ['0 broken'],
  },
  {
    name: 'a close below the level does not confirm',
    bars: [[103, 98, 99.9]],
    events: [],
    failed: ['0: confirm_close'],
  },
  {
    name: 'without confirmation it need not',
    rules: { confirmClose: false },
    bars: [[103, 98, 99]],
    events: ['0 broken'],
  },
  { name: 'no level, no breakout', bars: [[103, 98, 102, { level: Number.NaN }]], events: [] },
  {
    name: 'volume exactly at the multiple is enough',
    rules: { volume: { kind: 'multiple', multiple: 2 } },
    bars: [[103, 98, 102, { volume: 2 }]],
    events: ['0 broken'],
  },
  {
    name: 'volume below the multiple is not',
    rules: { volume: { kind: 'multiple', multiple: 2 } },
    bars: [[103, 98, 102, { volume: 1.99 }]],
    events: [],
    failed: ['0: volume'],
  },
  {
    name: 'volume exactly at the quantile is enough',
    rules: { volume: { kind: 'quantile', q: 0.9 } },
    bars: [[103, 98, 102, { volume: 0.9 }]],
    events: ['0 broken'],
  },
  {
    name: 'volume below the quantile is not',
    rules: { volume: { kind: 'quantile', q: 0.9 } },
    bars: [[103, 98, 102, { volume: 0.8 }]],
    events: [],
    failed: ['0: volume'],
  },
  {
    name: 'an unknown volume is not',
    rules: { volume: { kind: 'multiple', multiple: 2 } },
    bars: [[103, 98, 102, { volume: Number.NaN }]],
    events: [],
    failed: ['0: volume'],
  },
  {
    name: 'a failed bar changes nothing: the next one may break',
    bars: [[103, 98, 99.9], BREAK],
    events: ['1 broken'],
    failed: ['0: confirm_close'],
  },

  // touch
  { name: 'the breakout bar itself never touches', bars: [[103, 95, 102], AWAY], events: ['0 broken'] },
  { name: 'a low at the level touches', bars: [BREAK, [103, 100, 100]], events: ['0 broken', '1 touched'] },
  { name: 'a low just above it does not', bars: [BREAK, [103, 100.01, 100]], events: ['0 broken'] },
  {
    name: 'a low at level x (1 + eps) touches',
    rules: { pullback: { type: 'retest', epsFrac: 0.25 } },
    bars: [
      [140, 99, 130],
      [140, 125, 99],
    ],
    events: ['0 broken', '1 touched'],
    longOnly: true,
  },
  {
    name: 'a low just above level x (1 + eps) does not',
    rules: { pullback: { type: 'retest', epsFrac: 0.25 } },
    bars: [
      [140, 99, 130],
      [140, 125.01, 99],
    ],
    events: ['0 broken'],
    longOnly: true,
  },
  {
    name: 'touch and entry fall in one bar',
    bars: [BREAK, [103, 99, 101]],
    events: ['0 broken', '1 touched', '1 entry'],
  },
  {
    name: 'only the first touch counts',
    bars: [BREAK, TOUCH, TOUCH, ABOVE],
    events: ['0 broken', '1 touched', '3 entry'],
  },
  {
    name: 'the touched level is the frozen one, not a later one',
    bars: [BREAK, [105, 104, 104.5, { level: 105 }], [105, 100, 100, { level: 105 }]],
    events: ['0 broken', '2 touched'],
  },

  // mean pullback
  {
    name: 'mean: a close at 0.5 ATR from the EMA touches',
    rules: MEAN,
    bars: [BREAK, [103, 98, 99, { ema: 98 }]],
    events: ['0 broken', '1 touched'],
  },
  {
    name: 'mean: a close farther away does not',
    rules: MEAN,
    bars: [BREAK, [103, 98, 99, { ema: 97.9 }]],
    events: ['0 broken'],
  },
  {
    name: 'mean: from the other side as well',
    rules: MEAN,
    bars: [BREAK, [103, 98, 99, { ema: 100 }]],
    events: ['0 broken', '1 touched'],
  },
  {
    name: 'mean: without ATR there is no touch',
    rules: MEAN,
    bars: [BREAK, [103, 98, 99, { ema: 99, atr: Number.NaN }]],
    events: ['0 broken'],
  },
  {
    name: 'mean: without EMA there is no touch',
    rules: MEAN,
    bars: [BREAK, [103, 98, 99, { ema: Number.NaN }]],
    events: ['0 broken'],
  },
  {
    name: 'mean: a low at the level is no touch',
    rules: MEAN,
    bars: [BREAK, [103, 99, 99.5, { ema: 103 }]],
    events: ['0 broken'],
  },

  // trigger
  {
    name: 'a close at the level does not trigger',
    bars: [BREAK, TOUCH, [103, 99, 100], ABOVE],
    events: ['0 broken', '1 touched', '3 entry'],
  },
  {
    name: 'rebreak: a high at the highest high so far does not trigger',
    rules: REBREAK,
    bars: [BREAK, TOUCH, [103, 99, 102]],
    events: ['0 broken', '1 touched'],
  },
  {
    name: 'rebreak: a high above it does, without a close above the level',
    rules: REBREAK,
    bars: [BREAK, TOUCH, [103.5, 98, 99]],
    events: ['0 broken', '1 touched', '2 entry', '2 rearmed'],
  },
  {
    name: 'rebreak: highs between breakout and trigger count',
    rules: REBREAK,
    bars: [BREAK, [108, 101, 103], TOUCH, [105, 100, 104], [108.5, 101, 104]],
    events: ['0 broken', '2 touched', '4 entry'],
  },
  {
    name: 'rebreak: the touch bar may trigger against the bars before it',
    rules: REBREAK,
    bars: [BREAK, [103.5, 99, 101]],
    events: ['0 broken', '1 touched', '1 entry'],
  },
  {
    name: 'rebreak: highs before the breakout bar do not count',
    rules: { ...REBREAK, confirmClose: true },
    bars: [[120, 98, 99], BREAK, TOUCH, [104, 99, 100]],
    events: ['1 broken', '2 touched', '3 entry', '3 rearmed'],
    failed: ['0: confirm_close'],
  },

  // windows: hours of time, whatever bars exist
  {
    name: 'a touch exactly at the end of the window counts',
    bars: [BREAK, AWAY, AWAY, AWAY, TOUCH],
    events: ['0 broken', '4 touched'],
  },
  {
    name: 'a touch one bar later does not',
    bars: [BREAK, AWAY, AWAY, AWAY, AWAY, TOUCH],
    events: ['0 broken', '5 expired', '5 rearmed'],
  },
  {
    name: 'bars that are missing take their time as well',
    bars: [BREAK, [103, 99, 99.5, { hour: 5 }]],
    events: ['0 broken', '1 expired', '1 rearmed'],
  },
  {
    name: 'a gap inside the window does not end it',
    bars: [BREAK, [103, 99, 99.5, { hour: 4 }]],
    events: ['0 broken', '1 touched'],
  },
  {
    name: 'an entry exactly at the end of its window counts',
    bars: [BREAK, TOUCH, TOUCH, TOUCH, TOUCH, TOUCH, TOUCH, ABOVE],
    events: ['0 broken', '1 touched', '7 entry'],
  },
  {
    name: 'an entry one bar later does not',
    bars: [BREAK, TOUCH, TOUCH, TOUCH, TOUCH, TOUCH, TOUCH, TOUCH, ABOVE],
    events: ['0 broken', '1 touched', '8 expired'],
  },
  {
    name: 'the entry window counts from the touch, not from the breakout',
    bars: [BREAK, AWAY, AWAY, AWAY, TOUCH, [101, 98, 99, { hour: 9 }], [102, 98, 101, { hour: 10 }]],
    events: ['0 broken', '4 touched', '6 entry'],
  },

  // replacement
  {
    name: 'a breakout of a higher level replaces an untouched set-up',
    bars: [
      BREAK,
      [107, 103, 106, { level: 105 }],
      [106, 104, 104.5, { level: 105 }],
      [107, 104, 105.5, { level: 105 }],
    ],
    events: ['0 broken', '1 replaced', '2 touched', '3 entry'],
  },
  {
    name: 'the window starts again with the replacement',
    bars: [
      BREAK,
      AWAY,
      AWAY,
      [107, 103, 106, { level: 105 }],
      [107, 106, 106.5, { level: 105 }],
      [107, 106, 106.5, { level: 105 }],
      [107, 106, 106.5, { level: 105 }],
      [107, 104, 104.5, { level: 105 }],
    ],
    events: ['0 broken', '3 replaced', '7 touched'],
  },
  { name: 'a breakout of the same level replaces nothing', bars: [BREAK, AWAY, [106, 102, 105]], events: ['0 broken'] },
  { name: 'nor one of a lower level', bars: [BREAK, [106, 102, 105, { level: 98 }]], events: ['0 broken'] },
  {
    name: 'nor one without a confirming close',
    bars: [BREAK, [107, 103, 104, { level: 105 }], [107, 99, 101, { level: 105 }]],
    events: ['0 broken', '2 touched', '2 entry', '2 rearmed'],
    failed: ['1: confirm_close', '2: confirm_close'],
  },
  {
    name: 'nor one without the volume',
    rules: { volume: { kind: 'multiple', multiple: 2 } },
    bars: [
      [103, 99, 102, { volume: 2 }],
      [107, 103, 106, { level: 105 }],
    ],
    events: ['0 broken'],
    failed: ['1: volume'],
  },
  {
    name: 'a bar that touches is not replaced: touch, entry, and the higher breakout is a new set-up',
    bars: [BREAK, [107, 99, 106, { level: 105 }]],
    events: ['0 broken', '1 touched', '1 entry', '1 rearmed', '1 broken'],
  },
  {
    name: 'a touched set-up is not replaced',
    bars: [BREAK, [101, 99, 99.5], [99, 97, 98, { level: 96 }], [107, 103, 106, { level: 105 }]],
    events: ['0 broken', '1 touched', '3 entry', '3 rearmed', '3 broken'],
  },
  {
    name: 'rebreak: the highs count from the replacing bar',
    rules: REBREAK,
    bars: [
      [110, 99, 102],
      [107, 103, 106, { level: 105 }],
      [106, 104, 104.5, { level: 105 }],
      [108, 104, 105, { level: 105 }],
    ],
    events: ['0 broken', '1 replaced', '2 touched', '3 entry', '3 rearmed'],
  },

  // disarmed after an entry or an expiry
  {
    name: 'after an entry the same level does not break again',
    bars: [BREAK, [103, 99, 101], [105, 101, 104], [106, 102, 105]],
    events: ['0 broken', '1 touched', '1 entry'],
  },
  {
    name: 'a close at the level arms again, from the next bar on',
    bars: [BREAK, [103, 99, 101], [105, 99, 100], BREAK],
    events: ['0 broken', '1 touched', '1 entry', '2 rearmed', '3 broken'],
  },
  {
    name: 'a low below the level does not',
    bars: [BREAK, [103, 99, 101], [105, 95, 100.1], BREAK],
    events: ['0 broken', '1 touched', '1 entry'],
  },
  {
    name: 'a higher level arms again, and the same bar may break it',
    bars: [BREAK, [103, 99, 101], [107, 101, 106, { level: 105 }]],
    events: ['0 broken', '1 touched', '1 entry', '2 rearmed', '2 broken'],
  },
  {
    name: 'a higher level that is not broken arms too',
    bars: [BREAK, [103, 99, 101], [104, 101, 103, { level: 105 }], [104, 101, 103, { level: 100 }]],
    events: ['0 broken', '1 touched', '1 entry', '2 rearmed', '3 broken'],
  },
  {
    name: 'a lower level does not',
    bars: [BREAK, [103, 99, 101], [104, 101, 103, { level: 99 }]],
    events: ['0 broken', '1 touched', '1 entry'],
  },
  {
    name: 'an unknown level does not',
    bars: [BREAK, [103, 99, 101], [104, 101, 103, { level: Number.NaN }]],
    events: ['0 broken', '1 touched', '1 entry'],
  },
  {
    name: 'the bar of an expiry may begin a new set-up at a higher level',
    bars: [BREAK, AWAY, AWAY, AWAY, AWAY, [108, 101, 107, { level: 105 }]],
    events: ['0 broken', '5 expired', '5 rearmed', '5 broken'],
  },
  {
    name: 'the bar of an expiry does not break the old level again',
    bars: [BREAK, AWAY, AWAY, AWAY, AWAY, [108, 101, 107], [109, 101, 108]],
    events: ['0 broken', '5 expired'],
  },
  {
    name: 'expired at the old level, armed by a close back',
    bars: [BREAK, AWAY, AWAY, AWAY, AWAY, AWAY, TOUCH, BREAK],
    events: ['0 broken', '5 expired', '6 rearmed', '7 broken'],
  },
  {
    name: 'the level of the last set-up counts after a replacement',
    bars: [
      BREAK,
      [107, 103, 106, { level: 105 }],
      [107, 105, 106, { level: 105 }],
      [104, 101, 103, { level: 105 }],
      [107, 101, 106, { level: 105 }],
    ],
    events: ['0 broken', '1 replaced', '2 touched', '2 entry', '3 rearmed', '4 broken'],
  },

  // invalidation
  {
    name: 'invalidate: a close 1 ATR below the level does not end the set-up',
    rules: { invalidateAtr: 1 },
    bars: [BREAK, [103, 97, 98], ABOVE],
    events: ['0 broken', '1 touched', '2 entry'],
  },
  {
    name: 'invalidate: a close below that ends it before the touch',
    rules: { invalidateAtr: 1 },
    bars: [BREAK, [103, 97, 97.9], ABOVE],
    events: ['0 broken', '1 invalidated', '1 rearmed', '2 broken'],
  },
  {
    name: 'invalidate: also after the touch',
    rules: { invalidateAtr: 1 },
    bars: [BREAK, TOUCH, [101, 97, 97.9], [102, 95, 96]],
    events: ['0 broken', '1 touched', '2 invalidated', '2 rearmed'],
    failed: ['3: confirm_close'],
  },
  {
    name: 'invalidate: without ATR nothing ends',
    rules: { invalidateAtr: 1 },
    bars: [BREAK, [103, 90, 91, { atr: Number.NaN }]],
    events: ['0 broken', '1 touched'],
  },
  {
    name: 'expiry comes before invalidation',
    rules: { invalidateAtr: 1 },
    bars: [BREAK, AWAY, AWAY, AWAY, AWAY, [101, 90, 91]],
    events: ['0 broken', '5 expired', '5 rearmed'],
  },
];

describe('long', () => {
  it.each(CASES)('$name', ({ rules, bars, events, failed = [] }) => {
    const run = runSetup({ ...PLAIN_RULES, ...rules }, barsOf(bars));
    expect({ events: eventsOf(run), failed: run.failed, entries: run.entries }).toEqual({
      events,
      failed,
      entries: entriesOf(events),
    });
  });
});

describe('short, in the mirror', () => {
  it.each(CASES.filter(({ longOnly = false }) => !longOnly))('$name', ({ rules, bars, events, failed = [] }) => {
    const run = runSetup({ ...PLAIN_RULES, ...rules, side: 'short' }, mirrored(barsOf(bars)));
    expect({ events: eventsOf(run), failed: run.failed, entries: run.entries }).toEqual({
      events,
      failed,
      entries: entriesOf(events),
    });
  });
});

function entriesOf(events: readonly string[]): number[] {
  return events.filter((event) => event.endsWith('entry')).map((event) => Number.parseInt(event, 10));
}

describe('the slack of a short retest', () => {
  const rules: SetupRules = { ...PLAIN_RULES, side: 'short', pullback: { type: 'retest', epsFrac: 0.25 } };
  const down: Short = [101, 60, 70];

  it('lies below the level', () => {
    expect(eventsOf(runSetup(rules, barsOf([down, [75, 60, 70]])))).toEqual(['0 broken', '1 touched', '1 entry']);
    expect(eventsOf(runSetup(rules, barsOf([down, [74.9, 60, 70]])))).toEqual(['0 broken']);
  });
});

describe('decision records', () => {
  const volume = { kind: 'multiple', multiple: 2 } as const;

  it('a breakout lists its conditions in order, with values and thresholds', () => {
    const run = runSetup({ ...PLAIN_RULES, volume }, barsOf([[103, 98, 102, { volume: 3 }]]));
    expect(run.events[0].gates).toMatchObject([
      { gate: 'breakout', value: 103, comparison: '>', threshold: 100, result: 'pass' },
      { gate: 'confirm_close', value: 102, comparison: '>=', threshold: 100, result: 'pass' },
      { gate: 'volume', value: 3, comparison: '>=', threshold: 2, result: 'pass' },
    ]);
  });

  it('touch, trigger, expiry, invalidation and rearming say what was compared', () => {
    const gatesOf = (rules: Partial<SetupRules>, rows: readonly Short[]) =>
      runSetup({ ...PLAIN_RULES, ...rules }, barsOf(rows)).events.flatMap(({ event, gates }) =>
        gates.map((gate) => `${event}: ${gate.gate} ${gate.value} ${gate.comparison} ${gate.threshold} ${gate.result}`),
      );
    expect(gatesOf({}, [BREAK, TOUCH, ABOVE]).slice(2)).toEqual([
      'touched: touch 99 <= 100 pass',
      'entry: trigger 101 > 100 pass',
    ]);
    expect(gatesOf(MEAN, [BREAK, [103, 98, 99, { ema: 98.5 }]]).slice(2)).toEqual(['touched: touch 0.5 <= 1 pass']);
    expect(gatesOf({}, [BREAK, [103, 101, 102, { hour: 5, level: 104 }]]).slice(2)).toEqual([
      'expired: touch_window_hours 5 <= 4 fail',
      'rearmed: level_beyond 104 > 100 pass',
    ]);
    expect(gatesOf({ invalidateAtr: 1 }, [BREAK, [101, 96, 97]]).slice(2)).toEqual([
      'invalidated: invalidate 97 >= 98 fail',
      'rearmed: close_back 97 <= 100 pass',
    ]);
  });
});

describe('what the machine remembers', () => {
  it('the bar before this breakout whose high last reached the level of its time', () => {
    const { states } = runSetup(
      PLAIN_RULES,
      barsOf([[100, 98, 99], [99.9, 98, 99], [101, 98, 99, { level: 102 }], BREAK, [107, 103, 106, { level: 105 }]]),
    );
    expect(states[3].previousReachMs).toBe(1 * HOUR_MS);
    expect(states[4].previousReachMs).toBe(4 * HOUR_MS);
  });

  it('the last bar before this breakout that had no level', () => {
    const { states } = runSetup(PLAIN_RULES, barsOf([[1, 1, 1, { level: Number.NaN }], [99, 98, 99], BREAK]));
    expect(states[2]).toMatchObject({ previousBlindMs: 1 * HOUR_MS, previousReachMs: 0 });
  });

  it('nothing but numbers and words', () => {
    const { states } = runSetup(PLAIN_RULES, barsOf([BREAK, TOUCH, ABOVE, [1, 1, 1, { level: Number.NaN }]]));
    for (const state of states) expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  });
});
