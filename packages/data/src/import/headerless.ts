/**
 * Rows without names: a headerless CSV, arrays in JSON. Three shapes are recognised, and only when the values themselves
 * agree with them; the recognition is reported as an assumption. Everything else needs the option `columns`.
 */

import { DonchError } from '@donch/core';
import { type ColumnMap, mapColumns } from './column-names.ts';
import type { ColumnRole, ResolvedOptions } from './import-options.ts';
import { readNumber } from './number-cell.ts';
import { TimeReader } from './time-cell.ts';

interface Shape {
  readonly what: string;
  /** Names as this source would write them; they go through the same recognition as a header. */
  readonly names: readonly string[];
  readonly fits: (row: readonly string[]) => boolean;
}

const CANDLE = ['timestamp', 'open', 'high', 'low', 'close', 'volume'];

const SHAPES: readonly Shape[] = [
  {
    what: 'Binance klines (12 columns)',
    names: [...CANDLE, 'close_time', 'quote_volume', 'count', 'taker_buy_volume', 'taker_buy_quote_volume', 'ignore'],
    fits: (row) => isCandle(row) && number(row, 6) > number(row, 0) && isTurnover(row, 7),
  },
  { what: 'time, open, high, low, close, volume', names: CANDLE, fits: isCandle },
  {
    what: 'time, open, high, low, close, volume, turnover (Bybit klines)',
    names: [...CANDLE, 'turnover'],
    fits: (row) => isCandle(row) && isTurnover(row, 6),
  },
];

/** Share of sampled rows that must fit: a few may be damaged. */
const FITTING_SHARE_MIN = 0.9;

export interface HeaderlessGuess {
  readonly names: readonly string[];
  readonly columns: ColumnMap;
  readonly assumptions: readonly string[];
}

/** Columns of rows without a header; throws `no_header` when no shape fits and the caller named no columns. */
export function guessHeaderless(sample: readonly (readonly string[])[], options: ResolvedOptions): HeaderlessGuess {
  const width = sample[0].length;
  const positions = Array.from({ length: width }, (_, column) => `column ${column + 1}`);
  if (isFullyNamed(options)) {
    return {
      names: positions,
      columns: mapColumns(positions, options),
      assumptions: ['no header: columns as --columns says'],
    };
  }
  const rows = sample.filter((row) => row.length === width);
  const shape = SHAPES.find(({ names, fits }) => names.length === width && isFitting(rows, fits));
  if (shape === undefined) {
    throw new DonchError('no_header', `the file has no header, and its ${width} columns have no known shape`, {
      expected: SHAPES.map(({ what }) => what).join('; '),
      remedy: 'Name the columns by position: --columns time=1,open=2,high=3,low=4,close=5,volume=6.',
    });
  }
  const columns = mapColumns(shape.names, options);
  return {
    names: positions,
    columns,
    assumptions: [`no header: the columns are taken for ${shape.what}, which their values confirm`],
  };
}

function isFullyNamed({ columns }: ResolvedOptions): boolean {
  const isNamed = (role: ColumnRole): boolean => /^\d+$/.test(columns[role] ?? '');
  return isNamed('time') && (isNamed('rate') || isNamed('close'));
}

/** Most rows fit, and at least one is more than four equal prices, which would fit in any order. */
function isFitting(rows: readonly (readonly string[])[], fits: Shape['fits']): boolean {
  const fitting = rows.filter(fits);
  return (
    fitting.length >= rows.length * FITTING_SHARE_MIN &&
    fitting.some((row) => number(row, 2) > number(row, 3) && number(row, 1) !== number(row, 4))
  );
}

function isCandle(row: readonly string[]): boolean {
  const time = new TimeReader({ zoneOffsetMs: 0, dayMonthOrder: 'day-first' });
  const [, open, high, low, close, volume] = row.map((cell) => readNumber(cell));
  const isTime = time.read(row[0]) === null;
  return isTime && low > 0 && high >= Math.max(open, close) && low <= Math.min(open, close) && volume >= 0;
}

/** Volume times a price of the bar; half a per cent for rounding. */
function isTurnover(row: readonly string[], column: number): boolean {
  const volume = number(row, 5);
  const turnover = number(row, column);
  return turnover >= volume * number(row, 3) * 0.995 && turnover <= volume * number(row, 2) * 1.005;
}

function number(row: readonly string[], column: number): number {
  return readNumber(row[column]);
}
