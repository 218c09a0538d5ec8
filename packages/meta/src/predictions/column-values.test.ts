import type { Column, Table } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { idsOf, probabilitiesOf, symbolsOf, timesOf } from './column-values.ts';

function read<T>(of: (column: { side: 'predictions' | 'trades'; table: Table; name: string }) => T, column: Column): T {
  const table = { name: 'preds.csv', length: column.values.length, columns: new Map([['c', column]]) };
  return of({ side: 'predictions', table, name: 'c' });
}

const text = (...values: (string | null)[]): Column => ({ type: 'text', values });
const numbers = (type: 'float' | 'int' | 'bool' | 'time', ...values: number[]): Column => ({
  type,
  values: Float64Array.from(values),
});

describe('probabilitiesOf', () => {
  it('takes 0, 1 and empty cells', () => {
    expect([...read(probabilitiesOf, numbers('float', 0, 0.5, Number.NaN, 1))]).toEqual([0, 0.5, Number.NaN, 1]);
  });

  it.each([
    [
      numbers('float', 0.5, 1.0001),
      'preds.csv: row 2 of the predictions: column "c" is 1.0001; expected a number from 0 to 1',
    ],
    [numbers('float', -1e-9), 'row 1 of the predictions: column "c" is -1e-9'],
    [numbers('float', Infinity), 'is Infinity'],
    [text('0.5', null, 'n/a'), 'row 3 of the predictions: column "c" is the text "n/a"'],
    [text('0.5', '0.6'), 'row 1 of the predictions: column "c" is the text "0.5"'],
    [numbers('int', 0, 1, 1), 'column "c" of the predictions holds whole numbers; expected probabilities'],
    [numbers('bool', 0, 1), 'holds true and false'],
    [numbers('time', 0), 'holds times'],
  ])('refuses %j', (column, message) => {
    expect(() => read(probabilitiesOf, column)).toThrow(message);
  });
});

describe('timesOf', () => {
  const AT = Date.UTC(2025, 0, 22, 0, 30);

  it.each([
    ['times', numbers('time', AT)],
    ['seconds', numbers('int', AT / 1e3)],
    ['milliseconds', numbers('int', AT)],
    ['microseconds', numbers('int', AT * 1e3)],
    ['nanoseconds', numbers('float', AT * 1e6)],
    ['text', text('2025-01-22T02:30:00+02:00')],
    ['text without a zone, as UTC', text(' 2025-01-22 00:30 ')],
  ])('reads %s', (_, column) => {
    expect([...read(timesOf, column)]).toEqual([AT]);
  });

  it.each([
    [numbers('int', AT, AT / 1e3), 'row 2 of the predictions: column "c" is 1737505800; expected a time'],
    [numbers('float', 0.5), 'row 1 of the predictions: column "c" is 0.5'],
    [numbers('time', AT, Number.NaN), 'row 2 of the predictions: column "c" is empty'],
    [text('2025-01-22', '22/01/2025'), 'row 2 of the predictions: column "c" is "22/01/2025"'],
    [text('2025-01-22', null), 'row 2 of the predictions: column "c" is empty'],
  ])('refuses %j', (column, message) => {
    expect(() => read(timesOf, column)).toThrow(message);
  });
});

describe('symbolsOf and idsOf', () => {
  it('take text, ids also numbers', () => {
    expect(read(symbolsOf, text('ETHUSDT', 'x'))).toEqual(['ETHUSDT', 'x']);
    expect(read(idsOf, text('a', 'b'))).toEqual(['a', 'b']);
    expect(read(idsOf, numbers('int', 17, 4))).toEqual(['17', '4']);
  });

  it('refuse empty cells with their row', () => {
    expect(() => read(symbolsOf, text('ETHUSDT', ' '))).toThrow('row 2 of the predictions: column "c" is empty');
    expect(() => read(symbolsOf, numbers('int', 1))).toThrow(
      'row 1 of the predictions: column "c" is 1; expected a symbol',
    );
    expect(() => read(idsOf, text(null))).toThrow('row 1 of the predictions: column "c" is empty');
    expect(() => read(idsOf, numbers('int', 1, Number.NaN))).toThrow('row 2');
    const table: Table = { name: 't.csv', length: 1, columns: new Map([['c', text('')]]) };
    expect(() => idsOf({ side: 'trades', table, name: 'c' })).toThrow(
      't.csv: row 1 of the trades: column "c" is empty',
    );
  });
});
