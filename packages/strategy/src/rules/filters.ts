/** The named filters of a strategy, in the order in which decision records list them. They read market data only. */
import { invariant, type ConfigValues } from '@donch/core';
import { featureSettings, findFeature } from '../features/registry.ts';
import { check } from '../gate-check.ts';
import type { FilterGate } from './gate.ts';

/** What the regime gate asks for: `up` (macd: histogram above 0; markov: "up" state; daily: BULL), `down` = its opposite, `any` = it has no say. */
export type RegimeDirection = 'up' | 'down' | 'any';

interface Bound {
  readonly name: string;
  readonly feature: string;
  readonly comparison: '>=' | '<=';
  readonly threshold: number | null;
}

/** Filters from the effective settings. */
export function compileFilters(settings: ConfigValues, regime: RegimeDirection): FilterGate[] {
  const bounds: readonly Bound[] = [
    {
      name: 'rs_percentile_min',
      feature: 'rs_percentile',
      comparison: '>=',
      threshold: settings.RS_ENABLED ? settings.RS_MIN_PERCENTILE : null,
    },
    {
      name: 'rs_percentile_max',
      feature: 'rs_percentile',
      comparison: '<=',
      threshold: settings.RS_ENABLED ? settings.RS_MAX_PERCENTILE : null,
    },
    { name: 'liquidity', feature: 'turnover_median_24h_usd', comparison: '>=', threshold: settings.RS_LIQ_MIN_USD_24H },
    {
      name: 'listing_age_min',
      feature: 'listing_age_days',
      comparison: '>=',
      threshold: settings.MIN_LISTING_AGE_DAYS,
    },
    {
      name: 'listing_age_max',
      feature: 'listing_age_days',
      comparison: '<=',
      threshold: settings.MAX_LISTING_AGE_DAYS,
    },
    { name: 'min_atr_frac', feature: 'atr_frac', comparison: '>=', threshold: settings.MIN_ATR_PCT_OF_PRICE },
  ];
  return [
    atrReadyGate(),
    ...bounds.flatMap((bound) => boundGate(bound, settings)),
    ...(regime === 'any' ? [] : [regimeGate(regime, settings)]),
    ...(settings.BLACKLIST.length > 0 ? [blacklistGate(settings.BLACKLIST)] : []),
  ];
}

function boundGate({ name, feature, comparison, threshold }: Bound, settings: ConfigValues): FilterGate[] {
  if (threshold === null) return [];
  return [
    {
      name,
      description: { feature, comparison, threshold, settings: settingsOf(feature, settings) },
      features: [feature],
      judge: (row) => check(name, row.valueOf(feature), comparison, threshold),
    },
  ];
}

/** Without an ATR there is no stop: not a matter of taste, so it has no switch. */
function atrReadyGate(): FilterGate {
  return {
    name: 'atr_ready',
    description: { feature: 'atr_frac', comparison: '>', threshold: 0 },
    features: ['atr_frac'],
    judge: (row) => check('atr_ready', row.valueOf('atr_frac'), '>', 0),
  };
}

/** Values of the settings that the feature of a gate is computed with: they belong to what the gate asks for. */
function settingsOf(feature: string, settings: ConfigValues): Readonly<Record<string, unknown>> {
  const def = findFeature(feature);
  invariant(def !== undefined, `filters read registered features, ${feature} is none`);
  return featureSettings(def, settings);
}

interface RegimeReading {
  readonly feature: string;
  /** Value that divides up (above) from down (below). */
  readonly threshold: number;
}

const REGIME_READINGS: Readonly<Record<ConfigValues['REGIME_KIND'], RegimeReading>> = {
  macd: { feature: 'regime_macd_hist_frac', threshold: 0 },
  markov: { feature: 'markov_prob_up_4h', threshold: 0.5 },
  // codes: BEAR 0, BULL 1
  daily: { feature: 'trend_regime_1d', threshold: 0.5 },
};

function regimeGate(direction: 'up' | 'down', settings: ConfigValues): FilterGate {
  const { feature, threshold } = REGIME_READINGS[settings.REGIME_KIND];
  const comparison = direction === 'up' ? '>' : '<';
  const sizeWhenDown = settings.REGIME_BLOCK_WHEN_DOWN ? null : settings.REGIME_SIZE_WHEN_DOWN;
  const kind = settings.REGIME_KIND === 'macd' ? {} : { kind: settings.REGIME_KIND };
  return {
    name: 'regime',
    description: { ...kind, direction, sizeWhenDown, settings: settingsOf(feature, settings) },
    features: [feature],
    judge(row) {
      const verdict = check('regime', row.valueOf(feature), comparison, threshold);
      if (sizeWhenDown === null || verdict.result === 'pass') return verdict;
      return {
        ...verdict,
        result: 'pass',
        detail: `${verdict.result === 'fail' ? 'unfavourable' : 'unknown'}: risk is sized down`,
      };
    },
  };
}

function blacklistGate(names: readonly string[]): FilterGate {
  const listed = new Set(names.map((name) => name.toUpperCase()));
  return {
    name: 'blacklist',
    description: { names: [...listed].sort() },
    features: [],
    judge: (_row, symbol) => check('blacklist', Number(listed.has(symbol.toUpperCase())), '=', 0),
  };
}
