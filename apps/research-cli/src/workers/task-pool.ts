/** Threads that run the exported functions of one worker file. Results do not depend on their number: tasks are independent. */
import { availableParallelism } from 'node:os';
import { Tinypool } from 'tinypool';

export interface PoolOptions {
  /** Null = all cores. */
  readonly workers: number | null;
  /** Aborts tasks that wait or run. */
  readonly signal: AbortSignal;
}

/** Idle threads are kept: the next phase of the same command uses them. */
const IDLE_TIMEOUT_MS = 60_000;

export class TaskPool {
  readonly #pool: Tinypool;
  readonly #signal: AbortSignal;

  /** @param file worker file beside this one. */
  constructor(file: string, { workers, signal }: PoolOptions) {
    const threads = workers ?? availableParallelism();
    this.#signal = signal;
    this.#pool = new Tinypool({
      filename: new URL(file, import.meta.url).href,
      minThreads: threads,
      maxThreads: threads,
      idleTimeout: IDLE_TIMEOUT_MS,
    });
  }

  /** Runs the function once per task; results in the order of the tasks, `onDone` in order of completion. */
  all<Task, Result>(name: string, tasks: readonly Task[], onDone: (result: Result) => void): Promise<Result[]> {
    return Promise.all(
      tasks.map(async (task) => {
        const result = (await this.#pool.run(task, { name, signal: this.#signal })) as Result;
        onDone(result);
        return result;
      }),
    );
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}
