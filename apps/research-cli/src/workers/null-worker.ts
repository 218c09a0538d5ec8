/** What a null-test thread does: one market per task. */
import { nullTestSeed, type LeakName, type NullSeed } from '@donch/backtester';
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
