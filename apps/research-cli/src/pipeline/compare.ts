/** `donch compare`: two or more runs side by side, on the terminal, as a document, as a page. */
import { join } from 'node:path';
import { type CommandContext, textTable } from '@donch/cli';
import { DonchError, hashText } from '@donch/core';
import { RunStore, writeFileAtomic, type Run } from '@donch/data';
import { openProject } from '@donch/project';
import {
  buildCompareReport,
  chartsOf,
  compareRuns,
  compareTables,
  compareWords,
  labelOf,
  reportHtml,
  RUNS_MAX,
  standaloneSvg,
  type PairComparison,
  type RunComparison,
  type TableBlock,
} from '@donch/report';
import type { ClusterInterval, Refusal } from '@donch/stats';
import { documentOf } from '../cli/documents.ts';
import type { CompareFlags } from '../commands/compare.ts';
import { readComparedRun } from './compare-input.ts';
import { findRun } from './find-run.ts';

/** `donch compare A B [C ...]`. */
export async function runCompare(
  wanted: readonly string[],
  flags: CompareFlags,
  context: CommandContext,
): Promise<void> {
  const { terminal } = context;
  const { resultsFolder } = openProject(flags, context);
  const runs = differentRuns(new RunStore(resultsFolder), wanted);
  const comparison = compareRuns(await Promise.all(runs.map(readComparedRun)));
  terminal.result(terminalText(comparison));
  const files = flags.html === true ? writePage(resultsFolder, comparison) : [];
  for (const { path } of files.filter(({ format }) => format === 'html')) terminal.result(`\npage: ${path}`);
  terminal.document(documentOf('compare', comparisonDocument(comparison, files)));
}

/** The runs by their names. Throws `bad_argument` for a run that is named twice and for too many, and what `findRun` throws. */
function differentRuns(store: RunStore, wanted: readonly string[]): Run[] {
  if (wanted.length > RUNS_MAX) {
    throw new DonchError('bad_argument', `${wanted.length} runs are named`, { expected: `${RUNS_MAX} or fewer` });
  }
  const runs = wanted.map((name) => findRun(store, name));
  const ids = runs.map(({ id }) => id);
  const twice = ids.find((id, k) => ids.indexOf(id) !== k);
  if (twice === undefined) return runs;
  throw new DonchError('bad_argument', `run ${twice} is named twice`, { expected: 'different runs' });
}

function terminalText(comparison: RunComparison): string {
  const parts = [
    ...compareTables(comparison).map((table) => tableLines(table).join('\n')),
    compareWords(comparison).join('\n'),
    comparison.warnings.map((text) => `warning: ${text}`).join('\n'),
  ];
  return plainText(parts.join('\n\n'));
}

function tableLines({ caption, columns, rows }: TableBlock): string[] {
  const titles = columns.map(({ title, isNumber }) => ({
    title,
    align: isNumber ? ('right' as const) : ('left' as const),
  }));
  return [
    `${caption}:`,
    ...textTable(
      titles,
      rows.map((row) => row.map(({ text }) => text)),
    ),
  ];
}

/** As the other commands print: the minus of keyboards, plain spaces. */
function plainText(text: string): string {
  return text.replaceAll('\u2212', '-').replaceAll('\u00a0', ' ').replaceAll('\u00b7', '-');
}

interface WrittenFile {
  readonly format: 'html' | 'svg';
  readonly path: string;
  readonly bytes: number;
}

/** Digits of the hash in the name of the folder. */
const HASH_DIGITS = 16;

/** The page and its drawings, beside the reports of runs: the same runs in the same order come to the same place. */
function writePage(resultsFolder: string, comparison: RunComparison): WrittenFile[] {
  const report = buildCompareReport(comparison);
  const ids = comparison.runs.map(({ id }) => id).join('\n');
  const folder = join(resultsFolder, 'reports', `compare-${hashText(ids).slice(0, HASH_DIGITS)}`);
  const write = (format: WrittenFile['format'], name: string, text: string): WrittenFile => {
    const content = new TextEncoder().encode(text);
    writeFileAtomic(join(folder, name), content, { durable: false });
    return { format, path: join(folder, name), bytes: content.length };
  };
  return [
    write('html', 'report.html', reportHtml(report)),
    ...chartsOf(report).map((chart) => write('svg', join('charts', `${chart.id}.svg`), standaloneSvg(chart))),
  ];
}

function comparisonDocument(comparison: RunComparison, files: readonly WrittenFile[]): Record<string, unknown> {
  const { runs, differences, pairs, commonWindow, warnings } = comparison;
  return {
    ok: true,
    runs: runs.map(({ id, strategies, figures }, k) => ({
      label: labelOf(k),
      runId: id,
      strategies: strategies.map(({ name }) => name),
      figures,
    })),
    differences,
    pairs: pairs.map(pairDocument),
    commonFromMs: commonWindow?.fromMs ?? null,
    commonToMs: commonWindow?.toMs ?? null,
    warnings,
    files,
  };
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

function pairDocument(pair: PairComparison): Record<string, unknown> {
  const { base, other, differenceR, interval, common, hasOtherSetup } = pair;
  const group = (of: PairComparison['onlyBase']): object => ({ ...of, meanR: finite(of.meanR) });
  return {
    base,
    other,
    differenceR: finite(differenceR),
    ...intervalDocument(interval),
    common: {
      trades: common.trades,
      differenceR: finite(common.differenceR),
      ...intervalDocument(common.interval),
      sameResult: common.sameResult,
      movedStops: common.movedStops,
    },
    commonBase: group(pair.commonBase),
    commonOther: group(pair.commonOther),
    onlyBase: group(pair.onlyBase),
    onlyOther: group(pair.onlyOther),
    hasOtherSetup,
  };
}

function intervalDocument(interval: ClusterInterval | Refusal): object {
  if (interval.kind === 'refused') return { lowR: null, highR: null, weeks: interval.found };
  return { lowR: interval.low, highR: interval.high, weeks: interval.weeks };
}
