/** The demo as a new user sees it: the whole chain on embedded data, and the same result when it is computed again. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkIn, donch, must, timed, type Json } from './donch.ts';

const FIGURES = [
  'signals',
  'trades',
  'meanR',
  'ciLowR',
  'ciHighR',
  'profitFactor',
  'maxDrawdownFrac',
  'finalEquityUsd',
];

await checkIn((folder) => {
  const [first, firstTime] = timed(() => donch(['demo'], folder));
  const tables = tablesOf(folder, first);
  const [again, againTime] = timed(() => donch(['demo', '--no-cache'], folder));
  for (const name of FIGURES) must(Number.isFinite(first[name]), `${name} is ${String(first[name])}`);
  must(Number(first['trades']) >= 100, `the demo has ${String(first['trades'])} trades`);
  must(first['runId'] === again['runId'], 'the same demo has another run id');
  tablesOf(folder, again).forEach((bytes, k) => must(bytes.equals(tables[k]), 'the same demo has another result'));
  return [
    `demo ${firstTime}, again without cache ${againTime}`,
    FIGURES.map((name) => `${name} ${String(first[name])}`).join(', '),
  ];
});

function tablesOf(folder: string, { runId }: Json): Buffer[] {
  const run = join(folder, 'donch-demo', 'results', 'runs', String(runId));
  return ['trades.parquet', 'equity.parquet', 'decisions.parquet'].map((name) => readFileSync(join(run, name)));
}
