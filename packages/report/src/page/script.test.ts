import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { buildReport } from '../report.ts';
import { markupProblems } from '../testing/markup-problems.ts';
import { sampleInput } from '../testing/sample-input.ts';
import { nearestPoint } from './readout.ts';
import { pageScript } from './script.ts';
import { compareKeys } from './sorting.ts';
import { tradeChart, tradeLines } from './trade-chart.ts';
import { chosenTrades, tradeAt, tradeDetail, tradeRow } from './trade-list.ts';

const { trades } = buildReport(
  sampleInput({ trades: 60, symbols: ['BTCUSDT', `<img src=x onerror="x">`, 'AAVEUSDT'], withPaths: true }),
).data;

const words = { runId: 'backtest-0123456789abcdef', pathNote: 'no candles & no drawing' };

/** The functions of the script in a world of their own, without this module: what is missing there is missing in the page. */
function inThePage(call: string, values: object): unknown {
  const body = pageScript().replace(/startPage\(document\);\n\}\)\(\);$/, `result = ${call};\n})();`);
  return runInNewContext(`let result;${body}result`, { ...values });
}

describe('pageScript', () => {
  it('draws in the page what it draws here', () => {
    for (const at of [0, 1, 2]) {
      const trade = tradeAt(trades, at);
      expect(inThePage('tradeChart(trade, 500)', { trade })).toBe(tradeChart(trade, 500));
      expect(inThePage('tradeDetail(trade, 330, words)', { trade, words })).toBe(tradeDetail(trade, 330, words));
      expect(inThePage('tradeRow(trades, at)', { trades, at })).toBe(tradeRow(trades, at));
    }
  });

  it('is one scope of plain script without modules, clocks of its own, or requests', () => {
    expect(pageScript()).toMatch(/^'use strict';\(\(\)=>\{\n[\s\S]*\}\)\(\);$/);
    expect(pageScript()).not.toMatch(
      /\bimport\b|\bexport\b|\brequire\b|fetch|XMLHttp|Date\.now|new Date\(\)|<\/script/,
    );
  });
});

describe('tradeChart', () => {
  it('is well-formed with hostile names, with lines from high to low', () => {
    for (let at = 0; at < 60; at += 1) {
      const trade = tradeAt(trades, at);
      const svg = tradeChart(trade, 343);
      expect(markupProblems(svg, true)).toEqual([]);
      expect(svg).not.toMatch(/NaN|undefined|Infinity/);
      const prices = tradeLines(trade).map(({ price }) => price);
      expect(prices).toEqual(prices.toSorted((a, b) => b - a));
    }
  });

  it('shows a first target, a moved stop, a breakout; and nothing for a trade without candles', () => {
    const trade = { ...tradeAt(trades, 0), firstTarget: 104, finalStop: 101 };
    const names = tradeLines(trade).map(({ name }) => name);
    expect(names).toEqual(['target', 'target 1', 'last stop', 'entry', 'level', 'stop']);
    expect(tradeChart(trade, 500)).toContain('l6 6l-6 6l-6 -6Z');
    expect(tradeChart({ ...trade, breakMs: null }, 500)).not.toContain('l6 6l-6 6l-6 -6Z');
    expect(tradeChart({ ...trade, path: null }, 500)).toBe('');
    expect(tradeDetail({ ...trade, path: null }, 500, words)).toContain('no candles &amp; no drawing');
  });
});

describe('chosenTrades', () => {
  const view = { text: '', outcome: '', reason: '', sort: 'entryMs', direction: 1 as const };

  it('filters by symbol in any case, by outcome, by exit', () => {
    const symbols = (text: string): Set<string> =>
      new Set(chosenTrades(trades, { ...view, text }).map((at) => trades.symbol[at]));
    expect(symbols('btc')).toEqual(new Set(['BTCUSDT']));
    expect(symbols('ONERROR')).toEqual(new Set([`<img src=x onerror="x">`]));
    const gains = chosenTrades(trades, { ...view, outcome: 'gain' });
    const losses = chosenTrades(trades, { ...view, outcome: 'loss' });
    expect(gains.every((at) => trades.pnlUsd[at] > 0)).toBe(true);
    expect(losses.every((at) => trades.pnlUsd[at] < 0)).toBe(true);
    expect(gains.length + losses.length).toBe(60);
    expect(chosenTrades(trades, { ...view, reason: 'time exit (time)' })).toHaveLength(12);
  });

  it.each(['symbol', 'entryMs', 'held', 'pnlR', 'pnlUsd', 'reason'])('sorts by %s both ways', (sort) => {
    const value = (at: number): number | string =>
      sort === 'held' ? trades.exitMs[at] - trades.entryMs[at] : tradeAt(trades, at)[sort as 'symbol'];
    for (const direction of [1, -1] as const) {
      const sorted = chosenTrades(trades, { ...view, sort, direction }).map(value);
      expect(sorted.every((key, k) => k === 0 || (direction === 1 ? sorted[k - 1] <= key : sorted[k - 1] >= key))).toBe(
        true,
      );
    }
  });
});

describe('compareKeys', () => {
  it('puts nothing last in both directions', () => {
    const keys = [3, null, -1, 2];
    expect(keys.toSorted((a, b) => compareKeys(a, b, 1))).toEqual([-1, 2, 3, null]);
    expect(keys.toSorted((a, b) => compareKeys(a, b, -1))).toEqual([3, 2, -1, null]);
  });
});

describe('nearestPoint', () => {
  it.each([
    [5, 0],
    [10, 0],
    [19, 0],
    [20, 1],
    [99, 2],
  ])('of %d is at %d', (timeMs, at) => {
    expect(nearestPoint([10, 20, 30], timeMs)).toBe(at);
  });
});
