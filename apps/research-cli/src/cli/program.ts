/** The commands of the research CLI. They are declared here; what they do is loaded only when they run. */
import type { Definition } from '@donch/cli';
import { defineApplyMeta } from '../commands/apply-meta.ts';
import { defineBacktest } from '../commands/backtest.ts';
import { defineCompare } from '../commands/compare.ts';
import { defineCompletion } from '../commands/completion.ts';
import { defineConfig } from '../commands/config.ts';
import { defineData } from '../commands/data.ts';
import { defineDemo } from '../commands/demo.ts';
import { defineDeployModel, defineRollbackModel } from '../commands/deploy-model.ts';
import { defineDoctor } from '../commands/doctor.ts';
import { defineEv } from '../commands/ev.ts';
import { defineExport } from '../commands/export.ts';
import { defineFetch } from '../commands/fetch.ts';
import { defineHoldout } from '../commands/holdout.ts';
import { defineImport } from '../commands/import.ts';
import { defineInit } from '../commands/init.ts';
import { defineList } from '../commands/list.ts';
import { defineLookahead } from '../commands/lookahead.ts';
import { defineModel } from '../commands/model.ts';
import { defineNullTest } from '../commands/null-test.ts';
import { defineReport } from '../commands/report.ts';
import { defineRun } from '../commands/run.ts';
import { defineScout } from '../commands/scout.ts';
import { defineSweep } from '../commands/sweep.ts';
import { defineTrain } from '../commands/train.ts';
import { defineTrials } from '../commands/trials.ts';
import { defineWhy } from '../commands/why.ts';

/** Commands of the other app, which the launcher starts. */
const liveBot: Definition = (program) => {
  program.addHelpText(
    'after',
    `
Live bot (donch <command> --help):
  live                                  trade bar by bar: here on stored candles
  replay                                a session again from its journal
  chaos                                 your settings against an exchange that
                                        misbehaves`,
  );
};

/** In the order in which help lists them. */
export const DEFINITIONS: readonly Definition[] = [
  defineDemo,
  defineInit,
  defineFetch,
  defineImport,
  defineRun,
  defineScout,
  defineBacktest,
  defineSweep,
  defineTrain,
  defineEv,
  defineApplyMeta,
  defineModel,
  defineDeployModel,
  defineRollbackModel,
  defineReport,
  defineCompare,
  defineWhy,
  defineList,
  defineTrials,
  defineHoldout,
  defineExport,
  defineConfig,
  defineData,
  defineDoctor,
  defineLookahead,
  defineNullTest,
  defineCompletion,
  liveBot,
];
