/** The importer as a command calls it: files and folders, store, reports, stops. */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Candles, DonchError, instrumentId, MINUTE_MS, sliceCandles } from '@donch/core';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { openStoreForWrite } from '../store.ts';
import { importFiles, type ImportRequest } from './import-files.ts';
import type { ImportReport } from './import-report.ts';
import { MemorySink } from './memory-sink.ts';
import { planImport } from './plan-import.ts';
import { importReportJson, renderImportPlan, renderImportReport } from './render-report.ts';
import { NOW_MS, sampleBybitRows, sampleCandles, sampleCsv, sampleParquet, START_MS } from './sample-files.ts';
import { StoreSink } from './store-sink.ts';

const root = mkdtempSync(join(tmpdir(), 'donch-import-'));
afterAll(() => rmSync(root, { recursive: true }));

const FIVE_MINUTES_MS = 5 * MINUTE_MS;
const BTC = instrumentId('bybit', 'BTCUSDT');
const ETH = instrumentId('bybit', 'ETHUSDT');
const CLEAN = sampleCandles(300);

let folder = '';
let tests = 0;
beforeEach(() => {
  tests += 1;
  folder = join(root, `bybit-${tests}`);
  mkdirSync(folder);
});

function put(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
}

function importTo(sink: ImportRequest['sink'], request: Partial<ImportRequest> = {}): Promise<ImportReport> {
  return importFiles({ paths: [folder], sink, rejectsFolder: null, nowMs: NOW_MS, ...request });
}

/** The sample with the close of one row changed (still inside low..high). */
function revised(row: number): Candles {
  const candles = { ...sampleCandles(300), close: CLEAN.close.slice() };
  candles.close[row] = CLEAN.close[row] === CLEAN.low[row] ? CLEAN.high[row] : CLEAN.low[row];
  return candles;
}

