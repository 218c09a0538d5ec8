import { numbersOf, takeRows, textsOf, type Column } from '@donch/core';
import { describe, expect, it } from 'vitest';
import type { TableBlock } from '../blocks.ts';
import { reportMarkdown } from '../markdown/report-markdown.ts';
import { reportHtml } from '../page/html.ts';
import { chartsOf, type PageReport } from '../report.ts';
import { markupProblems } from '../testing/markup-problems.ts';
import { SAMPLE_AXES, sampleSweep } from '../testing/sample-sweep.ts';
import { renderSweepReport } from './render-sweep-report.ts';
import type { SweepReportInput } from './sweep-report-input.ts';

const input = sampleSweep();
const report = renderSweepReport(input);

function textsIn({ sections }: PageReport, id = 'verdict'): string {
  const blocks = sections.find((section) => section.id === id)?.blocks ?? [];
  return blocks
    .map((block) =>
      block.kind === 'text'
        ? `${block.label} ${block.text}`
        : block.kind === 'facts'
          ? block.facts.map(({ label, value, words }) => `${label}: ${value} (${words})`).join('\n')
          : '',
    )
    .join('\n');
}

function tableIn({ sections }: PageReport, id: string): TableBlock {
  const found = sections
    .flatMap(({ blocks }) => blocks)
    .find((block): block is TableBlock => block.kind === 'table' && block.id === id);
  if (found === undefined) throw new Error(`no table ${id}`);
  return found;
}

/** The sample with a figure of every variant replaced. */
function withFigure(name: string, valueOf: (value: number, row: number) => number): SweepReportInput {
  const values = numbersOf(input.leaderboard, name).map(valueOf);
  const columns = new Map<string, Column>(input.leaderboard.columns).set(name, { type: 'float', values });
  return { ...input, leaderboard: { ...input.leaderboard, columns } };
}

const cases: Readonly<Record<string, SweepReportInput>> = {
  'many variants': input,
  'noise alone': sampleSweep({ edge: 0, days: 90 }),
  'one parameter': sampleSweep({ axes: SAMPLE_AXES.slice(2, 3) }),
  'one variant': sampleSweep({ axes: [] }),
  'too few days': sampleSweep({ days: 12 }),
  'hostile names': sampleSweep({
    axes: [{ key: 'A"><script>', values: ['<b>', "'x'", null] }, SAMPLE_AXES[2]],
    names: [`"><script>alert(1)</script>`, '\u202e名前&amp;]]>'],
  }),
  'nothing that traded': { ...withFigure('mean_r', () => Number.NaN), curves: [] },
};

