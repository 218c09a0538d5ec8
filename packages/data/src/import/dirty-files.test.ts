/** The ten damaged files of the shared data, each reported as its description says. */

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { CANDLE_COLUMNS, DonchError, MINUTE_MS } from '@donch/core';
import { describeWithShared, sharedDir } from '@donch/testkit';
import { expect, it } from 'vitest';
import type { ImportOptions } from './import-options.ts';
import type { ReadFile } from './read-file.ts';
import type { ImportRule } from './rules.ts';
import { type ReadOutcome, readSample } from './sample-files.ts';

const NOW_MS = Date.UTC(2026, 0, 1);

async function readDirty(name: string, symbol: string, options: ImportOptions = {}): Promise<ReadOutcome> {
  const bytes = readFileSync(sharedDir('data', 'dirty', name));
  return readSample(bytes, { name, nowMs: NOW_MS, options: { symbol, venue: 'binance', ...options } });
}

function readOf({ read, error }: ReadOutcome): ReadFile {
  if (read === null) throw error;
  return read;
}

/** Lines of a rule in the order of the findings. */
function linesOf({ findings }: ReadOutcome, rule: ImportRule): number[] {
  return findings.filter((finding) => finding.rule === rule).map(({ line }) => line);
}

function rulesOf({ findings }: ReadOutcome, except: readonly ImportRule[] = []): string[] {
  return [...new Set(findings.map(({ rule }) => rule))].filter((rule) => !except.includes(rule)).sort();
}

/** Physical lines of a damaged file, line 1 first at index 1. */
function physicalLines(name: string): string[] {
  return ['', ...readFileSync(sharedDir('data', 'dirty', name), 'utf8').split(/\r?\n/)];
}

/** Number in a cell of a physical line, cells from 0. */
function cellOf(name: string, line: number, cell: number): number {
  return Number(physicalLines(name)[line].split(',')[cell]);
}

const clean = new Map<string, Map<number, number[]>>();

/** Bars of the clean file by open time, read by other means than the importer. */
function cleanBars(symbol: string): Map<number, number[]> {
  const known = clean.get(symbol) ?? readCleanBars(symbol);
  clean.set(symbol, known);
  return known;
}

function readCleanBars(symbol: string): Map<number, number[]> {
  const text = gunzipSync(readFileSync(sharedDir('data', 'binance_perp_5m', `${symbol}.csv.gz`))).toString('latin1');
  const rows = text.trimEnd().split('\n').slice(1);
  return new Map(rows.map((row) => row.split(',').map(Number)).map((cells) => [cells[0], cells]));
}

/** Every accepted bar equals the clean one; returns the open times of the clean slice that were not accepted. */
function missingOfSlice(read: ReadFile, symbol: string, from: string, to: string): string[] {
  const bars = cleanBars(symbol);
  const { candles } = read;
  if (candles === null) throw new Error('the file holds candles');
  const accepted = new Set<number>();
  for (let i = 0; i < candles.length; i += 1) {
    const bar = CANDLE_COLUMNS.slice(0, 6).map((column) => candles[column][i]);
    expect(bar).toEqual(bars.get(candles.openTimeMs[i]));
    accepted.add(candles.openTimeMs[i]);
  }
  const missing: string[] = [];
  for (let timeMs = Date.parse(`${from}Z`); timeMs <= Date.parse(`${to}Z`); timeMs += 5 * MINUTE_MS) {
    if (!accepted.delete(timeMs)) missing.push(new Date(timeMs).toISOString().slice(5, 16));
  }
  expect([...accepted], 'bars outside the slice').toEqual([]);
  return missing;
}

function gapTexts({ gaps }: ReadFile): string[] {
  return gaps.map(
    ({ fromMs, toMs, missing }) =>
      [fromMs, toMs].map((ms) => new Date(ms).toISOString().slice(5, 16)).join(' to ') + ` ${missing}`,
  );
}

