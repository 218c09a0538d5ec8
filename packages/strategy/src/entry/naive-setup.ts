/**
 * The entry rules a second time, as naively as possible, for the test that compares: from the words of the rules, bar by bar,
 * with everything looked up again in the bars, and with long and short written out. Shares no line with the machine.
 */
import type { ScriptedBar } from './scripted-bars.ts';
import type { SetupRules } from './setup-rules.ts';

const HOUR_MS = 3_600_000;

/** `bar event` of every event, in order. */
export function naiveEvents(rules: SetupRules, bars: readonly ScriptedBar[]): string[] {
  const isLong = rules.side === 'long';
  const events: string[] = [];
  let phase = 'idle';
  let armed = true;
  let level = 0;
  let broken = -1;
  let touched = -1;
  for (let i = 0; i < bars.length; i += 1) {
    const bar = bars[i];
    const say = (event: string): number => events.push(`${i} ${event}`);
    const hoursSince = (then: number): number => bar.hour - bars[then].hour;
    const end = (event: string): void => {
      say(event);
      phase = 'idle';
      armed = false;
    };

    // 1. expiry
    if (phase === 'broken' && hoursSince(broken) > rules.touchWindowMs / HOUR_MS) end('expired');
    if (phase === 'touched' && hoursSince(touched) > rules.entryWindowMs / HOUR_MS) end('expired');

    // optional: fallen too far behind the level
    if (phase !== 'idle' && rules.invalidateAtr !== null) {
      const distance = rules.invalidateAtr * bar.atr;
      if (isLong && bar.close < level - distance) end('invalidated');
      if (!isLong && bar.close > level + distance) end('invalidated');
    }

    // 2. touch: at the first later bar
    if (phase === 'broken' && touches(rules, bar, level)) {
      say('touched');
      phase = 'touched';
      touched = i;
    }

    // 3. entry: from the touch bar on
    if (phase === 'touched' && triggers(rules, { bars, i, broken, level })) end('entry');

    // 4. replacement: untouched, higher level, all conditions
    const isBeyond = isLong ? bar.level > level : bar.level < level;
    if (phase === 'broken' && isBeyond && breaks(rules, bar)) {
      say('replaced');
      level = bar.level;
      broken = i;
    }

    // 5. new breakout, once armed
    if (phase === 'idle' && !armed && isBeyond) {
      say('rearmed');
      armed = true;
    }
    if (phase === 'idle' && armed && breaks(rules, bar)) {
      say('broken');
      phase = 'broken';
      level = bar.level;
      broken = i;
    }
    const isBack = isLong ? bar.close <= level : bar.close >= level;
    if (phase === 'idle' && !armed && isBack) {
      say('rearmed');
      armed = true;
    }
  }
  return events;
}

function breaks({ side, confirmClose, volume }: SetupRules, bar: ScriptedBar): boolean {
  if (Number.isNaN(bar.level)) return false;
  if (side === 'long' && bar.high <= bar.level) return false;
  if (side === 'short' && bar.low >= bar.level) return false;
  if (confirmClose && side === 'long' && bar.close < bar.level) return false;
  if (confirmClose && side === 'short' && bar.close > bar.level) return false;
  if (volume.kind === 'multiple') return bar.volume >= volume.multiple;
  if (volume.kind === 'quantile') return bar.volume >= volume.q;
  return true;
}

function touches({ side, pullback }: SetupRules, bar: ScriptedBar, level: number): boolean {
  if (pullback.type === 'mean') return Math.abs(bar.close - bar.ema) <= pullback.bandAtr * bar.atr;
  if (side === 'long') return bar.low <= level * (1 + pullback.epsFrac);
  return bar.high >= level * (1 - pullback.epsFrac);
}

interface Moment {
  readonly bars: readonly ScriptedBar[];
  readonly i: number;
  readonly broken: number;
  readonly level: number;
}

function triggers({ side, trigger }: SetupRules, { bars, i, broken, level }: Moment): boolean {
  if (trigger === 'close_above_break') return side === 'long' ? bars[i].close > level : bars[i].close < level;
  const before = bars.slice(broken, i);
  return side === 'long'
    ? bars[i].high > Math.max(...before.map(({ high }) => high))
    : bars[i].low < Math.min(...before.map(({ low }) => low));
}
