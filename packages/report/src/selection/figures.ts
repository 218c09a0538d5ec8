/** Facts about statistics that may have been refused. */
import type { Refusal } from '@donch/stats';
import { factOf, type Fact, type Tone } from '../blocks.ts';
import { countText, decimalText } from '../format/number-text.ts';
import { refusalWords } from '../format/refusal-words.ts';

/** What stands in place of a figure that was refused. */
const REFUSED = 'refused';

interface Told<Found> {
  readonly label: string;
  readonly value: (found: Found) => string;
  readonly words: string;
  readonly tone?: (found: Found) => Tone;
}

/** A fact, or the reason why there is none. */
export function factOrRefusal<Found extends { readonly kind: string }>(
  found: Found | Refusal<string>,
  { label, value, words, tone }: Told<Found>,
): Fact {
  if (isRefused(found)) return factOf(label, REFUSED, `${words}; not computed: ${refusalWords(found)}`);
  return factOf(label, value(found), words, tone?.(found) ?? 'plain');
}

export function isRefused(found: { readonly kind: string }): found is Refusal<string> {
  return found.kind === 'refused';
}

/** `97.3 %`; never a certainty that rounding has made. */
export function chanceText(probability: number): string {
  if (probability > 0.9995 && probability < 1) return 'above 99.9\u00a0%';
  if (probability < 0.0005 && probability > 0) return 'below 0.1\u00a0%';
  return `${decimalText(probability * 100, 1)}\u00a0%`;
}

/** `0.012`, `below 0.001`: p values. */
export function pValueText(p: number): string {
  return p < 0.001 ? 'below 0.001' : decimalText(p, 3);
}

/** A number of trials that need not be whole. */
export function trialsText(trials: number): string {
  return Number.isInteger(trials) ? countText(trials) : decimalText(trials, 1);
}
