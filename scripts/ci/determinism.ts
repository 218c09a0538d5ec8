/** The same question has the same answer, byte by byte: again, with other numbers of threads, without cache, in another order. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeTinyProject, tinyMarket } from '../../apps/research-cli/src/testing/tiny-project.ts';
import { checkIn, donch, must } from './donch.ts';

const TABLES = ['trades.parquet', 'equity.parquet', 'decisions.parquet'];

await checkIn(async (project) => {
  await makeTinyProject(project);
  const symbols = tinyMarket().symbols.map(({ symbol }) => symbol);
  const order = (names: readonly string[]): void =>
    writeFileSync(join(project, 'symbols.txt'), `${names.join('\n')}\n`);
  order(symbols);
  const first = answer(project, []);
  const variants: readonly (readonly [string, () => void, readonly string[]])[] = [
    ['again', () => undefined, []],
    ['one thread', () => undefined, ['--workers', '1']],
    ['two threads', () => undefined, ['--workers', '2']],
    ['without the read cache', () => rmSync(join(project, 'data', 'cache'), { recursive: true, force: true }), []],
    ['symbols reversed', () => order(symbols.toReversed()), []],
    ['symbols rotated', () => order([...symbols.slice(3), ...symbols.slice(0, 3)]), ['--workers', '2']],
  ];
  for (const [name, prepare, flags] of variants) {
    prepare();
    const found = answer(project, flags);
    must(found.trades > 10, `there are only ${found.trades} trades`);
    must(found.runId === first.runId, `${name}: another run id`);
    found.files.forEach((bytes, k) => must(bytes.equals(first.files[k]), `${name}: ${first.names[k]} differs`));
  }
  return [`${variants.length} variants, ${first.names.length} files each: the same bytes (${first.trades} trades)`];
});

interface Answer {
  readonly runId: string;
  readonly trades: number;
  readonly names: readonly string[];
  readonly files: readonly Buffer[];
}

function answer(project: string, flags: readonly string[]): Answer {
  const { runId, trades } = donch(['run', '--no-cache', ...flags], project);
  const names = [
    ...TABLES.map((name) => join('results', 'runs', String(runId), name)),
    join('results', 'trades.csv'),
    join('results', 'equity.csv'),
    join('signals', 'signals.parquet'),
  ];
  return {
    runId: String(runId),
    trades: Number(trades),
    names,
    files: names.map((name) => readFileSync(join(project, name))),
  };
}
