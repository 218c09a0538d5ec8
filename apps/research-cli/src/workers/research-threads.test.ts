import type { CommandContext } from '@donch/cli';
import { describe, expect, it } from 'vitest';
import { endResearchThreads, researchThreads } from './research-threads.ts';

describe('the threads of a command', () => {
  it('are the same for all of its phases, anew after they were ended, and end with it', async () => {
    const releases: (() => Promise<void>)[] = [];
    // a terminal is not looked at
    const context = {
      signal: new AbortController().signal,
      atEnd: (release: () => Promise<void>) => releases.push(release),
    } as unknown as CommandContext;
    const first = researchThreads(context, 1);
    expect(researchThreads(context, 2)).toBe(first);
    await endResearchThreads(context);
    const second = researchThreads(context, 1);
    expect(second).not.toBe(first);
    for (const release of releases) await release();
    expect(releases).toHaveLength(2);
    expect(researchThreads(context, 1)).not.toBe(second);
    await endResearchThreads(context);
  });
});
