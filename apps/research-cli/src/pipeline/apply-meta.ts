/** `donch apply-meta`: keeps the signals whose probability reaches p*, and with `--rebt` trades them again beside all of them. */
import { join, resolve } from 'node:path';
import type { CommandContext } from '@donch/cli';
import { DonchError, numbersOf, takeRows, type Column, type Table } from '@donch/core';
import { formatOf, publishRun, readTable, resolveUserPath, writeTable } from '@donch/data';
import { againWhileDataChange, openSettings } from '@donch/project';
import type { ApplyMetaFlags } from '../commands/apply-meta.ts';
import { gatedMonths, judgeSignals, rowsWith, withProbability, type Gate } from './apply-meta-gate.ts';
import { gateRequest, type GateRequest } from './apply-meta-options.ts';
import { rebacktest, type Rebacktest } from './apply-meta-rebacktest.ts';
import { scoreByBundle, scoreByFile, type ScoringContext } from './apply-meta-scores.ts';
import { appliedDocument, appliedLines, type AppliedMeta } from './apply-meta-text.ts';
import type { BacktestInput } from './backtest.ts';
import { compatSignals } from './compat-tables.ts';
import { whilePublishing } from './publish-lock.ts';
import {
  setUpResearch,
  signalsToTrade,
  tradeSignals,
  ungated,
  type ResearchSetup,
  type TradedSignals,
} from './research.ts';

/** `donch apply-meta`. */
export async function runApplyMeta(flags: ApplyMetaFlags, context: CommandContext): Promise<void> {
  const { terminal } = context;
  const applied = (await gateFiles(flags, context)) ?? (await applyToResearch(flags, context));
  terminal.result(appliedLines(applied).join('\n'));
  terminal.document(appliedDocument(applied));
  if (applied.gate.watermark !== '') terminal.warn(applied.gate.watermark);
}

async function applyToResearch(flags: ApplyMetaFlags, context: CommandContext): Promise<AppliedMeta> {
  const setup = ungated(await setUpResearch(flags, context));
  const request = gateRequest(flags, setup.project, context);
  const out = outFile(flags, request, context);
  return againWhileDataChange(context, async () =>
    flags.rebt === true
      ? applyMeta(setup, await tradeSignals(setup, flags.signals), { ...request, out })
      : keepSignals(setup, flags.signals, { ...request, out }),
  );
}

/** Keeps without trading. */
async function keepSignals(
  setup: ResearchSetup,
  signalsFile: string | undefined,
  { out, ...request }: ApplyMetaRequest,
): Promise<AppliedMeta> {
  const input = await signalsToTrade(setup, signalsFile);
  const gate = await gateSignals(input, request);
  const file = writeKept(compatSignals(withProbability(input.signals, gate.scored.p)), gate, {
    out,
    folder: setup.project.signalsFolder,
  });
  return { gate, months: monthsOf(input, gate), file, rebacktest: null, published: [] };
}

export interface ApplyMetaRequest extends GateRequest {
  /** Where the kept signals go; null = below signals/. */
  readonly out: string | null;
}

/**
 * Applies predictions to signals that were traded, trades the kept ones again and puts the results where users look: kept signals below
 * signals/, their trades and equity beside those of the plain backtest in results/. Where nothing is kept the
 * baseline stands alone.
 */
export async function applyMeta(
  setup: ResearchSetup,
  traded: TradedSignals,
  { out, ...request }: ApplyMetaRequest,
): Promise<AppliedMeta> {
  const { input } = traded;
  const gate = await gateSignals(input, request);
  const file = writeKept(compatSignals(withProbability(input.signals, gate.scored.p)), gate, {
    out,
    folder: setup.project.signalsFolder,
  });
  const again = await rebacktest(traded, gate);
  return {
    gate,
    months: monthsOf(input, gate),
    file,
    rebacktest: again,
    published: publishGated(setup.project.resultsFolder, again, gate),
  };
}

/** Scores and judges; what a user has to know is told. */
async function gateSignals(input: BacktestInput, request: GateRequest): Promise<Gate> {
  const { strategies, interval, universeHash, signals, context } = input;
  const { source } = request;
  const scoring: ScoringContext & Pick<GateRequest, 'coverageMinFrac'> = {
    ...request,
    strategies,
    interval,
    universeHash,
  };
  const scored =
    source.kind === 'file'
      ? await scoreByFile(signals, source, scoring)
      : await scoreByBundle(signals, source, scoring);
  const gate = judgeSignals(scored, request, strategies[0].settings);
  tell(gate, context);
  return gate;
}

