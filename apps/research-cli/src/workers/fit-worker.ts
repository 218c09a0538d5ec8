/** What a training thread does: one fit per task. */
import { runFit, type FitResult, type FitTask } from '@donch/meta';
import { answer, type Answer } from './sent-error.ts';

export function fit(task: FitTask): Promise<Answer<FitResult>> {
  return answer(() => runFit(task));
}
