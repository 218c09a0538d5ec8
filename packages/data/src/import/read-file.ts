/** One file from bytes to checked rows: detection, parsing, every rule. Stores nothing. */

import { type Candles, DonchError, intervalMs, invariant, type Interval } from '@donch/core';
import type { EventSeries } from '../event-merge.ts';
import { checkBars, checkRates, fundingGapsOf, type Gap, gapsOf, noteGaps } from './check-neighbours.ts';
import { checkBarTimes, checkSettlementTimes, openingTimes } from './check-times.ts';
import { checkTurnover } from './check-turnover.ts';
import { detectInterval, requireGrid } from './detect-interval.ts';
import type { NameEvidence } from './file-name.ts';
import type { FindingLog } from './finding-log.ts';
import { type Identity, identify, requireKind } from './identify.ts';
import type { ImportKind, ResolvedOptions } from './import-options.ts';
import type { Source } from './load-source.ts';
import { settleDuplicates, sortRows } from './order-rows.ts';
import { parseCsv } from './parse-csv.ts';
import { parseJson } from './parse-json.ts';
import { parseParquet } from './parse-parquet.ts';
import type { LineCounts, ParsedRows } from './parsed-rows.ts';
import { CLOSE, DUPLICATE, HIGH, LOW, OPEN, EVENT, type RawRows, TURNOVER, VOLUME } from './raw-rows.ts';
import { settleTimes } from './settle-times.ts';

/** What a file holds, ready for the store. */
export interface ReadFile {
  readonly kind: ImportKind;
  readonly identity: Identity;
  /** Null for events. */
  readonly interval: Interval | null;
  readonly candles: Candles | null;
  /** Settlements or open interest, ascending; null for candles. */
  readonly events: EventSeries | null;
  readonly columns: ParsedRows['columns'];
  readonly assumptions: readonly string[];
  readonly totals: FileTotals;
  readonly gaps: readonly Gap[];
  /** Line and original text of each accepted row, for findings about the store. */
  readonly lineOf: (row: number) => number;
  readonly textOf: (row: number) => string;
}

/** lines = headers + preamble + blank + repeatedHeaders + accepted + rejected + duplicates, always. */
export interface FileTotals extends LineCounts {
  readonly accepted: number;
  readonly rejected: number;
  readonly duplicates: number;
  /** Accepted bars without any trade: valid, and worth knowing. */
  readonly zeroVolume: number;
}

export interface ReadContext {
  readonly options: ResolvedOptions;
  readonly name: NameEvidence;
  /** Bars that close later are in progress. */
  readonly nowMs: number;
  readonly log: FindingLog;
}

/** Reads one loaded file. Throws a DonchError when the file as a whole cannot be understood; single rows never throw. */
export async function readSource(source: Source, context: ReadContext): Promise<ReadFile> {
  const { log, options, name } = context;
  if (!source.isComplete) {
    log.add({
      rule: 'archive_incomplete',
      line: 0,
      text: '',
      message: 'the gzip archive ends too early: its last part is missing',
    });
  }
  const parsed = await parse(source, options, log);
  requireKind(parsed.reader.rows.kind, name, options);
  const identity = identify(parsed, name, options);
  requireOneSymbol(parsed);
  const settled = settleTimes(parsed, options);
  const isCandles = parsed.reader.rows.kind === 'candles';
  const {
    rows: sorted,
    interval,
    gaps,
    assumptions,
  } = isCandles ? checkCandles(parsed, context) : checkEvents(parsed, context);
  noteGaps(parsed, sorted, gaps);
  const { rows } = parsed.reader;
  const totals = totalsOf(parsed, sorted);
  return {
    kind: rows.kind,
    identity,
    interval,
    candles: interval === null ? null : candlesOf(rows, sorted, intervalMs(interval)),
    events: interval === null ? { timeMs: pick(rows.timeMs, sorted), value: pick(rows.values[EVENT], sorted) } : null,
    columns: parsed.columns,
    assumptions: [
      ...identity.assumptions,
      ...parsed.assumptions,
      ...percentAssumption(parsed),
      ...settled,
      ...assumptions,
    ],
    totals,
    gaps,
    lineOf: (row) => rows.line[sorted[row]],
    textOf: (row) => parsed.textAt(rows.place[sorted[row]]),
  };
}

function parse(source: Source, options: ResolvedOptions, log: FindingLog): ParsedRows | Promise<ParsedRows> {
  if (source.format === 'parquet') return parseParquet(source, options, log);
  return source.format === 'json' ? parseJson(source, options, log) : parseCsv(source, options, log);
}

/** Share of rows of other symbols above which the file is a collection, not a file with damaged rows. */
const OTHER_SYMBOLS_SHARE_MAX = 0.1;