describe.each(Object.entries(cases))('the page about %s', (_, found) => {
  it('is well-formed, shows no number that does not exist and runs no name', () => {
    const page = reportHtml(renderSweepReport(found));
    expect(markupProblems(page.replace('<!doctype html>\n', ''), false)).toEqual([]);
    expect(page.replaceAll(/<script[\s\S]*?<\/script>| data-sort="Infinity"/g, '')).not.toMatch(
      /NaN|undefined|Infinity/,
    );
    expect(page.match(/<script/g)).toHaveLength(1);
  });

  it('is Markdown with every section and drawing', () => {
    const made = renderSweepReport(found);
    const text = reportMarkdown(made, ({ id }) => `charts/${id}.svg`);
    expect(Array.from(text.matchAll(/^## /gm))).toHaveLength(made.sections.length);
    for (const { id } of chartsOf(made)) expect(text).toContain(`(charts/${id}.svg)`);
    expect(new Set(chartsOf(made).map(({ id }) => id)).size).toBe(chartsOf(made).length);
  });
});

describe('the verdict of a sweep', () => {
  it('tells the figures of the search as the statistics package found them', () => {
    const { selection } = input;
    if (selection.kind === 'none') throw new Error('the sample has a verdict');
    const { deflation, overfitting, counts } = selection.verdict;
    if (deflation.expectedMax.kind === 'refused' || overfitting.kind === 'refused') throw new Error('it has figures');
    const text = textsIn(report);
    expect(text).toContain(`${counts.configurations} configurations were ever evaluated`);
    expect(text).toContain(`a Sharpe ratio of ${deflation.expectedMax.annualSharpe.toFixed(2)};`);
    expect(text).toContain(`In ${(overfitting.result.pbo * 100).toFixed(1)}\u00a0% of all ways to halve the days`);
  });

  it('calls the best of noise no skill', () => {
    const text = textsIn(renderSweepReport(cases['noise alone']));
    expect(text).toContain('the search explains the result as well as skill does');
  });

  it.each([
    { kept: 0.8, words: 'That is a plateau' },
    { kept: 0.1, words: 'That is a needle' },
    { kept: -0.5, words: 'That is a needle' },
    { kept: Number.NaN, words: 'is not above zero itself' },
  ])('of a best variant whose neighbours keep $kept: $words', ({ kept, words }) => {
    expect(textsIn(renderSweepReport(withFigure('plateau_frac', () => kept)))).toContain(words);
  });

  it('is about the first variant that is not guarded, and about none when all are', () => {
    const guardAll = (guard: (row: number) => string): SweepReportInput => {
      const values = Array.from({ length: input.leaderboard.length }, (__, row) => guard(row));
      const columns = new Map<string, Column>(input.leaderboard.columns).set('guard', { type: 'text', values });
      const selection = { kind: 'none', why: 'nothing is known' } as const;
      return { ...input, selection, leaderboard: { ...input.leaderboard, columns } };
    };
    const tags = tableIn(report, 'leaderboard-results').rows.map(([name]) => name.text);
    const second = textsIn(renderSweepReport(guardAll((row) => (row === 0 ? 'no trades' : ''))));
    expect(second).toContain(`The best variant. ${tags[1]} (`);
    const none = textsIn(renderSweepReport(guardAll(() => 'no trades')));
    expect(none).toContain('Every variant is guarded');
    expect(none).not.toContain('The best variant.');
  });

  it('says when the engine disagrees', () => {
    const text = textsIn(renderSweepReport({ ...input, agreement: { checked: 8, agreed: 7, byEngine: 0 } }));
    expect(text).toContain('1 of 8 variants that were run again through the engine gave other trades');
  });

  it('of one variant says why there is nothing about a choice', () => {
    const one = renderSweepReport(cases['one variant']);
    expect(textsIn(one)).toContain('one variant is no choice');
    expect(textsIn(one, 'deflation')).toContain('Not computed: one variant is no choice.');
    expect(textsIn(one, 'parameters')).toContain('Nothing was varied');
  });

  it('refuses statistics with their reason and never prints them as 0 or 1', () => {
    const few = renderSweepReport(cases['too few days']);
    expect(textsIn(few)).toContain('PBO was not computed');
    const text = few.sections.map(({ id }) => textsIn(few, id)).join('\n');
    expect(text).toMatch(/DSR: refused \(.*not computed: 12 days, at least 20 are needed\)/);
    expect(text).not.toMatch(/\b(?:PSR|DSR|PBO): (?:0|100)/);
  });
});

describe('tables and drawings of a sweep', () => {
  it('lists the first fifty in the order of the file, marks guarded ones with their reason', () => {
    const { rows, note } = tableIn(report, 'leaderboard-results');
    expect(rows).toHaveLength(50);
    expect(note).toContain(`The first 50 of ${input.leaderboard.length}`);
    const meanR = numbersOf(input.leaderboard, 'mean_r');
    expect(rows.map(([, cell]) => cell.sort)).toEqual(Array.from(meanR.subarray(0, 50)));
    expect(rows[12][0]).toMatchObject({ words: 'guarded: fewer trades than MIN_TRADES (30)', tone: 'loss' });
    expect(tableIn(report, 'leaderboard-values').rows[0]).toHaveLength(1 + SAMPLE_AXES.length);
  });

  it('puts variants with the same value together', () => {
    const { rows } = tableIn(report, 'margins');
    expect(rows).toHaveLength(SAMPLE_AXES.reduce((sum, { values }) => sum + values.length, 0));
    const traded = numbersOf(input.leaderboard, 'mean_r').filter((value) => !Number.isNaN(value)).length;
    const ofStops = rows.filter(([key]) => key.text === 'SL_ATR_MULT').map((cells) => Number(cells[4].sort));
    expect(ofStops.reduce((sum, count) => sum + count, 0)).toBe(traded);
  });

  it('draws every pair of parameters once, each cell with its number of variants', () => {
    const maps = chartsOf(report).filter(({ id }) => id.startsWith('heat-'));
    expect(maps).toHaveLength(10);
    const { wide } = maps[maps.findIndex(({ id }) => id === 'heat-2-3')];
    const counts = Array.from(wide.matchAll(/>of (\d+)</g), ([, count]) => Number(count));
    const traded = numbersOf(input.leaderboard, 'mean_r').filter((value) => !Number.isNaN(value)).length;
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(traded);
    expect(wide).toContain('>no variant<');
  });

  it('names steps of the walk-forward by their variants', () => {
    const tags = new Set(textsOf(input.leaderboard, 'tag'));
    for (const [, chosen] of tableIn(report, 'steps-rolling').rows) expect(tags).toContain(chosen.text);
  });

  it('has a drawing of Sharpe ratios with both marks', () => {
    const chart = chartsOf(report).find(({ id }) => id === 'sharpe-distribution');
    expect(chart?.description).toMatch(/the best variant \d\.\d\d; best of \d+ by luck \d\.\d\d/);
  });

  it('makes one row of one variant', () => {
    const one = { ...input, leaderboard: takeRows(input.leaderboard, [0]), curves: [] };
    expect(tableIn(renderSweepReport(one), 'leaderboard-results').rows).toHaveLength(1);
  });
});
