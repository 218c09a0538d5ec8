import { createPrng, firstDifference, numbersOf, type Command, type OrderIntent, type Table } from '@donch/core';
import { tiedUp, type EngineSettings, type EngineState } from '@donch/engine';
import { randomBacktest, testSettings, type RandomBacktest, type RandomBacktestOptions } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { runBacktest, type BacktestInstant, type BacktestResult } from './run-backtest.ts';

/** Settings under which every cap binds somewhere. */
function capped(seed: number): EngineSettings {
  const prng = createPrng(seed, 'capped');
  const pick = <T>(values: readonly T[]): T => values[prng.below(values.length)];
  return testSettings({
    initialCapitalUsd: 10_000,
    priority: pick(['p', 'rs', 'hash']),
    protectionAnchor: pick(['reference', 'fill']),
    sizing: {
      risk: pick([
        { mode: 'fixed', riskUsd: 100 },
        { mode: 'percent', equityFrac: 0.02 },
      ]),
      onCapBreach: pick(['scale', 'skip']),
      notionalCapFrac: pick([0.5, 1, 10]),
      leverageMax: pick([1, 2, 10]),
      openRiskCapFrac: pick([0.015, 0.05, 1]),
      grossExposureCapMult: pick([1, 2, 10]),
    },
    guards: {
      openMax: pick([1, 2, 3, 6]),
      entriesPerDayMax: pick([2, 5, 100]),
      cooldownMs: pick([0, 0, 1_800_000]),
      dedupMs: pick([0, 0, 3_600_000]),
    },
  });
}

const WORLD: RandomBacktestOptions = { symbols: 5, bars: 110, signals: 10 };

function world(seed: number, disturbed: boolean): RandomBacktest {
  const disturbance = {
    prng: createPrng(seed, 'disturbance'),
    rejectFrac: 0.1,
    unknownFrac: 0.15,
    delayFrac: 0.1,
    splitFrac: 0.3,
    missingStopFrac: 0.3,
    protectionRefusedFrac: 0.4,
  };
  return randomBacktest(seed, { ...WORLD, settings: capped(seed), ...(disturbed ? { disturbance } : {}) });
}

/** What must hold at every instant; violations are collected as sentences. */
class Auditor {
  readonly violations: string[] = [];
  readonly seen = { entries: 0, naked: 0, differing: 0, emergencies: 0, retries: 0, lookups: 0 };
  readonly #settings: EngineSettings;
  readonly #ids = new Set<string>();
  /** Instruments whose stop was set since the last instant, and those whose stop on the venue was another than ours then. */
  readonly #set = new Set<string>();
  #differing: string[] = [];
  #accepted: OrderIntent[] = [];

  constructor(settings: EngineSettings) {
    this.#settings = settings;
  }

  readonly onCommand = (command: Command): void => {
    if (command.kind === 'lookup') this.seen.lookups += 1;
    if (command.kind === 'set_protection') this.#set.add(command.instrumentId);
    if (command.kind !== 'submit') return;
    const { order } = command;
    this.#demand(!this.#ids.has(order.clientOrderId), `${order.clientOrderId} is used twice`);
    this.#demand(/^[A-Za-z0-9_-]{1,36}$/.test(order.clientOrderId), `${order.clientOrderId} is no client order id`);
    this.#ids.add(order.clientOrderId);
    if (order.leg === 'entry') this.#accepted.push(order);
    if (order.leg === 'exit' && !order.clientOrderId.endsWith('-0')) this.seen.retries += 1;
  };

  readonly onInstant = ({ timeMs, state, venue }: BacktestInstant): void => {
    this.#checkAccount(state);
    this.#checkPositions(state, venue.positions());
    this.#checkStops(state, venue.positions());
    if (this.#accepted.length > 0) this.#checkCaps(state);
    for (const order of this.#accepted) {
      this.seen.entries += 1;
      this.#demand(order.decidedMs === timeMs, 'an entry is sent at the instant of its decision');
      const { notionalCapFrac } = this.#settings.sizing;
      this.#atMost(order.qty * order.referencePrice, notionalCapFrac * state.equityUsd, 'notional cap');
    }
    this.#accepted = [];
  };

  #demand(holds: boolean, sentence: string): void {
    if (!holds) this.violations.push(sentence);
  }

