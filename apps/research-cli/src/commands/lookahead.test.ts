import { LEAKS } from '@donch/backtester';
import { expect, it } from 'vitest';
import { PLANTS } from './lookahead.ts';

it('the leaks that --plant knows are those of the backtester', () => {
  expect(PLANTS).toEqual([...LEAKS]);
});
