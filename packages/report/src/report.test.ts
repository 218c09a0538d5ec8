import { columnOf, numbersOf, tableFromRows, TABLES, type Row } from '@donch/core';
import { createPrng } from '@donch/core';
import { clusterBootstrap, profitFactor } from '@donch/stats';
import { describe, expect, it } from 'vitest';
import type { Cell, Section, TableBlock } from './blocks.ts';
import { rText, ratioText, usdText } from './format/number-text.ts';
import { reportMarkdown } from './markdown/report-markdown.ts';
import type { ReportInput } from './report-input.ts';
import { buildReport, chartsOf } from './report.ts';
import { breakTimesOf, funnelCounts } from './sections/funnel.ts';
import { sampleInput } from './testing/sample-input.ts';

const input = sampleInput({ trades: 300, withPaths: true });
const report = buildReport(input);

function sectionOf({ sections }: { readonly sections: readonly Section[] }, id: string): Section {
  const found = sections.find((section) => section.id === id);
  if (found === undefined) throw new Error(`no section ${id}`);
  return found;
}

function tableOf(id: string, from = report): TableBlock {
  const blocks = from.sections.flatMap((section) => section.blocks);
  const found = blocks.find((block): block is TableBlock => block.kind === 'table' && block.id === id);
  if (found === undefined) throw new Error(`no table ${id}`);
  return found;
}

const wordsOf = (from: { readonly sections: readonly Section[] }, id = 'verdict'): string =>
  sectionOf(from, id)
    .blocks.map((block) => (block.kind === 'text' ? `${block.label} ${block.text}` : ''))
    .join('\n');

const sumOf = (rows: readonly (readonly Cell[])[], column: number): number =>
  rows.reduce((sum, cells) => sum + Number(cells[column].sort), 0);

/** The sample with the results of its trades replaced. */
function withResults(results: (row: number) => number, trades = 300): ReportInput {
  const base = sampleInput({ trades });
  const columns = new Map(base.trades.columns);
  for (const [name, factor] of [
    ['pnl_r', 1],
    ['pnl_usd', 10],
  ] as const)
    columns.set(name, {
      type: 'float',
      values: Float64Array.from({ length: trades }, (_, row) => results(row) * factor),
    });
  return { ...base, trades: { ...base.trades, columns } };
}

describe('tables of groups', () => {
  const totalUsd = numbersOf(input.trades, 'pnl_usd').reduce((sum, value) => sum + value, 0);

  it.each(['by-exit', 'by-symbol', 'by-regime-up', 'by-volatility', 'by-year', 'by-weekday', 'by-hour'])(
    '%s holds every trade once',
    (id) => {
      const { rows } = tableOf(id);
      expect(sumOf(rows, 1)).toBe(300);
      expect(sumOf(rows, 7)).toBeCloseTo(totalUsd, 8);
    },
  );

  it('show what the statistics package says of the group', () => {
    const ups = Array.from(columnOf(input.trades, 'regime_up').values.keys()).filter((row) => row % 2 === 0);
    const pick = (name: string): Float64Array => Float64Array.from(ups, (row) => numbersOf(input.trades, name)[row]);
    const found = clusterBootstrap({ entryTimeMs: pick('entry_time'), pnl: pick('pnl_r') }, 'mean', {
      prng: createPrng(1, 'bootstrap'),
    });
    if (found.kind === 'refused') throw new Error('the sample has enough weeks');
    const up = tableOf('by-regime-up').rows.find(([name]) => name.text === 'up');
    expect(up?.map(({ text }) => text).slice(3, 6)).toEqual([
      rText(found.estimate),
      `${rText(found.low)} to ${rText(found.high)}`,
      ratioText(profitFactor(pick('pnl_r'))),
    ]);
  });

  it('tell strategies and sides apart where there are several', () => {
    const columns = new Map(input.trades.columns);
    columns.set('side', {
      type: 'text',
      values: Array.from({ length: 300 }, (_, row) => (row < 100 ? 'short' : 'long')),
    });
    columns.set('strategy_id', {
      type: 'text',
      values: Array.from({ length: 300 }, (_, row) => (row < 100 ? 'b' : 'sample')),
    });
    const second = { strategyId: 'b', name: 'Second', side: 'short', firstTargetAtrMult: Number.NaN };
    const both = buildReport({
      ...input,
      strategies: [...input.strategies, second],
      trades: { ...input.trades, columns },
    });
    expect(both.title).toMatch(/^Sample \(long\), Second \(short\), /);
    for (const [id, names] of [
      ['by-strategy', ['Second', 'Sample']],
      ['by-side', ['short', 'long']],
    ] as const) {
      expect(tableOf(id, both).rows.map(([name, count]) => [name.text, count.sort])).toEqual([
        [names[0], 100],
        [names[1], 200],
      ]);
    }
  });

  it('have no interval below twelve weeks, and say how many there are', () => {
    const few = buildReport(sampleInput({ trades: 20, days: 40 }));
    expect(tableOf('by-regime-up', few).rows[0][4]).toMatchObject({ text: '6 of 12 weeks', sort: null });
  });

  it('name the regime columns that the run does not have', () => {
    expect(wordsOf(report, 'regimes')).toContain(
      'Not computed in this run: markov_prob_up_4h, vol_prob_low_1d, trend_regime_1d, vol_regime_1d, regime_1d.',
    );
  });

  it('group labels and probabilities where the run has them', () => {
    const columns = new Map(input.trades.columns);
    const labels = Array.from({ length: 300 }, (_, row) => ['BULL', 'BEAR', null][row % 3]);
    columns.set('trend_regime_1d', { type: 'text', values: labels });
    columns.set('markov_prob_up_4h', {
      type: 'float',
      values: Float64Array.from({ length: 300 }, (_, row) => (row % 5) / 4),
    });
    const found = buildReport({ ...input, trades: { ...input.trades, columns } });
    const names = (id: string): string[] => tableOf(id, found).rows.map(([name]) => name.text);
    expect(names('by-trend-regime-1d')).toEqual(['BEAR', 'BULL', 'unknown']);
    expect(names('by-markov-prob-up-4h')).toEqual(['0 to 0.25', '0.25 to 0.5', '0.5 to 0.75', '0.75 to 1']);
    expect(sumOf(tableOf('by-markov-prob-up-4h', found).rows, 1)).toBe(300);
  });
});

