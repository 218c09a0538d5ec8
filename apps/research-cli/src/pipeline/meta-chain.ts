/** The whole chain: signals, trades, a model of their outcomes, and the signals that it would have let through, traded again. */
import type { CommandContext, RunFlags } from '@donch/cli';
import { againWhileDataChange } from '@donch/project';
import { walkForwardOf } from './apply-meta-options.ts';
import { appliedDocument, appliedLines, type AppliedMeta } from './apply-meta-text.ts';
import { applyMeta } from './apply-meta.ts';
import { modelLines } from './model-figures.ts';
import {
  reportOutcome,
  setUpResearch,
  tradeSignals,
  ungated,
  type ResearchSetup,
  type TradedSignals,
} from './research.ts';
import { trainOn, type TrainOutcome } from './train.ts';
import { trainingDefaults } from './training-options.ts';

export interface MetaChain {
  readonly traded: TradedSignals;
  readonly model: TrainOutcome;
  /** By walk-forward predictions: what could have been known in each month. */
  readonly applied: AppliedMeta;
}

/** Runs it with the defaults of every step. `setup` trades without a gate. */
export async function metaChain(setup: ResearchSetup): Promise<MetaChain> {
  const traded = await tradeSignals(setup, undefined);
  const model = await trainOn(setup, traded, { options: trainingDefaults(setup.seed), only: null });
  const applied = await applyMeta(setup, traded, { ...walkForwardOf(model.bundleFolder), out: null });
  return { traded, model, applied };
}

/** `donch run --meta`. */
export async function runMeta(flags: RunFlags, context: CommandContext): Promise<void> {
  const setup = ungated(await setUpResearch(flags, context));
  const chain = await againWhileDataChange(context, () => metaChain(setup));
  reportOutcome('run', chain.traded.outcome, context, metaFields(chain));
  context.terminal.result(metaLines(chain).join('\n'));
  context.terminal.info(
    'donch report makes a page of the backtest; the page of the model is report.html of the bundle',
  );
}

/** What the model adds to the figures of the backtest. */
export function metaLines({ model, applied }: MetaChain): string[] {
  return [
    '',
    'MODEL',
    ...modelLines(model.figures),
    `bundle: ${model.bundleFolder}`,
    '',
    'GATED',
    ...appliedLines(applied),
  ];
}

/** The fields `model` and `gated` of a document. */
export function metaFields({ model, applied }: MetaChain): Readonly<Record<string, unknown>> {
  const own = new Set(['ok', 'command', 'schema_version']);
  const gated = Object.entries(appliedDocument(applied)).filter(([name]) => !own.has(name));
  return { model: model.figures, gated: Object.fromEntries(gated) };
}
