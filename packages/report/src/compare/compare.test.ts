import { DAY_MS, numbersOf } from '@donch/core';
import { describe, expect, it } from 'vitest';
import type { TableBlock } from '../blocks.ts';
import { overlayChart } from '../charts/overlay-chart.ts';
import { reportHtml } from '../page/html.ts';
import { chartsOf } from '../report.ts';
import { markupProblems } from '../testing/markup-problems.ts';
import { sampleRun, type SampleRunOptions } from '../testing/sample-runs.ts';
import { buildCompareReport } from './compare-report.ts';
import { compareRuns, type RunComparison, type TradeGroup } from './compare-runs.ts';
import { compareTables } from './compare-tables.ts';
import { compareWords } from './compare-words.ts';

const HOSTILE = [
  `"><script>alert(1)</script>`,
  `'onload=alert(1) <img src=x onerror=alert(2)>`,
  '\u202e名前\u0007&amp;]]>',
];

const A = { trades: 300, settings: { SL_ATR_MULT: 2, TP: null, SYMBOLS: ['a', 'b'] } };
const compared = (...others: readonly Partial<SampleRunOptions>[]): RunComparison =>
  compareRuns([sampleRun(A), ...others.map((other, k) => sampleRun({ ...A, id: `backtest-${k}`, ...other }))]);
const tableOf = (comparison: RunComparison, id: string): TableBlock => {
  const found = compareTables(comparison).find((table) => table.id === id);
  if (found === undefined) throw new Error(`no table ${id}`);
  return found;
};
const pageOf = (comparison: RunComparison): string => reportHtml(buildCompareReport(comparison));
const withoutScript = (page: string): string => page.replaceAll(/<script[\s\S]*?<\/script>/g, '');

