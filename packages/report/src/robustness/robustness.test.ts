import { createPrng, numbersOf, type Column } from '@donch/core';
import { clusterBootstrap } from '@donch/stats';
import { describe, expect, it } from 'vitest';
import type { Section, TableBlock } from '../blocks.ts';
import { meanText } from '../format/number-text.ts';
import { reportJson } from '../json/report-json.ts';
import { reportMarkdown } from '../markdown/report-markdown.ts';
import { reportHtml } from '../page/html.ts';
import type { ReportInput } from '../report-input.ts';
import { buildReport, chartsOf } from '../report.ts';
import type { StressFindings } from '../stress/stress-input.ts';
import { markupProblems } from '../testing/markup-problems.ts';
import { sampleStress, sampleWithFindings } from '../testing/sample-findings.ts';
import { sampleInput } from '../testing/sample-input.ts';
import { robustnessOf } from './robustness-of.ts';

const input = sampleWithFindings({ trades: 300 });
const report = buildReport(input);

type Sections = { readonly sections: readonly Section[] };

function tableOf(id: string, { sections }: Sections = report): TableBlock {
  const found = sections
    .flatMap(({ blocks }) => blocks)
    .find((block): block is TableBlock => block.kind === 'table' && block.id === id);
  if (found === undefined) throw new Error(`no table ${id}`);
  return found;
}

function wordsOf({ sections }: Sections, ...ids: string[]): string {
  const blocks = sections.filter(({ id }) => ids.length === 0 || ids.includes(id)).flatMap((section) => section.blocks);
  return blocks
    .map((block) => {
      if (block.kind === 'text') return `${block.label} ${block.text}`;
      if (block.kind === 'facts')
        return block.facts.map(({ label, value, words }) => `${label}: ${value} (${words})`).join('\n');
      return '';
    })
    .join('\n');
}

const hostile = `"><script>alert(1)</script>`;
const refusedStress: StressFindings = {
  kind: 'stress',
  report: sampleStress({
    costs: { levels: [], breakEven: { kind: 'refused', reason: 'no_trades', found: 0, needed: 1 } },
    missedFills: [],
    randomEntries: { kind: 'refused', reason: 'no_positions', found: 0, needed: 1 },
    capacity: { kind: 'refused', reason: 'no_positions', found: 0, needed: 1 },
    holding: { ...sampleStress().holding, reference: null, beta: Number.NaN, correlation: Number.NaN },
  }),
};

const cases: Readonly<Record<string, ReportInput>> = {
  everything: input,
  'no trade': sampleWithFindings({ trades: 0 }),
  'one trade': sampleWithFindings({ trades: 1 }),
  'one day': sampleWithFindings({ trades: 2, days: 4 }),
  'nothing but the starting capital': sampleWithFindings({ trades: 0, days: 0 }),
  'hostile names': sampleWithFindings({ trades: 30, symbols: [hostile, "'x' &amp;"], strategyName: hostile }),
  'findings that were refused': {
    ...input,
    stress: refusedStress,
    selection: { kind: 'none', why: 'the trial ledger does not know it on this window' },
  },
  'nothing simulated': { ...input, stress: { kind: 'none', why: 'it was not asked for' } },
};

