/** Figures of a model as text. What does not exist is `-` with its reason beside it, never 0. */
import { numberCell, resultCell, type Cell } from '../blocks.ts';
import { countText, decimalText, percentText, signedText, withUnit } from '../format/number-text.ts';
import type { Banded } from './model-report-input.ts';

export const MISSING = '-';

const known =
  (text: (value: number) => string) =>
  (value: number): string =>
    Number.isNaN(value) ? MISSING : text(value);

/** `0.5712`: probabilities, areas, losses. */
export const probabilityText = known((value) => decimalText(value, 4));
/** `+0.012 R`: a mean result; a digit more than those of trades, because differences of means are small. */
export const meanRText = known((value) => withUnit(signedText(value, 3), 'R'));
/** `+12.3 R`: a sum of results. */
export const totalRText = known((value) => withUnit(signedText(value, 1), 'R'));
export const shareText = known(percentText);
export const rowsText = known(countText);

/** `+0.012 to +0.210 R`; `-` where an end is missing. */
export function intervalText({ low, high }: Banded): string {
  return hasInterval({ low, high }) ? `${signedText(low, 3)} to ${meanRText(high)}` : MISSING;
}

export function hasInterval({ low, high }: Pick<Banded, 'low' | 'high'>): boolean {
  return !Number.isNaN(low) && !Number.isNaN(high);
}

/** Why an interval is missing. */
const FEW_WEEKS = 'under 12 weeks';

/** A number with its text; where it is missing, why. What is infinite stands last when sorted, as what is missing. */
export function figureCell(text: (value: number) => string, value: number, missing = ''): Cell {
  return Number.isNaN(value) ? missingCell(missing) : numberCell(text(value), finite(value));
}

const finite = (value: number): number => (Number.isFinite(value) ? value : Number.NaN);

/** A mean result, coloured by its sign; where it is missing, why. */
export function meanRCell(value: number, missing = ''): Cell {
  return Number.isNaN(value) ? missingCell(missing) : resultCell(meanRText(value), finite(value));
}

export function intervalCell(banded: Banded, missing = FEW_WEEKS): Cell {
  return hasInterval(banded) ? numberCell(intervalText(banded), finite(banded.low)) : missingCell(missing);
}

export function missingCell(why: string): Cell {
  return { text: MISSING, words: why, sort: null, tone: 'plain' };
}

/** The words of others as a sentence: a capital in front, a point behind. */
export function sentence(text: string): string {
  const words = text.trim();
  if (words === '') return '';
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${/[.!?]$/.test(words) ? '' : '.'}`;
}

/** Mean, least and greatest of the values that exist; NaN where there are none. */
export interface Spread {
  readonly count: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const found = values.filter((value) => !Number.isNaN(value));
  if (found.length === 0) return { count: 0, mean: Number.NaN, min: Number.NaN, max: Number.NaN };
  const [min, max] = [Math.min(...found), Math.max(...found)];
  return { count: found.length, mean: found.reduce((sum, value) => sum + value, 0) / found.length, min, max };
}
