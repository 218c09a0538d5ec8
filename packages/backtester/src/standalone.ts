/** The account of a signal that is traded alone: one unit of risk, and nothing that could refuse or resize it. */
import type { Signal } from '@donch/core';
import type { EngineSettings, StrategyTerms } from '@donch/engine';
import type { BarVenueOptions } from '@donch/sim';

/** More than any unit of risk needs as margin. */
const ACCOUNT_USD = 1e15;
/** Lots of a position: a millionth and finer, and few enough for exact arithmetic. */
const LOT_DECIMALS = 7;

/** The same exits and costs, without gates, caps and factors; the risk is what the account risks before any of them. */
export function standaloneSettings(settings: EngineSettings): EngineSettings {
  const { risk, leverageMax } = settings.sizing;
  const riskUsd = risk.mode === 'fixed' ? risk.riskUsd : risk.equityFrac * settings.initialCapitalUsd;
  return {
    ...settings,
    initialCapitalUsd: ACCOUNT_USD,
    meta: { required: false, pStar: Number.NaN },
    sizing: {
      risk: { mode: 'fixed', riskUsd },
      riskUsdMin: null,
      riskUsdMax: null,
      barometer: null,
      probability: null,
      vwapStack: null,
      scalers: [],
      scalersMin: 0,
      scalersMax: Infinity,
      notionalCapFrac: Infinity,
      leverageMax,
      openRiskCapFrac: Infinity,
      grossExposureCapMult: Infinity,
      onCapBreach: 'skip',
    },
    guards: {
      openMax: Infinity,
      entriesPerDayMax: Infinity,
      cooldownMs: 0,
      dedupMs: 0,
      lossStreakMax: null,
      drawdownMaxFrac: null,
      equityMinUsd: 0,
      abortEquityFrac: 0,
      abortTradesMax: Infinity,
    },
  };
}

/** The same exits whatever the regime: it sizes nothing. */
export function standaloneTerms(terms: StrategyTerms): StrategyTerms {
  return { ...terms, regimeDownFactor: null, regimeWanted: null };
}

/** The instrument's price rules; quantities in lots too fine to matter, without minimum and maximum. */
export function standaloneRules(
  { atr }: Signal,
  { sizing: { risk } }: EngineSettings,
  rulesAt: BarVenueOptions['rulesAt'],
): BarVenueOptions['rulesAt'] {
  const riskUsd = risk.mode === 'fixed' ? risk.riskUsd : Number.NaN;
  // written out: powers of ten below 1 are not exact
  const qtyStep = Number(`1e${Math.floor(Math.log10(riskUsd / atr)) - LOT_DECIMALS}`);
  return (instrumentId, timeMs) => ({
    ...rulesAt(instrumentId, timeMs),
    qtyStep,
    qtyMin: 0,
    notionalMinUsd: 0,
    marketQtyMax: null,
  });
}
