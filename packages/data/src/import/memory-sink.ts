/** An `ImportSink` in memory: for tests, and to try an import without a store. */

import { type Candles, type FundingEvents, type InstrumentId, type InstrumentRules, sliceCandles } from '@donch/core';
import { mergeCandles } from '../candle-merge.ts';
import type { CandleMergeReport, CandleTarget, FundingMergeReport, ImportSink } from './import-sink.ts';

export class MemorySink implements ImportSink {
  readonly candles = new Map<string, Candles>();
  readonly funding = new Map<string, Map<number, number>>();
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

  mergeFunding(id: InstrumentId, { timeMs, rate }: FundingEvents, kept: 'old' | 'new'): FundingMergeReport {
    const stored = this.funding.get(id) ?? new Map<number, number>();
    const revised: { timeMs: number; old: number; new: number }[] = [];
    let [added, identical] = [0, 0];
    timeMs.forEach((time, k) => {
      const old = stored.get(time);
      if (old === undefined) added += 1;
      else if (old === rate[k]) identical += 1;
      else revised.push({ timeMs: time, old, new: rate[k] });
      if (old === undefined || kept === 'new') stored.set(time, rate[k]);
    });
    this.funding.set(id, stored);
    return { added, identical, revised };
  }

  settlementTimes(id: InstrumentId): Float64Array {
    return Float64Array.from(this.funding.get(id)?.keys() ?? []).sort();
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
