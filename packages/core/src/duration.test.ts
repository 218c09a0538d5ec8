import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDurationArgument } from './duration.ts';

describe('parseDurationArgument', () => {
  it.each([
    ['5min', 300_000],
    ['10min', 600_000],
    ['10 min', 600_000],
    [' 5Min ', 300_000],
    ['5m', 300_000],
    ['90s', 90_000],
    ['90sec', 90_000],
    ['250ms', 250],
    ['1h', 3_600_000],
    ['2d', 172_800_000],
    ['0min', 0],
    ['0', 0],
    ['', 0],
    ['  ', 0],
  ])('reads "%s" as %d ms', (text, lengthMs) => {
    expect(parseDurationArgument(text, '--tol')).toBe(lengthMs);
  });

  it.each([
    '5',
    '600000',
    '-5min',
    '1.5h',
    '5 minutes',
    'min',
    '5M5',
    '1h30min',
    'off',
    '1e3s',
    '9'.repeat(12) + 'd',
    '1y',
  ])('refuses "%s" and names the flag', (text) => {
    expect(() => parseDurationArgument(text, '--tol')).toThrow(
      `--tol is "${text}"; expected a length of time such as 90s, 5min, 10min or 1h`,
    );
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0'],
    [1, '1ms'],
    [1_500, '1500ms'],
    [90_000, '90s'],
    [300_000, '5min'],
    [5_400_000, '90min'],
    [93_600_000, '26h'],
    [172_800_000, '2d'],
  ])('writes %d ms as %s', (lengthMs, text) => {
    expect(formatDuration(lengthMs)).toBe(text);
  });

  it('writes what the parser reads', () => {
    const length = fc.oneof(
      fc.nat(),
      fc.nat(10_000).map((n) => n * 60_000),
    );
    fc.assert(
      fc.property(length, (lengthMs) => {
        expect(parseDurationArgument(formatDuration(lengthMs), 'x')).toBe(lengthMs);
      }),
      { seed: 3, numRuns: 500 },
    );
  });
});