describe('compareRuns', () => {
  it('finds no difference between runs with the same trades', () => {
    const comparison = compared({});
    const [pair] = comparison.pairs;
    expect(pair).toMatchObject({ differenceR: 0, interval: { estimate: 0, low: 0, high: 0 }, hasOtherSetup: false });
    expect(pair.common).toMatchObject({ trades: 300, differenceR: 0, sameResult: 300, movedStops: 0 });
    expect([pair.onlyBase.trades, pair.onlyOther.trades]).toEqual([0, 0]);
    expect(comparison.differences).toEqual([]);
    expect(compareWords(comparison)).toEqual(['B against A. Both made the same 300 trades with the same results.']);
  });

  it('pairs trades of the same signal: what was added to every common trade is their difference, exactly', () => {
    const [pair] = compared({ resultR: (pnlR) => pnlR + 0.25, keeps: (row) => row % 3 > 0 }).pairs;
    expect(pair.common).toMatchObject({ trades: 200, differenceR: expect.closeTo(0.25, 12) as number, sameResult: 0 });
    const { interval } = pair.common;
    if (interval.kind === 'refused') throw new Error(interval.reason);
    for (const bound of [interval.low, interval.high]) expect(bound).toBeCloseTo(0.25, 12);
    expect([pair.onlyBase.trades, pair.onlyOther.trades]).toEqual([100, 0]);
  });

  it('splits the whole difference into the rows of its table', () => {
    const comparison = compared({ resultR: (pnlR, row) => pnlR + Math.sin(row), keeps: (row) => row % 7 > 0 });
    const [{ commonBase, commonOther, onlyBase, onlyOther }] = comparison.pairs;
    const total = (run: number): number =>
      numbersOf(comparison.runs[run].trades, 'pnl_r').reduce((sum, r) => sum + r, 0);
    const sum = (...groups: TradeGroup[]): number => groups.reduce((all, { totalR }) => all + totalR, 0);
    expect(sum(commonBase, onlyBase)).toBeCloseTo(total(0), 9);
    expect(sum(commonOther, onlyOther)).toBeCloseTo(total(1), 9);
    expect(commonBase.trades + onlyBase.trades).toBe(300);
  });

  it('is the other way round when the runs are exchanged', () => {
    const runs = [sampleRun(A), sampleRun({ ...A, id: 'backtest-1', resultR: (pnlR, row) => pnlR + Math.sin(row) })];
    const [[there], [back]] = [compareRuns(runs).pairs, compareRuns(runs.toReversed()).pairs];
    expect(back.differenceR).toBeCloseTo(-there.differenceR, 12);
    expect(back.onlyBase).toEqual(there.onlyOther);
  });

  it('names settings that differ and no others; data and universes that differ are warned of', () => {
    const { differences, warnings } = compared({
      settings: { ...A.settings, SL_ATR_MULT: 3, EXTRA: true },
      parts: {
        inputs: { signals: '6'.repeat(64), candles: '0'.repeat(64), funding: '1'.repeat(64) },
        universeHash: null,
      },
    });
    expect(differences).toEqual([
      { group: 'run', key: 'universe', values: ['eeeeeeeeeeee', 'none'] },
      { group: 'data', key: 'candles', values: ['dddddddddddd', '000000000000'] },
      { group: 'setting', key: 'SL_ATR_MULT', values: ['2', '3'] },
      { group: 'setting', key: 'EXTRA', values: ['', 'true'] },
    ]);
    expect(warnings[0]).toBe(
      'The runs differ in data (candles) and universes. So do strategy or settings: the comparison mixes causes, and a difference of results may come from any of it.',
    );
    expect(warnings.at(-1)).toContain('is a selection');
    expect(compared({}).warnings).toHaveLength(1);
  });

  it('warns of other funding where the signals are the same: other instruments have other rates', () => {
    const inputs = { signals: '5'.repeat(64), candles: 'd'.repeat(64), funding: '1'.repeat(64) };
    expect(compared({ parts: { inputs } }).warnings[0]).toContain('data (funding)');
    expect(compared({ parts: { inputs: { ...inputs, signals: '6'.repeat(64) } } }).warnings).toHaveLength(1);
  });

  it('names other windows, and the time that all have', () => {
    const { warnings, commonWindow, runs } = compared({ trades: 30, days: 60 });
    expect(warnings[0]).toContain('windows (A 2024-01-01 to 2024-07-19, B 2024-01-01 to 2024-03-01)');
    expect(commonWindow).toEqual({ fromMs: runs[0].figures.startMs, toMs: runs[1].figures.endMs });
  });

  it('says what a run says against itself, and where one R is another move of the price', () => {
    const other = sampleRun({ ...A, id: 'backtest-1' });
    const stops = numbersOf(other.trades, 'initial_stop_price').map((price) => price - 1);
    const columns = new Map(other.trades.columns).set('initial_stop_price', { type: 'float', values: stops });
    const marked = {
      ...other,
      trades: { ...other.trades, columns },
      figures: { ...other.figures, watermark: 'learned' },
    };
    const { warnings } = compareRuns([sampleRun(A), marked]);
    expect(warnings[0]).toBe('B: learned');
    expect(warnings[1]).toContain('another initial stop in 300 of 300 common trades');
  });

  it('refuses an interval below 12 weeks with the reason, and says it in words', () => {
    const comparison = compared({ keeps: (row) => row < 60 });
    expect(comparison.pairs[0].interval).toMatchObject({ kind: 'refused', found: 6, needed: 12 });
    expect(tableOf(comparison, 'pairs').rows[0][2].text).toBe('none: 6 of 12 weeks');
    expect(compareWords(comparison)[0]).toContain('one of the two has trades in 6 weeks, and below 12');
  });

  it('says that another set-up has no trade in common by definition', () => {
    const comparison = compared({ setupHash: 'other', keeps: () => true });
    expect(comparison.pairs[0].hasOtherSetup).toBe(true);
    expect(compareWords(comparison).at(-1)).toContain('The set-up of B is another than that of A');
  });

  it('says nothing of the set-up of a run of an early version, which has no settings', () => {
    const early = { ...sampleRun({ ...A, id: 'backtest-1' }), strategies: [] };
    const comparison = compareRuns([sampleRun(A), early]);
    expect(comparison.pairs[0]).toMatchObject({ hasOtherSetup: false, common: { trades: 300 } });
    expect(withoutScript(pageOf(comparison))).toContain('not recorded (run of an early version)');
  });

  it('pairs a renamed strategy by its signals', () => {
    const other = sampleRun({ ...A, id: 'backtest-1' });
    const names = { type: 'text', values: Array.from({ length: 300 }, () => 'renamed') } as const;
    const renamed = {
      ...other,
      trades: { ...other.trades, columns: new Map(other.trades.columns).set('strategy_id', names) },
    };
    expect(compareRuns([sampleRun(A), renamed]).pairs[0].common.trades).toBe(300);
  });

  it('compares each other run with the first', () => {
    const { pairs } = compared({ resultR: (pnlR) => pnlR + 1 }, { resultR: (pnlR) => pnlR - 1 });
    expect(pairs.map(({ base, other }) => `${other} - ${base}`)).toEqual(['B - A', 'C - A']);
    expect(pairs.map(({ differenceR }) => Math.round(differenceR * 1e9) / 1e9)).toEqual([1, -1]);
  });
});

