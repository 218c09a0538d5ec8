/** What the importer makes of a file by itself, what it asks for, and how an option decides it. */

import { barAt, type Candles, DonchError, formatCsvTime, type Interval, MINUTE_MS } from '@donch/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ImportOptions } from './import-options.ts';
import { parseColumnsOption, resolveOptions } from './import-options.ts';
import {
  isoTime,
  readSample,
  type ReadOutcome,
  type ReadRequest,
  sampleBybitRows,
  sampleCandles,
  sampleCsv,
  sampleLines,
  sampleParquet,
  START_MS,
} from './sample-files.ts';

const BARS = 30;
const CLEAN = sampleCandles(BARS);
const LINES = sampleLines(CLEAN);

function csv(header: string, lines: readonly string[] = LINES): string {
  return [...(header === '' ? [] : [header]), ...lines, ''].join('\n');
}

async function readCandles(
  content: string | Buffer,
  request: ReadRequest = {},
): Promise<ReadOutcome & { readonly candles: Candles }> {
  const outcome = await readSample(content, request);
  if (outcome.read?.candles === undefined || outcome.read.candles === null) throw outcome.error;
  return { ...outcome, candles: outcome.read.candles };
}

async function expectClean(
  content: string | Buffer,
  request: ReadRequest = {},
  hasTurnover = false,
): Promise<ReadOutcome> {
  const outcome = await readCandles(content, request);
  const { candles } = outcome;
  expect(outcome.read?.totals).toMatchObject({ accepted: BARS, rejected: 0, duplicates: 0 });
  for (let i = 0; i < BARS; i += 1) {
    const { turnover, ...bar } = barAt(CLEAN, i);
    expect(barAt(candles, i)).toEqual({ ...bar, turnover: hasTurnover ? turnover : Number.NaN });
  }
  return outcome;
}

async function codeOf(content: string | Buffer, request: ReadRequest = {}): Promise<string> {
  const { error } = await readSample(content, request);
  expect(error).toBeInstanceOf(DonchError);
  // Every refusal says what to do.
  expect((error as DonchError).detail.remedy ?? (error as DonchError).detail.expected).toBeDefined();
  return (error as DonchError).code;
}

const swap = (...order: readonly number[]): string[] =>
  LINES.map((line) => order.map((k) => line.split(',')[k]).join(','));

describe('columns', () => {
  it.each([
    ['timestamp,open,high,low,close,volume'],
    ['Timestamp,Open,High,Low,Close,Volume'],
    ['open_time,o,h,l,c,v'],
    ['t,o,h,l,c,v'],
    ['startTime,openPrice,highPrice,lowPrice,closePrice,vol'],
    ['"Date Time",PRICE_OPEN,PRICE_HIGH,PRICE_LOW,PRICE_CLOSE,"Base Volume"'],
    ['start_at,open,high,low,close,volume'],
    ['candle_begin_time,open,high,low,close,volume'],
  ])('are recognised by name: %s', async (header) => {
    expect((await expectClean(csv(header))).read?.candles?.length).toBe(BARS);
  });

  it('may stand in any order', async () => {
    const { read } = await expectClean(csv('volume,close,timestamp,low,high,open', swap(5, 4, 0, 3, 2, 1)));
    expect(read?.columns.map(({ role }) => role)).toEqual(['volume', 'close', 'time', 'low', 'high', 'open']);
  });

  it.each([
    [';', ['cells are separated by ";"']],
    ['\t', ['cells are separated by "\\t"']],
    ['|', ['cells are separated by "|"']],
    [',', []],
  ])('may be separated by %j', async (delimiter, assumptions) => {
    const { read } = await expectClean(csv('timestamp,open,high,low,close,volume').replaceAll(',', delimiter));
    expect(read?.assumptions).toEqual(expect.arrayContaining(assumptions));
  });

  it('that say opening time outright win over a plain timestamp', async () => {
    const lines = LINES.map((line, i) => `${line},${START_MS + i}`);
    const { read } = await expectClean(csv('start,open,high,low,close,volume,timestamp', lines));
    expect(read?.columns[6]).toEqual({ name: 'timestamp', role: null });
  });

  it('of Binance with short names: capitals mean something else', async () => {
    const lines = LINES.map((line, i) =>
      [line, START_MS + (i + 1) * 5 * MINUTE_MS - 1, CLEAN.turnover[i], 7, 1, 2, 0].join(','),
    );
    expect((await expectClean(csv('t,o,h,l,c,v,T,q,n,V,Q,B', lines), {}, true)).read?.candles?.length).toBe(BARS);
  });

  it.each([
    ['two times', 'timestamp,open,high,low,close,volume,date', (line: string) => `${line},2025-03-01`],
    ['two closes', 'timestamp,open,high,low,close,volume,close', (line: string) => `${line},1`],
    ['no volume', 'timestamp,open,high,low,close', (line: string) => line.slice(0, line.lastIndexOf(','))],
    ['an unknown name', 'timestamp,open,high,low,last,volume', (line: string) => line],
  ])('with %s are asked for', async (_what, header, edit) => {
    expect(await codeOf(csv(header, LINES.map(edit)))).toBe('columns_unclear');
  });

  it('are taken from the option by name, by plain name and by position', async () => {
    const header = 'Zeit,Anfang,Hoch,Tief,Ende,Menge';
    const columns = { time: 'Zeit', open: 'anfang', high: '3', low: 'Tief', close: '5', volume: 'Menge' };
    expect((await expectClean(csv(header), { options: { columns } })).read?.candles?.length).toBe(BARS);
  });

  it('named by the option decide between two', async () => {
    const lines = LINES.map((line) => `${line},1`);
    expect(
      (
        await expectClean(csv('timestamp,open,high,low,close,volume,date', lines), {
          options: { columns: { time: 'timestamp' } },
        })
      ).read?.candles?.length,
    ).toBe(BARS);
  });

  it('can be declared missing', async () => {
    const lines = LINES.map((line) => `${line},999`);
    const header = 'timestamp,open,high,low,close,volume,turnover';
    expect(await codeOf(csv(header, lines))).toBe('turnover_unfit_file');
    expect(
      (await expectClean(csv(header, lines), { options: { columns: { turnover: 'none' } } })).read?.candles?.length,
    ).toBe(BARS);
  });

  it.each(['Datum', '0', '7', ''])('that the option names must exist: %j', async (time) => {
    expect(await codeOf(csv('timestamp,open,high,low,close,volume'), { options: { columns: { time } } })).toBe(
      'no_such_column',
    );
  });
});

