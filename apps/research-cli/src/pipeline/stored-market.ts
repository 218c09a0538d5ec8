/** What a stored backtest was made from, to simulate it again: its own copies of signals and strategies, and the store as it is now. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DonchError, INTERVALS, TABLES, type ConfigValues, type Interval, type Table } from '@donch/core';
import { readTable, tableHash, withIoErrors, type Run, type Store } from '@donch/data';
import {
  instrumentsOf,
  minuteSeries,
  pinData,
  tradedMarket,
  type PinnedData,
  type StrategyInput,
  type TradedMarket,
} from '@donch/project';
import { compileStrategy } from '@donch/strategy';
import type { MarketTask } from '../workers/simulated-market.ts';
import { CANDLE_BYTES_MAX, storedStrategy } from './backtest.ts';
import { readSettings, requireBacktest } from './report-input.ts';

export interface StoredMarket {
  readonly task: MarketTask;
  /** Of the first strategy: those of the account are the same for all. */
  readonly settings: ConfigValues;
  readonly signals: Table;
  readonly market: TradedMarket;
  readonly minutes: PinnedData;
}

/**
 * Reads everything. Throws `no_run` for a run that is no backtest, `run_outdated` for one of a version that kept no strategies and
 * signals or understood them differently, and what reading throws.
 */
export async function readStoredMarket(run: Run, store: Store): Promise<StoredMarket> {
  requireBacktest(run);
  const { folder, manifest } = run;
  const strategies = storedStrategies(run);
  const { settings } = compileStrategy(strategies[0]);
  const signals = await readTable(join(folder, 'signals.parquet'), TABLES.signals);
  if (tableHash(signals) !== manifest.inputs['signals'])
    throw outdated(run, 'its signals are not those it was made from');
  const market = await tradedMarket(store, signals);
  const minutes = await pinData(store, minuteSeries(store, settings, instrumentsOf(signals)));
  const task: MarketTask = {
    dataFolder: store.folder,
    useCache: true,
    candleBytesMax: CANDLE_BYTES_MAX,
    interval: intervalOf(run),
    window: { startMs: Number(manifest.parameters['start_ms']), endMs: Number(manifest.parameters['end_ms']) },
    strategies,
    signals,
    funding: market.funding,
    rules: market.rules,
    minutes: minutes.keys,
  };
  return { task, settings, signals, market, minutes };
}

/** The strategy files that the run keeps, under the settings that decided it. */
export function storedStrategies(run: Run): StrategyInput[] {
  const { folder, manifest } = run;
  const stored = readSettings(folder);
  if (stored.length === 0) throw outdated(run, 'it does not say under which settings it was made');
  return stored.map(({ strategyId, settings, hashes }) => {
    const file = join(folder, storedStrategy(strategyId));
    if (!existsSync(file)) throw outdated(run, `it does not keep its strategy ${strategyId}`);
    const input: StrategyInput = {
      text: withIoErrors(file, 'read the strategy', () => readFileSync(file, 'utf8')),
      file,
      layers: [{ layer: 'flag', source: `run ${run.id}`, values: writtenSettings(settings) }],
      universeHash: manifest.universe_hash ?? '',
    };
    const { exitHash, setupHash } = compileStrategy(input);
    if (exitHash !== hashes['exitHash'] || setupHash !== hashes['setupHash'])
      throw outdated(run, `strategy ${strategyId} means something else to this version`);
    return input;
  });
}

/** A switch left on above a null is no exit that somebody asked for: written down, it would be refused as one that never happens. */
function writtenSettings(settings: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { FINAL_TP_ENABLED, TIME_EXIT_ENABLED, ...rest } = settings;
  return {
    ...rest,
    ...(settings['FINAL_TP_ATR_MULT'] !== null && { FINAL_TP_ENABLED }),
    ...(settings['TIME_EXIT_HOURS'] !== null && { TIME_EXIT_ENABLED }),
  };
}

function intervalOf(run: Run): Interval {
  const found = INTERVALS.find((interval) => interval === run.manifest.parameters['interval']);
  if (found === undefined) throw outdated(run, 'it does not say which bars it was made of');
  return found;
}

function outdated({ id }: Run, found: string): DonchError {
  return new DonchError('run_outdated', `run ${id} cannot be simulated again: ${found}`, {
    remedy: 'make the run again (donch run, donch backtest) with this version',
  });
}
