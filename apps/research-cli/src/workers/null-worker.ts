/** What a null-test thread does: one market per task. */
import {
  nullSweep,
  nullTestSeed,
  type LeakName,
  type NullSeed,
  type NullSweep,
  type NullSweepOptions,
} from '@donch/backtester';
import { compileStrategy, type CompileInput } from '@donch/strategy';
import { answer, type Answer } from './sent-error.ts';

export interface NullTask {
  readonly strategy: CompileInput;
  readonly seed: number;
  readonly leak: LeakName | null;
}

export function seed(task: NullTask): Promise<Answer<NullSeed>> {
  return answer(() => nullTestSeed({ strategy: compileStrategy(task.strategy), seed: task.seed, leak: task.leak }));
}

/** The market is swept. */
export function sweep(task: NullSweepOptions): Promise<Answer<NullSweep>> {
  return answer(() => nullSweep(task));
}
