/**
 * A sweep over real candles of a dozen instruments: entries and exits, one of them through the engine, a sample checked by it. The same
 * bytes again without the cache, on one thread and with the symbols in another order; DSR counts every variant as a trial.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeRealProject, REAL_DOZEN } from '../../apps/research-cli/src/testing/real-project.ts';
import { checkIn, donch, must, timed, type Json } from './donch.ts';

/** 72 variants: 2 sets of signals, 36 exits each, half of them trailing. */
const GRID = `DON_N_DAYS: [10, 20]
SL_ATR_MULT: [1.5, 2, 2.5]
FINAL_TP_ATR_MULT: [4, 8, null]
TIME_EXIT_HOURS: [24, 72]
TRAIL_AFTER_TP1: [true, false]
`;
const SWEEP =
  'sweep --grid grid.yaml --start 2025-09-01 --end 2025-10-30 --min-trades 10 --set TRAIL_START=entry'.split(' ');

const shared = process.env['DONCH_SHARED'] ?? resolve(import.meta.dirname, '..', '..', '..', 'shared');
// in CI `.ci/run` has refused to begin
if (!existsSync(shared)) console.log('no shared reference data: nothing was checked');
else await checkIn((folder) => check(folder, shared));

async function check(folder: string, data: string): Promise<string[]> {
  await makeRealProject(folder, data, REAL_DOZEN);
  writeFileSync(join(folder, 'grid.yaml'), GRID);
  const order = (symbols: readonly string[]): void =>
    writeFileSync(join(folder, 'symbols.txt'), `${symbols.join('\n')}\n`);
  order(REAL_DOZEN);
  const [first, firstTime] = timed(() => donch(SWEEP, folder));
  const { variants, signalSets, checkedVariants, engineVariants, best, selection } = first;
  must(variants === 72 && signalSets === 2, `${String(variants)} variants of ${String(signalSets)} sets of signals`);
  must(Number(checkedVariants) >= 3, `the engine has checked ${String(checkedVariants)} variants only`);
  must(engineVariants === 36, `${String(engineVariants)} variants went through the engine`);
  must((best as readonly Json[])[0]?.['guard'] === '', 'every variant has too few trades');
  const { trials, dsr } = selection as Json;
  const { trials: recorded } = donch(['trials'], folder);
  must(trials === 72 && recorded === 72, `N is ${String(trials)}, ${String(recorded)} trials are recorded`);
  must(Number(dsr) >= 0 && Number(dsr) <= 1, `DSR is ${String(dsr)}`);
  const bytes = bytesOf(folder, first);
  const [again, againTime] = timed(() => donch(SWEEP, folder));
  must(again['cached'] === true && again['runId'] === first['runId'], 'the sweep was not found again');
  const ways: readonly (readonly [string, () => void, readonly string[]])[] = [
    ['without cache, one thread', () => undefined, ['--workers', '1']],
    ['symbols reversed', () => order(REAL_DOZEN.toReversed()), []],
  ];
  for (const [name, prepare, flags] of ways) {
    prepare();
    const found = donch([...SWEEP, '--no-cache', ...flags], folder);
    must(found['runId'] === first['runId'], `${name}: another run id`);
    const differing = [...bytesOf(folder, found)].filter(([path, content]) => !bytes.get(path)?.equals(content));
    must(differing.length === 0, `${name}: other bytes in ${differing.map(([path]) => path).join(', ')}`);
    must((found['selection'] as Json)['trials'] === 72, `${name}: N is no longer 72`);
  }
  return [
    `${String(variants)} variants in ${firstTime}, found again in ${againTime}; ${String(checkedVariants)} checked by the engine, ${String(engineVariants)} through it`,
    `best ${String((best as readonly Json[])[0]?.['tag'])}: DSR ${Number(dsr).toFixed(3)} with N = ${String(trials)}`,
    `${bytes.size} files, the same bytes without cache on one thread and with the symbols reversed`,
  ];
}

/** Everything that the sweep has published, by path. */
function bytesOf(folder: string, { runId }: Json): Map<string, Buffer> {
  const results = join(folder, 'results');
  const published = ['leaderboard.parquet', 'leaderboard.csv', 'sweep.html'];
  const run = join('runs', String(runId));
  const inside = (path: string): string[] =>
    readdirSync(join(results, path), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== 'timing.json')
      .map((entry) => join(entry.parentPath, entry.name).slice(results.length + 1));
  return new Map(
    [...published, ...inside(run), ...inside('variants')].map((path) => [path, readFileSync(join(results, path))]),
  );
}