function expectStored(sink: MemorySink, candles: Candles): void {
  const stored = sink.candles.get(`${BTC} 5m`);
  expect(stored?.length).toBe(candles.length);
  for (const column of ['openTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const)
    expect(stored?.[column]).toEqual(candles[column].slice(0, candles.length));
}

describe('importFiles', () => {
  it('reads folders with all formats, joins the parts of a symbol, tells venue and bar length', async () => {
    put('BTCUSDT-5m-2025-03a.csv', sampleCsv(sliceCandles(CLEAN, 0, 100)));
    put('b/BTCUSDT-5m-2025-03b.csv.gz', gzipSync(sampleCsv(sliceCandles(CLEAN, 100, 200))));
    put(
      'b/c/BTCUSDT.json',
      JSON.stringify({
        retCode: 0,
        result: { symbol: 'BTCUSDT', list: sampleBybitRows(sliceCandles(CLEAN, 200, 250)) },
      }),
    );
    put('z/BTCUSDT.parquet', sampleParquet(sliceCandles(CLEAN, 250, 300)));
    put(
      'funding/BTCUSDT.csv',
      `timestamp,funding_rate\n${START_MS},0.0001\n${START_MS + 96 * FIVE_MINUTES_MS},0.0002\n`,
    );
    put('README.md', 'not data');
    const sink = new MemorySink();
    const report = await importTo(sink);
    expect(report).toMatchObject({ venue: 'bybit', interval: '5m', acceptedRows: 302, stopped: null, notStarted: [] });
    expect(report.files.map(({ status }) => status)).toEqual([
      'imported',
      'imported',
      'imported',
      'imported',
      'imported',
    ]);
    expect(report.skipped).toEqual([{ file: join(folder, 'README.md'), reason: 'no importable ending' }]);
    expectStored(sink, CLEAN);
    expect(sink.funding.get(BTC)?.size).toBe(2);
    const parts = report.files.filter(({ content }) => content?.kind === 'candles');
    expect(parts.at(-1)?.stored?.after).toEqual({
      rows: 300,
      firstMs: START_MS,
      lastMs: START_MS + 299 * FIVE_MINUTES_MS,
      gaps: 0,
      missing: 0,
    });
  });

  it('changes nothing the second time', async () => {
    put('BTCUSDT.csv', sampleCsv(CLEAN));
    const sink = new MemorySink();
    await importTo(sink);
    const before = structuredClone([...sink.candles]);
    const { files } = await importTo(sink);
    expect(files[0].stored).toMatchObject({ added: 0, unchanged: 300, revisions: 0 });
    expect(files[0].steps?.outcome).toBe('unchanged');
    expect([...sink.candles]).toEqual(before);
  });

  it.each(['keep', 'take'] as const)('revisions=%s, and the report names line and values', async (revisions) => {
    const sink = new MemorySink();
    put('BTCUSDT.csv', sampleCsv(CLEAN));
    await importTo(sink);
    const changed = revised(7);
    put('BTCUSDT.csv', sampleCsv(changed));
    const { files } = await importTo(sink, { options: { revisions } });
    expect(files[0].stored).toMatchObject({
      added: 0,
      unchanged: 299,
      revisions: 1,
      revisionsTaken: revisions === 'take',
    });
    const finding = files[0].findings[0];
    expect(finding).toMatchObject({ rule: 'revision', findings: 1 });
    expect(finding.first[0]).toMatchObject({ line: 9, text: sampleCsv(changed).split('\n')[8] });
    expect(finding.first[0].message).toContain(`close ${CLEAN.close[7]} / ${changed.close[7]} (stored / file)`);
    expectStored(sink, revisions === 'take' ? changed : CLEAN);
  });

  it('adds the turnover that the store lacks without calling it a revision', async () => {
    const sink = new MemorySink();
    put('BTCUSDT.csv', sampleCsv(CLEAN));
    await importTo(sink);
    put(
      'BTCUSDT.csv',
      `startTime,openPrice,highPrice,lowPrice,closePrice,volume,turnover\n${sampleBybitRows(CLEAN)
        .map((row) => row.join(','))
        .join('\n')}\n`,
    );
    const { files } = await importTo(sink);
    expect(files[0].stored).toMatchObject({ added: 0, turnoverAdded: 300, revisions: 0 });
    expect(sink.candles.get(`${BTC} 5m`)?.turnover).toEqual(CLEAN.turnover);
  });

  const damaged = (): string => sampleCsv(CLEAN).replace(/\n(\d+),[^,]+,/, '\n$1,x,');

  it('stores what is certain of a damaged file, nothing of it in strict mode', async () => {
    put('BTCUSDT.csv', damaged());
    const sink = new MemorySink();
    const { files } = await importTo(sink);
    expect(files[0]).toMatchObject({ status: 'imported', errors: 1 });
    expect(sink.candles.get(`${BTC} 5m`)?.length).toBe(299);

    const strict = new MemorySink();
    const report = await importTo(strict, { options: { mode: 'strict' } });
    expect(report.files[0]).toMatchObject({ status: 'refused', stored: null, refusal: { code: 'strict_refused' } });
    expect(report.files[0].content?.totals.accepted).toBe(299);
    expect([strict.candles.size, strict.instruments.length]).toEqual([0, 0]);
  });

  it('takes warnings and notes in strict mode', async () => {
    put('BTCUSDT.csv', sampleCsv(CLEAN).trimEnd());
    const { files } = await importTo(new MemorySink(), { options: { mode: 'strict' } });
    expect(files[0]).toMatchObject({ status: 'imported', warnings: 1, errors: 0 });
  });

  it('refuses half an archive unless its rows are wanted', async () => {
    const packed = gzipSync(sampleCsv(CLEAN));
    put('BTCUSDT.csv.gz', packed.subarray(0, packed.length >> 1));
    const sink = new MemorySink();
    const { files } = await importTo(sink);
    expect(files[0]).toMatchObject({ status: 'refused', refusal: { code: 'archive_incomplete' }, stored: null });
    expect(files[0].refusal?.message).toMatch(/\d+ complete rows up to 2025-03-01 .* could be read/);
    expect(sink.candles.size).toBe(0);

    const partial = await importTo(sink, { options: { allowPartial: true } });
    const accepted = partial.files[0].content?.totals.accepted ?? 0;
    expect(partial.files[0].status).toBe('imported');
    expect(accepted).toBeGreaterThan(50);
    expectStored(sink, sliceCandles(CLEAN, 0, accepted));
    const strict = await importTo(sink, { options: { allowPartial: true, mode: 'strict' } });
    expect(strict.files[0].refusal?.code).toBe('strict_refused');
  });

  it('refuses a file of which most rows are unusable', async () => {
    put(
      'BTCUSDT.csv',
      sampleCsv(CLEAN)
        .split('\n')
        .map((line, at) => (at > 100 ? line.replace(/,[^,]+$/, ',x') : line))
        .join('\n'),
    );
    const { files } = await importTo(new MemorySink());
    expect(files[0]).toMatchObject({ status: 'refused', refusal: { code: 'mostly_unusable' } });
  });

  it('goes on after a file that cannot be understood', async () => {
    put('a-BTCUSDT.csv', 'hello\n');
    put('b-ETHUSDT.csv', sampleCsv(CLEAN));
    const sink = new MemorySink();
    const { files, acceptedRows } = await importTo(sink);
    expect(files.map(({ status, refusal }) => [status, refusal?.code])).toEqual([
      ['refused', 'no_header'],
      ['imported', undefined],
    ]);
    expect(acceptedRows).toBe(300);
    expect([...sink.candles.keys()]).toEqual([`${ETH} 5m`]);
  });

  it('writes all findings and all rejected rows', async () => {
    const lines = sampleCsv(CLEAN)
      .split('\n')
      .map((line, at) => (at > 0 && at % 10 === 0 ? line.replace(/,[^,]+$/, ',"a ""b""') : line));
    put('BTCUSDT.csv', lines.join('\n'));
    const rejectsFolder = join(folder, 'rejects');
    const report = await importTo(new MemorySink(), { rejectsFolder, paths: [join(folder, 'BTCUSDT.csv')] });
    expect(readdirSync(rejectsFolder)).toEqual(['20271126T000000Z']);
    expect(report.files[0].findings.map(({ rule, findings, first }) => [rule, findings, first.length])).toEqual([
      ['bad_quote', 30, 20],
      ['gap', 29, 20],
    ]);
    const rejected = readFileSync(report.rejectsFile ?? '', 'utf8')
      .trimEnd()
      .split('\n');
    expect(rejected[0]).toBe('file,line,rule,text');
    expect(rejected).toHaveLength(31);
    expect(rejected[1]).toBe(`${join(folder, 'BTCUSDT.csv')},11,bad_quote,"${lines[10].replaceAll('"', '""')}"`);
    const findings = readFileSync(report.findingsFile ?? '', 'utf8')
      .trimEnd()
      .split('\n');
    expect(findings).toHaveLength(60);
    const again = await importTo(new MemorySink(), { rejectsFolder, paths: [join(folder, 'BTCUSDT.csv')] });
    expect(again.rejectsFile).toBe(join(rejectsFolder, '20271126T000000Z-2', 'rejected.csv'));
  });

  it('writes no file when there is nothing to tell', async () => {
    put('BTCUSDT.csv', sampleCsv(CLEAN));
    const rejectsFolder = join(folder, 'rejects');
    const report = await importTo(new MemorySink(), { rejectsFolder });
    expect(report).toMatchObject({ findingsFile: null, rejectsFile: null });
    expect(readdirSync(folder)).toEqual(['BTCUSDT.csv']);
  });

  it('infers steps, keeps the finer of two files and never touches what the venue told', async () => {
    const sink = new MemorySink();
    put('BTCUSDT.csv', sampleCsv(CLEAN));
    expect((await importTo(sink)).files[0].steps).toEqual({ tickSize: 0.01, qtyStep: 0.001, outcome: 'written' });
    const fine = {
      ...sampleCandles(300),
      high: CLEAN.high.map((price) => price + 0.0005),
      volume: CLEAN.volume.map(Math.ceil),
    };
    put('BTCUSDT.csv', sampleCsv(fine));
    expect((await importTo(sink)).files[0].steps).toEqual({ tickSize: 0.0001, qtyStep: 0.001, outcome: 'written' });
    put('BTCUSDT.csv', sampleCsv(CLEAN));
    expect((await importTo(sink)).files[0].steps).toEqual({ tickSize: 0.0001, qtyStep: 0.001, outcome: 'unchanged' });
    expect(sink.instruments).toHaveLength(1);
    sink.instruments[0] = { ...sink.instruments[0], tickSize: 0.1, source: 'venue' };
    expect((await importTo(sink)).files[0].steps?.outcome).toBe('venue row kept');
    expect(sink.instruments).toEqual([expect.objectContaining({ tickSize: 0.1, source: 'venue' })]);
  });

  it('stops between files and leaves whole files behind', async () => {
    for (const name of ['a-BTCUSDT', 'b-ETHUSDT', 'c-XRPUSDT']) put(`${name}.csv`, sampleCsv(CLEAN));
    const controller = new AbortController();
    const sink = new MemorySink();
    const progress: string[] = [];
    const report = await importTo(sink, {
      signal: controller.signal,
      onProgress: ({ filesDone, files, rowsDone, rowsPerSec }) => {
        progress.push(`${filesDone}/${files} ${rowsDone} ${rowsPerSec > 0}`);
        if (filesDone === 2) controller.abort();
      },
    });
    expect(progress).toEqual(['1/3 301 true', '2/3 602 true']);
    expect(report).toMatchObject({ stopped: 'aborted', notStarted: [join(folder, 'c-XRPUSDT.csv')] });
    expect([...sink.candles.values()].map(({ length }) => length)).toEqual([300, 300]);
  });

  it('ends with the error of the store, and with no other', async () => {
    for (const name of ['a-BTCUSDT', 'b-ETHUSDT', 'c-XRPUSDT']) put(`${name}.csv`, sampleCsv(CLEAN));
    class FullDisk extends MemorySink {
      readonly error: Error;
      constructor(error: Error) {
        super();
        this.error = error;
      }
      override mergeCandles(...args: Parameters<MemorySink['mergeCandles']>): ReturnType<MemorySink['mergeCandles']> {
        if (this.candles.size === 1) throw this.error;
        return super.mergeCandles(...args);
      }
    }
    const full = new DonchError('disk_full', 'no space left on the device');
    const report = await importTo(new FullDisk(full));
    expect(report.stopped).toBe(full);
    expect(report.files.map(({ status }) => status)).toEqual(['imported']);
    expect(report.notStarted).toEqual([join(folder, 'c-XRPUSDT.csv')]);
    await expect(importTo(new FullDisk(new TypeError('a bug')))).rejects.toThrow('a bug');
  });

  it('refuses one symbol for files that name several', async () => {
    for (const name of ['BTCUSDT', 'ETHUSDT']) put(`${name}.csv`, sampleCsv(CLEAN));
    await expect(importTo(new MemorySink(), { options: { symbol: 'XRPUSDT' } })).rejects.toThrow(
      'the files name BTCUSDT, ETHUSDT',
    );
  });

  it('refuses a path that does not exist before it reads anything', async () => {
    await expect(importTo(new MemorySink(), { paths: [folder, join(folder, 'missing')] })).rejects.toThrow(
      expect.objectContaining({ code: 'no_such_file' }),
    );
  });

  it('imports a file once, however often it is named, and takes backslashes', async () => {
    const path = put('b/BTCUSDT.csv', sampleCsv(CLEAN));
    const backslashes = join(folder, 'b').replaceAll('/', '\\') + '\\BTCUSDT.csv';
    const { files } = await importTo(new MemorySink(), { paths: [path, folder, backslashes] });
    expect(files).toHaveLength(1);
  });

  it('merges into a real store', async () => {
    put('BTCUSDT.csv', sampleCsv(CLEAN));
    put(
      'funding/BTCUSDT.csv',
      `timestamp,funding_rate\n${START_MS},0.0001\n${START_MS + 96 * FIVE_MINUTES_MS},0.0002\n`,
    );
    const store = openStoreForWrite(join(root, 'data'));
    try {
      const sink = new StoreSink(store, NOW_MS);
      const first = await importTo(sink);
      expect(first.files.map(({ stored }) => stored?.added)).toEqual([300, 2]);
      const { close, length } = await store.candles.read(BTC, '5m');
      expect(close.slice(0, length)).toEqual(CLEAN.close);
      expect(await sink.rules(BTC)).toEqual([
        expect.objectContaining({ tickSize: 0.01, qtyStep: 0.001, validFromMs: null, source: 'inferred' }),
      ]);
      put('BTCUSDT.csv', sampleCsv(revised(7)));
      const second = await importTo(sink, {
        options: { revisions: 'take' },
        paths: [join(folder, 'BTCUSDT.csv'), join(folder, 'funding')],
      });
      expect(second.files.map(({ stored }) => stored?.revisions)).toEqual([1, 0]);
      expect((await store.candles.read(BTC, '5m')).close[7]).toBe(revised(7).close[7]);
      expect((await store.funding.read(BTC))?.rate).toEqual(Float64Array.of(0.0001, 0.0002));
    } finally {
      await store.close();
    }
  });
});

describe('StoreSink', () => {
  it('tells after each part of a series what the store holds then', async () => {
    const parts: readonly (readonly [symbol: string, from: number, to: number])[] = [
      ['BTCUSDT', 100, 150],
      ['BTCUSDT', 0, 50],
      ['ETHUSDT', 0, 10],
      ['BTCUSDT', 40, 110],
      ['BTCUSDT', 140, 300],
    ];
    parts.forEach(([symbol, from, to], k) => put(`${k}-${symbol}-5m.csv`, sampleCsv(sliceCandles(CLEAN, from, to))));
    const store = openStoreForWrite(join(root, `data-${tests}`));
    try {
      const { files } = await importTo(new StoreSink(store, NOW_MS));
      expect(files.map(({ stored }) => [stored?.after.rows, stored?.after.gaps, stored?.after.missing])).toEqual([
        [50, 0, 0],
        [100, 1, 50],
        [10, 0, 0],
        [150, 0, 0],
        [300, 0, 0],
      ]);
      expect((await store.candles.read(BTC, '5m')).length).toBe(300);
    } finally {
      await store.close();
    }
  });
});

describe('renderImportReport', () => {
  it('tells what was recognised, assumed, found and stored', async () => {
    put('BTCUSDT.csv', sampleCsv(CLEAN).split('\n').toSpliced(9, 2).join('\n').replace('\n\n', '\n'));
    put('ETHUSDT.csv', 'hello');
    const report = await importTo(new MemorySink());
    const text = renderImportReport(report);
    for (const part of [
      'candles of bybit:BTCUSDT, 5m',
      'columns: time="timestamp", open, high, low, close, volume',
      'assumed: times are milliseconds since 1970',
      '299 lines: 298 accepted, 0 rejected, 0 identical duplicates dropped, 1 header or blank',
      '1 gaps (2 missing)',
      'gap: 2025-03-01 00:40 to 2025-03-01 00:45 (2)',
      'store: 298 added, 0 unchanged',
      'inferred: tick size 0.01, quantity step 0.001 (written)',
      'REFUSED, nothing stored:',
      '1 of 2 files imported, 298 rows',
    ]) {
      expect(text).toContain(part);
    }
  });

  it('as JSON is plain data that says the same', async () => {
    put('BTCUSDT.csv', sampleCsv(CLEAN));
    put('ETHUSDT.csv', 'hello');
    const report = await importTo(new MemorySink());
    const json = importReportJson(report);
    expect(JSON.parse(JSON.stringify(json))).toEqual(json);
    expect(json).toMatchObject({
      venue: 'bybit',
      files: [
        { status: 'imported', content: { totals: { accepted: 300 } } },
        { status: 'refused', refusal: { code: 'no_header' } },
      ],
    });
  });
});

describe('planImport', () => {
  it('tells what each file would be taken for and stores nothing', async () => {
    put('BTCUSDT.csv', sampleCsv(sampleCandles(6_000)));
    put('ETHUSDT.csv.gz', gzipSync(sampleCsv(CLEAN)));
    put('XRPUSDT.parquet', sampleParquet(CLEAN));
    put('nothing.csv', sampleCsv(CLEAN));
    put('half-ADAUSDT.csv.gz', gzipSync(sampleCsv(CLEAN)).subarray(0, 3_000));
    const plan = await planImport([folder], { nowMs: NOW_MS });
    expect(plan).toMatchObject({ venue: 'bybit', interval: '5m' });
    expect(
      plan.files.map(({ symbol, kind, interval, format, problem }) => [
        symbol,
        kind,
        interval,
        format,
        problem?.code ?? null,
      ]),
    ).toEqual([
      ['BTCUSDT', 'candles', '5m', 'csv', null],
      ['ETHUSDT', 'candles', '5m', 'csv', null],
      ['XRPUSDT', 'candles', '5m', 'parquet', null],
      ['ADAUSDT', 'candles', '5m', 'csv', 'archive_incomplete'],
      [null, null, null, 'csv', 'symbol_unclear'],
    ]);
    expect(readdirSync(folder)).toHaveLength(5);
    const text = renderImportPlan(plan);
    expect(text).toContain('BTCUSDT.csv: candles of bybit:BTCUSDT, 5m\n  columns: time="timestamp", open');
    expect(text).toContain('nothing.csv: PROBLEM: neither name nor content say which symbol it is');
  });

  it('looks at the whole file when its beginning leaves a question open', async () => {
    const days = sampleCandles(7_000, 60 * MINUTE_MS);
    const lines = Array.from(days.openTimeMs, (timeMs, i) => {
      const date = new Date(timeMs).toISOString();
      const slashed = `${date.slice(5, 7)}/${date.slice(8, 10)}/${date.slice(0, 4)} ${date.slice(11, 16)}`;
      return [slashed, days.open[i], days.high[i], days.low[i], days.close[i], days.volume[i]].join(',');
    });
    // The first 300 KB hold the first days of January of one year only after sorting by day.
    const ambiguous = lines.filter((line) => Number(line.slice(3, 5)) <= 12);
    const decisive = lines.filter((line) => Number(line.slice(3, 5)) > 12);
    put(
      'BTCUSDT.csv',
      ['date,open,high,low,close,volume', ...ambiguous, ...ambiguous, ...ambiguous, ...decisive, ''].join('\n'),
    );
    const plan = await planImport([folder], { nowMs: NOW_MS });
    expect(plan.files[0]).toMatchObject({ problem: null, interval: '1h' });
    expect(plan.files[0].assumptions).toContain(
      'dates are written month-first (found: one number of some rows is above 12)',
    );
  });
});