describe('the page of a comparison', () => {
  const cases = {
    'two runs': compared({ settings: { SL_ATR_MULT: 3 }, resultR: (pnlR) => pnlR + 0.1 }),
    'five runs': compared({}, {}, {}, {}),
    'a run without a trade': compared({ trades: 0 }),
    'no trade at all': compareRuns([sampleRun({ trades: 0 }), sampleRun({ trades: 0, id: 'backtest-1' })]),
    'nothing but the starting capital': compared({ trades: 0, days: 0 }),
    'hostile names': compared({
      id: HOSTILE[0],
      strategyName: HOSTILE.join(' '),
      settings: { [HOSTILE[1]]: HOSTILE.join(' ') },
      parts: { donchVersion: HOSTILE[0] },
    }),
  };

  it.each(Object.entries(cases))('is well-formed with %s, without a number that is none', (_, comparison) => {
    const page = pageOf(comparison);
    expect(markupProblems(page.replace('<!doctype html>\n', ''), false)).toEqual([]);
    expect(withoutScript(page)).not.toMatch(/NaN|undefined|null|Infinity|<img|onload=alert\(1\) </);
    expect(page.match(/<script/g)).toHaveLength(1);
  });

  it('has its sections in the order of reading and every chart as a drawing', () => {
    const report = buildCompareReport(cases['two runs']);
    expect(report.sections.map(({ title }) => title)).toEqual([
      'In plain words',
      'Side by side',
      'Where the difference comes from',
      'Equity and drawdown',
      'Month by month',
      'What differs',
      'Words',
    ]);
    expect(chartsOf(report).map(({ id }) => id)).toEqual(['equity', 'growth', 'underwater']);
  });

  it('has headings that sort only where rows are alike', () => {
    const page = pageOf(cases['two runs']);
    expect(page).toMatch(/<table id="figures"><caption/);
    expect(page).toMatch(/<table id="months" data-sortable>/);
    expect(/<table id="figures">[\s\S]*?<\/thead>/.exec(page)?.[0]).not.toContain('<button');
  });

  it('has a line of its own for each run, and starts all at 100 in the common window', () => {
    const [, growth] = chartsOf(buildCompareReport(cases['five runs']));
    for (const line of ['c-line', 'c-second', 'c-third', 'c-fourth', 'c-fifth'])
      expect(growth.wide).toContain(`<path class="${line}"`);
    expect(growth.description).toMatch(/At the end: A [\d.]+, B [\d.]+, C [\d.]+, D [\d.]+, E [\d.]+\./);
  });
});

describe('overlayChart', () => {
  it('draws series of other windows on one axis of time', () => {
    const day = (k: number): number => 19_723 * DAY_MS + k * DAY_MS;
    const { wide, narrow } = overlayChart({
      id: 'overlay',
      title: HOSTILE[0],
      description: HOSTILE[1],
      series: [
        { name: 'A', timesMs: [day(0), day(50)], values: [1, 2] },
        { name: HOSTILE[0], timesMs: [day(50), day(100)], values: [3, 4] },
      ],
      level: 1,
      tickText: String,
      unit: 'USD',
      plotHeight: 200,
    });
    for (const svg of [wide, narrow]) expect(markupProblems(svg, true)).toEqual([]);
    const [, from, to] = /c-line" d="M([\d.]+) [\d.]+L([\d.]+) /.exec(wide) ?? [];
    const [, next] = /class="c-second" d="M([\d.]+) /.exec(wide) ?? [];
    expect(Number(to)).toBeCloseTo((Number(from) + 748) / 2, 1);
    expect(next).toBe(to);
  });
});
