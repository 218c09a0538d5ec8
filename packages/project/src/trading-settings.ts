/** What the account and the venue of a simulation are told: made from effective settings in one place, for every command. */
import type { ConfigValues, FundingEvents, InstrumentId, InstrumentRules } from '@donch/core';
import { engineSettings, type EngineSettings } from '@donch/engine';
import { costSettings, ruleBook, type BarVenueOptions, type MinuteBarsOf } from '@donch/sim';

export interface TradingMarket {
  readonly rules: readonly InstrumentRules[];
  readonly fundingOf: (id: InstrumentId) => FundingEvents | null;
  /** 1m bars for bars in doubt; missing = `TIE_BREAKER` alone. */
  readonly minuteBarsOf?: MinuteBarsOf;
}

export interface TradingSettings {
  readonly settings: EngineSettings;
  readonly venue: BarVenueOptions;
}

/** Settings of engine and venue for a backtest. */
export function tradingSettings(
  values: ConfigValues,
  { rules, fundingOf, minuteBarsOf }: TradingMarket,
): TradingSettings {
  return {
    settings: engineSettings(values, 'backtest'),
    venue: {
      costs: costSettings(values),
      rulesAt: ruleBook(rules),
      fundingOf,
      entryFill: values.ENTRY_FILL,
      disturbance: null,
      minuteBarsOf: minuteBarsOf ?? null,
    },
  };
}
