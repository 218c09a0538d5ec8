/** Every rule on a small file of its own: which line, how many rows stay, and that no other bar changes. */

import { gzipSync } from 'node:zlib';
import { barAt, MINUTE_MS, rowAt } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { IMPORT_RULES, type ImportRule } from './rules.ts';
import {
  isoTime,
  readSample,
  type ReadRequest,
  sampleBybitRows,
  sampleCandles,
  sampleCsv,
  sampleLines,
  START_MS,
} from './sample-files.ts';

const BARS = 40;
const CLEAN = sampleCandles(BARS);
const CSV = sampleCsv(CLEAN);
const FIVE_MINUTES_MS = 5 * MINUTE_MS;

interface RuleCase extends ReadRequest {
  readonly rule: ImportRule;
  readonly what: string;
  readonly content: string | Buffer;
  /** Lines of the findings of this rule. */
  readonly lines: readonly number[];
  readonly accepted: number;
  readonly rejected?: number;
  /** Open times whose accepted bar may differ from the clean one. */
  readonly changed?: readonly number[];
  /** Other rules that this damage also breaks. */
  readonly also?: readonly ImportRule[];
}

/** The sample with one cell replaced; line 1 is the header. */
function withCell(line: number, column: number, text: string): string {
  return editLine(line, (cells) => {
    cells[column] = text;
    return cells.join(',');
  });
}

function editLine(line: number, edit: (cells: string[]) => string): string {
  const lines = CSV.split('\n');
  lines[line - 1] = edit(lines[line - 1].split(','));
  return lines.join('\n');
}

/** The sample with lines inserted before a line (of the original). */
function withLines(line: number, ...added: readonly string[]): string {
  return CSV.split('\n')
    .toSpliced(line - 1, 0, ...added)
    .join('\n');
}

function lineOf(line: number): string {
  return CSV.split('\n')[line - 1];
}

const timeOfLine = (line: number): number => START_MS + (line - 2) * FIVE_MINUTES_MS;

/** Bybit's columns with the row of one line (2 = newest) edited. */
function bybitCsv(line: number, edit: (row: string[]) => string[]): string {
  const rows = sampleBybitRows(CLEAN);
  rows[line - 2] = edit(rows[line - 2]);
  return `startTime,openPrice,highPrice,lowPrice,closePrice,volume,turnover\n${rows.map((row) => row.join(',')).join('\n')}\n`;
}

function withColumn(name: string, value: (line: number) => string): string {
  return CSV.trimEnd()
    .split('\n')
    .map((line, at) => `${line},${at === 0 ? name : value(at + 1)}\n`)
    .join('');
}

const rejectedCell = (rule: ImportRule, column: number, text: string): RuleCase => ({
  rule,
  what: `cell ${column} is ${JSON.stringify(text)}`,
  content: withCell(7, column, text),
  lines: [7],
  accepted: BARS - 1,
  rejected: 1,
});

const exchanged = bybitCsv(5, ([time, open, high, low, close, volume, turnover]) => [
  time,
  open,
  high,
  low,
  close,
  turnover,
  volume,
]);
const packed = gzipSync(CSV);
const jsonLines = sampleBybitRows(CLEAN).map((row) => JSON.stringify(row));

/** Ten bars of one hour, a day later, as if another file had been glued on. */
const HOURLY_LATER = sampleLines(sampleCandles(10, 60 * MINUTE_MS), (timeMs) => String(timeMs + 24 * 60 * MINUTE_MS));

