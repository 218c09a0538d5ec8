/**
 * THE place where numbers become words. Each function is complete in itself or calls only others of this file, because the page
 * carries their source (see page/script.ts): no constants, no imports.
 * A number that does not exist is a word, never an empty cell or a 0; a minus is the typographic one, and a space before a unit
 * does not break.
 */

/** `1,234.50`, `−0.07`; `none` for NaN, `infinite`. Never `−0.00`. */
export function decimalText(value: number, digits: number): string {
  if (Number.isNaN(value)) return 'none';
  if (!Number.isFinite(value)) return value > 0 ? 'infinite' : 'minus infinite';
  // beyond this toFixed changes to exponents
  if (Math.abs(value) >= 1e21) return String(value).replaceAll('-', '\u2212');
  const [whole, fraction] = Math.abs(value).toFixed(digits).split('.');
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',');
  const text = fraction === undefined ? grouped : `${grouped}.${fraction}`;
  return value < 0 && /[1-9]/.test(text) ? `\u2212${text}` : text;
}

/** As `decimalText`, with a plus in front of what is above zero. */
export function signedText(value: number, digits: number): string {
  const text = decimalText(value, digits);
  return value > 0 && Number.isFinite(value) && /[1-9]/.test(text) ? `+${text}` : text;
}

/** The number with its unit; a number that does not exist has none. */
export function withUnit(text: string, unit: string): string {
  return /\d/.test(text) ? `${text}\u00a0${unit}` : text;
}

/** `12` */
export function countText(value: number): string {
  return decimalText(value, 0);
}

/** `+0.07 R`: multiples of the planned risk. */
export function rText(value: number): string {
  return withUnit(signedText(value, 2), 'R');
}

/** `+0.012 R`: a mean; a digit more than single trades have, because differences of means are small. */
export function meanText(value: number): string {
  return withUnit(signedText(value, 3), 'R');
}

/** `+12.30 USD`, a result. */
export function usdText(value: number): string {
  return withUnit(signedText(value, 2), 'USD');
}

/** `1,012.30 USD`, an amount. */
export function amountText(value: number): string {
  return withUnit(decimalText(value, 2), 'USD');
}

/** `27.1 %` of a fraction 0.271. */
export function percentText(frac: number): string {
  return withUnit(decimalText(frac * 100, 1), '%');
}

/** `+13.7 %`, a change. */
export function changeText(frac: number): string {
  return withUnit(signedText(frac * 100, 1), '%');
}

/** `1.21`; `infinite` where there is no loss. */
export function ratioText(value: number): string {
  return decimalText(value, 2);
}

/** A price with seven significant digits and no useless zeros: `106,711.4`, `0.00001234`. */
export function priceText(value: number): string {
  if (!Number.isFinite(value) || value === 0) return decimalText(value, 0);
  const digits = Math.min(Math.max(6 - Math.floor(Math.log10(Math.abs(value))), 0), 12);
  const text = decimalText(value, digits);
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** Length of time: `45 min`, `5.5 h`, `3.2 days`. */
export function durationText(lengthMs: number): string {
  const hours = lengthMs / 3_600_000;
  if (hours < 1) return withUnit(decimalText(hours * 60, 0), 'min');
  return hours < 48 ? withUnit(decimalText(hours, 1), 'h') : withUnit(decimalText(hours / 24, 1), 'days');
}
