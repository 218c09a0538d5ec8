/** Settings that cannot hold together. */
import { DonchError } from '../errors.ts';
import type { ConfigKey, ConfigValues } from './keys.ts';

interface Demand {
  readonly keys: readonly ConfigKey[];
  readonly expected: string;
  readonly holds: (values: ConfigValues) => boolean;
}

const below = (low: ConfigKey, high: ConfigKey): Demand => ({
  keys: [low, high],
  expected: 'the first below the second',
  holds: (values) => Number(values[low]) < Number(values[high]),
});

/** Null = no bound, so nothing to contradict. */
const atMost = (low: ConfigKey, high: ConfigKey): Demand => ({
  keys: [low, high],
  expected: 'the first at most the second',
  holds: (values) => values[low] === null || values[high] === null || Number(values[low]) <= Number(values[high]),
});

const DEMANDS: readonly Demand[] = [
  below('WINPROB_PROB_FLOOR', 'WINPROB_PROB_CAP'),
  below('VWAP_STACK_FRAC_MIN', 'VWAP_STACK_FRAC_GOOD'),
  below('VWAP_STACK_EXPANSION_ABS_MIN', 'VWAP_STACK_EXPANSION_GOOD'),
  below('REGIME_MACD_FAST', 'REGIME_MACD_SLOW'),
  atMost('RISK_USD_MIN', 'RISK_USD_MAX'),
  atMost('SIZING_MULT_MIN', 'SIZING_MULT_MAX'),
  atMost('RS_MIN_PERCENTILE', 'RS_MAX_PERCENTILE'),
  atMost('MIN_LISTING_AGE_DAYS', 'MAX_LISTING_AGE_DAYS'),
  {
    keys: ['MIN_STOP_ATR', 'SL_ATR_MULT'],
    expected: 'the first at most the second: every stop would be nearer than allowed, and every trade rejected',
    // a stop that is counted from a VWAP has no fixed distance
    holds: (values) => values.EXIT_BASIS === 'avwap_atr' || values.MIN_STOP_ATR <= values.SL_ATR_MULT,
  },
  {
    keys: ['VWAP_STACK_FRAC_WEIGHT', 'VWAP_STACK_EXP_WEIGHT'],
    expected: 'a sum above 0',
    holds: (values) => values.VWAP_STACK_FRAC_WEIGHT + values.VWAP_STACK_EXP_WEIGHT > 0,
  },
  {
    keys: ['TRAIL_AFTER_TP1', 'TRAIL_START', 'PARTIAL_TP_ENABLED'],
    expected: 'PARTIAL_TP_ENABLED true, or TRAIL_START entry: without a first target the trail would never start',
    holds: (values) => !values.TRAIL_AFTER_TP1 || values.TRAIL_START !== 'after_tp1' || values.PARTIAL_TP_ENABLED,
  },
  {
    keys: ['EXIT_BASIS', 'PROTECTION_ANCHOR'],
    expected: 'PROTECTION_ANCHOR reference: a VWAP does not move with the fill',
    holds: (values) => values.EXIT_BASIS === 'price_atr' || values.PROTECTION_ANCHOR === 'reference',
  },
  {
    keys: ['PARTIAL_TP_ENABLED', 'PARTIAL_TP1_ATR_MULT', 'AVWAP_TP_MULT'],
    expected: 'the first target nearer than the final one, which closes everything',
    holds: ({
      EXIT_BASIS,
      PARTIAL_TP_ENABLED,
      PARTIAL_TP1_ATR_MULT,
      FINAL_TP_ENABLED,
      FINAL_TP_ATR_MULT,
      AVWAP_TP_MULT,
    }) =>
      EXIT_BASIS === 'price_atr' ||
      !PARTIAL_TP_ENABLED ||
      !FINAL_TP_ENABLED ||
      FINAL_TP_ATR_MULT === null ||
      PARTIAL_TP1_ATR_MULT < AVWAP_TP_MULT,
  },
  {
    keys: ['PARTIAL_TP_ENABLED', 'PARTIAL_TP1_ATR_MULT', 'FINAL_TP_ATR_MULT'],
    expected: 'the first target nearer than the final one, which closes everything',
    holds: ({ EXIT_BASIS, PARTIAL_TP_ENABLED, PARTIAL_TP1_ATR_MULT, FINAL_TP_ENABLED, FINAL_TP_ATR_MULT }) =>
      EXIT_BASIS === 'avwap_atr' ||
      !PARTIAL_TP_ENABLED ||
      !FINAL_TP_ENABLED ||
      FINAL_TP_ATR_MULT === null ||
      PARTIAL_TP1_ATR_MULT < FINAL_TP_ATR_MULT,
  },
];

/** One problem (`config_contradiction`) for each pair of settings that cannot both hold. */
export function contradictions(values: ConfigValues): DonchError[] {
  return DEMANDS.filter(({ holds }) => !holds(values)).map(
    ({ keys, expected }) =>
      new DonchError(
        'config_contradiction',
        keys.map((key) => `${key} is ${JSON.stringify(values[key])}`).join(' and '),
        { expected },
      ),
  );
}
