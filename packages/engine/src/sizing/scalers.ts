/** Generic factors on risk: feature -> multiplier, linear with clamps (`SIZING_SCALERS`). */
import { DonchError } from '@donch/core';

export interface Scaler {
  readonly feature: string;
  /** Multiplier when the feature is missing. */
  readonly fallback: number;
  readonly inMin: number;
  readonly inMax: number;
  readonly multMin: number;
  readonly multMax: number;
  readonly capMin: number;
  readonly capMax: number;
}

const FIELDS = ['feature', 'default', 'in_min', 'in_max', 'mult_min', 'mult_max', 'cap_min', 'cap_max'];

/** Reads the list; every problem is added to `problems` with the item's number. `default`, `cap_min`, `cap_max` may be left out. */
export function parseScalers(items: readonly unknown[], problems: DonchError[]): Scaler[] {
  return items.flatMap((item, index) => {
    const scaler = parseScaler(item, `SIZING_SCALERS[${index}]`, problems);
    return scaler === null ? [] : [scaler];
  });
}

function parseScaler(item: unknown, path: string, problems: DonchError[]): Scaler | null {
  const refuse = (found: string, expected: string): null => {
    problems.push(new DonchError('bad_config_value', found, { path, expected }));
    return null;
  };
  if (typeof item !== 'object' || item === null || Array.isArray(item))
    return refuse(`item is ${JSON.stringify(item)}`, `an object with ${FIELDS.join(', ')}`);
  const fields = item as Record<string, unknown>;
  const unknown = Object.keys(fields).find((field) => !FIELDS.includes(field));
  if (unknown !== undefined) return refuse(`unknown field "${unknown}"`, FIELDS.join(', '));
  const { feature } = fields;
  if (typeof feature !== 'string' || feature === '')
    return refuse(`feature is ${JSON.stringify(feature)}`, 'the name of a registered feature');
  const numbers: Record<string, number> = { default: 1, cap_min: 0, cap_max: Infinity };
  for (const field of FIELDS.slice(1)) {
    const value = fields[field] ?? numbers[field];
    if (typeof value !== 'number' || !(Number.isFinite(value) || (field === 'cap_max' && value > 0)))
      return refuse(`${field} is ${JSON.stringify(fields[field])}`, 'a number');
    numbers[field] = value;
  }
  if (!(numbers['in_min'] < numbers['in_max']))
    return refuse(`in_min ${numbers['in_min']}, in_max ${numbers['in_max']}`, 'in_min below in_max');
  if (!(numbers['cap_min'] <= numbers['cap_max']))
    return refuse(`cap_min ${numbers['cap_min']}, cap_max ${numbers['cap_max']}`, 'cap_min at most cap_max');
  if (numbers['mult_min'] < 0 || numbers['mult_max'] < 0)
    return refuse('a multiplier is negative', 'multipliers from 0 on');
  return {
    feature,
    fallback: numbers['default'],
    inMin: numbers['in_min'],
    inMax: numbers['in_max'],
    multMin: numbers['mult_min'],
    multMax: numbers['mult_max'],
    capMin: numbers['cap_min'],
    capMax: numbers['cap_max'],
  };
}

/** Linear map of the feature, clamped to the input range, then to the caps; the fallback when the feature is missing. */
export function scalerFactor(scaler: Scaler, value: number): number {
  const { inMin, inMax, multMin, multMax, capMin, capMax, fallback } = scaler;
  if (Number.isNaN(value)) return fallback;
  const share = Math.min(1, Math.max(0, (value - inMin) / (inMax - inMin)));
  return Math.min(capMax, Math.max(capMin, multMin + share * (multMax - multMin)));
}
