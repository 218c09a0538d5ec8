import type { CommandContext } from '@donch/cli';
/** A run from its cache, or written as a new one. */
import type { Run, RunDraft, RunIdentity, RunManifest, RunStore } from '@donch/data';

/** The finished run of these inputs, or null. A damaged one has been moved aside, which is told. */
export function findFinished(runs: RunStore, identity: RunIdentity, { terminal }: CommandContext): Run | null {
  const known = runs.find(identity);
  if (known.kind === 'damaged')
    terminal.warn(`${known.problem.message}; it is computed again (the damaged one: ${known.movedTo})`);
  return known.kind === 'found' ? known.run : null;
}

interface Finishing {
  readonly identity: RunIdentity;
  readonly context: CommandContext;
}

/**
 * Writes a run: `fill` writes its files and returns the figures of its manifest. What fails leaves nothing behind. The same inputs
 * with another result than before are told: that must not happen.
 */
export function finishRun(
  runs: RunStore,
  { identity, context }: Finishing,
  fill: (draft: RunDraft) => RunManifest['summary'],
): Run {
  const draft = runs.start(identity);
  try {
    const { run, outcome, differing, movedTo } = draft.finish(fill(draft));
    if (outcome === 'different') {
      context.terminal.warn(
        `the same inputs gave another result than before: ${differing.join(', ')} (before: ${movedTo ?? 'gone'}); please report it`,
      );
    }
    return run;
  } catch (error) {
    draft.abandon();
    throw error;
  }
}
