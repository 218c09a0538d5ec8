/** Digits behind the point that are enough for prices, fees and rates. */
const DECIMALS_MAX = 20;

/** A number as the venue writes it: as many digits as it takes, never an exponent. */
export function plainText(value: number): string {
  const text = String(value);
  return text.includes('e-') ? value.toFixed(DECIMALS_MAX).replace(/0+$/, '') : text;
}
