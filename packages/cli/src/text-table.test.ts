import { expect, it } from 'vitest';
import { grouped, textTable } from './text-table.ts';

it('aligns columns and cuts blanks at the end of lines', () => {
  const lines = textTable(
    [{ title: 'symbol' }, { title: 'rows', align: 'right' }, { title: '' }],
    [
      ['BTCUSDT', '1 234', 'x'],
      ['E', '5', ''],
    ],
  );
  expect(lines).toEqual(['symbol    rows', 'BTCUSDT  1 234  x', 'E            5']);
});

it('prints the titles of an empty table', () => {
  expect(textTable([{ title: 'a' }, { title: 'b' }], [])).toEqual(['a  b']);
});

it.each([
  [0, '0'],
  [999, '999'],
  [1_000, '1 000'],
  [12_345_678, '12 345 678'],
])('groups %d as %s', (value, text) => {
  expect(grouped(value)).toBe(text);
});