describe('a file without a header', () => {
  it('is recognised by its shape and says so', async () => {
    const { read } = await expectClean(csv(''));
    expect(read?.assumptions).toContain(
      'no header: the columns are taken for time, open, high, low, close, volume, which their values confirm',
    );
    expect(read?.totals).toMatchObject({ lines: BARS, headers: 0 });
  });

  it('is recognised as Binance klines', async () => {
    const lines = LINES.map((line, i) =>
      [line, START_MS + (i + 1) * 5 * MINUTE_MS - 1, CLEAN.turnover[i], 7, 1, 2, 0].join(','),
    );
    const { read } = await expectClean(csv('', lines), {}, true);
    expect(read?.assumptions.join()).toContain('Binance klines (12 columns)');
  });

  it('is recognised with turnover', async () => {
    expect(
      (
        await expectClean(
          csv(
            '',
            LINES.map((line, i) => `${line},${CLEAN.turnover[i]}`),
          ),
          {},
          true,
        )
      ).read?.candles?.length,
    ).toBe(BARS);
  });

  it.each([
    ['another order', swap(0, 4, 1, 2, 3, 5)],
    ['no time in front', swap(1, 2, 3, 4, 0, 5)],
    ['five columns', swap(0, 1, 2, 3, 4)],
    ['eight columns', LINES.map((line) => `${line},1,2`)],
    ['equal prices only', LINES.map((line) => line.replace(/,.*/, ',5,5,5,5,1'))],
  ])('with %s is asked for', async (_what, lines) => {
    expect(await codeOf(csv('', lines))).toBe('no_header');
  });

  it('is read by positions', async () => {
    const columns = { time: '1', open: '3', high: '4', low: '5', close: '2', volume: '6' };
    expect((await expectClean(csv('', swap(0, 4, 1, 2, 3, 5)), { options: { columns } })).read?.candles?.length).toBe(
      BARS,
    );
  });

  it.each(['hello world', 'a,b,c\n1,2,3', '# nothing'])('and without data is refused: %j', async (content) => {
    expect(await codeOf(content)).toBe('no_header');
  });
});

describe('a file of another kind is refused by its content', () => {
  it.each([
    ['nothing', '', 'no_data'],
    ['blank lines', '\n\n', 'no_data'],
    ['a header only', 'timestamp,open,high,low,close,volume\n', 'no_usable_row'],
    ['UTF-16', Buffer.from(`\ufeff${csv('timestamp,open,high,low,close,volume')}`, 'utf16le'), 'unknown_format'],
    ['ZIP', Buffer.from('PK\u0003\u0004abcdefgh'), 'unknown_format'],
    ['binary', Buffer.alloc(500), 'unknown_format'],
    ['Feather', Buffer.from('ARROW1\0\0abc'), 'unknown_format'],
    ['damaged gzip', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255]), 'archive_damaged'],
    ['damaged Parquet', Buffer.from('PAR1 no footer PAR1'), 'parquet_damaged'],
    ['cut JSON', '{"retCode":0,"result":{"list":[["17407', 'bad_json'],
    ['JSON without rows', '{"retCode":0,"result":{}}', 'no_data'],
    ['an error of the exchange', '{"retCode":10006,"retMsg":"Too many visits!","result":{}}', 'venue_answer'],
  ])('%s', async (_what, content, code) => {
    const { error } = await readSample(content);
    expect(error).toBeInstanceOf(DonchError);
    expect((error as DonchError).code).toBe(code);
  });
});

