/**
 * npm run bench -- [<name> ...] [--json]: runs bench/<name>.bench.ts, whose `run` returns a BenchReport, and prints a table or
 * JSON. Exit code 1 when a report exceeds its limit. Without a name the known names are printed.
 */

import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { type BenchReport, keepsLimit } from './harness.ts';

type BenchModule = {
  readonly run: () => Promise<BenchReport>;
};

const SUFFIX = '.bench.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'boolean' } } });
const known = globSync(`*${SUFFIX}`, { cwd: import.meta.dirname })
  .map((path) => basename(path, SUFFIX))
  .toSorted();
const unknown = positionals.find((name) => !known.includes(name));

if (positionals.length === 0) printNames();
else if (unknown === undefined) await runAll(positionals);
else {
  console.error(`found "${unknown}", expected the name of a benchmark:`);
  printNames();
  process.exitCode = 1;
}

async function runAll(names: readonly string[]): Promise<void> {
  const reports: BenchReport[] = [];
  for (const name of names) {
    const { run } = (await import(`./${name}${SUFFIX}`)) as BenchModule;
    reports.push(await run());
  }
  if (values.json === true) console.log(JSON.stringify(reports.length === 1 ? reports[0] : reports, null, 2));
  else printTable(reports);
  if (!reports.every(keepsLimit)) process.exitCode = 1;
}

function printTable(reports: readonly BenchReport[]): void {
  const header = ['name', 'median ms', 'reference ms', 'ratio', 'rounds', 'limit'];
  const rows = [header, ...reports.map(toCells)];
  const widths = header.map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  for (const row of rows) console.log(row.map((cell, column) => cell.padStart(widths[column])).join('  '));
  for (const { name, figures } of reports) {
    for (const [figure, value] of Object.entries(figures ?? {}))
      console.log(`${name}: ${figure} ${value.toPrecision(5)}`);
  }
}

function toCells(report: BenchReport): string[] {
  const times = [report.medianMs, report.referenceMedianMs, report.ratio].map((value) => value.toFixed(3));
  const limit = report.limit === undefined ? '-' : `${report.limit} ${keepsLimit(report) ? 'kept' : 'EXCEEDED'}`;
  return [report.name, ...times, String(report.rounds), limit];
}

function printNames(): void {
  console.log(known.map((name) => `  ${name}`).join('\n') || '  (there is no benchmark yet)');
}