describe.each(Object.entries(cases))('a report with %s', (_, found) => {
  it('is well-formed, has no number that does not exist, and every drawing once', () => {
    const made = buildReport(found);
    const page = reportHtml(made);
    expect(markupProblems(page.replace('<!doctype html>\n', ''), false)).toEqual([]);
    expect(page.replaceAll(/<script[\s\S]*?<\/script>| data-sort="Infinity"/g, '')).not.toMatch(
      /NaN|undefined|Infinity/,
    );
    const ids = chartsOf(made).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(made.sections.map(({ id }) => id)).size).toBe(made.sections.length);
    expect(Array.from(reportMarkdown(made, () => null).matchAll(/^## /gm))).toHaveLength(made.sections.length);
  });
});

describe('robustness of a run', () => {
  const robustness = robustnessOf(input);

  it('shows what the statistics package found', () => {
    if (robustness.monteCarlo.kind === 'refused' || robustness.killLevel.kind === 'refused') throw new Error('it has');
    const { ruin, drawdownFrac } = robustness.monteCarlo.simulation;
    const words = wordsOf(report, 'luck');
    expect(words).toContain(`chance of ruin: ${(ruin.estimate * 100).toFixed(1)}\u00a0%`);
    expect(words).toContain(`kill level: ${(-robustness.killLevel.drawdownFrac * 100).toFixed(1)}\u00a0%`);
    const depth = tableOf('simulation').rows.find(([name]) => name.text === 'max drawdown');
    expect(depth?.[3].text).toBe(
      `${(-drawdownFrac.high * 100).toFixed(1)}\u00a0% to ${(-drawdownFrac.low * 100).toFixed(1)}\u00a0%`,
    );
  });

  it('takes the best trades out', () => {
    const all = [...numbersOf(input.trades, 'pnl_r')].sort((a, b) => b - a);
    const rest = all.slice(5);
    const mean = rest.reduce((sum, value) => sum + value, 0) / rest.length;
    const row = tableOf('without-best').rows.find(([name]) => name.text === 'without the best 5');
    expect(row?.[2].text).toBe(meanText(mean));
    const few = buildReport(sampleInput({ trades: 4 }));
    expect(tableOf('without-best', few).rows.map(([name]) => name.text)).toEqual(['without the best trade']);
  });

  it('sees what sizing saw in the equity where the trades do not say', () => {
    const columns = new Map<string, Column>(input.trades.columns);
    columns.delete('equity_at_decision_usd');
    const without = robustnessOf({ ...input, trades: { ...input.trades, columns } });
    expect(without.shuffle.kind).toBe('shuffle');
    expect(without.withoutBest).toEqual(robustness.withoutBest);
  });

  it('refuses with the reason what a short run does not allow, and prints no 0 or 1 for it', () => {
    const words = wordsOf(buildReport(sampleInput({ trades: 2, days: 12 })), 'risk', 'luck');
    expect(words).toMatch(/PSR: refused \(.*12 days, at least 20 are needed/);
    expect(words).toMatch(/VaR 5 %: refused/);
    expect(words).toContain('Rolling Sharpe ratio: not computed, 12 days, at least 90 are needed');
    expect(words).not.toMatch(/(?:PSR|MinTRL|VaR 5 %): [01]/);
  });

  it('says that figures of a chosen run are too good, unless nothing else was ever tried', () => {
    const { selection } = input;
    if (selection?.kind !== 'selection') throw new Error('the sample has a verdict');
    const counts = { ...selection.verdict.counts, configurations: 1 };
    const alone = { ...input, selection: { ...selection, verdict: { ...selection.verdict, counts } } };
    expect(wordsOf(report, 'luck')).toContain('every figure here is too good');
    expect(wordsOf(buildReport(alone), 'luck')).not.toContain('too good');
  });
});

describe('headline figures', () => {
  const rows = (from: Sections): string[][] =>
    tableOf('headline-intervals', from).rows.map((cells) => cells.map(({ text }) => text));

  it('have an interval each, those of the summary where it has them', () => {
    const found = new Map(rows(report).map(([name, ...rest]) => [name, rest]));
    expect([...found.keys()]).toEqual([
      'expectancy',
      'win rate',
      'profit factor',
      'Sharpe',
      'total return',
      'max drawdown, ends of days',
    ]);
    const entryTimeMs = Float64Array.from(numbersOf(input.trades, 'entry_time'));
    const expected = clusterBootstrap({ entryTimeMs, pnl: numbersOf(input.trades, 'pnl_r') }, 'mean', {
      prng: createPrng(1, 'bootstrap'),
    });
    if (expected.kind === 'refused') throw new Error('the sample has enough weeks');
    expect(found.get('expectancy')?.[1]).toBe(`${meanText(expected.low)} to ${meanText(expected.high)}`);
    for (const [, [estimate, range]] of found) expect([estimate, range].join()).not.toMatch(/none|refused/);
  });

  it('say why one has none', () => {
    const short = buildReport(sampleInput({ trades: 3, days: 6 }));
    const cells = tableOf('headline-intervals', short).rows.map((row) => row[2]);
    expect(cells[0]).toMatchObject({ text: 'refused', words: 'trades in 1 week, at least 12 are needed' });
    expect(cells.every(({ text }) => text === 'refused')).toBe(true);
  });
});

describe('stress in a report', () => {
  it('lists costs, late orders and missed orders', () => {
    expect(tableOf('conditions').rows.map(([name, mean]) => `${name.text}: ${mean.text}`)).toEqual([
      'the run: +0.120\u00a0R',
      'costs x 1.50: +0.080\u00a0R',
      'costs x 2.00: +0.040\u00a0R',
      'costs x 3.00: \u22120.040\u00a0R',
      'every order 1 bar late: +0.070\u00a0R',
    ]);
    expect(tableOf('missed').rows).toHaveLength(2);
    expect(wordsOf(report, 'stress')).toContain('break-even costs: 2.50 x');
    expect(wordsOf(report, 'benchmarks')).toContain('p, total return: 0.024');
  });

  it('says why there is nothing, in words', () => {
    const words = wordsOf(buildReport(cases['findings that were refused']), 'stress', 'benchmarks', 'capacity');
    expect(words).toContain('break-even costs: refused (there are no finished trades)');
    expect(words).toContain('Random entries: not simulated, there are no positions.');
    expect(words).toContain('beta to the market: none');
    expect(wordsOf(buildReport(cases['nothing simulated']), 'stress')).toContain(
      'Not simulated: it was not asked for.',
    );
  });
});

describe('groups of a run', () => {
  it('hold every trade with a result once, together and per column', () => {
    const counts = (id: string): number => tableOf(id).rows.reduce((sum, cells) => sum + Number(cells[3].sort), 0);
    const known = input.groups?.results.values.filter((value) => !Number.isNaN(value)).length;
    expect([counts('variant-0'), counts('variant-1'), counts('variant-all')]).toEqual([known, known, known]);
  });

  it('refuse PBO and DSR, because they are no trials', () => {
    const words = wordsOf(report, 'variants');
    expect(words).toContain('PBO and DSR over these groups are refused: groups of one run are no trials.');
    expect(words).toContain('7 trades have no pnl_R');
  });

  it('of one column have no combination', () => {
    const { groups } = input;
    if (groups === undefined) throw new Error('the sample has groups');
    const one = buildReport({ ...input, groups: { ...groups, columns: groups.columns.slice(0, 1) } });
    expect(() => tableOf('variant-all', one)).toThrow('no table');
    expect(tableOf('variant-0', one).columns[1].title).toBe('mean pnl_R');
  });
});

describe('the search behind a run', () => {
  it('stands in the verdict', () => {
    expect(wordsOf(report, 'verdict')).toContain('What luck alone would show. 172 configurations');
    expect(wordsOf(buildReport(sampleInput({ trades: 300 })), 'verdict')).not.toContain('What luck alone');
  });

  it('is said to be unknown with the reason', () => {
    const words = wordsOf(buildReport(cases['findings that were refused']), 'deflation');
    expect(words).toContain('Not computed: the trial ledger does not know it on this window.');
  });
});

describe('reportJson', () => {
  const text = reportJson(report, { robustness: report.robustness, stress: input.stress, selection: input.selection });

  it('has every section, every figure of the statistics, and no number that JSON does not know', () => {
    const found = JSON.parse(text) as Record<string, never>;
    expect(found).toMatchObject({ schema: 'donch.report', schemaVersion: 1, title: report.title });
    expect((found['sections'] as { id: string }[]).map(({ id }) => id)).toEqual(report.sections.map(({ id }) => id));
    expect(found['statistics']).toMatchObject({
      robustness: { days: 200, trades: 300, monteCarlo: { kind: 'monte_carlo' } },
      stress: { report: { capacity: { bar: { max: 'infinite' } } } },
      selection: { verdict: { counts: { configurations: 172 } } },
    });
  });

  it('keeps refusals as what they are', () => {
    const short = buildReport(sampleInput({ trades: 2, days: 12 }));
    const found = JSON.parse(reportJson(short, { robustness: short.robustness })) as {
      statistics: { robustness: object };
    };
    expect(found.statistics.robustness).toMatchObject({
      sharpe: { kind: 'refused', reason: 'too_few_observations', found: 12, needed: 20 },
    });
    expect(JSON.stringify(found)).toContain('12 days, at least 20 are needed');
  });
});

describe('exposure', () => {
  it('tells positions at a time and leverage where the equity has them', () => {
    const { equity } = input;
    const fill = (value: (row: number) => number): Column => ({
      type: 'float',
      values: Float64Array.from({ length: equity.length }, (_, row) => value(row)),
    });
    const columns = new Map<string, Column>(equity.columns)
      .set(
        'open_positions',
        fill((row) => row % 4),
      )
      .set(
        'gross_notional_usd',
        fill((row) => 500 * (row % 4)),
      )
      .set(
        'open_risk_usd',
        fill(() => 10),
      );
    const found = buildReport({ ...input, equity: { ...equity, columns } });
    const shares = tableOf('concurrency', found).rows.map((cells) => Number(cells[1].sort));
    expect(shares).toHaveLength(4);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
    expect(wordsOf(found, 'exposure')).toMatch(/leverage, most: \d\.\d\d x/);
    // the samples do not record it
    expect(wordsOf(report, 'exposure')).not.toContain('leverage, most');
  });
});
