/** Threads that run the exported functions of one worker file. Results do not depend on their number: tasks are independent. */
import { availableParallelism } from 'node:os';
import { interruption } from '@donch/cli';
import { Tinypool } from 'tinypool';
import { valueOf, type Answer } from './sent-error.ts';

export interface PoolOptions {
  /** Null = all cores. */
  readonly workers: number | null;
  /** Aborts tasks that wait or run: their threads are ended. */
  readonly signal: AbortSignal;
}

/** What a worker file exports: a task in, an answer out. */
export type WorkerFunction = (task: never) => Promise<Answer<unknown>>;
type TaskOf<Work extends WorkerFunction> = Parameters<Work>[0];
type ResultOf<Work extends WorkerFunction> = Awaited<ReturnType<Work>> extends Answer<infer Value> ? Value : never;

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
      minThreads: 1,
      maxThreads: threads,
      idleTimeout: IDLE_TIMEOUT_MS,
    });
  }

  /** Runs one task by the exported function of this name. Throws what the task threw, `interrupted` after Ctrl-C. */
  async one<Work extends WorkerFunction>(name: string, task: TaskOf<Work>): Promise<ResultOf<Work>> {
    try {
      return valueOf((await this.#pool.run(task, { name, signal: this.#signal })) as Answer<ResultOf<Work>>);
    } catch (error) {
      throw this.#signal.aborted ? interruption() : error;
    }
  }

  /**
   * Runs the function once per task; `onDone` takes each result, in order of completion, with the index of its task. Nothing is
   * kept here: what a result weighs is up to whoever takes it. The first error, of a task or of `onDone`, ends all.
   */
  async each<Work extends WorkerFunction>(
    name: string,
    tasks: readonly TaskOf<Work>[],
    onDone: (result: ResultOf<Work>, index: number) => void | Promise<void>,
  ): Promise<void> {
    let isOver = false;
    const runs = tasks.map(async (task, index) => {
      const result = await this.one<Work>(name, task);
      if (!isOver) await onDone(result, index);
    });
    try {
      await Promise.all(runs);
    } finally {
      isOver = true;
    }
  }

  /** Ends the threads, also those that are at work. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}
