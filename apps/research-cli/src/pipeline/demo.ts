/** `donch demo`: makes a project with a synthetic market and runs the research chain on it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandContext, donchVersion, listenForInterrupt, throwIfInterrupted, wholeNumber } from '@donch/cli';
import { DonchError, instrumentId, sortTable, tableFromRows, TABLES, type InstrumentId, type Row } from '@donch/core';
import { openStoreForWrite, resolveUserPath, writeFileAtomic, type StoreWriter } from '@donch/data';
import { againWhileDataChange } from '@donch/project';
import { demoMarket, type SyntheticMarket } from '@donch/sim';
import type { DemoFlags } from '../commands/demo.ts';
import type { symbol as symbolTask, SymbolSeries, SymbolTask } from '../workers/demo-worker.ts';
import { TaskPool } from '../workers/task-pool.ts';
import { initProject } from './init-project.ts';
import { metaChain, metaFields, metaLines } from './meta-chain.ts';
import { publishReport } from './report.ts';
import { reportOutcome, setUpResearch } from './research.ts';

/** Which data a demo store holds: written last, so that a store cut short is filled again. */
const MARKER = 'demo.json';

/** What makes a folder a demo project: written first, so that a demo is never mixed into somebody's own project. */
const NOTICE = 'DEMO.txt';
const NOTICE_TEXT = `This project was made by \`donch demo\`. Its prices are invented and say nothing about any market.
It may be deleted at any time.
`;
const CONFIG_LINES = '\n# The synthetic market of donch demo.\nVENUE: synthetic\nTIMEFRAME: 5m\n';

/** Makes the demo project if it is not there, and runs `donch run` in it. Throws `not_a_demo` in the folder of another project. */
export async function runDemo(flags: DemoFlags, context: CommandContext): Promise<void> {
  const { terminal, cwd } = context;
  const folder = resolveUserPath(cwd, flags.dir);
  const market = demoMarket({ hasEffect: flags.effect !== false });
  makeProject(folder);
  const workers = flags.workers === undefined ? null : wholeNumber(flags.workers, '--workers', 1);
  await fillStore({ dataFolder: join(folder, 'data'), market, workers }, context);
  terminal.info(wrapped(market.text).join('\n'));
  const setup = await setUpResearch({ ...flags, config: join(folder, 'config.yaml') }, context);
  const chain = await againWhileDataChange(context, () => metaChain(setup));
  const { outcome } = chain.traded;
  terminal.result(
    `DEMO: synthetic prices ${market.options.effect === 0 ? 'without' : 'with'} a planted effect; the figures say nothing about real markets`,
  );
  const { project, store } = setup;
  const reportPath = await publishReport({ run: outcome.run, project, store, context });
  reportOutcome('demo', outcome, context, { folder, reportPath, ...metaFields(chain) });
  terminal.result(metaLines(chain).join('\n'));
  terminal.result(`open this in a browser: ${reportPath}`);
  terminal.result(
    `the project is in ${folder}: cd there, then donch why BTCUSDT, donch run --set SL_ATR_MULT=2.5, donch lookahead`,
  );
}

/** The project with the venue of the demo in its config.yaml, so that `donch run` there is the run of the demo. */
function makeProject(folder: string): void {
  const config = join(folder, 'config.yaml');
  const notice = join(folder, NOTICE);
  const isNew = !existsSync(notice);
  if (isNew && existsSync(config)) {
    throw new DonchError('not_a_demo', `${folder} holds another project`, {
      remedy: 'name a folder for the demo: donch demo --dir <folder>',
    });
  }
  if (isNew) writeFileAtomic(notice, NOTICE_TEXT);
  initProject(folder, CONFIG_LINES);
}

const WIDTH_MAX = 110;

/** Text in lines of at most 110 characters. */
function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= WIDTH_MAX) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

interface FillInput {
  readonly dataFolder: string;
  readonly market: SyntheticMarket;
  /** `--workers`; null = all cores. */
  readonly workers: number | null;
}

async function fillStore({ dataFolder, market, workers }: FillInput, context: CommandContext): Promise<void> {
  const marker = join(dataFolder, MARKER);
  const wanted = JSON.stringify({ options: market.options, donch: donchVersion(), node: process.version });
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return;
  const store = openStoreForWrite(dataFolder);
  try {
    await fillSymbols(store, { market, workers }, context);
    const { name, columns, order } = TABLES.instruments;
    await store.instruments.merge(
      market.options.venue,
      sortTable(tableFromRows(name, columns, market.symbols.map(ruleRow)), order),
    );
    throwIfInterrupted(context.signal);
    writeFileAtomic(marker, wanted);
  } finally {
    await store.close();
  }
}

/** Threads make the symbols, this one stores them as they come. */
async function fillSymbols(
  store: StoreWriter,
  { market, workers }: Omit<FillInput, 'dataFolder'>,
  { terminal, signal }: CommandContext,
): Promise<void> {
  const { options, symbols } = market;
  const pool = new TaskPool('./demo-worker.ts', { workers, signal });
  let isOver = false;
  try {
    const progress = terminal.progress('making the market', symbols.length, 'symbols');
    const tasks = Array.from(symbols.keys(), (k): SymbolTask => ({ options, k }));
    await pool.each<typeof symbolTask>('symbol', tasks, async (series, k) => {
      // not inside the event that brought it: one event may bring them all, and Ctrl-C would wait for the last
      await listenForInterrupt(signal);
      if (isOver) return;
      await storeSymbol(store, instrumentId(options.venue, symbols[k].symbol), series);
      progress.advance(1, series.candles.length, 'bars');
    });
    progress.done();
  } finally {
    isOver = true;
    await pool.close();
  }
}

async function storeSymbol(store: StoreWriter, id: InstrumentId, { candles, funding }: SymbolSeries): Promise<void> {
  await store.candles.merge(id, '5m', candles, { onRevision: 'take_new' });
  await store.funding.merge(id, funding, { onRevision: 'take_new' });
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