describe('the verdict', () => {
  it.each([
    { name: 'gains in every week', results: (row: number) => 0.5 + (row % 3) / 10, words: 'above zero' },
    { name: 'losses in every week', results: (row: number) => -0.5 - (row % 3) / 10, words: 'below zero' },
    { name: 'as much gain as loss', results: (row: number) => (row % 2 === 0 ? 1 : -1), words: 'Zero lies inside' },
  ])('of $name: $words', ({ results, words }) => {
    expect(wordsOf(buildReport(withResults(results)))).toContain(words);
  });

  it('makes no statement of luck without twelve weeks', () => {
    const text = wordsOf(buildReport(sampleInput({ trades: 1, days: 10 })));
    expect(text).toContain('trades in 1 week, and below 12 no honest interval exists');
    expect(text).toContain('Beware. 1 trade: too few for any conclusion.');
  });

  it('says when one trade makes the difference between gain and loss', () => {
    const oneLuckyTrade = buildReport(withResults((row) => (row === 7 ? 400 : -1)));
    expect(wordsOf(oneLuckyTrade)).toContain('one trade makes the difference between gain and loss');
    expect(tableOf('concentration-table', oneLuckyTrade).rows[0].map(({ text }) => text)).toEqual([
      'the best trade',
      usdText(4_000),
      rText(400),
      '100.0\u00a0%',
      usdText(-2_990),
      rText(-299),
    ]);
  });

  it('says when costs ate a strategy that earned before them', () => {
    const eaten = buildReport(withResults((row) => (row % 2 === 0 ? 0.04 : -0.08)));
    expect(wordsOf(eaten, 'costs')).toContain('lost to its costs');
  });

  it('repeats what the run says about itself', () => {
    const notes = { ...input.notes, abortReason: 'equity below its floor', participationWarnings: 2 };
    const run = { ...input.run, isSynthetic: true };
    const text = wordsOf(buildReport({ ...input, notes, run }));
    for (const words of [
      'stopped early: equity below its floor',
      '2 fills took more than 5 %',
      'prices are invented',
      'Universe. 3 instruments.',
    ])
      expect(text).toContain(words);
  });
});