  #atMost(value: number, limit: number, what: string): void {
    this.#demand(value <= limit * (1 + 1e-9), `${what}: ${value} is above ${limit}`);
  }

  #checkAccount({ trades, cashUsd, equityUsd }: EngineState): void {
    const unrealised = trades.reduce((sum, { side, qtyOpen, markPrice, entryNotionalUsd, entryQty }) => {
      if (qtyOpen === 0) return sum;
      return sum + (side === 'long' ? 1 : -1) * qtyOpen * (markPrice - entryNotionalUsd / entryQty);
    }, 0);
    this.#demand(Math.abs(cashUsd + unrealised - equityUsd) < 1e-6, 'equity is cash + unrealised');
  }

  #checkPositions(state: EngineState, positions: ReturnType<BacktestInstant['venue']['positions']>): void {
    const held = state.trades.filter(({ qtyOpen }) => qtyOpen > 0);
    this.#demand(held.length === positions.length, `${held.length} trades are held, ${positions.length} positions`);
    const instruments = state.trades.map(({ instrumentId }) => instrumentId);
    this.#demand(new Set(instruments).size === instruments.length, 'an instrument has one trade');
    for (const trade of held) {
      const position = positions.find(({ instrumentId }) => instrumentId === trade.instrumentId);
      this.#demand(position?.side === trade.side, 'trade and position are of one side');
      this.#demand(Math.abs((position?.qty ?? 0) - trade.qtyOpen) < 1e-9 * trade.qtyPlanned, 'they have one size');
      this.#atMost(trade.qtyOpen, trade.qtyPlanned, 'planned quantity');
      this.#demand(
        trade.state !== 'open' || position?.protection !== null,
        `${trade.instrumentId} is open without a stop`,
      );
      if (position?.protection === null) this.seen.naked += 1;
      if (trade.state === 'emergency_exit') this.seen.emergencies += 1;
    }
  }

  /** A stop that the venue has not taken is set again at every bar. */
  #checkStops({ trades }: EngineState, positions: ReturnType<BacktestInstant['venue']['positions']>): void {
    const held = trades.filter(({ qtyOpen, state }) => qtyOpen > 0 && state !== 'exiting');
    for (const { instrumentId } of held) {
      if (this.#differing.includes(instrumentId))
        this.#demand(this.#set.has(instrumentId), `the stop of ${instrumentId} is not set again`);
    }
    this.#set.clear();
    this.#differing = held
      .filter(({ instrumentId, protection }) => {
        const shown = positions.find((position) => position.instrumentId === instrumentId)?.protection;
        return shown?.stopPrice !== protection.stopPrice || shown.targetPrice !== protection.targetPrice;
      })
      .map(({ instrumentId }) => instrumentId);
    this.seen.differing += this.#differing.length;
  }

  #checkCaps({ trades, equityUsd, entriesToday }: EngineState): void {
    const { sizing, guards } = this.#settings;
    this.#atMost(trades.length, guards.openMax, 'positions at the same time');
    this.#atMost(entriesToday, guards.entriesPerDayMax, 'entries per day');
    const tied = tiedUp(trades);
    this.#atMost(tied.riskUsd, sizing.openRiskCapFrac * equityUsd, 'open risk');
    this.#atMost(tied.notionalUsd, sizing.grossExposureCapMult * equityUsd, 'gross exposure');
    this.#atMost(tied.marginUsd, equityUsd, 'margin');
  }
}

const lastOf = (table: Table, column: string): number => numbersOf(table, column).at(-1) ?? Number.NaN;

function sumUpDifference({ trades, openAtEnd, equity }: BacktestResult): number {
  const results = [...trades, ...openAtEnd].reduce((sum, { pnlUsd }) => sum + pnlUsd, 0);
  return lastOf(equity, 'equity_usd') - numbersOf(equity, 'equity_usd')[0] - results;
}

