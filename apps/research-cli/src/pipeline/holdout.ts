/** `donch holdout`: the only way into the hold-out. A look is on record before anything is computed. */
import type { CommandContext } from '@donch/cli';
import { DonchError, formatMinute } from '@donch/core';
import { configurationIdOf, recordHoldoutLook, RunStore, trialIdOf, type TrialIdentity } from '@donch/data';
import { againWhileDataChange } from '@donch/project';
import { documentOf } from '../cli/documents.ts';
import type { HoldoutFlags } from '../commands/holdout.ts';
import { findRun } from './find-run.ts';
import { figureLines, holdoutFigures, luckLines, type HoldoutFigures } from './holdout-figures.ts';
import { historyDocument, historyText, readHoldout, type HoldoutHistory } from './holdout-history.ts';
import { configuredAs, planHoldout, type HoldoutPlan } from './holdout-plan.ts';
import { backtestAside, readOutcome, setUpResearch, signalsAside, type BacktestOutcome } from './research.ts';

/** `donch holdout`. Throws `holdout_closed` without `--open`. */
export async function runHoldout(
  wanted: string | undefined,
  flags: HoldoutFlags,
  context: CommandContext,
): Promise<void> {
  const { terminal } = context;
  if (wanted !== undefined && flags.signals !== undefined)
    throw new DonchError('bad_argument', 'a run and --signals', { expected: 'one of them: a run has its own signals' });
  const setup = await setUpResearch(flags, context);
  const { resultsFolder } = setup.project;
  const run = wanted === undefined ? null : findRun(new RunStore(resultsFolder), wanted);
  const tested = run === null ? setup : configuredAs(setup, run);
  const plan = await planHoldout(tested, flags.signals);
  const before = readHoldout(resultsFolder, plan.identity.startMs);
  terminal.result(planLines(plan, before).join('\n'));
  if (flags.open !== true) throw closed(before);
  const inSample =
    run === null
      ? await againWhileDataChange(context, async () => backtestAside(await signalsAside(tested, flags.signals)))
      : await readOutcome(run);
  recordLook(plan, { inSample, reason: flags.reason ?? '', context });
  const held = await look(plan, flags.signals);
  const history = readHoldout(resultsFolder, plan.identity.startMs);
  const tried = new Set([...history.configurations, ...history.otherConfigurations]).size;
  const figures = await holdoutFigures(held, { configurations: tried, others: history.otherConfigurations.length });
  const told: Told = { plan, inSample, held, history, figures, tried, isRepeat: isRepeat(plan.identity, before) };
  terminal.result(['', ...figureLines(inSample, held, figures), '', ...luckLines(figures, tried)].join('\n'));
  terminal.result(`run ${held.run.id}: ${held.run.folder}`);
  for (const line of figures.warnings) terminal.warn(line);
  terminal.document(lookDocument(told, flags.reason ?? ''));
}

const isRepeat = (identity: TrialIdentity, { configurations }: HoldoutHistory): boolean =>
  configurations.includes(configurationIdOf(identity));

function planLines({ identity }: HoldoutPlan, history: HoldoutHistory): string[] {
  const { startMs, endMs } = identity;
  const id = configurationIdOf(identity);
  const again = isRepeat(identity, history) ? ', which was tested there before' : '';
  return [
    `hold-out ${formatMinute(startMs)} to ${formatMinute(endMs)} UTC: ${historyText(history)}`,
    `configuration ${id}${again}`,
  ];
}

function closed(history: HoldoutHistory): DonchError {
  return new DonchError('holdout_closed', `nothing was looked at; the hold-out is closed (${historyText(history)})`, {
    expected: '--open, when the configuration is final',
    remedy: 'A look cannot be taken back: after it, every change that you make because of it has seen these data.',
  });
}

interface Look {
  readonly inSample: BacktestOutcome;
  readonly reason: string;
  readonly context: CommandContext;
}

function recordLook({ setup, identity }: HoldoutPlan, { inSample, reason, context: { terminal } }: Look): void {
  const { tornBytes } = recordHoldoutLook(setup.project.resultsFolder, {
    time: Date.now(),
    start_time: identity.startMs,
    end_time: identity.endMs,
    configuration_id: configurationIdOf(identity),
    trial_id: trialIdOf(identity),
    run_id: inSample.run.id,
    data_hash: identity.dataHash,
    reason,
  });
  if (tornBytes > 0)
    terminal.warn(
      `log of the hold-out: a process that was killed left ${tornBytes} bytes of an unfinished record; they were cut off`,
    );
}

/** Scans and trades what was planned. Throws `data_changed` when the data are not those of the record any more. */
async function look({ setup, identity }: HoldoutPlan, signalsFile: string | undefined): Promise<BacktestOutcome> {
  const input = await signalsAside(setup, signalsFile);
  const { startMs, endMs } = input.window;
  if (input.data.hash === identity.dataHash && startMs === identity.startMs && endMs === identity.endMs)
    return backtestAside({ ...input, isHoldout: true });
  throw new DonchError('data_changed', 'the candles changed after the look was recorded', {
    file: setup.store.folder,
    remedy: 'Start again when the other process has finished: the look counts, the same configuration is no new one.',
    retryable: true,
  });
}

interface Told {
  readonly plan: HoldoutPlan;
  readonly inSample: BacktestOutcome;
  readonly held: BacktestOutcome;
  readonly history: HoldoutHistory;
  readonly figures: HoldoutFigures;
  readonly tried: number;
  readonly isRepeat: boolean;
}

function lookDocument(
  { plan, inSample, held, history, figures, tried, isRepeat: again }: Told,
  reason: string,
): object {
  const { identity } = plan;
  return documentOf('holdout', {
    ok: true,
    ...historyDocument(history),
    endMs: identity.endMs,
    reason,
    configurationId: configurationIdOf(identity),
    trialId: trialIdOf(identity),
    isRepeat: again,
    triedConfigurations: tried,
    ...figures,
    inSample: { runId: inSample.run.id, ...inSample.figures },
    holdout: { runId: held.run.id, ...held.figures },
  });
}
