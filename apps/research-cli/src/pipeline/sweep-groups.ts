/** The signals of a sweep: one scan for each combination of entry keys, kept like any other scan. */
import { variantGroups, type ScanWindow, type SweepVariant } from '@donch/backtester';
import { hashJson } from '@donch/core';
import { tableHash } from '@donch/data';
import { instrumentsOf, minuteSeries, pinData, tradedMarket, type PinnedData } from '@donch/project';
import type { MarketTask } from '../workers/simulated-market.ts';
import { marketTask, requireProbabilities } from './backtest.ts';
import { scanAside, withSettings, type ResearchSetup } from './research.ts';

/** Variants that share their signals. */
export interface SweepGroup {
  readonly variants: readonly SweepVariant[];
  readonly window: ScanWindow;
  /** The candles that the signals were found in, and the 1m bars that exits look at: looked at again before anything is written. */
  readonly data: PinnedData;
  readonly minutes: PinnedData;
  /** Trades the signals under the settings of the group's first variant, exits of the project. */
  readonly market: MarketTask;
  /** Over everything that its results come from, besides the variants. */
  readonly hash: string;
}

/** Scans for every group; finished scans are found again. Throws `no_meta` where a model would have to judge the signals. */
export async function sweepGroups(setup: ResearchSetup, variants: readonly SweepVariant[]): Promise<SweepGroup[]> {
  const groups = [...variantGroups(variants).values()];
  const { terminal } = setup.context;
  const found: SweepGroup[] = [];
  for (const members of groups) {
    if (groups.length > 1) terminal.info(`entries ${found.length + 1} of ${groups.length}: ${entryWords(members[0])}`);
    found.push(await sweepGroup(setup, members));
  }
  return found;
}

const entryWords = ({ entryValues }: SweepVariant): string =>
  Object.entries(entryValues)
    .map(([key, value]) => `${key} ${String(value)}`)
    .join(', ');

async function sweepGroup(setup: ResearchSetup, variants: readonly SweepVariant[]): Promise<SweepGroup> {
  const { store } = setup;
  const entries = withSettings(setup, `entries of ${variants[0].tag}`, variants[0].entryValues);
  const { signals, data, window } = await scanAside(entries);
  requireProbabilities({ ...entries, signals });
  const market = await tradedMarket(store, signals);
  const minutes = await pinData(store, minuteSeries(store, entries.strategies[0].settings, instrumentsOf(signals)));
  return {
    variants,
    window,
    data,
    minutes,
    market: marketTask({ ...entries, signals, window }, market, minutes),
    hash: hashJson({
      signals: tableHash(signals),
      candles: data.hash,
      minutes: minutes.keys.length === 0 ? null : minutes.hash,
      funding: market.fundingHash,
      instruments: hashJson(market.rules),
      window: [window.startMs, window.endMs],
    }),
  };
}
