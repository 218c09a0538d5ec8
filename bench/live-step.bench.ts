/**
 * One bar set of 553 symbols from bars to decisions, records and journal included, over the two days around a turn of the week
 * (ranks are made anew on Monday 00:00 UTC); against taking the same bars into buffers and nothing else. And what the trader holds
 * in memory.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { strategyTerms } from '@donch/backtester';
import {
  barAt,
  bucketStartMs,
  DAY_MS,
  instrumentId,
  lowerBound,
  MINUTE_MS,
  rowAt,
  sliceCandles,
  WEEK_MS,
  type Candles,
  type InstrumentId,
} from '@donch/core';
import { JournalWriter, readJournal } from '@donch/data';
import { engineSettings } from '@donch/engine';
import { ruleBook, syntheticMarket, type SyntheticMarket } from '@donch/sim';
import { encodeInput, encodeOutput, LiveMarket, Session, type ArrivedBars, liveEntries } from '@donch/trader';
import type { BenchReport } from './harness.ts';
import { BENCH_START_MS, BENCH_VENUE, benchStrategy } from './scan-store.ts';

const SYMBOLS = 553;
const INTERVAL_MS = 5 * MINUTE_MS;
/** History, then two days: the second begins on a Monday. */
const HISTORY_DAYS = 120;
const DAYS = 2;
/** Limits of the claim. */
const P99_MS = 25;
const MEMORY_MB = 400;

export function run(): Promise<BenchReport> {
  const folder = mkdtempSync(join(tmpdir(), 'donch-bench-'));
  try {
    return Promise.resolve(measure(join(folder, 'journal.log')));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function measure(journalPath: string): BenchReport {
  const mondayMs = bucketStartMs(BENCH_START_MS + HISTORY_DAYS * DAY_MS, WEEK_MS);
  const startMs = mondayMs - DAY_MS;
  const market = syntheticMarket({
    seed: 1,
    symbols: SYMBOLS,
    days: (mondayMs - BENCH_START_MS) / DAY_MS + DAYS,
    startMs: BENCH_START_MS,
    intervalMs: INTERVAL_MS,
    mode: 'realistic',
    venue: BENCH_VENUE,
  });
  const ids = market.symbols.map(({ symbol }) => instrumentId(BENCH_VENUE, symbol));
  const order = ids.map((_, k) => k).sort((a, b) => (ids[a] < ids[b] ? -1 : 1));
  const instruments = order.map((k) => ids[k]);
  const journal = new JournalWriter(journalPath, readJournal(journalPath));
  const beforeMb = heldMb();
  const session = sessionOf(market, instruments, (text) => journal.append(text));
  const later = order.map((k, index) => {
    const candles = market.candles(k);
    const at = lowerBound(candles, startMs - INTERVAL_MS);
    session.warmUp(index, sliceCandles(candles, 0, at));
    return copyOf(candles, at);
  });
  const memoryMb = heldMb() - beforeMb - sizeMb(later);
  const beforeBarSetsMb = heldMb();
  const barSets = Array.from({ length: (DAYS * DAY_MS) / INTERVAL_MS }, (_, n) =>
    arrivedAt(later, startMs + n * INTERVAL_MS),
  );
  const barSetsMb = heldMb() - beforeBarSetsMb;
  const stepMs = barSets.map((arrived) => {
    const beginMs = performance.now();
    const input = { kind: 'bars', arrived, staleReason: '' } as const;
    journal.append(encodeInput(input));
    session.take(input);
    journal.flush(true);
    return performance.now() - beginMs;
  });
  const buffers = new LiveMarket(instruments, INTERVAL_MS);
  const referenceMs = barSets.map((arrived) => {
    const beginMs = performance.now();
    buffers.take(arrived);
    return performance.now() - beginMs;
  });
  journal.close();
  const p99Ms = quantile(stepMs, 0.99);
  return {
    name: 'live-step',
    medianMs: quantile(stepMs, 0.5),
    referenceMedianMs: quantile(referenceMs, 0.5),
    ratio: quantile(stepMs, 0.5) / quantile(referenceMs, 0.5),
    rounds: stepMs.length,
    figures: {
      symbols: SYMBOLS,
      p99Ms,
      p99LimitMs: P99_MS,
      maxMs: Math.max(...stepMs),
      weekTurnMs: stepMs[DAY_MS / INTERVAL_MS],
      traderMemoryMb: memoryMb,
      traderMemoryLimitMb: MEMORY_MB,
      traderMemoryAfterMb: heldMb() - beforeMb - sizeMb(later) - barSetsMb,
      keepsLimits: p99Ms <= P99_MS && memoryMb <= MEMORY_MB ? 1 : 0,
    },
  };
}

function sessionOf(
  market: SyntheticMarket,
  instruments: readonly InstrumentId[],
  write: (text: string) => void,
): Session {
  const strategy = benchStrategy();
  return new Session({
    entries: liveEntries({
      strategies: [strategy],
      members: instruments.map((id) => ({ instrumentId: id, fromMs: null, toMs: null })),
      listedMsOf: () => Number.NaN,
    }),
    terms: [strategyTerms(strategy)],
    settings: engineSettings(strategy.settings, 'backtest'),
    rulesAt: ruleBook(market.symbols.map(({ rules }) => rules)),
    instruments,
    intervalMs: INTERVAL_MS,
    reconfigure: () => {
      throw new Error('the benchmark changes no settings');
    },
    emit: (output) => write(encodeOutput(output)),
  });
}

/** Rows from `at` on in memory of their own, so that the history is not held. */
function copyOf(candles: Candles, at: number): Candles {
  const { openTimeMs, open, high, low, close, volume, turnover } = sliceCandles(candles, at, candles.length);
  return {
    intervalMs: candles.intervalMs,
    length: candles.length - at,
    openTimeMs: openTimeMs.slice(),
    open: open.slice(),
    high: high.slice(),
    low: low.slice(),
    close: close.slice(),
    volume: volume.slice(),
    turnover: turnover.slice(),
  };
}

function arrivedAt(candles: readonly Candles[], closeTimeMs: number): ArrivedBars {
  const present = candles.flatMap((columns, index) => {
    const row = rowAt(columns, closeTimeMs - INTERVAL_MS);
    return row < 0 ? [] : [{ index, bar: barAt(columns, row) }];
  });
  return { closeTimeMs, present, late: [] };
}

function sizeMb(candles: readonly Candles[]): number {
  return candles.reduce((sum, { length }) => sum + length * 7 * 8, 0) / 1e6;
}

/** Memory that is still in use, columns included. */
function heldMb(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1e6;
}

function quantile(values: readonly number[], q: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(q * values.length))];
}