const CASES: readonly RuleCase[] = [
  rejectedCell('empty_value', 4, ''),
  rejectedCell('empty_value', 0, ''),
  rejectedCell('empty_value', 5, '   '),
  ...[
    'nan',
    'null',
    'None',
    'n/a',
    '-',
    'abc',
    '1_000',
    '0x10',
    '1 000',
    '"12,915"',
    "1'000",
    '12.5.1',
    '１２',
    '\u0000',
    '--5',
    '5e',
    '.',
  ].map((text) => rejectedCell('not_a_number', 2, text)),
  ...['inf', '-Infinity', '∞', '1e999'].map((text) => rejectedCell('not_finite', 2, text)),
  rejectedCell('price_not_positive', 3, '0'),
  rejectedCell('price_not_positive', 1, '-0'),
  rejectedCell('price_not_positive', 4, '-100.5'),
  rejectedCell('price_not_positive', 3, '1e-400'),
  rejectedCell('negative_volume', 5, '-0.001'),
  rejectedCell('high_below_low', 2, '1'),
  rejectedCell('open_outside', 1, '5000'),
  rejectedCell('close_outside', 4, '0.5'),
  ...[
    'abc',
    '2025-02-30T00:00:00Z',
    '2025-03-01T24:00:00Z',
    '2025-03-01 00:61',
    '1740787200000ms',
    '31/12/2025',
    '17407872e5e',
  ].map((text) => rejectedCell('invalid_time', 0, text)),
  ...['0', '-1740787200000', '99999999999', '20250301', '1e30', '45000.5', '1900-01-01T00:00:00Z'].map((text) =>
    rejectedCell('time_out_of_range', 0, text),
  ),
  {
    rule: 'wrong_field_count',
    what: 'a cell too few',
    content: editLine(9, (cells) => cells.slice(0, 5).join(',')),
    lines: [9],
    accepted: BARS - 1,
    rejected: 1,
  },
  {
    rule: 'wrong_field_count',
    what: 'a cell too many',
    content: editLine(9, (cells) => `${cells.join(',')},1`),
    lines: [9],
    accepted: BARS - 1,
    rejected: 1,
  },
  {
    rule: 'bad_quote',
    what: 'an open quote takes its own line only',
    content: withCell(9, 4, '"100'),
    lines: [9],
    accepted: BARS - 1,
    rejected: 1,
  },
  {
    rule: 'bad_quote',
    what: 'text behind a closed quote',
    content: withCell(9, 4, '"100"5'),
    lines: [9],
    accepted: BARS - 1,
    rejected: 1,
  },
  {
    rule: 'other_symbol',
    what: 'one row of another symbol',
    content: withColumn('symbol', (line) => (line === 11 ? 'ETHUSDT' : 'BTCUSDT')),
    lines: [11],
    accepted: BARS - 1,
    rejected: 1,
  },
  {
    rule: 'truncated_last_line',
    what: 'the file ends inside a cell',
    content: CSV.slice(0, CSV.lastIndexOf(',')),
    lines: [41],
    accepted: BARS - 1,
    rejected: 1,
  },
  {
    rule: 'truncated_last_line',
    what: 'the file ends at a delimiter',
    content: CSV.slice(0, CSV.lastIndexOf(',') + 1),
    lines: [41],
    accepted: BARS - 1,
    rejected: 1,
  },
  {
    rule: 'unterminated_last_line',
    what: 'only the line end is missing',
    content: CSV.trimEnd(),
    lines: [41],
    accepted: BARS,
  },
  {
    rule: 'archive_incomplete',
    what: 'half of an archive',
    content: packed.subarray(0, packed.length / 2),
    lines: [0],
    accepted: Number.NaN,
    also: ['truncated_last_line'],
    name: 'bybit-BTCUSDT.csv.gz',
  },
  {
    rule: 'bad_json_line',
    what: 'a line that is no JSON',
    content: jsonLines.toSpliced(4, 1, '[1,2').join('\n'),
    lines: [5],
    accepted: BARS - 1,
    rejected: 1,
    also: ['newest_first', 'gap'],
  },
  {
    rule: 'mixed_time_unit',
    what: 'a row in seconds',
    content: withCell(7, 0, String(timeOfLine(7) / 1_000)),
    lines: [7],
    accepted: BARS - 1,
    rejected: 1,
  },
  {
    rule: 'mixed_time_unit',
    what: 'a row in text',
    content: withCell(7, 0, isoTime(timeOfLine(7))),
    lines: [7],
    accepted: BARS - 1,
    rejected: 1,
  },
  {
    rule: 'time_unit_converted',
    what: 'a row in microseconds, repaired',
    content: withCell(7, 0, `${timeOfLine(7)}000`),
    lines: [7],
    accepted: BARS,
    options: { mode: 'repair' },
  },
  {
    rule: 'off_grid',
    what: 'one millisecond late',
    content: withCell(7, 0, String(timeOfLine(7) + 1)),
    lines: [7],
    accepted: BARS - 1,
    rejected: 1,
  },
  {
    rule: 'off_grid',
    what: 'half a second late',
    content: withCell(7, 0, `${timeOfLine(7)}.5`),
    lines: [7],
    accepted: BARS - 1,
    rejected: 1,
  },
  {
    rule: 'not_closed',
    what: 'the last bar closes one millisecond after now',
    content: CSV,
    lines: [41],
    accepted: BARS - 1,
    rejected: 1,
    nowMs: START_MS + BARS * FIVE_MINUTES_MS - 1,
  },
  {
    rule: 'not_closed',
    what: 'the confirm column says open',
    content: withColumn('confirm', (line) => (line === 41 ? '0' : '1')),
    lines: [41],
    accepted: BARS - 1,
    rejected: 1,
  },
  {
    rule: 'turnover_unfit',
    what: 'volume and turnover exchanged',
    content: exchanged,
    lines: [5],
    accepted: BARS - 1,
    rejected: 1,
    also: ['newest_first', 'gap'],
  },
  {
    rule: 'turnover_unfit',
    what: 'ten times the volume',
    content: bybitCsv(5, (row) => row.with(5, String(Number(row[5]) * 10))),
    lines: [5],
    accepted: BARS - 1,
    rejected: 1,
    also: ['newest_first', 'gap'],
    options: { mode: 'repair' },
  },
  {
    rule: 'turnover_exchanged',
    what: 'repaired',
    content: exchanged,
    lines: [5],
    accepted: BARS,
    also: ['newest_first'],
    options: { mode: 'repair' },
  },
  {
    rule: 'turnover_missing',
    what: 'an empty turnover',
    content: bybitCsv(5, (row) => row.with(6, '')),
    lines: [5],
    accepted: BARS,
    also: ['newest_first'],
  },
  { rule: 'duplicate_identical', what: 'the same line', content: withLines(9, lineOf(9)), lines: [10], accepted: BARS },
  {
    rule: 'duplicate_identical',
    what: 'the same numbers',
    content: withLines(9, `${lineOf(9)}000`),
    lines: [10],
    accepted: BARS,
  },
  {
    rule: 'duplicate_conflicting',
    what: 'another volume',
    content: withLines(9, lineOf(9).replace(/[^,]+$/, '7')),
    lines: [9],
    accepted: BARS - 1,
    rejected: 2,
  },
  {
    rule: 'duplicate_conflicting',
    what: 'the first one chosen',
    content: withLines(9, lineOf(9).replace(/[^,]+$/, '7')),
    lines: [9],
    accepted: BARS,
    rejected: 1,
    changed: [timeOfLine(9)],
    options: { conflicts: 'first' },
  },
  {
    rule: 'time_zone_missing',
    what: 'three of the rows',
    content: `time,open,high,low,close,volume\n${sampleLines(CLEAN, (timeMs) => ([3, 4, 8].includes((timeMs - START_MS) / FIVE_MINUTES_MS) ? isoTime(timeMs).replace('Z', '') : isoTime(timeMs))).join('\n')}\n`,
    lines: [5, 10],
    accepted: BARS,
  },
  {
    rule: 'out_of_order',
    what: 'two lines exchanged',
    content: CSV.split('\n').with(9, lineOf(11)).with(10, lineOf(10)).join('\n'),
    lines: [11],
    accepted: BARS,
  },
  { rule: 'newest_first', what: 'the whole file', content: bybitCsv(2, (row) => row), lines: [2], accepted: BARS },
  {
    rule: 'steps_mixed',
    what: 'a fifth of the steps is one hour',
    content: CSV + HOURLY_LATER.join('\n') + '\n',
    lines: [0],
    accepted: Number.NaN,
    also: ['gap', 'jump_open', 'jump'],
  },
  {
    rule: 'jump',
    what: 'prices of one bar times 100',
    content: editLine(12, ([time, ...values]) =>
      [time, ...values.slice(0, 4).map((price) => Number(price) * 100), values[4]].join(','),
    ),
    lines: [12],
    accepted: BARS,
    changed: [timeOfLine(12)],
  },
  {
    rule: 'jump',
    what: 'prices of one bar a quarter lower',
    content: editLine(12, ([time, ...values]) =>
      [time, ...values.slice(0, 4).map((price) => Number(price) * 0.75), values[4]].join(','),
    ),
    lines: [12],
    accepted: BARS,
    changed: [timeOfLine(12)],
  },
  {
    rule: 'jump_open',
    what: 'a new level from one bar on',
    content: CSV.split('\n')
      .map((line, at) =>
        at < 20 || line === ''
          ? line
          : line
              .split(',')
              .map((cell, k) => (k >= 1 && k <= 4 ? Number(cell) * 2 : cell))
              .join(','),
      )
      .join('\n'),
    lines: [21],
    accepted: BARS,
    changed: Array.from({ length: BARS }, (_, i) => START_MS + i * FIVE_MINUTES_MS),
  },
  {
    rule: 'moved_without_volume',
    what: 'volume 0',
    content: withCell(12, 5, '0'),
    lines: [12],
    accepted: BARS,
    changed: [timeOfLine(12)],
  },
  { rule: 'repeated_header', what: 'two files glued', content: withLines(20, lineOf(1)), lines: [20], accepted: BARS },
  {
    rule: 'preamble_line',
    what: 'an address before the header',
    content: `https://example.org/data\n${CSV}`,
    lines: [1],
    accepted: BARS,
  },
  { rule: 'blank_line', what: 'an empty line', content: withLines(20, ''), lines: [20], accepted: BARS },
  {
    rule: 'blank_line',
    what: 'delimiters only, and an empty first line',
    content: `\n${withLines(20, ',,,,,')}`,
    lines: [1, 21],
    accepted: BARS,
  },
  {
    rule: 'gap',
    what: 'three lines missing',
    content: CSV.split('\n').toSpliced(9, 3).join('\n'),
    lines: [9],
    accepted: BARS - 3,
  },
];