describe('times', () => {
  it.each([
    ['seconds', (timeMs: number) => String(timeMs / 1_000)],
    ['milliseconds', String],
    ['microseconds', (timeMs: number) => `${timeMs}000`],
    ['nanoseconds', (timeMs: number) => `${timeMs}000000`],
  ])('in %s are recognised by their size', async (unit, time) => {
    const { read } = await expectClean(csv('time,open,high,low,close,volume', sampleLines(CLEAN, time)));
    expect(read?.assumptions).toContain(`times are ${unit} since 1970 (recognised by their size)`);
  });

  it.each([
    ['ISO with zone', isoTime, []],
    ['ISO without zone', (timeMs: number) => isoTime(timeMs).replace('Z', ''), ['the times name no zone: UTC assumed']],
    ['CSV of pandas', formatCsvTime, []],
  ])('as %s', async (_what, time, assumptions) => {
    const { read } = await expectClean(csv('time,open,high,low,close,volume', sampleLines(CLEAN, time)));
    expect(read?.assumptions).toEqual(expect.arrayContaining(assumptions));
  });

  it('without a zone count from the stated one', async () => {
    const local = (timeMs: number): string => isoTime(timeMs + 3 * 60 * MINUTE_MS).replace('Z', '');
    const content = csv('time,open,high,low,close,volume', sampleLines(CLEAN, local));
    const { read } = await expectClean(content, { options: { timeZone: '+03:00' } });
    expect(read?.assumptions).toContain('the times name no zone: the stated zone (+03:00) used');
  });

  it("in MetaTrader's form need the zone of its clock", async () => {
    const dotted = (timeMs: number): string => formatCsvTime(timeMs).slice(0, 16).replaceAll('-', '.');
    const content = csv('', sampleLines(CLEAN, dotted));
    expect(await codeOf(content)).toBe('time_zone_needed');
    expect((await expectClean(content, { options: { timeZone: 'UTC' } })).read?.candles?.length).toBe(BARS);
  });

  const slashed = (timeMs: number): string => {
    const [year, month, day] = formatCsvTime(timeMs).slice(0, 10).split('-');
    return `${month}/${day}/${year} ${formatCsvTime(timeMs).slice(11, 16)}`;
  };

  it('with day and month in doubt are asked for, and read as stated', async () => {
    const content = csv('date,open,high,low,close,volume', sampleLines(CLEAN, slashed));
    expect(await codeOf(content)).toBe('day_month_unclear');
    const { read } = await expectClean(content, { options: { dayMonthOrder: 'month-first' } });
    expect(read?.assumptions).toContain('dates are written month-first (given)');
  });

  it('prove the order of day and month by one row, wherever it stands', async () => {
    const days = sampleCandles(40, 12 * 60 * MINUTE_MS);
    const content = csv('date,open,high,low,close,volume', sampleLines(days, slashed));
    const { read } = await readCandles(content);
    expect(read?.assumptions).toContain('dates are written month-first (found: one number of some rows is above 12)');
    expect(read?.totals).toMatchObject({ accepted: 40, rejected: 0 });
  });

  it('that prove both orders are refused', async () => {
    const lines = LINES.map((line, i) => line.replace(/^\d+/, i === 3 ? '13/01/2025' : '01/13/2025'));
    expect(await codeOf(csv('date,open,high,low,close,volume', lines))).toBe('day_month_unclear');
  });

  it('half in one unit and half in another are two files glued', async () => {
    const seconds = sampleLines(CLEAN, (timeMs) => String(timeMs / 1_000));
    const content = csv('timestamp,open,high,low,close,volume', [...LINES.slice(0, 15), ...seconds.slice(15)]);
    expect(await codeOf(content)).toBe('time_unit_unclear');
    const { read } = await expectClean(content, { options: { mode: 'repair' } });
    expect(read?.assumptions.join()).toContain('times are seconds');
    const kept = await readCandles(content, { options: { timeUnit: 'ms' } });
    expect(kept.read?.totals).toMatchObject({ accepted: 15, rejected: 15 });
  });

  it('contradict a wrong unit', async () => {
    expect(await codeOf(sampleCsv(CLEAN), { options: { timeUnit: 's' } })).toBe('time_unit_conflict');
  });

  it('that close the bar are recognised as such and read with the option', async () => {
    for (const shift of [0, -1]) {
      const lines = sampleLines(CLEAN, (timeMs) => String(timeMs + 5 * MINUTE_MS + shift));
      const content = csv('close_time,open,high,low,close,volume', lines);
      const options = { columns: { time: 'close_time' }, timeLabel: 'close' } as const;
      const { read } = await expectClean(content, { options });
      expect(read?.assumptions).toContain('times are closing times (as stated)');
    }
    const lines = sampleLines(CLEAN, (timeMs) => String(timeMs + 5 * MINUTE_MS - 1));
    const { error } = await readSample(csv('time,open,high,low,close,volume', lines));
    expect(error).toMatchObject({ code: 'off_grid_file' });
    expect(String(error)).toContain('set --time-label close');
  });
});

