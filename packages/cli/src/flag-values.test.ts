import { DonchError } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { flagLayer, wholeNumber } from './flag-values.ts';

describe('flagLayer', () => {
  it('carries every flag under the key that it overrides', () => {
    const flags = { set: ['SL_ATR_MULT=2.5', ' RULE = a=b'], start: '2025-01-01', end: '2025-02-01', workers: '2' };
    expect(flagLayer({ ...flags, rs: false, regime: false }).values).toEqual({
      SL_ATR_MULT: '2.5',
      RULE: ' a=b',
      START_DATE: '2025-01-01',
      END_DATE: '2025-02-01',
      N_WORKERS: '2',
      RS_ENABLED: false,
      REGIME_FILTER_ENABLED: false,
    });
  });

  it('says nothing where no flag is given', () => {
    expect(flagLayer({ rs: true, regime: true }).values).toEqual({});
  });

  it.each(['SL_ATR_MULT', '=2', ''])('refuses --set %j', (assignment) => {
    expect(() => flagLayer({ set: [assignment] })).toThrow(DonchError);
  });
});

describe('wholeNumber', () => {
  it.each([
    ['0', 0, 0],
    ['007', 0, 7],
    ['24', 1, 24],
  ])('reads %j', (text, min, value) => {
    expect(wholeNumber(text, '--seeds', min)).toBe(value);
  });

  it.each([['-1'], ['1.5'], ['1e3'], [''], ['x'], ['9007199254740993']])('refuses %j', (text) => {
    expect(() => wholeNumber(text, '--seeds')).toThrow('--seeds is');
  });

  it('refuses what lies below its least value', () => {
    expect(() => wholeNumber('0', '--seeds', 1)).toThrow('a whole number from 1 on');
  });
});
