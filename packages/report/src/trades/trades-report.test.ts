import { DAY_MS } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { reportMarkdown } from '../markdown/report-markdown.ts';
import { reportHtml } from '../page/html.ts';
import { chartsOf } from '../report.ts';
import { markupProblems } from '../testing/markup-problems.ts';
import { renderTradesReport, type TradesReportInput } from './trades-report.ts';

const HOSTILE = `"><script>alert(1)</script>`;

/** Trades at every noon with these results. */
function trades(results: readonly number[], changes: Partial<TradesReportInput> = {}): TradesReportInput {
  const entryTimeMs = Float64Array.from(results, (_, k) => (20_000 + k) * DAY_MS + DAY_MS / 2);
  return {
    file: { name: 'old.csv', hash: 'a'.repeat(64) },
    donchVersion: '0.1.0',
    seed: 1,
    entryTimeMs,
    exitTimeMs: null,
    results: { name: 'pnl_R', values: Float64Array.from(results), isR: true },
    words: [],
    groups: null,
    ...changes,
  };
}

const many = Array.from({ length: 200 }, (_, k) => [2.5, -1, -1][k % 3]);
const symbols = { title: 'symbol', values: many.map((_, k) => ['A', HOSTILE][k % 2]) };
const cases: Readonly<Record<string, TradesReportInput>> = {
  'many trades': trades(many, {
    words: [symbols],
    groups: { results: trades(many).results, columns: [{ name: HOSTILE, values: symbols.values }] },
  }),
  'one trade': trades([1]),
  'trades that are all the same': trades([0, 0, 0]),
  'results that are no multiples of a risk': trades([120, -45.5], {
    results: { name: 'pnl', values: Float64Array.of(120, -45.5), isR: false },
  }),
};

describe.each(Object.entries(cases))('the page about %s', (_, input) => {
  const report = renderTradesReport(input);

  it('is well-formed and shows no number that does not exist', () => {
    const page = reportHtml(report);
    expect(markupProblems(page.replace('<!doctype html>\n', ''), false)).toEqual([]);
    expect(page.replaceAll(/<script[\s\S]*?<\/script>| data-sort="Infinity"/g, '')).not.toMatch(
      /NaN|undefined|Infinity/,
    );
    expect(new Set(chartsOf(report).map(({ id }) => id)).size).toBe(2);
  });
});

describe('a page about trades from elsewhere', () => {
  const text = (input: TradesReportInput): string =>
    reportMarkdown(renderTradesReport(input), () => null).replaceAll('\\', '');

  it('warns that nothing is known about their making', () => {
    expect(text(cases['many trades'])).toContain('how many versions were tried');
  });

  it.each([
    {
      name: 'gains in every week',
      results: many.map((value) => value + 1),
      words: 'That is above zero, if nothing was chosen',
    },
    { name: 'losses in every week', results: many.map((value) => value - 2), words: 'That is below zero' },
    { name: 'as much gain as loss', results: many.map((_, k) => (k % 2 === 0 ? 1 : -1)), words: 'Zero lies inside' },
    {
      name: 'a few weeks',
      results: many.slice(0, 20),
      words: 'cannot be said: trades in 4 weeks, at least 12 are needed',
    },
  ])('of $name: $words', ({ results, words }) => {
    expect(text(trades(results))).toContain(words);
  });

  it('refuses with the reason what the file does not hold', () => {
    const refused = text(cases['one trade']);
    for (const words of [
      'they need daily returns of an account',
      'the file does not say what else was tried',
      'the file has no exit times',
    ])
      expect(refused).toContain(words);
    expect(refused).toContain('Leaving symbols out: not computed, the file has no symbols.');
    expect(text(trades(many, { exitTimeMs: trades(many).entryTimeMs.map((ms) => ms + DAY_MS / 8) }))).toContain(
      '| holding time | **3.0\u00a0h** |',
    );
  });
});
