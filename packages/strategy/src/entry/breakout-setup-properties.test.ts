/** The entry machine against a second, naive implementation, against its own mirror image and against its own restarts. */
import { createPrng, type Prng } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { naiveEvents } from './naive-setup.ts';
import { eventsOf, PLAIN_RULES, runSetup, type ScriptedBar } from './scripted-bars.ts';
import type { SetupRules } from './setup-rules.ts';

const pick = <Item>(prng: Prng, items: readonly Item[]): Item => items[prng.below(items.length)];

function randomRules(prng: Prng): SetupRules {
  return {
    ...PLAIN_RULES,
    side: pick(prng, ['long', 'short']),
    confirmClose: prng.next() < 0.6,
    trigger: pick(prng, ['close_above_break', 'rebreak_high']),
    volume: pick(prng, [{ kind: 'none' }, { kind: 'multiple', multiple: 2 }, { kind: 'quantile', q: 0.5 }]),
    pullback: pick(prng, [
      { type: 'retest', epsFrac: 0 },
      { type: 'retest', epsFrac: 0.02 },
      { type: 'mean', emaBars: 20, bandAtr: 0.5 },
    ]),
    touchWindowMs: pick(prng, [2, 3.5, 6]) * 3_600_000,
    entryWindowMs: pick(prng, [3, 4.5, 8]) * 3_600_000,
    invalidateAtr: pick(prng, [null, null, 1.5]),
  };
}

/** Prices on a grid of whole numbers around 100, so that equalities are as common as differences; gaps; things not ready. */
function randomBars(prng: Prng, count: number): ScriptedBar[] {
  let hour = 0;
  let price = 100;
  let level = 100;
  return Array.from({ length: count }, () => {
    hour += prng.next() < 0.08 ? 1 + prng.below(8) : 1;
    const move = (): number => prng.below(7) - 3;
    const close = price + move();
    const high = Math.max(price, close) + prng.below(3);
    const low = Math.min(price, close) - prng.below(3);
    price = close + (close > 108 ? -4 : close < 92 ? 4 : 0);
    if (prng.next() < 0.15) level += move();
    if (Math.abs(level - price) > 9) level = price;
    return {
      hour,
      high,
      low,
      close,
      level: prng.next() < 0.04 ? Number.NaN : level,
      volume: pick(prng, [0.5, 1, 2, 3, prng.next() < 0.1 ? Number.NaN : 1]),
      atr: prng.next() < 0.05 ? Number.NaN : 1 + prng.below(4),
      ema: prng.next() < 0.05 ? Number.NaN : close + prng.below(5) - 2,
    };
  });
}

/** The market upside down; exact, since all prices are whole numbers. */
function upsideDown(bars: readonly ScriptedBar[]): ScriptedBar[] {
  const flip = (price: number): number => 1_000 - price;
  return bars.map((bar) => ({
    ...bar,
    high: flip(bar.low),
    low: flip(bar.high),
    close: flip(bar.close),
    level: flip(bar.level),
    ema: flip(bar.ema),
  }));
}

const SEQUENCES = 6_000;
const BARS = 60;

describe('the entry machine on thousands of random markets', () => {
  it('does what a naive reading of the rules does, event by event', () => {
    const seen: Record<string, number> = {};
    for (let seed = 0; seed < SEQUENCES; seed += 1) {
      const prng = createPrng(seed, 'against the naive one');
      const rules = randomRules(prng);
      const bars = randomBars(prng, BARS);
      const events = eventsOf(runSetup(rules, bars));
      expect(events, `seed ${seed}`).toEqual(naiveEvents(rules, bars));
      for (const event of events) seen[event.split(' ')[1]] = (seen[event.split(' ')[1]] ?? 0) + 1;
    }
    // every transition has been compared often
    const rarest = Math.min(...Object.values(seen));
    expect(Object.keys(seen).sort()).toEqual([
      'broken',
      'entry',
      'expired',
      'invalidated',
      'rearmed',
      'replaced',
      'touched',
    ]);
    expect(rarest).toBeGreaterThan(500);
  });

  it('short does upside down what long does', () => {
    for (let seed = 0; seed < 1_500; seed += 1) {
      const prng = createPrng(seed, 'upside down');
      const { pullback, ...rules } = { ...randomRules(prng), side: 'long' as const };
      const even = pullback.type === 'retest' ? { ...pullback, epsFrac: 0 } : pullback;
      const bars = randomBars(prng, BARS);
      const long = runSetup({ ...rules, pullback: even }, bars);
      const short = runSetup({ ...rules, pullback: even, side: 'short' }, upsideDown(bars));
      expect(eventsOf(short), `seed ${seed}`).toEqual(eventsOf(long));
      expect(short.failed, `seed ${seed}`).toEqual(long.failed);
      expect(short.entries, `seed ${seed}`).toEqual(long.entries);
    }
  });

  it('goes on from the JSON of its state as if nothing had happened, at any bar', () => {
    for (let seed = 0; seed < 500; seed += 1) {
      const prng = createPrng(seed, 'restarts');
      const rules = randomRules(prng);
      const bars = randomBars(prng, BARS);
      const restarts = Array.from({ length: 1 + prng.below(6) }, () => prng.below(BARS));
      expect(runSetup(rules, bars, restarts), `seed ${seed}`).toEqual(runSetup(rules, bars));
    }
  });

  it('knows nothing of later bars', () => {
    for (let seed = 0; seed < 500; seed += 1) {
      const prng = createPrng(seed, 'prefixes');
      const rules = randomRules(prng);
      const bars = randomBars(prng, BARS);
      const cut = 1 + prng.below(BARS - 1);
      const whole = runSetup(rules, bars);
      const part = runSetup(rules, [...bars.slice(0, cut), ...randomBars(prng, BARS - cut)]);
      expect(part.states.slice(0, cut), `seed ${seed}`).toEqual(whole.states.slice(0, cut));
    }
  });

  it('enters only inside its windows, and never breaks and touches in one bar', () => {
    for (let seed = 0; seed < 1_000; seed += 1) {
      const prng = createPrng(seed, 'windows');
      const rules = randomRules(prng);
      const bars = randomBars(prng, BARS);
      expect(lateEvents(rules, bars), `seed ${seed}`).toEqual([]);
    }
  });
});

/** Touches and entries outside of their windows. */
function lateEvents(rules: SetupRules, bars: readonly ScriptedBar[]): string[] {
  let broken = -1;
  let touched = -1;
  return runSetup(rules, bars).events.flatMap(({ bar, event }) => {
    const msSince = (then: number): number => (bars[bar].hour - bars[then].hour) * 3_600_000;
    if (event === 'broken' || event === 'replaced') broken = bar;
    if (event === 'touched') touched = bar;
    const isLate =
      (event === 'touched' && !(msSince(broken) > 0 && msSince(broken) <= rules.touchWindowMs)) ||
      (event === 'entry' && !(msSince(touched) >= 0 && msSince(touched) <= rules.entryWindowMs));
    return isLate ? [`${bar} ${event}`] : [];
  });
}