function tell({ scored, watermark }: Gate, { terminal }: CommandContext): void {
  if (watermark !== '') terminal.warn(watermark);
  for (const line of scored.lines) terminal.info(line);
  for (const line of scored.warnings) terminal.warn(line);
}

function monthsOf({ signals }: BacktestInput, gate: Gate): AppliedMeta['months'] {
  return gate.scored.kind === 'walk_forward' ? gatedMonths(gate, numbersOf(signals, 'decision_time')) : [];
}

/**
 * Signals of any origin, by predictions of a file: columns as they are, and `meta_p`. They are not traded, so nothing else is needed.
 * Null: something else is asked for.
 */
async function gateFiles(flags: ApplyMetaFlags, context: CommandContext): Promise<AppliedMeta | null> {
  if (flags.signals === undefined || flags.pred === undefined || flags.rebt === true) return null;
  const settings = openSettings(flags, context);
  const request = gateRequest(flags, settings, context);
  const { source } = request;
  if (source.kind !== 'file') return null;
  const out = outFile(flags, request, context);
  const signals = await readTable(resolveUserPath(context.cwd, flags.signals));
  const { values } = settings.config;
  const scored = await scoreByFile(signals, source, { ...request, interval: values.TIMEFRAME });
  const gate = judgeSignals(scored, request, values);
  tell(gate, context);
  const columns = new Map<string, Column>([...signals.columns, ['meta_p', { type: 'float', values: scored.p }]]);
  const written = writeKept({ ...signals, columns }, gate, { out, folder: join(settings.folder, 'signals') });
  return { gate, months: [], file: written, rebacktest: null, published: [] };
}

interface KeptPlace {
  readonly out: string | null;
  readonly folder: string;
}

/** Writes the kept rows; without a p* there are none, and nothing is written. */
function writeKept(signals: Table, gate: Gate, { out, folder }: KeptPlace): string | null {
  if (gate.threshold.source === 'none') return null;
  const columns = new Map<string, Column>(signals.columns);
  if (gate.watermark !== '')
    columns.set('in_sample', { type: 'bool', values: Float64Array.from(gate.scored.inSample) });
  const kept = takeRows(
    { ...signals, columns },
    rowsWith(gate, (verdict) => verdict === 'taken'),
  );
  return writeTable(out ?? join(folder, keptName(gate)), kept).path;
}

/** `signals_p060.parquet` for 0.60, `signals_pwf.parquet` for the months' own. */
function keptName({ threshold, watermark }: Gate): string {
  const { pstar } = threshold;
  const which = Number.isNaN(pstar) ? 'wf' : String(Math.round(pstar * 100)).padStart(3, '0');
  return `signals_p${which}${watermark === '' ? '' : '_in_sample'}.parquet`;
}

/** Beside trades.csv and equity.csv, which stay those of the plain backtest. */
const PUBLISHED = ['trades', 'equity'];

function publishGated(resultsFolder: string, { gated }: Rebacktest, { watermark }: Gate): string[] {
  if (gated === null) return [];
  const files = PUBLISHED.map((name) => ({
    file: `compat/${name}.csv`,
    target: join(resultsFolder, `${name}_gated${watermark === '' ? '' : '_in_sample'}.csv`),
  }));
  whilePublishing(resultsFolder, () => publishRun(gated.run, files));
  return files.map(({ target }) => target);
}

/** Throws `bad_path` for a file that is read. */
function outFile(flags: ApplyMetaFlags, { source }: GateRequest, { cwd }: CommandContext): string | null {
  if (flags.out === undefined) return null;
  const out = resolveUserPath(cwd, flags.out);
  formatOf(out);
  const read = [
    source.kind === 'file' ? source.file : join(source.folder, 'walk_forward.parquet'),
    ...(flags.signals === undefined ? [] : [resolveUserPath(cwd, flags.signals)]),
  ];
  if (!read.some((file) => resolve(file) === out)) return out;
  throw new DonchError('bad_path', '--out cannot be a file that is read', { file: out, expected: 'a file of its own' });
}
