/**
 * The data certificate: what a series of candles holds, what it lacks, and one hash of its logical content that is the same
 * however the rows are stored (month files, tail log, compression). Results carry the hash of what they were computed from.
 */
import { createHash } from 'node:crypto';
import { intervalMs, rowsOf, symbolOf, textsOf, venueOf, type InstrumentId, type Interval } from '@donch/core';
import { allocateCandles } from './candle-memory.ts';
import {
  decodeCandleMonth,
  fileIdentity,
  openCandleMonth,
  readCandleMonth,
  readIdentified,
  verifyCandleMonth,
} from './candle-month.ts';
import type { CandleStore } from './candle-store.ts';
import type { InstrumentStore } from './instrument-store.ts';
import {
  ZERO_RUN_BARS_MIN,
  factsOf,
  readFacts,
  writeFacts,
  type IdentifiedFacts,
  type MonthDetail,
  type MonthFacts,
  type Stretch,
} from './month-facts.ts';
import { planMonth } from './month-plan.ts';
import { readRevisions, revisionShapes } from './revisions.ts';
import type { SeriesKey, StorePaths } from './store-paths.ts';
import { TAIL_COLUMNS } from './tail-format.ts';
import type { TailIndex } from './tail-index.ts';

export interface Certificate {
  readonly instrumentId: InstrumentId;
  readonly interval: Interval;
  readonly rows: number;
  /** Open time of the first and of the last bar; NaN without rows. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** First trading instant; null = not known. */
  readonly listedMs: number | null;
  /** Missing bars between the first and the last one. */
  readonly gaps: readonly Stretch[];
  readonly missingBars: number;
  readonly zeroVolumeBars: number;
  /** Runs of at least 12 bars without volume. */
  readonly zeroVolumeRuns: readonly Stretch[];
  /** 0 unless somebody else wrote to the store. */
  readonly duplicates: number;
  /** Bars that came again with other values. */
  readonly revisions: number;
  /** SHA-256 over the content hash of every month, see `seriesHash`. */
  readonly contentHash: string;
}

export interface CertifyOptions {
  /** True = decode every month and recompute its hash instead of believing its metadata and the kept facts. */
  readonly verify?: boolean;
}

/** One series of a store hash. */
export interface HashedSeries extends SeriesKey {
  readonly contentHash: string;
}

export interface StoreHash {
  /** Sorted by instrument, then interval. */
  readonly series: readonly HashedSeries[];
  /** SHA-256 over the list. */
  readonly hash: string;
}

const CANDLE_REVISIONS = revisionShapes(TAIL_COLUMNS);

export class Certifier {
  readonly #paths: StorePaths;
  readonly #candles: CandleStore;
  readonly #instruments: InstrumentStore;

  constructor(paths: StorePaths, candles: CandleStore, instruments: InstrumentStore) {
    this.#paths = paths;
    this.#candles = candles;
    this.#instruments = instruments;
  }

  /**
   * Certificate of one series. Throws `content_mismatch` (with `verify`) when rows do not have the hash that their file claims,
   * and what reading candles throws.
   */
  async certify(instrumentId: InstrumentId, interval: Interval, options: CertifyOptions = {}): Promise<Certificate> {
    const key = { instrumentId, interval };
    if (options.verify === true) await this.#verify(key);
    const facts = await this.#facts(key, true);
    return {
      instrumentId,
      interval,
      ...summarise(facts, intervalMs(interval)),
      listedMs: await this.#listedMs(instrumentId),
      revisions: this.#countRevisions(key),
      contentHash: hashOf(facts),
    };
  }