describe('the funnel', () => {
  it('counts records once and puts each stop where it happened', () => {
    const record = (event: string, verdict: string, reason: string | null, gates: number): Row[] =>
      Array.from({ length: gates }, (_, index) => ({
        decision_time: 1e12 + index,
        strategy_id: 's',
        instrument_id: 'sim:A',
        stage: event === 'judged' ? 'engine' : 'setup',
        event,
        verdict,
        reason,
        gate_index: index,
      }));
    const rows = [
      ...record('broken', 'state', null, 3),
      ...record('replaced', 'state', null, 1),
      ...record('touched', 'state', null, 1),
      ...record('entry', 'blocked', 'regime', 5),
      ...record('entry', 'signal', null, 5),
      ...record('judged', 'skipped', 'max_open', 7),
    ];
    const base = sampleInput({ trades: 0 });
    const funnel = { decision_time: 1e12, strategy_id: 's', symbols: 2, present: 40, not_ready: 4, idle: 0 };
    const rest = { late: 0, broken: 9, touched: 9, entries: 2, signals: 1 };
    const failed = { failed_by_gate: JSON.stringify({ volume: 6, regime: 1 }) };
    const counts = funnelCounts({
      ...base,
      decisions: tableFromRows('decisions', TABLES.decisions.columns, rows),
      funnel: tableFromRows('funnel', TABLES.funnel.columns, [{ ...funnel, ...rest, ...failed }]),
    });
    expect(counts).toEqual({
      symbolBars: 40,
      readyBars: 36,
      breakouts: 2,
      touches: 1,
      entries: 2,
      signals: 1,
      accepted: 0,
      trades: 0,
      stoppedBreakouts: new Map([['volume', 6]]),
      stoppedEntries: new Map([['regime', 1]]),
      stoppedSignals: new Map([['max_open', 1]]),
    });
  });

  it('of signals of a file begins with the signals', () => {
    const foreign = buildReport({ ...input, funnel: null });
    expect(tableOf('funnel-steps', foreign).rows.map(([name, count]) => `${name.text} ${count.text}`)).toEqual([
      'signals 300',
      'accepted 300',
      'finished trades 300',
    ]);
    expect(wordsOf(foreign, 'funnel')).toContain('came from a file');
  });

  it('finds the breakout of each trade', () => {
    const times = breakTimesOf(input.trades, input.decisions);
    const decided = numbersOf(input.trades, 'decision_time');
    expect(Array.from(times, (timeMs, row) => decided[row] - timeMs)).toEqual(Array.from(times, () => 20 * 300_000));
    const none = tableFromRows('decisions', TABLES.decisions.columns, []);
    expect(breakTimesOf(input.trades, none).every(Number.isNaN)).toBe(true);
  });
});

describe('data of the page', () => {
  it('hold every trade with the prices of the table', () => {
    const { trades } = report.data;
    expect(new Set(Object.values(trades).map((column) => column.length))).toEqual(new Set([300]));
    expect(trades.entry[17]).toBeCloseTo(numbersOf(input.trades, 'entry_price')[17], 5);
    expect(trades.pnlUsd[17]).toBeCloseTo(numbersOf(input.trades, 'pnl_usd')[17], 4);
  });

  it('plan a first target from the price at the decision, on the side of the trade', () => {
    const strategies = [{ strategyId: 'sample', name: 'S', side: 'long', firstTargetAtrMult: 5 }];
    const { firstTarget } = buildReport({ ...input, strategies }).data.trades;
    expect(firstTarget[3]).toBeCloseTo(numbersOf(input.trades, 'reference_price')[3] + 5, 5);
    expect(report.data.trades.firstTarget.every((price) => price === null)).toBe(true);
  });
});

describe('reportMarkdown', () => {
  const text = reportMarkdown(report, ({ id }) => `charts/${id}.svg`);

  it('has the sections of the page, and links its charts', () => {
    const titles = Array.from(text.matchAll(/^## (.*)$/gm), ([, title]) => title);
    expect(titles).toEqual(report.sections.map(({ title }) => title));
    for (const { id } of chartsOf(report)) expect(text).toContain(`(charts/${id}.svg)`);
    expect(reportMarkdown(report, () => null)).not.toContain('![');
  });

  it('has tables with as many cells in every row', () => {
    const tables = text.split('\n\n').filter((part) => part.startsWith('|'));
    expect(tables.length).toBeGreaterThan(8);
    for (const table of tables) {
      const cells = table.split('\n').map((line) => line.replaceAll(String.raw`\|`, '').split('|').length);
      expect(new Set(cells).size).toBe(1);
    }
  });

  it('makes no markup of hostile names', () => {
    const symbols = ['<script>x</script>', '[a](javascript:b)', 'a|b\n# c'];
    const hostile = reportMarkdown(
      buildReport(sampleInput({ trades: 9, symbols, strategyName: symbols[0] })),
      () => null,
    );
    expect(hostile).not.toMatch(/(^|[^\\])<script|(^|[^\\])\]\(javascript|^# c/m);
  });

  it('lists at most two hundred trades and says so', () => {
    expect(text).toContain('The 200 trades with the largest gains and losses of 300');
    expect(reportMarkdown(buildReport(sampleInput({ trades: 10 })), () => null)).not.toContain(
      'largest gains and losses',
    );
  });
});