describe('bar length', () => {
  it.each([['1m'], ['5m'], ['15m'], ['1h'], ['4h'], ['1d'], ['1w']] as const)(
    '%s is found from the steps',
    async (interval: Interval) => {
      const lengthMs =
        { '1m': 1, '5m': 5, '15m': 15, '1h': 60, '4h': 240, '1d': 1_440, '1w': 10_080 }[interval as '1m'] * MINUTE_MS;
      const candles = sampleCandles(12, lengthMs);
      // 2025-03-01 is a Saturday; weeks open on Monday.
      const shift = interval === '1w' ? 2 * 24 * 60 * MINUTE_MS : 0;
      const { read } = await readCandles(
        csv(
          'timestamp,open,high,low,close,volume',
          sampleLines(candles, (timeMs) => String(timeMs + shift)),
        ),
      );
      expect(read?.interval).toBe(interval);
    },
  );

  it('is found although most bars are missing', async () => {
    const lines = LINES.filter((_, i) => [0, 1, 2, 9, 10, 17, 29].includes(i));
    const { read } = await readCandles(csv('timestamp,open,high,low,close,volume', lines));
    expect(read?.interval).toBe('5m');
    expect(read?.totals.accepted).toBe(7);
  });

  it.each([[[0, 1, 13]], [[0, 12, 13]]])(
    'of two steps that are equally frequent is the shorter (rows %j)',
    async (rows) => {
      const { read } = await readCandles(
        csv(
          'timestamp,open,high,low,close,volume',
          rows.map((row) => LINES[row]),
        ),
      );
      expect(read?.interval).toBe('5m');
    },
  );

  const oneRow = csv('timestamp,open,high,low,close,volume', LINES.slice(0, 1));

  it('of a single row comes from the option or the name', async () => {
    expect(await codeOf(oneRow)).toBe('interval_unclear');
    expect((await readCandles(oneRow, { options: { interval: '15m' } })).read?.interval).toBe('15m');
    const named = await readCandles(oneRow, { name: 'bybit-BTCUSDT-5m-2025-03.csv' });
    expect(named.read?.interval).toBe('5m');
    expect(named.read?.assumptions).toContain('bar length 5m from the file name (one row shows no step)');
  });

  it('of the steps contradicts a wrong option and a wrong name', async () => {
    expect(await codeOf(sampleCsv(CLEAN), { options: { interval: '1h' } })).toBe('interval_conflict');
    expect(await codeOf(sampleCsv(CLEAN), { name: 'bybit-BTCUSDT-1h.csv' })).toBe('interval_conflict');
    expect(
      (await expectClean(sampleCsv(CLEAN), { name: 'bybit-BTCUSDT-1h.csv', options: { interval: '5m' } })).read?.candles
        ?.length,
    ).toBe(BARS);
  });

  it('that is no known one is asked for', async () => {
    expect(await codeOf(sampleCsv(sampleCandles(10, 7 * MINUTE_MS)))).toBe('interval_unclear');
  });
});