describeWithShared('damaged files', () => {
  it('01: 4 gaps, 45 missing bars, the bars without volume are bars', async () => {
    const outcome = await readDirty('01_gap.csv', 'BTCUSDT');
    const read = readOf(outcome);
    expect(rulesOf(outcome)).toEqual(['gap']);
    expect(outcome.findings.map(({ lines, count }) => [...lines, count])).toEqual([
      [39, 40, 1],
      [96, 97, 6],
      [132, 133, 37],
      [180, 181, 1],
    ]);
    expect(gapTexts(read)).toEqual([
      '08-28T15:10 to 08-28T15:10 1',
      '08-28T20:00 to 08-28T20:25 6',
      '08-28T23:30 to 08-29T02:30 37',
      '08-29T06:35 to 08-29T06:35 1',
    ]);
    expect(read.totals).toMatchObject({ lines: 244, accepted: 243, rejected: 0, duplicates: 0, zeroVolume: 3 });
    expect(missingOfSlice(read, 'BTCUSDT', '2025-08-28T12:00', '2025-08-29T11:55')).toHaveLength(45);
    expect(linesOfZeroVolume(read)).toEqual([178, 179, 180]);
  });

  function linesOfZeroVolume({ candles, lineOf }: ReadFile): number[] {
    return Array.from(candles?.volume ?? []).flatMap((volume, row) => (volume === 0 ? [lineOf(row)] : []));
  }

  it('02: identical rows dropped, every row of a conflicting bar left out with the values that differ', async () => {
    const outcome = await readDirty('02_duplicates.csv', 'ETHUSDT');
    const read = readOf(outcome);
    expect(rulesOf(outcome)).toEqual(['duplicate_conflicting', 'duplicate_identical', 'gap']);
    const identical = outcome.findings.filter(({ rule }) => rule === 'duplicate_identical');
    expect(identical.map(({ lines }) => lines)).toEqual([
      [14, 15],
      [33, 34],
      [81, 82],
    ]);
    const conflicting = outcome.findings.filter(({ rule }) => rule === 'duplicate_conflicting');
    expect(conflicting.map(({ lines }) => lines)).toEqual([
      [49, 50],
      [81, 82, 83],
      [103, 104],
    ]);
    expect(conflicting[0].message).toMatch(/high .*, low .*, close .*, volume /);
    expect(conflicting[0].message).not.toContain('open ');
    const [name, close, volume] = ['02_duplicates.csv', 4, 5];
    expect(conflicting[1].message).toContain(
      `21:20: close ${cellOf(name, 81, close)} / ${cellOf(name, 83, close)}; none is used`,
    );
    expect(conflicting[2].message).toContain(
      `23:00: volume ${cellOf(name, 103, volume)} / ${cellOf(name, 104, volume)};`,
    );
    expect(read.totals).toMatchObject({ lines: 151, accepted: 141, rejected: 6, duplicates: 3 });
    expect(missingOfSlice(read, 'ETHUSDT', '2025-10-10T15:00', '2025-10-11T02:55')).toEqual([
      '10-10T18:45',
      '10-10T21:20',
      '10-10T23:00',
    ]);
    expect(read.gaps).toHaveLength(3);
  });

  it.each([
    { conflicts: 'first', lines: [49, 81, 103] },
    { conflicts: 'last', lines: [50, 83, 104] },
  ] as const)('02: conflicts=$conflicts uses that row and says so', async ({ conflicts, lines }) => {
    const outcome = await readDirty('02_duplicates.csv', 'ETHUSDT', { conflicts });
    const { candles, totals } = readOf(outcome);
    expect(totals).toMatchObject({ accepted: 144, rejected: 3, duplicates: 3 });
    const valueAt = (time: string, column: 'close' | 'volume'): number | undefined =>
      candles?.[column][candles.openTimeMs.indexOf(Date.parse(`2025-10-10T${time}Z`))];
    expect([valueAt('18:45', 'close'), valueAt('21:20', 'close'), valueAt('23:00', 'volume')]).toEqual(
      lines.map((line, k) => cellOf('02_duplicates.csv', line, k === 2 ? 5 : 4)),
    );
    const messages = outcome.findings
      .filter(({ rule }) => rule === 'duplicate_conflicting')
      .map(({ message }) => message);
    expect(messages.every((message) => message.includes(`is used (--conflicts ${conflicts})`))).toBe(true);
  });

  it('03: 15 lines older than the line before, no gap, no duplicate', async () => {
    const outcome = await readDirty('03_unsorted.csv', 'SOLUSDT');
    const read = readOf(outcome);
    expect(rulesOf(outcome)).toEqual(['out_of_order']);
    expect(linesOf(outcome, 'out_of_order')).toEqual([
      3, 98, 122, 243, 244, 245, 246, 247, 248, 249, 250, 251, 252, 253, 433,
    ]);
    expect(read.totals).toMatchObject({ accepted: 432, rejected: 0, duplicates: 0 });
    expect(missingOfSlice(read, 'SOLUSDT', '2025-11-03T00:00', '2025-11-04T11:55')).toEqual([]);
    expect(read.gaps).toEqual([]);
  });

  it('04: invalid times do not roll over, offsets count, UTC is assumed and said', async () => {
    const outcome = await readDirty('04_iso_timestamps.csv', 'XRPUSDT');
    const read = readOf(outcome);
    expect(rulesOf(outcome, ['gap'])).toEqual(['invalid_time', 'off_grid', 'time_zone_missing']);
    expect(linesOf(outcome, 'invalid_time')).toEqual([26, 38]);
    expect(outcome.findings[0].text).toBe('2025-07-17T20:61:00Z');
    expect(linesOf(outcome, 'off_grid')).toEqual([50]);
    const zones = outcome.findings.filter(({ rule }) => rule === 'time_zone_missing');
    expect(zones.map(({ line, lastLine, count }) => [line, lastLine, count])).toEqual([[242, 265, 24]]);
    expect(read.assumptions).toContain('24 of 286 rows name no time zone: UTC assumed');
    expect(read.totals).toMatchObject({ accepted: 285, rejected: 3, duplicates: 0 });
    expect(missingOfSlice(read, 'XRPUSDT', '2025-07-17T18:00', '2025-07-18T17:55')).toEqual([
      '07-17T20:00',
      '07-17T21:00',
      '07-17T22:00',
    ]);
    expect(read.gaps).toHaveLength(3);
  });

  it('05: the 13 rows of another unit are left out, in repair mode converted', async () => {
    const outcome = await readDirty('05_seconds_short_header.csv', 'DOGEUSDT');
    const read = readOf(outcome);
    expect(read.assumptions).toContain('times are seconds since 1970 (recognised by their size)');
    expect(linesOf(outcome, 'mixed_time_unit')).toEqual([
      98, 99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 194,
    ]);
    expect(linesOf(outcome, 'time_out_of_range')).toEqual([338]);
    expect(read.totals).toMatchObject({ accepted: 418, rejected: 14 });
    expect(read.gaps.map(({ missing }) => missing)).toEqual([12, 1, 1]);
    expect(missingOfSlice(read, 'DOGEUSDT', '2025-12-24T00:00', '2025-12-25T11:55')).toHaveLength(14);

    const repaired = await readDirty('05_seconds_short_header.csv', 'DOGEUSDT', { mode: 'repair' });
    const all = readOf(repaired);
    expect(linesOf(repaired, 'time_unit_converted')).toHaveLength(13);
    expect(all.totals).toMatchObject({ accepted: 431, rejected: 1 });
    expect(missingOfSlice(all, 'DOGEUSDT', '2025-12-24T00:00', '2025-12-25T11:55')).toEqual(['12-25T04:00']);
    expect(all.gaps).toHaveLength(1);
  });

  it('06: day first, found from the rows that prove it', async () => {
    const outcome = await readDirty('06_day_month_timestamps.csv', 'LINKUSDT');
    const read = readOf(outcome);
    expect(outcome.findings).toEqual([]);
    expect(read.assumptions).toEqual(
      expect.arrayContaining([
        'dates are written day-first (found: one number of some rows is above 12)',
        'the times name no zone: UTC assumed',
      ]),
    );
    expect(read.totals).toMatchObject({ accepted: 576, rejected: 0 });
    expect(missingOfSlice(read, 'LINKUSDT', '2025-09-11T12:00', '2025-09-13T11:55')).toEqual([]);
  });

  it('07: 14 rejected rows, 2 warnings, one empty line', async () => {
    const outcome = await readDirty('07_bad_values.csv', 'AVAXUSDT');
    const read = readOf(outcome);
    const found = outcome.findings.filter(({ rule }) => rule !== 'gap');
    expect(found.map(({ line, rule }) => [line, rule])).toEqual([
      [14, 'high_below_low'],
      [26, 'close_outside'],
      [38, 'open_outside'],
      [50, 'negative_volume'],
      [62, 'empty_value'],
      [74, 'not_a_number'],
      [86, 'price_not_positive'],
      [98, 'price_not_positive'],
      [110, 'not_finite'],
      [122, 'not_a_number'],
      [134, 'wrong_field_count'],
      [146, 'wrong_field_count'],
      [158, 'not_a_number'],
      [218, 'blank_line'],
      [231, 'invalid_time'],
      [170, 'jump'],
      [206, 'moved_without_volume'],
    ]);
    const lines = physicalLines('07_bad_values.csv');
    for (const { line, text } of found) expect(lines[line]).toContain(text);
    const textOf = (line: number): string | undefined => found.find((finding) => finding.line === line)?.text;
    expect([74, 86, 110, 122, 158, 231].map(textOf)).toEqual(['NaN', '0', 'inf', 'null', '12,915', 'abc']);
    expect([62, 134, 146, 170].map(textOf)).toEqual([62, 134, 146, 170].map((line) => lines[line]));
    expect(outcome.rejected.map(({ line }) => line)).toEqual([
      14, 26, 38, 50, 62, 74, 86, 98, 110, 122, 134, 146, 158, 231,
    ]);
    expect(outcome.log.total('warning')).toBe(2);
    expect(read.totals).toMatchObject({ lines: 290, accepted: 274, rejected: 14, blank: 1, duplicates: 0 });
    expect(read.gaps.map(({ missing }) => missing)).toEqual(Array.from({ length: 14 }, () => 1));
    // The two doubtful bars are kept as they stand, so they differ from the clean ones on purpose.
    const doubtful = new Set([170, 206]);
    expect(missingOfSlice(without(read, doubtful), 'AVAXUSDT', '2025-12-01T00:00', '2025-12-01T23:55')).toHaveLength(
      16,
    );
  });

  function without(read: ReadFile, lines: ReadonlySet<number>): ReadFile {
    const { candles } = read;
    if (candles === null) throw new Error('the file holds candles');
    const rows = Array.from({ length: candles.length }, (_, row) => row).filter((row) => !lines.has(read.lineOf(row)));
    const take = (column: Float64Array): Float64Array => Float64Array.from(rows, (row) => column[row]);
    const columns = Object.fromEntries(CANDLE_COLUMNS.map((name) => [name, take(candles[name])]));
    return { ...read, candles: { ...candles, ...columns, length: rows.length } };
  }

  it('08: one hour, newest first said once, the row with exchanged columns left out or exchanged back', async () => {
    const outcome = await readDirty('08_bybit_kline.csv', 'SOLUSDT');
    const read = readOf(outcome);
    expect(read.interval).toBe('1h');
    expect(read.columns.map(({ name, role }) => `${name}=${role}`)).toEqual([
      'startTime=time',
      'openPrice=open',
      'highPrice=high',
      'lowPrice=low',
      'closePrice=close',
      'volume=volume',
      'turnover=turnover',
    ]);
    expect(rulesOf(outcome)).toEqual(['gap', 'newest_first', 'turnover_unfit']);
    expect(linesOf(outcome, 'newest_first')).toEqual([2]);
    expect(linesOf(outcome, 'turnover_unfit')).toEqual([37]);
    expect(read.totals).toMatchObject({ accepted: 71, rejected: 1 });
    expectHourlySums(read);

    const repaired = await readDirty('08_bybit_kline.csv', 'SOLUSDT', { mode: 'repair' });
    expect(linesOf(repaired, 'turnover_exchanged')).toEqual([37]);
    const all = readOf(repaired);
    expect(all.totals).toMatchObject({ accepted: 72, rejected: 0 });
    expect(all.gaps).toEqual([]);
    expectHourlySums(all);
  });

  function expectHourlySums({ candles }: ReadFile): void {
    const bars = cleanBars('SOLUSDT');
    if (candles === null) throw new Error('the file holds candles');
    for (let i = 0; i < candles.length; i += 1) {
      const hour = Array.from({ length: 12 }, (_, k) => bars.get(candles.openTimeMs[i] + k * 5 * MINUTE_MS) ?? []);
      expect(candles.open[i]).toBe(hour[0][1]);
      expect(candles.high[i]).toBe(Math.max(...hour.map((bar) => bar[2])));
      expect(candles.low[i]).toBe(Math.min(...hour.map((bar) => bar[3])));
      expect(candles.close[i]).toBe(hour[11][4]);
      expect(candles.volume[i]).toBeCloseTo(
        hour.reduce((sum, bar) => sum + bar[5], 0),
        4,
      );
    }
  }

  it('09: mark and CR LF accepted, repeated header and cut last line named', async () => {
    const outcome = await readDirty('09_bom_crlf_partial_line.csv', 'BNBUSDT');
    const read = readOf(outcome);
    const found = outcome.findings.map(({ line, rule, text }) => [line, rule, text]);
    expect(found).toEqual([
      [146, 'repeated_header', 'Timestamp,Open,High,Low,Close,Volume'],
      [219, 'blank_line', ''],
      [291, 'truncated_last_line', '1751932500000,661.16,661.23,661.01,66'],
    ]);
    expect(read.columns[0]).toEqual({ name: 'Timestamp', role: 'time' });
    expect(read.totals).toMatchObject({ lines: 291, accepted: 287, rejected: 1, blank: 1, repeatedHeaders: 1 });
    expect(missingOfSlice(read, 'BNBUSDT', '2025-07-07T00:00', '2025-07-07T23:55')).toEqual(['07-07T23:55']);
    expect(read.gaps).toEqual([]);
  });

  it('10: the archive is incomplete, 520 complete bars, the piece is no bar', async () => {
    const outcome = await readDirty('10_half_written.csv.gz', 'ZECUSDT');
    const read = readOf(outcome);
    expect(outcome.findings.map(({ line, rule, text }) => [line, rule, text])).toEqual([
      [0, 'archive_incomplete', ''],
      [522, 'truncated_last_line', '1762456800000,5'],
    ]);
    expect(read.totals).toMatchObject({ accepted: 520, rejected: 1 });
    expect(missingOfSlice(read, 'ZECUSDT', '2025-11-05T00:00', '2025-11-06T19:15')).toEqual([]);
  });

  it('asks for symbol and venue where names do not tell them', async () => {
    const bytes = readFileSync(sharedDir('data', 'dirty', '01_gap.csv'));
    const { error } = await readSample(bytes, { name: '01_gap.csv', nowMs: NOW_MS });
    expect(error).toBeInstanceOf(DonchError);
    expect(error).toMatchObject({ code: 'symbol_unclear' });
  });
});
