/** Keys of execution: how simulated orders fill and what they cost, and how stops and targets are placed. */
import { booleanKey, numberKey, optionalWordKey, wordKey } from './key-spec.ts';

export const EXECUTION_KEYS = {
  ENTRY_FILL: wordKey(['next_open', 'signal_close'], 'next_open', {
    unit: 'word',
    actsIn: 'research',
    meaning: 'where a simulated entry fills; signal_close cannot be traded',
  }),
  PROTECTION_ANCHOR: wordKey(['reference', 'fill'], 'reference', {
    unit: 'word',
    meaning: 'price that stop and target are counted from',
  }),
  ENTRY_PRIORITY: optionalWordKey(['p', 'rs', 'hash'], {
    unit: 'word',
    meaning: 'order of entries at one instant; unset = p when META is required, else rs',
  }),
  FEE_RATE: numberKey(0.00055, {
    unit: 'fraction',
    min: 0,
    max: 0.01,
    scale: 'fraction',
    actsIn: 'research',
    meaning: 'taker fee per fill',
  }),
  SLIPPAGE_BPS: numberKey(3, { unit: 'bps', min: 0, max: 500, actsIn: 'research', meaning: 'market orders' }),
  STOP_SLIPPAGE_BPS: numberKey(5, {
    unit: 'bps',
    min: 0,
    max: 500,
    actsIn: 'research',
    meaning: 'stops, and targets that trade at market',
  }),
  IMPACT_BPS_PER_PARTICIPATION: numberKey(0, {
    unit: 'bps',
    min: 0,
    max: 100_000,
    actsIn: 'research',
    meaning: 'extra slippage x square root of the share of the bar volume; 0 = off',
  }),
  ASSUMED_FUNDING_BPS_8H: numberKey(1, {
    unit: 'bps',
    min: 0,
    max: 100,
    actsIn: 'research',
    meaning: 'charged against the position where funding is not known',
  }),
  EXIT_BASIS: wordKey(['price_atr', 'avwap_atr'], 'price_atr', {
    unit: 'word',
    meaning: 'what stops and targets are counted from: the reference price, or the VWAP since the breakout bar',
  }),
  AVWAP_MODE: wordKey(['static'], 'static', {
    unit: 'word',
    meaning: 'avwap_atr: the VWAP of the decision holds for the whole trade',
  }),
  AVWAP_ANCHOR: wordKey(['breakout'], 'breakout', { unit: 'word', meaning: 'avwap_atr: bar that the VWAP starts at' }),
  AVWAP_SL_MULT: numberKey(2, {
    unit: 'ATR',
    min: 0,
    max: 100,
    meaning: 'avwap_atr: distance of the stop from the VWAP, in place of SL_ATR_MULT',
  }),
  AVWAP_TP_MULT: numberKey(8, {
    unit: 'ATR',
    min: 0,
    max: 1_000,
    exclusive: 'min',
    meaning: 'avwap_atr: distance of the final target from the VWAP, in place of FINAL_TP_ATR_MULT',
  }),
  TIE_BREAKER: wordKey(['sl_wins'], 'sl_wins', {
    unit: 'word',
    actsIn: 'research',
    meaning: 'stop and target in one bar',
  }),
  USE_INTRABAR_1M: booleanKey(false, {
    unit: 'switch',
    actsIn: 'research',
    meaning: 'stop and target in one bar: stored 1m bars say what came first, where they add up to the bar',
  }),
  STOP_TRIGGER: wordKey(['last', 'mark'], 'last', { unit: 'word', meaning: 'price that triggers the stop' }),
  MIN_STOP_ATR: numberKey(0.5, { unit: 'ATR', min: 0, max: 100, meaning: 'a stop nearer than this rejects the trade' }),
  AVAILABILITY_LAG_SEC: numberKey(60, {
    unit: 'seconds',
    min: 0,
    max: 86_400,
    meaning: 'delay after which funding and open interest may be read',
  }),
  BAR_SET_DEADLINE_SEC: numberKey(20, {
    unit: 'seconds',
    min: 1,
    max: 240,
    actsIn: 'live',
    meaning: 'how long a bar set waits for late symbols',
  }),
};