describe('instrument', () => {
  const withSymbol = (symbol: string): string =>
    csv(
      'timestamp,open,high,low,close,volume,symbol',
      LINES.map((line) => `${line},${symbol}`),
    );

  it('comes from the content before the name', async () => {
    const { read } = await expectClean(withSymbol('BTC/USDT:USDT'), { name: 'bybit.csv' });
    expect(read?.identity).toMatchObject({ instrumentId: 'bybit:BTCUSDT' });
    expect(read?.assumptions).toContain('symbol BTCUSDT (from the content)');
  });

  it.each([
    ['names that contradict the content', withSymbol('ETHUSDT'), 'bybit-BTCUSDT.csv', 'symbol_unclear'],
    ['no symbol', sampleCsv(CLEAN), 'bybit.csv', 'symbol_unclear'],
    ['two symbols', sampleCsv(CLEAN), 'bybit-BTCUSDT-ETHUSDT.csv', 'symbol_unclear'],
    ['no venue', sampleCsv(CLEAN), 'BTCUSDT.csv', 'venue_unclear'],
    ['two venues', sampleCsv(CLEAN), 'binance-bybit-BTCUSDT.csv', 'venue_unclear'],
    ['mark prices', sampleCsv(CLEAN), 'bybit-BTCUSDT-mark.csv', 'foreign_price'],
    ['prices under the name of funding', sampleCsv(CLEAN), 'bybit-BTCUSDT-funding_rate.csv', 'kind_unclear'],
  ])('%s are asked for', async (_what, content, name, code) => {
    expect(await codeOf(content, { name })).toBe(code);
    const options: ImportOptions = { symbol: 'BTCUSDT', venue: 'bybit', kind: 'candles' };
    expect((await readCandles(content, { name, options })).read?.identity.instrumentId).toBe('bybit:BTCUSDT');
  });

  it('of a collection of symbols is refused', async () => {
    const lines = LINES.map((line, i) => `${line},${i % 2 === 0 ? 'BTCUSDT' : 'ETHUSDT'}`);
    expect(await codeOf(csv('timestamp,open,high,low,close,volume,symbol', lines))).toBe('several_symbols');
  });
});

describe('JSON', () => {
  const rows = sampleBybitRows(CLEAN);
  const answer = { retCode: 0, retMsg: 'OK', result: { category: 'linear', symbol: 'BTCUSDT', list: rows } };

  it.each([
    ['an answer of Bybit', JSON.stringify(answer)],
    ['an answer, printed', JSON.stringify(answer, null, 2)],
    [
      'several answers',
      JSON.stringify([
        { ...answer, result: { ...answer.result, list: rows.slice(0, 9) } },
        { ...answer, result: { ...answer.result, list: rows.slice(9) } },
      ]),
    ],
    [
      'one answer per line',
      [rows.slice(0, 9), rows.slice(9)]
        .map((list) => JSON.stringify({ ...answer, result: { ...answer.result, list } }))
        .join('\n'),
    ],
    ['one row per line', rows.map((row) => JSON.stringify(row)).join('\n')],
    ['arrays', JSON.stringify(rows)],
    [
      'objects',
      JSON.stringify(
        rows.map(([start, open, high, low, close, volume, turnover]) => ({
          start,
          open,
          high,
          low,
          close,
          volume,
          turnover,
          confirm: true,
        })),
      ),
    ],
  ])('%s', async (_what, content) => {
    const { findings, read } = await expectClean(content, { name: 'bybit-BTCUSDT.json' }, true);
    expect(findings.map(({ rule }) => rule)).toEqual(['newest_first']);
    expect(read?.totals.lines).toBe(BARS);
  });

  it('may be one row, and an answer with a time and a symbol beside its list is no row', async () => {
    const options = { interval: '5m' } as const;
    // The blank line in front and the line ends inside once made the row's text empty.
    const text = JSON.stringify(rows[0], null, 1);
    const { read } = await readCandles(`\n${text}\n`, { options });
    expect(read?.totals).toMatchObject({ lines: 1, accepted: 1 });
    expect([read?.lineOf(0), read?.textOf(0)]).toEqual([2, text]);
    const page = JSON.stringify({ time: START_MS, symbol: 'BTCUSDT', data: rows });
    expect((await readCandles(page)).read?.totals).toMatchObject({ lines: BARS, accepted: BARS });
  });

  it('tells symbol and venue itself', async () => {
    const { read } = await expectClean(JSON.stringify(answer), { name: 'x.json' }, true);
    expect(read?.identity.instrumentId).toBe('bybit:BTCUSDT');
  });

  it('names line and text of a bad row', async () => {
    const list = rows.map((row, i) => (i === 4 ? row.with(2, 'x') : row));
    const content = JSON.stringify({ ...answer, result: { ...answer.result, list } }, null, 1);
    const { rejected, findings } = await readSample(content, { name: 'bybit-BTCUSDT.json' });
    const line = content.slice(0, content.indexOf('"x"')).split('\n').length - 3;
    expect(findings[0]).toMatchObject({ rule: 'not_a_number', line, text: 'x' });
    expect(JSON.parse(rejected[0].text)).toEqual(list[4]);
  });

  it.each([
    ['null', [null, 'empty_value']],
    ['an object', [{ a: 1 }, 'not_a_number']],
    ['true', [true, 'not_a_number']],
  ] as const)('refuses a cell that is %s', async (_what, [cell, rule]) => {
    const { findings } = await readSample(
      JSON.stringify(rows.map((row, i) => (i === 4 ? [...row.slice(0, 4), cell, ...row.slice(5)] : row))),
    );
    expect(findings[0].rule).toBe(rule);
  });

  it('refuses several symbols', async () => {
    const other = { ...answer, result: { ...answer.result, symbol: 'ETHUSDT' } };
    expect(await codeOf(JSON.stringify([answer, other]))).toBe('several_symbols');
  });
});