describe.each([
  { name: 'a calm venue', disturbed: false },
  { name: 'a venue that refuses, loses, delays, splits and forgets', disturbed: true },
])('on $name', ({ disturbed }) => {
  const RUNS = 250;

  it('the account adds up, caps hold at every decision, and nothing is held without a stop or an exit', () => {
    const seen = { entries: 0, naked: 0, differing: 0, emergencies: 0, retries: 0, lookups: 0, trades: 0, open: 0 };
    const forbidden = new Set([
      'foreign_fill',
      'overfill',
      'fills_missing',
      'funding_without_trade',
      'foreign_position',
    ]);
    for (let seed = 1; seed <= RUNS; seed += 1) {
      const input = world(seed, disturbed);
      const auditor = new Auditor(input.settings);
      const result = runBacktest({ ...input, onCommand: auditor.onCommand, onInstant: auditor.onInstant });
      expect([seed, ...auditor.violations]).toEqual([seed]);
      expect(Math.abs(sumUpDifference(result))).toBeLessThan(1e-6);
      expect(result.alerts.filter(({ code }) => forbidden.has(code))).toEqual([]);
      for (const key of Object.keys(auditor.seen) as (keyof Auditor['seen'])[]) seen[key] += auditor.seen[key];
      seen.trades += result.trades.length;
      seen.open += result.openAtEnd.length;
    }
    expect(seen.entries).toBeGreaterThan(1_000);
    expect(seen.trades).toBeGreaterThan(500);
    expect(seen.open).toBeGreaterThan(20);
    // trouble that never comes proves nothing
    const troubles = [seen.naked, seen.differing, seen.emergencies, seen.retries, seen.lookups];
    expect(Math.min(...troubles) > 15).toBe(disturbed);
    expect(Math.max(...troubles) > 0).toBe(disturbed);
  });

  it('nothing depends on the order of signals or on names', () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const once = runBacktest(world(seed, disturbed));
      const input = world(seed, disturbed);
      const again = runBacktest({ ...input, signals: [...input.signals].reverse() });
      expect(JSON.stringify(again.trades)).toBe(JSON.stringify(once.trades));
      expect(JSON.stringify(again.openAtEnd)).toBe(JSON.stringify(once.openAtEnd));
      expect(firstDifference(again.decisions, once.decisions)).toBeNull();
      expect(firstDifference(again.equity, once.equity)).toBeNull();
    }
  });
});

describe('a trade', () => {
  it('does not depend on other symbols while no cap binds', () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const input = randomBacktest(seed, WORLD);
      const all = runBacktest(input);
      for (const id of input.candles.keys()) {
        const alone = runBacktest({
          ...input,
          signals: input.signals.filter(({ instrumentId }) => instrumentId === id),
        });
        const strip = ({ trades, openAtEnd }: BacktestResult): string =>
          JSON.stringify(
            [...trades, ...openAtEnd]
              .filter(({ instrumentId }) => instrumentId === id)
              .map((trade) => ({ ...trade, equityAtDecisionUsd: 0 })),
          );
        expect(strip(all)).toBe(strip(alone));
      }
    }
  });

  it('decided at T enters at the open that follows T, and at no price known before', () => {
    let entries = 0;
    for (let seed = 1; seed <= 100; seed += 1) {
      const input = world(seed, false);
      if (input.venue.entryFill !== 'next_open') continue;
      const { trades, openAtEnd } = runBacktest(input);
      for (const { instrumentId, decisionTimeMs, entryTimeMs, entryPrice, side, qty } of [...trades, ...openAtEnd]) {
        const bars = input.candlesOf(instrumentId);
        const row = bars.openTimeMs.indexOf(decisionTimeMs);
        const { slippageFrac, impactFrac } = input.venue.costs;
        const impact = impactFrac * Math.sqrt(Math.min(1, qty / bars.volume[row]));
        const against = (side === 'long' ? 1 : -1) * (slippageFrac + impact);
        expect(entryTimeMs).toBe(decisionTimeMs);
        expect(entryPrice / bars.open[row]).toBeCloseTo(1 + against, 12);
        entries += 1;
      }
    }
    expect(entries).toBeGreaterThan(200);
  });
});
