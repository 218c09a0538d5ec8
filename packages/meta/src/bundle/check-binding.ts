/** Whether a model may be used where it is asked for. */
import { DonchError } from '@donch/core';
import type { BundleBinding } from './bundle-manifest.ts';

export interface BindingOptions {
  /** UNIVERSE_MISMATCH: what another universe than the one of the training means. */
  readonly universeMismatch: 'refuse' | 'warn';
}

/**
 * What the user must know about using a model bound to `binding` in `here` (of which a null `universeHash` means: not known).
 * Throws `bundle_mismatch` for another venue, bar length, set-up or (unless only warned about) universe.
 */
export function checkBinding(
  binding: BundleBinding,
  here: BundleBinding,
  { universeMismatch }: BindingOptions,
): string[] {
  const must = (field: 'venue' | 'interval' | 'setupHash', what: string): void => {
    if (binding[field] !== here[field]) throw mismatch(what, { bound: binding[field], found: here[field] });
  };
  must('venue', 'venue');
  must('interval', 'bar length');
  must('setupHash', 'set-up');
  return [
    ...universeWarnings(binding, here, universeMismatch),
    ...(binding.filterHash === here.filterHash
      ? []
      : ['filters differ from those of the training: signals may come that the model has never seen the like of']),
    ...(binding.exitHash === here.exitHash
      ? []
      : ['exits differ from those of the training: the model predicts outcomes of the old ones']),
  ];
}

function universeWarnings(
  { universeHash: bound }: BundleBinding,
  { universeHash: found }: BundleBinding,
  universeMismatch: BindingOptions['universeMismatch'],
): string[] {
  if (bound === null) return ['which universe the model was trained on is not known (it was imported)'];
  if (found === null) return ['the universe was not compared: it is not known here'];
  if (bound === found) return [];
  if (universeMismatch === 'refuse')
    throw mismatch('universe', { bound, found }, ', or accept it with UNIVERSE_MISMATCH: warn');
  return ['the universe differs from the one of the training (UNIVERSE_MISMATCH: warn)'];
}

interface Mismatch {
  readonly bound: string;
  readonly found: string;
}

const mismatch = (what: string, { bound, found }: Mismatch, orElse = ''): DonchError =>
  new DonchError('bundle_mismatch', `the ${what} here is ${found}`, {
    expected: `the one that the model is bound to: ${bound}`,
    remedy: `Use the model with the ${what} that it was trained for, train one for this${orElse}.`,
  });
