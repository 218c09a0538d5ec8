/**
 * Real candles of a dozen instruments: imported without an error, scanned, traded; the live session trades a month of them as the
 * backtest does, trade by trade, and replays byte by byte with a feed that is late; nothing looks into the future.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readJournal, readTable } from '@donch/data';
import { makeRealProject, REAL_DOZEN } from '../../apps/research-cli/src/testing/real-project.ts';
import { checkIn, donch, must, timed, type Json } from './donch.ts';

const WINDOW = ['--start', '2025-09-15', '--end', '2025-10-30'];

const shared = process.env['DONCH_SHARED'] ?? resolve(import.meta.dirname, '..', '..', '..', 'shared');
// in CI `.ci/run` has refused to begin
if (!existsSync(shared)) console.log('no shared reference data: nothing was checked');
else await checkIn((folder) => check(folder, shared));

async function check(folder: string, data: string): Promise<string[]> {
  const startMs = performance.now();
  await makeRealProject(folder, data, REAL_DOZEN);
  const importTime = `${((performance.now() - startMs) / 1_000).toFixed(1)} s`;
  const [run, runTime] = timed(() => donch(['run', ...WINDOW], folder));
  const [live, liveTime] = timed(() => donch(['live', '--offline', ...WINDOW], folder));
  const trades = await tradesOfRun(folder, run);
  const traded = tradesOfSession(live);
  must(trades.length >= 10, `there are only ${trades.length} trades`);
  trades.forEach((trade, k) => must(trade === traded[k], `the backtest trades ${trade}, the session ${traded[k]}`));
  must(trades.length === traded.length, `${trades.length} trades in the backtest, ${traded.length} in the session`);
  const late = donch(['live', '--offline', ...WINDOW, '--late-frac', '0.01', '--absent-frac', '0.002'], folder);
  must(differencesOf(live) === 0 && differencesOf(late) === 0, 'a replay differs');
  const { leaks, comparedFeatureValues } = donch(['lookahead', '--cuts', '2', '--sample', '3'], folder);
  must((leaks as readonly unknown[]).length === 0, 'the strategy looks into the future');
  return [
    `import ${importTime}, run ${runTime}, live ${liveTime}`,
    `${trades.length} trades, the same in backtest and session`,
    `${String(late['late'])} bars late, ${String(late['absent'])} absent: ${String(late['decisions'])} decisions replayed byte by byte`,
    `0 leaks in ${String(comparedFeatureValues)} values`,
  ];
}

/** `trade_id entry exit pnl` in the order of exits. */
async function tradesOfRun(folder: string, { runId }: Json): Promise<string[]> {
  const path = join(folder, 'results', 'runs', String(runId), 'trades.parquet');
  const { columns, length } = await readTable(path);
  const cell = (name: string, row: number): unknown => columns.get(name)?.values[row];
  return Array.from({ length }, (_, row) =>
    ['trade_id', 'entry_time', 'exit_time', 'qty', 'entry_price', 'exit_price', 'pnl_usd']
      .map((name) => cell(name, row))
      .join(' '),
  ).sort();
}

function tradesOfSession({ folder }: Json): string[] {
  const { records } = readJournal(join(String(folder), 'journal.log'));
  return records
    .filter((record) => record.startsWith('{"type":"trade"'))
    .map((record) => (JSON.parse(record) as { trade: Readonly<Record<string, unknown>> }).trade)
    .map(({ tradeId, entryTimeMs, exitTimeMs, qty, entryPrice, exitPrice, pnlUsd }) =>
      [tradeId, entryTimeMs, exitTimeMs, qty, entryPrice, exitPrice, pnlUsd].join(' '),
    )
    .sort();
}

function differencesOf({ replay }: Json): unknown {
  return (replay as { readonly differences: number }).differences;
}
