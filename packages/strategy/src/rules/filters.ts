/** The named filters of a strategy, in the order in which decision records list them. They read market data only. */
import type { ConfigValues } from '@donch/core';
import { check } from '../entry/breakout-setup.ts';
import type { FilterGate } from './gate.ts';

/** What the regime gate asks for; `any` = it has no say. */
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
    ...bounds.flatMap(boundGate),
    ...(regime === 'any' ? [] : [regimeGate(regime, settings.REGIME_BLOCK_WHEN_DOWN)]),
    ...(settings.BLACKLIST.length > 0 ? [blacklistGate(settings.BLACKLIST)] : []),
  ];
}

function boundGate({ name, feature, comparison, threshold }: Bound): FilterGate[] {
  if (threshold === null) return [];
  return [
    {
      name,
      description: { feature, comparison, threshold },
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

function regimeGate(direction: 'up' | 'down', blocks: boolean): FilterGate {
  const wanted = direction === 'up' ? 1 : 0;
  return {
    name: 'regime',
    description: { direction, blocks },
    features: ['regime_up'],
    judge(row) {
      const verdict = check('regime', row.valueOf('regime_up'), '=', wanted);
      if (blocks || verdict.result === 'pass') return verdict;
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
