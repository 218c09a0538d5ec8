import type { CommandContext } from '@donch/cli';
import { tableFromRows } from '@donch/core';
import type { ScoredRows } from '@donch/meta';
import { describe, expect, it } from 'vitest';
import { beforeHoldout, scoredBeforeHoldout } from './before-holdout.ts';

/** What was told. */
function listening(): { readonly context: Pick<CommandContext, 'terminal'>; readonly lines: string[] } {
  const lines: string[] = [];
  // the only method that is called
  const terminal = { info: (text: string) => lines.push(text) } as unknown as CommandContext['terminal'];
  return { context: { terminal }, lines };
}

const table = tableFromRows(
  'signals',
  [
    { name: 'decision_time', type: 'time' },
    { name: 'id', type: 'text' },
  ],
  [10, 30, 20, 40].map((time) => ({ decision_time: time, id: `at ${time}` })),
);
const rule = (holdoutMs: number | null) => ({ name: 'decision_time', holdoutMs, what: 'signals' });

const SCORED: ScoredRows = {
  decisionTimeMs: [10, 20, 30],
  labelEndMs: [35, 25, 45],
  y: [1, 0, 1],
  pnlR: [1.5, -1, 2],
  paths: 2,
  scoreKind: 'margin',
  score: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
};

describe('rows of a file', () => {
  it('before the hold-out stay, in their order; those at its start do not', () => {
    const { context, lines } = listening();
    expect(beforeHoldout(table, rule(30), context).columns.get('id')).toEqual({
      type: 'text',
      values: ['at 10', 'at 20'],
    });
    expect(lines).toHaveLength(1);
  });

  it('are all there, without a word, where there is no hold-out or none lies in it', () => {
    const { context, lines } = listening();
    expect(beforeHoldout(table, rule(null), context)).toBe(table);
    expect(beforeHoldout(table, rule(41), context)).toBe(table);
    expect(lines).toEqual([]);
  });

  it('are refused when all lie in it', () => {
    const { context } = listening();
    expect(() => beforeHoldout(table, rule(10), context)).toThrow(/all 4 signals lie in the hold-out/);
  });
});

describe('predictions with outcomes', () => {
  it('stay when the outcome was known before the hold-out, with every path of theirs', () => {
    const { context } = listening();
    expect(scoredBeforeHoldout(SCORED, 40, context)).toEqual({
      ...SCORED,
      decisionTimeMs: Float64Array.of(10, 20),
      labelEndMs: Float64Array.of(35, 25),
      y: Float64Array.of(1, 0),
      pnlR: Float64Array.of(1.5, -1),
      score: Float64Array.of(0.1, 0.2, 0.3, 0.4),
    });
    expect(scoredBeforeHoldout(SCORED, 35, context)).toMatchObject({ score: Float64Array.of(0.3, 0.4) });
    expect(scoredBeforeHoldout(SCORED, null, context)).toBe(SCORED);
    expect(() => scoredBeforeHoldout(SCORED, 25, context)).toThrow(/in the hold-out/);
  });
});
