/** Union of two series of one instrument. Pure; the store decides what to do with the report. */
import { CandleBuffer, barAt, invariant, type Bar, type Candles } from '@donch/core';

/** A bar that was stored with other values. */
export interface RevisedBar {
  readonly openTimeMs: number;
  readonly old: Bar;
  readonly new: Bar;
  readonly kept: 'old' | 'new';
}

export interface MergedCandles {
  readonly candles: Candles;
  /** Rows that were not there. */
  readonly added: number;
  /** Rows that were there with the same values. */
  readonly identical: number;
  /** Rows that were there without turnover and got it. */
  readonly completed: number;
  readonly revised: readonly RevisedBar[];
}

/**
 * All rows of both, ascending. Where both have a bar: the same values are one row; a turnover that one of them lacks is taken
 * from the other (whichever came first, so the order of merges does not matter); anything else is a revision, and `kept` says
 * which one stays.
 */
export function mergeCandles(base: Candles, incoming: Candles, kept: 'old' | 'new'): MergedCandles {
  invariant(base.intervalMs === incoming.intervalMs, 'merged candles have one interval');
  const candles = new CandleBuffer(base.intervalMs, Math.max(1, base.length + incoming.length));
  const revised: RevisedBar[] = [];
  let [added, identical, completed] = [0, 0, 0];
  let [b, n] = [0, 0];
  while (b < base.length || n < incoming.length) {
    const baseMs = b < base.length ? base.openTimeMs[b] : Infinity;
    const incomingMs = n < incoming.length ? incoming.openTimeMs[n] : Infinity;
    if (baseMs < incomingMs) {
      candles.append(barAt(base, b));
      b += 1;
    } else if (incomingMs < baseMs) {
      candles.append(canonical(barAt(incoming, n)));
      added += 1;
      n += 1;
    } else {
      const old = barAt(base, b);
      const fresh = canonical(barAt(incoming, n));
      const relation = compare(old, fresh);
      if (relation === 'revised') revised.push({ openTimeMs: baseMs, old, new: fresh, kept });
      identical += relation === 'identical' ? 1 : 0;
      completed += relation === 'completed' ? 1 : 0;
      candles.append(relation === 'completed' || (relation === 'revised' && kept === 'new') ? fresh : old);
      b += 1;
      n += 1;
    }
  }
  return { candles, added, identical, completed, revised };
}

type Relation = 'identical' | 'completed' | 'revised';

function compare(old: Bar, fresh: Bar): Relation {
  const isSame =
    old.open === fresh.open &&
    old.high === fresh.high &&
    old.low === fresh.low &&
    old.close === fresh.close &&
    old.volume === fresh.volume;
  if (!isSame) return 'revised';
  if (Number.isNaN(fresh.turnover) || old.turnover === fresh.turnover) return 'identical';
  return Number.isNaN(old.turnover) ? 'completed' : 'revised';
}

/** -0 is 0: the two would have different hashes. */
function canonical(bar: Bar): Bar {
  return { ...bar, volume: bar.volume + 0, turnover: bar.turnover + 0 };
}