describe('rules', () => {
  it.each(CASES)(
    '$rule: $what',
    async ({ rule, content, lines, accepted, rejected = 0, changed = [], also = [], ...request }) => {
      const { read, error, findings } = await readSample(content, request);
      expect(error).toBeNull();
      expect(findings.filter((finding) => finding.rule === rule).map(({ line }) => line)).toEqual(lines);
      const others = new Set(findings.map((finding) => finding.rule));
      for (const expected of [rule, ...also, ...(rejected > 0 ? ['gap'] : [])]) others.delete(expected as ImportRule);
      expect([...others]).toEqual([]);
      if (read === null || read.candles === null) throw new Error('a file of candles was read');
      expect(read.totals).toMatchObject(Number.isNaN(accepted) ? {} : { accepted, rejected });
      expect(read.candles.length).toBe(read.totals.accepted);
      for (let i = 0; i < read.candles.length; i += 1) {
        const { turnover: _turnover, ...bar } = barAt(read.candles, i);
        if (changed.includes(bar.openTimeMs) || bar.openTimeMs >= timeOfLine(BARS + 2)) continue;
        expect(barAt(CLEAN, rowAt(CLEAN, bar.openTimeMs))).toMatchObject(bar);
      }
    },
  );

  it('leave nothing to say about a clean file', async () => {
    const { read, findings } = await readSample(CSV);
    expect(findings).toEqual([]);
    expect(read?.totals).toMatchObject({ lines: BARS + 1, headers: 1, accepted: BARS, rejected: 0, duplicates: 0 });
  });

  it('do not touch values that look unusual and are valid', async () => {
    const content = editLine(7, (cells) => ['', ...cells].join(',').slice(1))
      .split('\n')
      .with(
        6,
        lineOf(7)
          .split(',')
          .map((cell) => ` ${cell} `)
          .join(','),
      )
      .with(
        7,
        lineOf(8)
          .split(',')
          .map((cell) => `"${cell}"`)
          .join(','),
      )
      .with(
        8,
        lineOf(9)
          .split(',')
          .map((cell, k) => (k === 5 ? `${Number(cell) / 1_000}e+3` : cell))
          .join(','),
      )
      .with(
        9,
        lineOf(10)
          .split(',')
          .map((cell, k) => (k === 0 ? `${cell}.0` : `+${cell}`))
          .join(','),
      )
      .join('\n');
    const { read, findings } = await readSample(content);
    expect(findings).toEqual([]);
    for (let i = 0; i < BARS; i += 1) {
      const volume = CLEAN.volume[i];
      expect(read?.candles?.volume[i]).toBeCloseTo(volume, 9);
      expect(read?.candles?.close[i]).toBe(CLEAN.close[i]);
    }
  });

  it('accept flat bars without volume', async () => {
    const price = lineOf(11).split(',')[4];
    const { read, findings } = await readSample(
      editLine(12, ([time]) => [time, price, price, price, price, 0].join(',')),
    );
    expect(findings).toEqual([]);
    expect(read?.totals.zeroVolume).toBe(1);
  });

  it('never call a real extreme bar an error: -80 % and back, every bar joined to the next', async () => {
    const closes = [100, 20, 60, 150, 148];
    const lines = closes.map((close, i) => {
      const open = i === 0 ? 100 : closes[i - 1];
      return [START_MS + i * FIVE_MINUTES_MS, open, Math.max(open, close), Math.min(open, close) * 0.6, close, 10].join(
        ',',
      );
    });
    const { read, findings } = await readSample(`timestamp,open,high,low,close,volume\n${lines.join('\n')}\n`);
    expect(findings).toEqual([]);
    expect(read?.totals.accepted).toBe(5);
  });

  it.each([
    ['first', 7],
    ['last', 9],
  ] as const)(
    'take the %s of conflicting rows in the order of the file, whatever its direction',
    async (conflicts, volume) => {
      const [header, ...lines] = CSV.trimEnd().split('\n');
      const row = lines.reverse()[5].replace(/[^,]+$/, '');
      const content = [header, ...lines.with(5, `${row}7`).toSpliced(20, 0, `${row}8`), `${row}9`, ''].join('\n');
      const { read, findings } = await readSample(content, { options: { conflicts } });
      expect(findings.find(({ rule }) => rule === 'duplicate_conflicting')?.lines).toEqual([7, 22, 43]);
      expect(read?.candles?.volume[BARS - 6]).toBe(volume);
    },
  );

  it('say nothing about bars that break from their neighbours by less than 20 %', async () => {
    const [before, bar, after] = [11, 12, 13].map((line) => lineOf(line).split(','));
    const scaled = [bar[0], ...bar.slice(1, 5).map((price) => Number(price) * 1.17), bar[5]].join(',');
    const { read, findings } = await readSample(editLine(12, () => scaled));
    expect(before[4]).toBe(bar[1]);
    expect(after[1]).toBe(bar[4]);
    expect(findings).toEqual([]);
    expect(read?.totals.accepted).toBe(BARS);
  });

  it('never take the piece at the end of a cut archive for a row, even when it looks like one', async () => {
    let wholePieces = 0;
    for (let bytes = 60; bytes < packed.length; bytes += 1) {
      const { read, findings, rejected } = await readSample(packed.subarray(0, bytes), { options: { interval: '5m' } });
      if (read?.candles === undefined || read.candles === null) continue;
      expect(findings[0].rule).toBe('archive_incomplete');
      const { candles, totals } = read;
      expect(candles.close).toEqual(CLEAN.close.slice(0, totals.accepted));
      expect(candles.volume).toEqual(CLEAN.volume.slice(0, totals.accepted));
      if ((rejected[0]?.text ?? '').split(',').length === 6) wholePieces += 1;
    }
    expect(wholePieces).toBeGreaterThan(5);
  });

  it('are all tested here, or with the store and with funding', () => {
    const elsewhere: ImportRule[] = ['revision', 'rate_extreme'];
    const tested = new Set([...CASES.map(({ rule }) => rule), ...elsewhere]);
    expect(Object.keys(IMPORT_RULES).filter((rule) => !tested.has(rule as ImportRule))).toEqual([]);
  });
});