function requireOneSymbol({ log, counts, symbol }: ParsedRows): void {
  const others = log.rowsOf('other_symbol');
  if (!(others > counts.lines * OTHER_SYMBOLS_SHARE_MAX)) return;
  throw new DonchError(
    'several_symbols',
    `${others} of ${counts.lines} rows are of another symbol than ${symbol ?? 'the first'}`,
    {
      remedy: 'Split it into one file per symbol.',
    },
  );
}

interface CheckedRows {
  /** Positions of the accepted rows in order of time. */
  readonly rows: Int32Array;
  readonly interval: Interval | null;
  readonly gaps: readonly Gap[];
  readonly assumptions: readonly string[];
}

function checkCandles(parsed: ParsedRows, { options, name, nowMs, log }: ReadContext): CheckedRows {
  const { rows } = parsed.reader;
  const timesMs = pick(rows.timeMs, rows.usable()).sort();
  requireUsable(timesMs.length, log);
  const { interval, assumption, mixedWith } = detectInterval({
    timesMs,
    stated: options.interval,
    ofName: name.intervals,
  });
  const lengthMs = intervalMs(interval);
  const assumptions = [assumption];
  if (options.timeLabel === 'close') {
    openingTimes(parsed, interval);
    assumptions.push('times are closing times (as stated)');
  } else assumptions.push('times are opening times');
  requireGrid(pick(rows.timeMs, rows.usable()), interval);
  if (mixedWith !== null) {
    const message = `${mixedWith.steps} steps of ${mixedWith.interval} in a file of ${interval} bars: two bar lengths in one file?`;
    log.add({ rule: 'steps_mixed', line: 0, count: mixedWith.steps, text: '', message });
  }
  checkBarTimes(parsed, interval, nowMs);
  checkTurnover(parsed, options);
  const sorted = settleDuplicates(parsed, sortRows(parsed), options.conflicts);
  checkBars(parsed, sorted, lengthMs);
  return { rows: sorted, interval, gaps: gapsOf(pick(rows.timeMs, sorted), lengthMs), assumptions };
}

function checkEvents(parsed: ParsedRows, { options, nowMs, log }: ReadContext): CheckedRows {
  const { rows } = parsed.reader;
  requireUsable(rows.usable().length, log);
  const assumptions = checkSettlementTimes(parsed, nowMs);
  const sorted = settleDuplicates(parsed, sortRows(parsed), options.conflicts);
  if (rows.kind === 'funding') checkRates(parsed, sorted);
  return { rows: sorted, interval: null, gaps: fundingGapsOf(pick(rows.timeMs, sorted)), assumptions };
}

function requireUsable(rows: number, log: FindingLog): void {
  if (rows > 0) return;
  const worst = log.counts().sort((a, b) => b.rows - a.rows)[0];
  const why = worst === undefined ? '' : `; most often: ${worst.rule} (${worst.rows})`;
  throw new DonchError('no_usable_row', `no row of the file is usable${why}`, {
    remedy: 'See the findings: the columns or the form of the times are probably not what was recognised.',
  });
}

function percentAssumption({ reader }: ParsedRows): string[] {
  return reader.percentRows > 0 ? [`${reader.percentRows} rates carry a percent sign and were divided by 100`] : [];
}

function totalsOf({ reader: { rows }, counts, log }: ParsedRows, sorted: Int32Array): FileTotals {
  let duplicates = 0;
  for (let at = 0; at < rows.length; at += 1) if (rows.status[at] === DUPLICATE) duplicates += 1;
  let zeroVolume = 0;
  if (rows.kind === 'candles') for (const at of sorted) if (rows.values[VOLUME][at] === 0) zeroVolume += 1;
  const totals = { ...counts, accepted: sorted.length, rejected: log.rejectedRows, duplicates, zeroVolume };
  const skipped = counts.headers + counts.preamble + counts.blank + counts.repeatedHeaders;
  invariant(
    counts.lines === skipped + totals.accepted + totals.rejected + duplicates,
    'every line of a file is accounted for',
  );
  return totals;
}

function pick(column: Float64Array, positions: Int32Array): Float64Array {
  const picked = new Float64Array(positions.length);
  for (let k = 0; k < positions.length; k += 1) picked[k] = column[positions[k]];
  return picked;
}

function candlesOf({ timeMs, values }: RawRows, sorted: Int32Array, lengthMs: number): Candles {
  return {
    intervalMs: lengthMs,
    length: sorted.length,
    openTimeMs: pick(timeMs, sorted),
    open: pick(values[OPEN], sorted),
    high: pick(values[HIGH], sorted),
    low: pick(values[LOW], sorted),
    close: pick(values[CLOSE], sorted),
    volume: pick(values[VOLUME], sorted),
    turnover: pick(values[TURNOVER], sorted),
  };
}
