/** `donch demo`: makes a project with a synthetic market and runs the research chain on it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { instrumentId, sortTable, tableFromRows, TABLES, type Row } from '@donch/core';
import { openStoreForWrite, resolveUserPath, writeFileAtomic, type StoreWriter } from '@donch/data';
import { demoMarket, type SyntheticMarket } from '@donch/sim';
import { throwIfInterrupted, type CommandContext } from '../cli/command-runner.ts';
import { donchVersion } from '../cli/version.ts';
import type { DemoFlags } from '../commands/demo.ts';
import { initProject } from './init-project.ts';
import { againWhileDataChange } from './pinned-data.ts';
import { reportOutcome, scoutAndBacktest, setUpResearch } from './research.ts';

/** Which data a demo store holds: written last, so that a store cut short is filled again. */
const MARKER = 'demo.json';

/** Makes the demo project if it is not there, and runs `donch run` in it. */
export async function runDemo(flags: DemoFlags, context: CommandContext): Promise<void> {
  const { terminal, cwd } = context;
  const folder = resolveUserPath(cwd, flags.dir);
  const market = demoMarket();
  initProject(folder);
  await fillStore(join(folder, 'data'), market, context);
  terminal.info(market.text);
  const setup = await setUpResearch(
    {
      ...flags,
      config: join(folder, 'config.yaml'),
      strategy: [join(folder, 'strategies', 'donch_pullback_long.yaml')],
      set: ['VENUE=synthetic', 'TIMEFRAME=5m'],
    },
    context,
  );
  const outcome = await againWhileDataChange(context, () => scoutAndBacktest(setup));
  terminal.result('DEMO: synthetic prices with a planted effect; the figures say nothing about real markets');
  reportOutcome('demo', outcome, context, { folder });
  terminal.result(
    `the project is in ${folder}: cd there, then donch why BTCUSDT, donch run --set SL_ATR_MULT=2.5, donch lookahead`,
  );
}

async function fillStore(
  dataFolder: string,
  market: SyntheticMarket,
  { terminal, signal }: CommandContext,
): Promise<void> {
  const marker = join(dataFolder, MARKER);
  const wanted = JSON.stringify({ options: market.options, donch: donchVersion(), node: process.version });
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return;
  const store = openStoreForWrite(dataFolder);
  try {
    const progress = terminal.progress('making the market', market.symbols.length, 'symbols');
    for (const k of market.symbols.keys()) {
      throwIfInterrupted(signal);
      progress.advance(1, await fillSymbol(store, market, k), 'bars');
    }
    progress.done();
    const { name, columns, order } = TABLES.instruments;
    await store.instruments.merge(
      market.options.venue,
      sortTable(tableFromRows(name, columns, market.symbols.map(ruleRow)), order),
    );
    writeFileAtomic(marker, wanted);
  } finally {
    await store.close();
  }
}

/** Stores candles and funding of one symbol; returns the number of bars. */
async function fillSymbol(store: StoreWriter, market: SyntheticMarket, k: number): Promise<number> {
  const id = instrumentId(market.options.venue, market.symbols[k].symbol);
  const candles = market.candles(k);
  await store.candles.merge(id, '5m', candles, { onRevision: 'take_new' });
  await store.funding.merge(id, market.funding(k, candles), { onRevision: 'take_new' });
  return candles.length;
}

function ruleRow({ rules, listedMs, delistedMs }: SyntheticMarket['symbols'][number]): Row {
  return {
    instrument_id: rules.instrumentId,
    valid_from_time: rules.validFromMs,
    tick_size: rules.tickSize,
    qty_step: rules.qtyStep,
    qty_min: rules.qtyMin,
    notional_min_usd: rules.notionalMinUsd,
    market_qty_max: rules.marketQtyMax,
    leverage_max: rules.leverageMax,
    listed_time: listedMs,
    delisted_time: delistedMs,
    source: rules.source,
  };
}
