/** Commands through the launcher, as users run them; for the checks of `.ci/run`. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const LAUNCHER = join(import.meta.dirname, '..', '..', 'donch');

export type Json = Readonly<Record<string, unknown>>;

/** The document of a command; `code` is the exit code that it must have. */
export function donch(args: readonly string[], cwd: string, code = 0): Json {
  const { status, stdout, stderr } = spawnSync(LAUNCHER, [...args, '--json'], { cwd, encoding: 'utf8' });
  if (status === code) return JSON.parse(stdout) as Json;
  throw new Error(`donch ${args.join(' ')} ended with ${status}, expected ${code}:\n${stdout}${stderr}`);
}

/** Runs a check in a temporary folder. It returns what it measured, for the log; what does not hold it throws. */
export async function checkIn(check: (folder: string) => string[] | Promise<string[]>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'donch-check-'));
  try {
    for (const line of await check(folder)) console.log(line);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Throws `text` unless it holds. */
export function must(holds: boolean, text: string): void {
  if (!holds) throw new Error(text);
}

/** Seconds that the work takes, and its result. */
export function timed<T>(work: () => T): readonly [T, string] {
  const startMs = performance.now();
  const result = work();
  return [result, `${((performance.now() - startMs) / 1_000).toFixed(1)} s`];
}
