import { type CommandContext, grouped, listenForInterrupt, textTable } from '@donch/cli';
/** `donch data status`: what the store holds of every instrument. */
import { formatDay, formatMinute, intervalMs, rowsOf, symbolOf, venueOf, type InstrumentId } from '@donch/core';
import { openStore, type Certificate, type SeriesKey, type Store, type Stretch } from '@donch/data';
import { openProject } from '@donch/project';
import { documentOf } from '../cli/documents.ts';
import type { StatusFlags } from '../commands/data.ts';
import { coverageFrac, storeParts, storeSeries } from './store-series.ts';

/** One line of the status. */
export interface SeriesStatus extends Certificate {
  /** NaN without bars. */
  readonly coverageFrac: number;
  readonly delistedMs: number | null;
  readonly fundingEvents: number;
  /** NaN without settlements. */
  readonly fundingFirstMs: number;
  readonly fundingLastMs: number;
  readonly openInterestValues: number;
  /** NaN without values. */
  readonly openInterestFirstMs: number;
  readonly openInterestLastMs: number;
}

/** `donch data status`. */
export async function dataStatus(flags: StatusFlags, context: CommandContext): Promise<void> {
  const { terminal, cwd } = context;
  const project = openProject(flags, context);
  const store = openStore(project.dataFolder);
  const series = await readStatus(store, storeSeries(store, flags, cwd), context);
  const { hash: storeHash } = await store.certifier.storeHash(series);
  const tails = storeParts(store, flags)
    .map(({ venue, interval }) => ({ venue, interval, records: store.candles.tail(venue, interval).records.length }))
    .filter(({ records }) => records > 0);
  terminal.result(statusLines(series).join('\n'));
  if (flags.gaps === true) terminal.result(gapLines(series).join('\n'));
  terminal.result(totalLines(series, storeHash).join('\n'));
  for (const { venue, interval, records } of tails)
    terminal.result(`tail log of ${venue} ${interval}: ${records} bar sets (donch data compact moves finished days)`);
  terminal.document(documentOf('data status', { ok: true, dataFolder: project.dataFolder, storeHash, series, tails }));
}

/** Status of these series; a progress line while months are looked at for the first time. */
export async function readStatus(
  store: Store,
  keys: readonly SeriesKey[],
  { terminal, signal }: CommandContext,
): Promise<SeriesStatus[]> {
  const progress = terminal.progress('looking at', keys.length, 'series');
  const delisted = await delistings(store, keys);
  const series: SeriesStatus[] = [];
  for (const { instrumentId, interval } of keys) {
    await listenForInterrupt(signal);
    const certificate = await store.certifier.certify(instrumentId, interval);
    const funding = await store.funding.read(instrumentId);
    const times = funding?.timeMs ?? new Float64Array(0);
    const interestMs = (await store.openInterest.readEvents(instrumentId))?.timeMs ?? new Float64Array(0);
    series.push({
      ...certificate,
      coverageFrac: coverageFrac(certificate.rows, certificate.missingBars),
      delistedMs: delisted.get(instrumentId) ?? null,
      fundingEvents: times.length,
      fundingFirstMs: times[0] ?? Number.NaN,
      fundingLastMs: times[times.length - 1] ?? Number.NaN,
      openInterestValues: interestMs.length,
      openInterestFirstMs: interestMs[0] ?? Number.NaN,
      openInterestLastMs: interestMs[interestMs.length - 1] ?? Number.NaN,
    });
    progress.advance(1, certificate.rows, 'bars');
  }
  progress.done();
  return series;
}

async function delistings(store: Store, keys: readonly SeriesKey[]): Promise<Map<InstrumentId, number>> {
  const found = new Map<InstrumentId, number>();
  for (const venue of new Set(keys.map(({ instrumentId }) => venueOf(instrumentId)))) {
    const table = await store.instruments.read(venue);
    for (const row of table === null ? [] : rowsOf(table)) {
      if (row['delisted_time'] !== null)
        found.set(String(row['instrument_id']) as InstrumentId, Number(row['delisted_time']));
    }
  }
  return found;
}

const day = (timeMs: number | null): string => (timeMs === null || Number.isNaN(timeMs) ? '-' : formatDay(timeMs));
const percent = (frac: number): string => (Number.isNaN(frac) ? '-' : `${(frac * 100).toFixed(2)} %`);

function longest(stretches: readonly Stretch[]): number {
  return stretches.reduce((most, { bars }) => Math.max(most, bars), 0);
}

function statusLines(series: readonly SeriesStatus[]): string[] {
  const right = 'right' as const;
  return textTable(
    [
      { title: 'symbol' },
      { title: 'bars' },
      { title: 'from' },
      { title: 'to' },
      { title: 'rows', align: right },
      { title: 'covered', align: right },
      { title: 'gaps', align: right },
      { title: 'longest', align: right },
      { title: 'no volume', align: right },
      { title: 'revised', align: right },
      { title: 'listed' },
      { title: 'left' },
      { title: 'funding from' },
      { title: 'to' },
      { title: 'OI from' },
      { title: 'to' },
    ],
    series.map((one) => [
      symbolOf(one.instrumentId),
      `${venueOf(one.instrumentId)} ${one.interval}`,
      day(one.firstMs),
      Number.isNaN(one.lastMs) ? '-' : formatMinute(one.lastMs + intervalMs(one.interval)),
      grouped(one.rows),
      percent(one.coverageFrac),
      String(one.gaps.length),
      one.gaps.length === 0 ? '-' : `${longest(one.gaps)} bars`,
      one.rows === 0 ? '-' : percent(one.zeroVolumeBars / one.rows),
      String(one.revisions),
      day(one.listedMs),
      day(one.delistedMs),
      day(one.fundingFirstMs),
      day(one.fundingLastMs),
      day(one.openInterestFirstMs),
      day(one.openInterestLastMs),
    ]),
  );
}

function gapLines(series: readonly SeriesStatus[]): string[] {
  return series.flatMap(({ instrumentId, interval, gaps }) =>
    gaps.map(
      ({ fromMs, toMs, bars }) =>
        `gap ${symbolOf(instrumentId)} ${interval}: ${formatMinute(fromMs)} to ${formatMinute(toMs)} UTC, ${bars} bars`,
    ),
  );
}

function totalLines(series: readonly SeriesStatus[], storeHash: string): string[] {
  const sum = (count: (one: SeriesStatus) => number): number => series.reduce((total, one) => total + count(one), 0);
  const rows = sum(({ rows: count }) => count);
  const missing = sum(({ missingBars }) => missingBars);
  const noFunding = series.filter(({ fundingEvents }) => fundingEvents === 0).length;
  const duplicates = sum((one) => one.duplicates);
  const lines = [
    `${series.length} series, ${grouped(rows)} bars, ${grouped(missing)} missing (${percent(coverageFrac(rows, missing))} covered); times are UTC`,
    `store hash ${storeHash}`,
  ];
  if (noFunding > 0)
    lines.push(`${noFunding} series without funding rates: a backtest assumes ASSUMED_FUNDING_BPS_8H against them`);
  if (duplicates > 0)
    lines.push(`${duplicates} duplicate rows: another program wrote to the store; import the files again`);
  return lines;
}
