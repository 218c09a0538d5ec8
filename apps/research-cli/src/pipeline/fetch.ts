import { existsSync } from 'node:fs';
import { join } from 'node:path';
/** `donch fetch`: history of the venue into the store, complete or said to be incomplete. */
import { EXIT, wholeNumber, type CommandContext, type Progress } from '@donch/cli';
import {
  DAY_MS,
  DonchError,
  DonchErrors,
  instrumentId,
  intervalMs,
  isInterval,
  parseTimeArgument,
  tableFromRows,
  TABLES,
  type Interval,
} from '@donch/core';
import { openStoreForWrite, readSymbolsFile, type StoreWriter } from '@donch/data';
import { BybitHistory, createBybitApi, systemClock, type ListedInstrument } from '@donch/exchange';
import { openProject, symbolsOfFlag, type ProjectContext } from '@donch/project';
import { documentOf } from '../cli/documents.ts';
import type { FetchFlags } from '../commands/fetch.ts';
import {
  fetchCandles,
  fetchFunding,
  fetchOpenInterest,
  type FetchedSeries,
  type SeriesRequest,
} from './fetch-series.ts';
import { rememberVenue } from './remember-venue.ts';

const VENUE = 'bybit';
const DEFAULT_DAYS = 730;

interface Fetch {
  readonly flags: FetchFlags;
  readonly intervals: readonly Interval[];
  readonly history: BybitHistory;
  readonly store: StoreWriter;
  readonly startMs: number | null;
  readonly endMs: number;
  readonly progress: Progress;
}

interface Totals {
  bars: number;
  revised: number;
  gaps: number;
  funding: number;
  openInterest: number;
  readonly failed: { readonly symbol: string; readonly text: string }[];
}

/** Exit code 4 when a symbol could not be fetched completely: what came is stored, the same command goes on. */
export async function runFetch(flags: FetchFlags, context: CommandContext): Promise<number> {
  const { terminal, signal } = context;
  const project = openProject(flags, context);
  checkVenue(project);
  const intervals = intervalsOf(flags.intervals ?? '5m');
  const site = flags.baseUrl === undefined ? ('mainnet' as const) : { baseUrl: flags.baseUrl };
  const api = await createBybitApi({
    site,
    keys: null,
    clock: systemClock,
    requestsPerSecond: wholeNumber(flags.rate, '--rate'),
    recvWindowMs: 5_000,
    deadlineMs: 15_000,
  });
  const history = new BybitHistory({ api, clock: systemClock, signal, onWait: (text) => terminal.warn(text) });
  const startedMs = performance.now();
  const store = openStoreForWrite(project.dataFolder);
  try {
    const nowMs = await history.nowMs();
    const listed = await history.instruments({ closed: flags.delisted === true });
    await rememberInstruments(store, listed);
    const chosen = await chosenOf(listed, { flags, project, history, context });
    const progress = terminal.progress('fetching', chosen.length, 'symbols');
    const endMs = flags.end === undefined ? nowMs : Math.min(nowMs, parseTimeArgument(flags.end, '--end'));
    const startMs = flags.start === undefined ? null : parseTimeArgument(flags.start, '--start');
    const totals = await fetchAll(chosen, { flags, intervals, history, store, startMs, endMs, progress }, signal);
    progress.done();
    rememberVenue(project, { venue: VENUE, interval: intervals[0], by: 'fetch' }, terminal);
    const seconds = (performance.now() - startedMs) / 1_000;
    const figures = {
      symbols: chosen.length,
      ...totals,
      requests: history.requests,
      seconds: Number(seconds.toFixed(1)),
    };
    terminal.result(summaryLines(figures).join('\n'));
    terminal.document(documentOf('fetch', { ok: totals.failed.length === 0, ...figures }));
    return totals.failed.length === 0 ? EXIT.ok : EXIT.finding;
  } finally {
    await store.close();
    await api.close();
  }
}

function checkVenue({ config, configPath }: ProjectContext): void {
  const venue = config.values.VENUE;
  if (venue === null || venue === VENUE) return;
  throw new DonchError('bad_argument', `the project holds data of ${venue}`, {
    file: configPath,
    expected: `VENUE: ${VENUE}`,
    remedy: 'donch fetch reads Bybit: make another project for it (donch init).',
  });
}

function intervalsOf(text: string): Interval[] {
  return text.split(',').map((word) => {
    const interval = word.trim();
    if (isInterval(interval)) return interval;
    throw new DonchError('bad_argument', `--intervals ${interval}`, {
      expected: 'bar lengths by comma, e.g. 1m,5m,1h',
    });
  });
}

/** Rules and lives of all that are listed; what a later fetch learns replaces it. */
async function rememberInstruments(store: StoreWriter, listed: readonly ListedInstrument[]): Promise<void> {
  const rows = listed.map((one) => ({
    instrument_id: instrumentId(VENUE, one.symbol),
    valid_from_time: null,
    tick_size: one.tickSize,
    qty_step: one.qtyStep,
    qty_min: one.qtyMin,
    notional_min_usd: one.notionalMinUsd,
    market_qty_max: one.marketQtyMax,
    leverage_max: one.leverageMax,
    listed_time: one.launchMs,
    delisted_time: one.deliveryMs,
    source: 'venue',
  }));
  await store.instruments.merge(VENUE, tableFromRows('instruments', TABLES.instruments.columns, rows));
}

