import type { Terminal } from '@donch/cli';
/** Parameters of the regimes of a run: stored ones, and fits for the months that have none yet, each made of what lay before it. */
import {
  hashJson,
  instrumentId,
  intervalMs,
  intervalOf,
  NO_REGIMES,
  SWITCHING_MODELS,
  type Candles,
  type Interval,
  type RegimeFit,
  type RegimeParameters,
  type SwitchingModel,
} from '@donch/core';
import type { RegimeSeriesKey, Store } from '@donch/data';
import { fitRegimes, switchingIntervalMs, type CompiledStrategy } from '@donch/strategy';

/** What a strategy's tracks are given. */
export interface FittedRegimes {
  readonly parameters: RegimeParameters;
  /** Over all of them. */
  readonly hash: string;
}

export interface RegimeInput {
  readonly store: Store;
  readonly venue: string;
  readonly interval: Interval;
  /** Bars that close later are not looked at; Infinity = all that are stored. */
  readonly untilMs: number;
  readonly terminal: Terminal;
}

/** Regimes of each strategy; all unknown for a benchmark that the store lacks. Writes new fits into the store. */
export async function prepareRegimes(
  input: RegimeInput,
  strategies: readonly Pick<CompiledStrategy, 'settings'>[],
): Promise<FittedRegimes[]> {
  const prepared: FittedRegimes[] = [];
  for (const { settings } of strategies) {
    const parameters = await parametersOf(input, settings);
    prepared.push({ parameters, hash: hashJson(parameters) });
  }
  return prepared;
}

async function parametersOf(
  { store, venue, interval, untilMs, terminal }: RegimeInput,
  settings: CompiledStrategy['settings'],
): Promise<RegimeParameters> {
  const benchmark = instrumentId(venue, settings.REGIME_BENCHMARK_SYMBOL);
  if (!store.candles.instruments(venue, interval).includes(benchmark)) return NO_REGIMES;
  const range = untilMs === Infinity ? {} : { toMs: untilMs - intervalMs(interval) + 1 };
  const candles = await store.candles.read(benchmark, interval, range);
  if (candles.length === 0) return NO_REGIMES;
  const keyOf = (model: SwitchingModel): RegimeSeriesKey => ({
    instrumentId: benchmark,
    model,
    interval: intervalOf(switchingIntervalMs(model, settings)),
  });
  const stored = (model: SwitchingModel): RegimeFit[] => store.regimes.read(keyOf(model));
  const known = { markov: stored('markov'), volatility: stored('volatility') };
  const fitted = fitRegimes({ settings, candles, untilMs: lastCloseMs(candles), known });
  for (const model of SWITCHING_MODELS) {
    const key = keyOf(model);
    if (store.regimes.add(key, fitted[model]))
      terminal.info(`regimes of ${benchmark}: new ${model} parameters in ${store.regimes.path(key)}`);
  }
  return fitted;
}

function lastCloseMs({ openTimeMs, length, intervalMs: barMs }: Candles): number {
  return openTimeMs[length - 1] + barMs;
}