describe('Parquet', () => {
  it('gives the same bars as CSV', async () => {
    const { read } = await expectClean(sampleParquet(CLEAN), { name: 'bybit-BTCUSDT.parquet' });
    expect(read?.assumptions).not.toContain('the times name no zone: UTC assumed');
  });

  it('takes other names by option', async () => {
    const bytes = sampleParquet(CLEAN, { rename: { close: 'last' } });
    expect(await codeOf(bytes)).toBe('columns_unclear');
    expect((await expectClean(bytes, { options: { columns: { close: 'last' } } })).read?.candles?.length).toBe(BARS);
  });

  it.each([0, 3 * 60 * MINUTE_MS])('of times without a zone, %d ms ahead of UTC', async (naiveOffsetMs) => {
    const candles = sampleCandles(BARS);
    candles.turnover[7] = Number.NaN;
    const bytes = sampleParquet(candles, { withTurnover: true, naiveOffsetMs });
    const options = naiveOffsetMs === 0 ? {} : { timeZone: '+03:00' };
    const { candles: found, findings, read } = await readCandles(bytes, { options });
    expect(found).toEqual(candles);
    expect(findings.map(({ rule, line }) => [rule, line])).toEqual([['turnover_missing', 8]]);
    const zone = naiveOffsetMs === 0 ? 'UTC assumed' : 'the stated zone (+03:00) used';
    expect(read?.assumptions).toContain(`the times name no zone: ${zone}`);
  });

  it('names row and values of a bad row', async () => {
    const candles = sampleCandles(BARS);
    candles.close[4] = Number.NaN;
    candles.low[9] = -1;
    const { findings, rejected } = await readSample(sampleParquet(candles));
    const errors = findings.filter(({ rule }) => rule !== 'gap');
    expect(errors.map(({ rule, line }) => [rule, line])).toEqual([
      ['empty_value', 5],
      ['price_not_positive', 10],
    ]);
    expect(rejected[1].text).toContain('low=-1');
  });

  it('of an unnamed time index of pandas', async () => {
    expect(
      (await expectClean(sampleParquet(CLEAN, { rename: { timestamp: '__index_level_0__' } }))).read?.candles?.length,
    ).toBe(BARS);
  });
});

describe('open interest', () => {
  const values = Array.from({ length: 20 }, (_, i) => [START_MS + i * 60 * MINUTE_MS, 50_000 + i] as const);
  const lines = values.map(([timeMs, oi]) => `${timeMs},${oi}`);

  async function readInterest(content: string, request: ReadRequest = {}): Promise<ReadOutcome> {
    const outcome = await readSample(content, { name: 'BTCUSDT.csv', options: { venue: 'bybit' }, ...request });
    if (outcome.read === null) throw outcome.error;
    return outcome;
  }

  it.each(['timestamp,open_interest', 'time,openInterest', 'Date,OI'])('is recognised by %s', async (header) => {
    const { read, findings } = await readInterest(csv(header, lines));
    expect(read).toMatchObject({ kind: 'open-interest', interval: null, candles: null, gaps: [] });
    expect(read?.events?.value[7]).toBe(50_007);
    expect(findings).toEqual([]);
  });

  it('from an answer of Bybit, newest first', async () => {
    const list = values
      .map(([timestamp, oi]) => ({ openInterest: String(oi), timestamp: String(timestamp) }))
      .reverse();
    const answer = { retCode: 0, result: { symbol: 'BTCUSDT', category: 'linear', list, nextPageCursor: '' } };
    const { read } = await readInterest(JSON.stringify(answer), { name: 'x.json', options: {} });
    expect(read).toMatchObject({ kind: 'open-interest', identity: { instrumentId: 'bybit:BTCUSDT' } });
    expect([read?.events?.timeMs[0], read?.events?.value[0], read?.totals.accepted]).toEqual([START_MS, 50_000, 20]);
  });

  it("from Binance's metrics", async () => {
    const header = 'create_time,symbol,sum_open_interest,sum_open_interest_value,count_long_short_ratio';
    const metrics = values.map(([timeMs, oi]) => `${isoTime(timeMs)},BTCUSDT,${oi},${oi * 9},1.5`);
    const { read } = await readInterest(csv(header, metrics), { options: {} });
    expect(read).toMatchObject({ kind: 'open-interest', identity: { venue: 'binance' } });
    expect(read?.events?.value[19]).toBe(50_019);
  });

  it('beside prices is left alone unless it is asked for, and below zero it is refused', async () => {
    const beside = LINES.map((line) => `${line},77`);
    const header = 'time,open,high,low,close,volume,open_interest';
    const plain = await readSample(csv(header, beside), { name: 'BTCUSDT.csv', options: { venue: 'bybit' } });
    expect(plain.read?.kind).toBe('candles');
    const { read } = await readInterest(csv(header, beside), { options: { venue: 'bybit', kind: 'open-interest' } });
    expect([read?.kind, read?.events?.value[3]]).toEqual(['open-interest', 77]);
    const { findings } = await readInterest(csv('timestamp,open_interest', [...lines, `${START_MS + 1e9},-1`]));
    expect(findings.map(({ rule }) => rule)).toContain('negative_volume');
  });

  it('beside funding rates has to be chosen', async () => {
    const both = csv(
      'timestamp,funding_rate,open_interest',
      lines.map((line) => line.replace(',', ',0.0001,')),
    );
    const { error } = await readSample(both, { name: 'BTCUSDT.csv', options: { venue: 'bybit' } });
    expect(error).toMatchObject({ code: 'kind_unclear' });
  });
});

