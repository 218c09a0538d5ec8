/** `donch list`: the runs of a project. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandContext, textTable, wholeNumber } from '@donch/cli';
import { formatDay, formatMinute } from '@donch/core';
import { RunStore, type Run } from '@donch/data';
import { openProject } from '@donch/project';
import { documentOf } from '../cli/documents.ts';
import type { ListFlags } from '../commands/list.ts';

/** `donch list`. */
export function listRuns(flags: ListFlags, context: CommandContext): Promise<void> {
  const limit = wholeNumber(flags.limit, '--limit', 1);
  const runs = new RunStore(openProject(flags, context).resultsFolder);
  const all = runs.list();
  const latest = runs.latest();
  const shown = all.slice(0, limit);
  const { terminal } = context;
  terminal.result(all.length === 0 ? 'no run yet: donch run makes one' : runLines(shown, latest).join('\n'));
  if (all.length > shown.length) terminal.result(`${all.length - shown.length} older ones (--limit ${all.length})`);
  terminal.document(documentOf('list', { ok: true, latest, runs: shown.map(runDocument) }));
  return Promise.resolve();
}

function runDocument(run: Run): object {
  const { id, folder, manifest } = run;
  return { runId: id, command: manifest.command, finishedMs: finishedMs(run), folder, summary: manifest.summary };
}

/** The manifest is the last file that a run gets. */
function finishedMs({ folder }: Run): number {
  return Math.round(statSync(join(folder, 'manifest.json')).mtimeMs);
}

function runLines(runs: readonly Run[], latest: string | null): string[] {
  const right = 'right' as const;
  return textTable(
    [
      { title: '' },
      { title: 'run' },
      { title: 'finished (UTC)' },
      { title: 'window' },
      { title: 'signals', align: right },
      { title: 'trades', align: right },
      { title: 'mean R', align: right },
      { title: 'PF', align: right },
      { title: 'max DD', align: right },
      { title: 'final equity', align: right },
    ],
    runs.map((run) => [run.id === latest ? '*' : '', run.id, formatMinute(minuteOf(finishedMs(run))), ...figures(run)]),
  );
}

const MINUTE = 60_000;
const minuteOf = (timeMs: number): number => Math.floor(timeMs / MINUTE) * MINUTE;

function figures({ manifest: { summary, parameters } }: Run): string[] {
  const number = (name: string, text: (value: number) => string): string => {
    const value = summary[name];
    return typeof value === 'number' ? text(value) : '-';
  };
  return [
    `${number('start_ms', formatDay)} to ${number('end_ms', formatDay)}${parameters['holdout'] === true ? ' (hold-out)' : ''}`,
    number('signals', String),
    number('trades', String),
    number('mean_r', (value) => `${value >= 0 ? '+' : ''}${value.toFixed(3)}`),
    number('profit_factor', (value) => value.toFixed(2)),
    number('max_drawdown_frac', (value) => `${(value * 100).toFixed(1)} %`),
    number('final_equity_usd', (value) => `${value.toFixed(2)} USD`),
  ];
}
