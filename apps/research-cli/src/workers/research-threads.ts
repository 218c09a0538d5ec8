/** The threads that scan, trade and stress for a command. */
import type { CommandContext } from '@donch/cli';
import { TaskPool } from './task-pool.ts';

const pools = new WeakMap<AbortSignal, TaskPool>();

/**
 * Started when they are first needed, as many as are wanted then, and kept for the later phases of the command: loading the program
 * takes a thread longer than many a phase. They end with the command.
 */
export function researchThreads({ signal, atEnd }: CommandContext, workers: number | null): TaskPool {
  const known = pools.get(signal);
  if (known !== undefined) return known;
  const pool = new TaskPool('./research-worker.ts', { workers, signal });
  pools.set(signal, pool);
  atEnd(() => endResearchThreads({ signal }));
  return pool;
}

/** Gives their memory back before something else needs it; they start anew when they are needed again. */
export async function endResearchThreads({ signal }: Pick<CommandContext, 'signal'>): Promise<void> {
  const pool = pools.get(signal);
  pools.delete(signal);
  await pool?.close();
}
