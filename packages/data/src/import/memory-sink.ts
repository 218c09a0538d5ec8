/** An `ImportSink` in memory: for tests, and to try an import without a store. */

import {
  type Candles,
  type FundingEvents,
  type InstrumentId,
  type InstrumentRules,
  type OpenInterestEvents,
  sliceCandles,
} from '@donch/core';
import { mergeCandles } from '../candle-merge.ts';
import type { CandleMergeReport, CandleTarget, EventMergeCounts, ImportSink } from './import-sink.ts';

export class MemorySink implements ImportSink {
  readonly candles = new Map<string, Candles>();
  readonly funding = new Map<string, Map<number, number>>();
  readonly openInterest = new Map<string, Map<number, number>>();
  readonly instruments: InstrumentRules[] = [];

  mergeCandles(target: CandleTarget, candles: Candles, kept: 'old' | 'new'): CandleMergeReport {
    const key = keyOf(target);
    const base = this.candles.get(key) ?? sliceCandles(candles, 0, 0);
    const { candles: all, ...report } = mergeCandles(base, candles, kept);
    this.candles.set(key, sliceCandles(all, 0, all.length));
    return report;
  }

  openTimes(target: CandleTarget): Float64Array {
    return this.candles.get(keyOf(target))?.openTimeMs ?? new Float64Array();
  }

  mergeFunding(id: InstrumentId, { timeMs, rate }: FundingEvents, kept: 'old' | 'new'): EventMergeCounts {
    return mergeInto(this.funding, id, { timeMs, value: rate, kept });
  }

  settlementTimes(id: InstrumentId): Float64Array {
    return timesOf(this.funding, id);
  }

  mergeOpenInterest(id: InstrumentId, events: OpenInterestEvents, kept: 'old' | 'new'): EventMergeCounts {
    return mergeInto(this.openInterest, id, { ...events, kept });
  }

  openInterestTimes(id: InstrumentId): Float64Array {
    return timesOf(this.openInterest, id);
  }

  rules(id: InstrumentId): InstrumentRules[] {
    return this.instruments.filter((row) => row.instrumentId === id);
  }

  putRules(rules: InstrumentRules): void {
    const at = this.instruments.findIndex(
      (row) => row.instrumentId === rules.instrumentId && row.validFromMs === rules.validFromMs,
    );
    this.instruments.splice(at < 0 ? this.instruments.length : at, at < 0 ? 0 : 1, rules);
  }
}

function keyOf({ instrumentId, interval }: CandleTarget): string {
  return `${instrumentId} ${interval}`;
}

type Events = Map<string, Map<number, number>>;

function mergeInto(
  all: Events,
  id: InstrumentId,
  { timeMs, value, kept }: OpenInterestEvents & { readonly kept: 'old' | 'new' },
): EventMergeCounts {
  const stored = all.get(id) ?? new Map<number, number>();
  const revised: { timeMs: number; old: number; new: number }[] = [];
  let [added, identical] = [0, 0];
  timeMs.forEach((time, k) => {
    const old = stored.get(time);
    if (old === undefined) added += 1;
    else if (old === value[k]) identical += 1;
    else revised.push({ timeMs: time, old, new: value[k] });
    if (old === undefined || kept === 'new') stored.set(time, value[k]);
  });
  all.set(id, stored);
  return { added, identical, revised };
}

function timesOf(all: Events, id: InstrumentId): Float64Array {
  return Float64Array.from(all.get(id)?.keys() ?? []).sort();
}
