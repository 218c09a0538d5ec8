/** What flags mean: as a layer of the configuration, and as numbers. */
import { DonchError, type ConfigLayer } from '@donch/core';
import type { RunFlags } from './flags.ts';

/** The command line as the configuration layer `flag`. Throws `bad_argument` for a `--set` without `=`. */
export function flagLayer(flags: RunFlags): ConfigLayer {
  const values: Record<string, unknown> = {};
  for (const assignment of flags.set ?? []) {
    const at = assignment.indexOf('=');
    if (at <= 0) {
      throw new DonchError('bad_argument', `--set is "${assignment}"`, { expected: 'KEY=VALUE, e.g. SL_ATR_MULT=2.5' });
    }
    values[assignment.slice(0, at).trim()] = assignment.slice(at + 1);
  }
  if (flags.start !== undefined) values['START_DATE'] = flags.start;
  if (flags.end !== undefined) values['END_DATE'] = flags.end;
  if (flags.workers !== undefined) values['N_WORKERS'] = flags.workers;
  if (flags.rs === false) values['RS_ENABLED'] = false;
  if (flags.regime === false) values['REGIME_FILTER_ENABLED'] = false;
  return { layer: 'flag', source: 'command line', values };
}

/** A whole number from a flag. Throws `bad_argument`. */
export function wholeNumber(text: string, flag: string, min = 0): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && Number.isSafeInteger(value))) {
    throw new DonchError('bad_argument', `${flag} is "${text}"`, { expected: `a whole number from ${min} on` });
  }
  return value;
}
