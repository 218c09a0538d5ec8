import { assert, constantFrom, double, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  amountText,
  changeText,
  countText,
  decimalText,
  durationText,
  percentText,
  priceText,
  ratioText,
  rText,
  signedText,
  usdText,
} from './number-text.ts';

describe('numbers as text', () => {
  it.each([
    [decimalText(1_234_567.891, 2), '1,234,567.89'],
    [decimalText(-0.004, 2), '0.00'],
    [decimalText(-0.006, 2), '\u22120.01'],
    [decimalText(999.999, 2), '1,000.00'],
    [decimalText(Number.NaN, 2), 'none'],
    [decimalText(Number.POSITIVE_INFINITY, 2), 'infinite'],
    [decimalText(Number.NEGATIVE_INFINITY, 2), 'minus infinite'],
    [decimalText(-1e21, 2), '\u22121e+21'],
    [signedText(0.001, 2), '0.00'],
    [signedText(2, 0), '+2'],
    [countText(12_345), '12,345'],
    [rText(-1.05), '\u22121.05\u00a0R'],
    [rText(Number.NaN), 'none'],
    [usdText(12.3), '+12.30\u00a0USD'],
    [amountText(1_000), '1,000.00\u00a0USD'],
    [percentText(0.2714), '27.1\u00a0%'],
    [changeText(0.137), '+13.7\u00a0%'],
    [ratioText(Number.POSITIVE_INFINITY), 'infinite'],
    [priceText(106_711.403_82), '106,711.4'],
    [priceText(0.000_012_34), '0.00001234'],
    [priceText(670), '670'],
    [priceText(0), '0'],
    [priceText(Number.NaN), 'none'],
    [durationText(45 * 60_000), '45\u00a0min'],
    [durationText(5.5 * 3_600_000), '5.5\u00a0h'],
    [durationText(72 * 3_600_000), '3.0\u00a0days'],
    [durationText(Number.NaN), 'none'],
  ])('%s', (found, expected) => {
    expect(found).toBe(expected);
  });

  const anyNumber = double({ min: -1e12, max: 1e12, noNaN: true });
  const back = (text: string): number => Number(text.replaceAll(',', '').replace('\u2212', '-').replace('+', ''));

  it('can be read back to half a unit of their last digit', () => {
    assert(
      property(anyNumber, integer({ min: 0, max: 6 }), (value, digits) => {
        expect(Math.abs(back(decimalText(value, digits)) - value)).toBeLessThanOrEqual(
          0.5 * 10 ** -digits * (1 + 1e-9) + Math.abs(value) * 1e-15,
        );
      }),
      { seed: 11, numRuns: 500 },
    );
  });

  it('prices keep seven significant digits', () => {
    assert(
      property(double({ min: 1e-5, max: 1e9, noNaN: true }), (price) => {
        expect(Math.abs(back(priceText(price)) / price - 1)).toBeLessThan(1e-6);
      }),
      { seed: 12, numRuns: 500 },
    );
  });

  it('carry their unit if and only if there is a number, and a sign if and only if it is not nothing', () => {
    const texts = constantFrom(rText, usdText, changeText);
    const values = double({ min: -1e6, max: 1e6 });
    assert(
      property(texts, values, (text, value) => {
        expect(text(value)).toMatch(/^(none|0(\.0+)?\u00a0\S+|[+\u2212][\d,]+\.\d+\u00a0(R|USD|%))$/);
      }),
      { seed: 13, numRuns: 500 },
    );
  });
});