describe('funding', () => {
  const hour = 60 * MINUTE_MS;
  const settlements = (step: number, count = 20): string[] =>
    Array.from({ length: count }, (_, i) => `${START_MS + i * step * hour},${(i - 5) * 0.0001}`);

  async function readFunding(content: string, request: ReadRequest = {}): Promise<ReadOutcome> {
    const outcome = await readSample(content, { name: 'BTCUSDT.csv', options: { venue: 'bybit' }, ...request });
    if (outcome.read === null) throw outcome.error;
    return outcome;
  }

  it.each([
    'timestamp,funding_rate',
    'fundingTime,fundingRate',
    'calc_time,last_funding_rate',
    'fundingRateTimestamp,fundingRate',
    'time,funding',
  ])('is recognised by %s', async (header) => {
    const { read, findings } = await readFunding(csv(header, settlements(8)));
    expect(read).toMatchObject({ kind: 'funding', interval: null, candles: null, gaps: [] });
    expect(read?.events?.value[7]).toBeCloseTo(0.0002, 12);
    expect(findings).toEqual([]);
  });

  it('from an answer of Bybit', async () => {
    const list = settlements(8).map((line) => ({
      symbol: 'BTCUSDT',
      fundingRate: line.split(',')[1],
      fundingRateTimestamp: line.split(',')[0],
    }));
    const { read } = await readFunding(JSON.stringify({ retCode: 0, result: { category: 'linear', list } }), {
      name: 'x.json',
    });
    expect(read?.identity.instrumentId).toBe('bybit:BTCUSDT');
    expect(read?.totals).toMatchObject({ accepted: 20, rejected: 0 });
  });

  it('rounds the milliseconds that exports carry, and says so', async () => {
    const lines = settlements(8).map((line, i) => line.replace(/^\d+/, (time) => String(Number(time) + (i % 3) * 8)));
    const { read } = await readFunding(
      csv(
        'calc_time,funding_interval_hours,last_funding_rate',
        lines.map((line) => line.replace(',', ',8,')),
      ),
    );
    expect(read?.events?.timeMs[2]).toBe(START_MS + 16 * hour);
    expect(read?.assumptions).toContain(
      '13 settlement times lay up to 1 s beside a full minute and were rounded to it',
    );
  });

  it('reads rates with a percent sign as such', async () => {
    const { read } = await readFunding(
      csv(
        'time,funding_rate',
        settlements(8).map((line) => line.replace(/,.*/, ',0.0125%')),
      ),
    );
    expect(read?.events?.value[0]).toBeCloseTo(0.000125, 12);
    expect(read?.assumptions).toContain('20 rates carry a percent sign and were divided by 100');
  });

  it('finds gaps and does not take a change of the interval for one', async () => {
    const changed = [
      ...settlements(4, 10),
      ...settlements(1, 20).map((line) => line.replace(/^\d+/, (time) => String(Number(time) + 40 * hour))),
    ];
    expect((await readFunding(csv('time,funding_rate', changed))).read?.gaps).toEqual([]);
    const { read } = await readFunding(csv('time,funding_rate', settlements(8).toSpliced(5, 2)));
    expect(read?.gaps).toEqual([{ fromMs: START_MS + 40 * hour, toMs: START_MS + 48 * hour, missing: 2 }]);
  });

  it.each([
    ['rate_extreme', 3, ',0.4', 20],
    ['not_a_number', 3, ',abc', 19],
    ['empty_value', 3, ',', 19],
    ['not_finite', 3, ',inf', 19],
  ] as const)('%s', async (rule, at, cell, accepted) => {
    const lines = settlements(8).map((line, i) => (i === at ? line.replace(/,.*/, cell) : line));
    const { read, findings } = await readFunding(csv('time,funding_rate', lines));
    expect(findings[0]).toMatchObject({ rule, line: at + 2 });
    expect(read?.totals.accepted).toBe(accepted);
  });

  it('keeps times beside the minute and settlements of the future out', async () => {
    const lines = settlements(8).with(2, `${START_MS + 16 * hour + 1_500},0.0001`);
    const { findings } = await readFunding(csv('time,funding_rate', lines), { nowMs: START_MS + 18.5 * 8 * hour });
    expect(findings.filter(({ rule }) => rule !== 'gap').map(({ rule, line }) => [rule, line])).toEqual([
      ['off_grid', 4],
      ['not_closed', 21],
    ]);
  });

  it('leaves conflicting settlements out', async () => {
    const { read, findings } = await readFunding(csv('time,funding_rate', [...settlements(8), `${START_MS},0.5`]));
    expect(findings.map(({ rule }) => rule)).toEqual(['out_of_order', 'duplicate_conflicting']);
    expect(read?.totals).toMatchObject({ accepted: 19, rejected: 2 });
  });

  it('is asked for when the file has prices too', async () => {
    const content = csv(
      'timestamp,open,high,low,close,volume,funding_rate',
      LINES.map((line) => `${line},0.0001`),
    );
    expect(await codeOf(content)).toBe('kind_unclear');
    expect((await readSample(content, { options: { kind: 'candles' } })).read?.kind).toBe('candles');
    expect((await readSample(content, { options: { kind: 'funding' } })).read?.kind).toBe('funding');
  });
});