  /**
   * Hash of a series' logical content: SHA-256 over `month rows hash` of every month, where a month's hash covers its rows
   * (`candlesHash`) wherever they are stored. Cheap: months that have not changed are not read.
   */
  async seriesHash(instrumentId: InstrumentId, interval: Interval): Promise<string> {
    return hashOf(await this.#facts({ instrumentId, interval }, false));
  }

  /** One hash over many series: what a run's manifest pins. */
  async storeHash(keys: readonly SeriesKey[]): Promise<StoreHash> {
    const series: HashedSeries[] = [];
    for (const { instrumentId, interval } of keys) {
      series.push({ instrumentId, interval, contentHash: await this.seriesHash(instrumentId, interval) });
    }
    const lines = series.map((one) => `${one.instrumentId} ${one.interval} ${one.contentHash}`);
    const order = Array.from(lines.keys()).sort((a, b) => (lines[a] < lines[b] ? -1 : 1));
    const digest = createHash('sha256');
    for (const k of order) digest.update(`${lines[k]}\n`);
    return { series: order.map((k) => series[k]), hash: digest.digest('hex') };
  }

  async #facts(key: SeriesKey, needsDetail: boolean): Promise<MonthFacts[]> {
    // The tail before the months, as in CandleStore.read.
    const tail = this.#candles.tail(venueOf(key.instrumentId), key.interval);
    const symbol = symbolOf(key.instrumentId);
    const tailMonths = tail.monthsOf(symbol, Infinity);
    const cachePath = this.#paths.certificate(key);
    const kept = new Map(readFacts(cachePath, key).map((facts) => [facts.month, facts]));
    const stored: IdentifiedFacts[] = [];
    const all: MonthFacts[] = [];
    for (const month of new Set([...this.#paths.months(key), ...tailMonths].sort())) {
      const own = await this.#storedFacts(key, month, { old: kept.get(month), needsDetail });
      if (own !== null) stored.push(own);
      const facts = (tailMonths.has(month) ? await this.#withTail(key, month, tail) : null) ?? own;
      if (facts !== null) all.push(facts);
    }
    if (stored.some((facts) => kept.get(facts.month) !== facts) || stored.length !== kept.size)
      writeFacts(cachePath, key, stored);
    return all;
  }

  /** Facts of a month file: the kept ones while the file is the same; null when there is no file. */
  async #storedFacts(
    key: SeriesKey,
    month: string,
    { old, needsDetail }: FactsWanted,
  ): Promise<IdentifiedFacts | null> {
    const path = this.#paths.month(key, month);
    const identity = fileIdentity(path);
    if (identity === null) return null;
    const isKnown = old !== undefined && old.identity === identity && (old.detail !== null || !needsDetail);
    return isKnown ? old : readMonthFacts(key, month, path, needsDetail);
  }

  /** Facts of a month with the bars that only the tail log has; null when there are none. */
  async #withTail(key: SeriesKey, month: string, tail: TailIndex): Promise<MonthFacts | null> {
    const plan = await planMonth({
      paths: this.#paths,
      key,
      tail,
      mark: { logId: tail.logId, seq: Infinity },
      incoming: { month },
      kept: 'new',
    });
    return plan.isChanged ? factsOf(month, plan.candles) : null;
  }

  async #verify(key: SeriesKey): Promise<void> {
    for (const month of this.#paths.months(key)) {
      verifyCandleMonth(key, await readCandleMonth(key, month, this.#paths.month(key, month)));
    }
  }

  async #listedMs(instrumentId: InstrumentId): Promise<number | null> {
    const table = await this.#instruments.read(venueOf(instrumentId));
    if (table === null) return null;
    const listed = rowsOf(table).find((row) => row['instrument_id'] === instrumentId && row['listed_time'] !== null);
    return listed === undefined ? null : Number(listed['listed_time']);
  }

  #countRevisions({ instrumentId, interval }: SeriesKey): number {
    const path = this.#paths.revisions(venueOf(instrumentId), interval);
    const symbol = symbolOf(instrumentId);
    return textsOf(readRevisions(path, CANDLE_REVISIONS), 'symbol').filter((found) => found === symbol).length;
  }
}

interface FactsWanted {
  readonly old: IdentifiedFacts | undefined;
  readonly needsDetail: boolean;
}

async function readMonthFacts(
  key: SeriesKey,
  month: string,
  path: string,
  needsDetail: boolean,
): Promise<IdentifiedFacts> {
  const { bytes, identity } = readIdentified(path);
  const opened = openCandleMonth(key, month, { bytes, file: path });
  const { rows, contentHash } = opened;
  if (!needsDetail) return { month, rows, contentHash, detail: null, identity };
  const candles = allocateCandles(intervalMs(key.interval), rows);
  await decodeCandleMonth(opened, candles, 0);
  return { ...factsOf(month, candles), contentHash, identity };
}

function hashOf(facts: readonly MonthFacts[]): string {
  const digest = createHash('sha256');
  for (const { month, rows, contentHash } of facts) digest.update(`${month} ${rows} ${contentHash}\n`);
  return digest.digest('hex');
}

type Summary = Omit<Certificate, 'instrumentId' | 'interval' | 'listedMs' | 'revisions' | 'contentHash'>;

/** Months joined: gaps between them, and runs that go on over the turn of a month. */
function summarise(facts: readonly MonthFacts[], barMs: number): Summary {
  const details = facts.map((month) => month.detail).filter((detail) => detail !== null);
  const gaps: Stretch[] = [];
  const runs: Stretch[] = [];
  let lastMs = Number.NaN;
  for (const detail of details) {
    if (detail.firstMs > lastMs + barMs) {
      gaps.push({
        fromMs: lastMs + barMs,
        toMs: detail.firstMs,
        bars: Math.round((detail.firstMs - lastMs) / barMs) - 1,
      });
    }
    gaps.push(...detail.gaps);
    for (const run of detail.zeroRuns) addRun(runs, run);
    lastMs = detail.lastMs;
  }
  const sum = (count: (detail: MonthDetail) => number): number =>
    details.reduce((total, detail) => total + count(detail), 0);
  return {
    rows: facts.reduce((total, { rows }) => total + rows, 0),
    firstMs: details[0]?.firstMs ?? Number.NaN,
    lastMs,
    gaps,
    missingBars: gaps.reduce((total, { bars }) => total + bars, 0),
    zeroVolumeBars: sum((detail) => detail.zeroBars),
    zeroVolumeRuns: runs.filter(({ bars }) => bars >= ZERO_RUN_BARS_MIN),
    duplicates: sum((detail) => detail.duplicates),
  };
}

function addRun(runs: Stretch[], run: Stretch): void {
  const last = runs.at(-1);
  if (last === undefined || last.toMs !== run.fromMs) runs.push(run);
  else runs[runs.length - 1] = { fromMs: last.fromMs, toMs: run.toMs, bars: last.bars + run.bars };
}
