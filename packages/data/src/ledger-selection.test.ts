import { createPrng } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { numberedTrial } from './ledger-kill-writer.ts';
import { trialRecord, type TrialRecord } from './ledger-record.ts';
import { BEST_MAX, drawnTrials, keptTrials, SAMPLE_MAX } from './ledger-selection.ts';

const sharpeOf = ({ return_mean: mean, return_sd: sd }: TrialRecord): number =>
  (mean ?? Number.NaN) / (sd ?? Number.NaN);

const trials = Array.from({ length: 2_600 }, (_, k) => trialRecord(numberedTrial('a', k, 2)));

describe('the drawn trials of a window', () => {
  it('are all of them while all are kept', () => {
    const few = trials.slice(0, SAMPLE_MAX);
    expect(drawnTrials(few)).toEqual(new Set(few.map(({ trial_id: id }) => id)));
    expect(keptTrials(few)).toEqual(drawnTrials(few));
  });

  it('are kept together with the best, of which only some were drawn', () => {
    const drawn = drawnTrials(trials);
    const best = trials.toSorted((a, b) => sharpeOf(b) - sharpeOf(a)).slice(0, BEST_MAX);
    expect(drawn.size).toBe(SAMPLE_MAX);
    expect(keptTrials(trials)).toEqual(new Set([...drawn, ...best.map(({ trial_id: id }) => id)]));
    expect(best.some(({ trial_id: id }) => !drawn.has(id))).toBe(true);
  });

  it('do not depend on results', () => {
    const prng = createPrng(1, 'results');
    const others = trials.map((trial) => ({ ...trial, return_mean: prng.normal() }));
    expect(drawnTrials(others)).toEqual(drawnTrials(trials));
  });
});