interface Choice {
  readonly flags: FetchFlags;
  readonly project: ProjectContext;
  readonly history: BybitHistory;
  readonly context: CommandContext;
}

/** Which of the listed instruments are wanted. Throws for a symbol that the venue does not list. */
async function chosenOf(
  listed: readonly ListedInstrument[],
  { flags, project, history, context }: Choice,
): Promise<ListedInstrument[]> {
  const bySymbol = new Map(listed.map((one) => [one.symbol, one]));
  const names = namedSymbols(new Set(bySymbol.keys()), flags, { project, cwd: context.cwd });
  const before = flags.listedBefore === undefined ? Infinity : parseTimeArgument(flags.listedBefore, '--listed-before');
  const named = names === null ? [...listed] : names.flatMap((symbol) => bySymbol.get(symbol) ?? []);
  const wanted = named.filter(({ launchMs }) => launchMs < before);
  if (flags.minTurnover === undefined) return wanted;
  const least = Number(flags.minTurnover);
  if (!(least >= 0))
    throw new DonchError('bad_argument', `--min-turnover ${flags.minTurnover}`, { expected: 'USD, e.g. 500000' });
  const turnovers = await history.turnover24hUsd();
  return wanted.filter(({ symbol }) => (turnovers.get(symbol) ?? 0) >= least);
}

/** Null = all. */
function namedSymbols(
  known: ReadonlySet<string>,
  { all, symbols }: FetchFlags,
  { project, cwd }: { readonly project: ProjectContext; readonly cwd: string },
): string[] | null {
  if (all === true) return null;
  const path = join(project.folder, 'symbols.txt');
  const found =
    symbols === undefined
      ? existsSync(path)
        ? readSymbolsFile(path, known)
        : null
      : symbolsOfFlag(symbols, cwd, known);
  if (found === null || (symbols === undefined && found.symbols.length === 0)) return null;
  if (found.problems.length > 0)
    throw new DonchErrors('bad_argument', symbols === undefined ? path : '--symbols', found.problems);
  return found.symbols.map(({ symbol }) => symbol);
}

/** Symbols beside each other; one that fails leaves the others alone. */
async function fetchAll(chosen: readonly ListedInstrument[], fetch: Fetch, signal: AbortSignal): Promise<Totals> {
  const totals: Totals = { bars: 0, revised: 0, gaps: 0, funding: 0, openInterest: 0, failed: [] };
  const waiting = [...chosen];
  const lane = async (): Promise<void> => {
    for (let listed = waiting.shift(); listed !== undefined; listed = waiting.shift()) {
      try {
        await fetchSymbol(listed, fetch, totals);
      } catch (error) {
        if (!(error instanceof DonchError) || error.code === 'interrupted' || signal.aborted) throw error;
        totals.failed.push({ symbol: listed.symbol, text: error.message });
      }
      fetch.progress.advance(1);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, wholeNumber(fetch.flags.jobs, '--jobs')) }, lane));
  return totals;
}

async function fetchSymbol(
  listed: ListedInstrument,
  { flags, intervals, history, store, startMs, endMs, progress }: Fetch,
  totals: Totals,
): Promise<void> {
  const request: SeriesRequest = {
    history,
    store,
    instrumentId: instrumentId(VENUE, listed.symbol),
    listed,
    startMs,
    defaultStartMs: endMs - DEFAULT_DAYS * DAY_MS,
    endMs,
    onBars: (bars) => {
      progress.advance(0, bars, 'bars');
    },
  };
  for (const interval of intervals) {
    const { bars, revised, gaps } = await fetchCandles(
      { ...request, endMs: Math.floor(endMs / intervalMs(interval)) * intervalMs(interval) },
      interval,
    );
    totals.bars += bars;
    totals.revised += revised;
    totals.gaps += gaps;
  }
  if (flags.funding !== false) add(totals, 'funding', await fetchFunding(request));
  if (flags.openInterest === true) add(totals, 'openInterest', await fetchOpenInterest(request));
}

function add(totals: Totals, name: 'funding' | 'openInterest', { bars, revised }: FetchedSeries): void {
  totals[name] += bars;
  totals.revised += revised;
}

function summaryLines(
  figures: Totals & { readonly symbols: number; readonly requests: number; readonly seconds: number },
): string[] {
  const { symbols, bars, funding, openInterest, revised, gaps, requests, seconds, failed } = figures;
  const lines = [
    `${symbols} symbols: ${bars} new bars, ${funding} settlements, ${openInterest} open interests (${requests} requests, ${seconds} s)`,
  ];
  if (revised > 0) lines.push(`${revised} values were revised by the venue: replaced, both versions are recorded`);
  if (gaps > 0) lines.push(`${gaps} bars do not exist at the venue: gaps stay gaps`);
  for (const { symbol, text } of failed.slice(0, 20)) lines.push(`${symbol} is incomplete: ${text}`);
  if (failed.length > 0) lines.push(`${failed.length} symbols are incomplete: the same command goes on where it was`);
  return lines;
}