describe('options', () => {
  it.each([
    [{ symbol: 'a/b' }],
    [{ venue: 'Bybit' }],
    [{ interval: '7m' as Interval }],
    [{ timeZone: 'Europe/Berlin' }],
    [{ timeZone: '+25:00' }],
    [{ timeUnit: 'h' as 's' }],
    [{ mode: 'fast' as 'strict' }],
    [{ conflicts: 'mean' as 'none' }],
    [{ columns: { price: '1' } as ImportOptions['columns'] & object }],
  ])('%j is refused', (options: ImportOptions) => {
    expect(() => resolveOptions(options)).toThrow(expect.objectContaining({ code: 'bad_import_option' }));
  });

  it('columns are read from a command line', () => {
    expect(parseColumnsOption('time=date, open=3,turnover=none')).toEqual({
      time: 'date',
      open: '3',
      turnover: 'none',
    });
    for (const text of ['', 'time', 'time=', 'price=1', 'time=a,,']) {
      expect(() => parseColumnsOption(text)).toThrow(expect.objectContaining({ code: 'bad_import_option' }));
    }
  });

  it.each([
    ['UTC', 0],
    ['+02:00', 7_200_000],
    ['-0530', -19_800_000],
    ['+3', 10_800_000],
  ])('timeZone %s', (timeZone, offsetMs) => {
    expect(resolveOptions({ timeZone }).zoneOffsetMs).toBe(offsetMs);
  });
});

describe('plain and careful reading', () => {
  const cell = fc.oneof(
    fc.double({ min: 1e-9, max: 1e9, noNaN: true }).map(String),
    fc.integer({ min: -5, max: 1_000_000 }).map(String),
    fc.integer({ min: 1, max: 1_000_000 }).map((value) => `${value / 1_000}000`),
    fc.constantFrom(
      '',
      ' 1',
      '1e3',
      '00.10',
      '5.',
      '.5',
      '-0',
      '99999999999999999',
      '0.12345678901234567890123456',
      '+7',
      '"8"',
    ),
  );

  it('give the same bits and the same verdicts', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell, cell, cell, cell), { minLength: 2, maxLength: 8 }),
        async (bars) => {
          const lines = bars.map(([open, high, low, close, volume], i) =>
            [START_MS + i * 5 * MINUTE_MS, open, high, low, close, volume].join(','),
          );
          const header = 'timestamp,open,high,low,close,volume';
          const options = { interval: '5m' } as const;
          const plain = await readSample(csv(header, lines), { options });
          // A quoted cell that is not used sends every line the careful way.
          const careful = await readSample(
            csv(
              `${header},x`,
              lines.map((line) => `${line},"y"`),
            ),
            { options },
          );
          expect(plain.rejected.map(({ line, rule }) => [line, rule])).toEqual(
            careful.rejected.map(({ line, rule }) => [line, rule]),
          );
          expect(plain.read?.candles).toEqual(careful.read?.candles);
        },
      ),
      { numRuns: 500 },
    );
  });
});
