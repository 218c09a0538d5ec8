/**
 * Quiet stretches taken at once against every bar set taken by itself: the same commands in the same order, the same bits in every
 * table and in the state between. A run with an observer of every instant is the slow one.
 */
import { createPrng, firstDifference, HOUR_MS, type Command, type Prng, type Signal } from '@donch/core';
import { Engine, type EngineSettings } from '@donch/engine';
import { BarVenue } from '@donch/sim';
import { randomBacktest, testSettings } from '@donch/testkit';
import { ScannedEntries } from '@donch/trader';
import { describe, expect, it, vi } from 'vitest';
import { BarFeed } from './bar-feed.ts';
import { MarketLoop } from './market-loop.ts';
import { runBacktest, type BacktestOptions, type BacktestResult } from './run-backtest.ts';
import { firstDecisionMs } from './scan-window.ts';

type Pick = <T>(values: readonly T[]) => T;

/** Small accounts whose guards speak now and then, also in the middle of a stretch. */
function randomAccount(pick: Pick): EngineSettings {
  return testSettings({
    initialCapitalUsd: 10_000,
    protectionAnchor: pick(['reference', 'reference', 'fill']),
    priority: pick(['hash', 'p', 'rs']),
    sizing: {
      risk: pick([
        { mode: 'fixed', riskUsd: 300 },
        { mode: 'percent', equityFrac: 0.03 },
      ]),
      leverageMax: pick([1, 5, 50]),
      openRiskCapFrac: pick([0.08, 1]),
      onCapBreach: pick(['scale', 'skip']),
    },
    guards: {
      openMax: pick([1, 3, Infinity, Infinity]),
      entriesPerDayMax: pick([3, Infinity]),
      cooldownMs: pick([0, HOUR_MS]),
      lossStreakMax: pick([null, null, 3]),
      drawdownMaxFrac: pick([null, 0.02, 0.05]),
      equityMinUsd: pick([0, 0, 9_800]),
      abortEquityFrac: pick([0, 0, 0.97, 0.99]),
      abortTradesMax: pick([Infinity, Infinity, 4]),
    },
  });
}

/** A random market; distances are drawn so that positions live from a few bars to days. */
function world(seed: number): BacktestOptions {
  const prng: Prng = createPrng(seed, 'quiet stretches');
  const pick: Pick = (values) => values[prng.below(values.length)];
  const disturbance = {
    prng: createPrng(seed, 'disturbance'),
    rejectFrac: 0.1,
    unknownFrac: 0.1,
    delayFrac: 0.2,
    splitFrac: 0.2,
    missingStopFrac: 0.2,
    protectionRefusedFrac: 0.2,
  };
  const base = randomBacktest(seed, {
    symbols: 5,
    bars: 450,
    signals: 8,
    settings: randomAccount(pick),
    ...(prng.next() < 0.1 && { disturbance }),
  });
  const wider = pick([0.7, 4, 20]);
  return {
    ...base,
    strategies: base.strategies.map((terms) => ({
      ...terms,
      exits: {
        ...terms.exits,
        slAtrMult: pick([0.5, 1, 2]),
        tpAtrMult: pick([null, 1, 2, 4]),
        timeExitHours: pick([null, 0.25, 4, 12]),
        partial: pick([null, { ratioFrac: 0.5, atrMult: pick([0.3, 0.8]), breakEvenAfter: pick([true, false]) }]),
        trailing: pick([null, null, terms.exits.trailing]),
      },
    })),
    signals: base.signals.map((signal): Signal => ({ ...signal, atr: wider * signal.atr })),
    venue: { ...base.venue, minuteBarsOf: pick([null, () => null]) },
    ...(prng.next() < 0.5 && { dataEndMs: base.window.endMs }),
  };
}

/** JSON in which every bit of a number shows. */
function exactJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'number' && !Number.isFinite(member) ? `number ${member}` : Object.is(member, -0) ? '-0' : member,
  );
}

interface Recorded {
  readonly result: BacktestResult;
  readonly commands: readonly Command[];
}

function record(options: BacktestOptions, seesEveryInstant: boolean): Recorded {
  const commands: Command[] = [];
  const onCommand = (command: Command): void => void commands.push(command);
  return { commands, result: runBacktest({ ...options, onCommand, ...(seesEveryInstant && { onInstant() {} }) }) };
}

/** '' = the same in every bit. Worlds are made twice: chance on the venue is drawn by each run. */
function runDifference(make: () => BacktestOptions): string {
  const fast = record(make(), false);
  const slow = record(make(), true);
  for (const [k, command] of slow.commands.entries())
    if (exactJson(fast.commands[k]) !== exactJson(command)) return `command ${k}: ${exactJson(command)}`;
  if (fast.commands.length !== slow.commands.length) return 'number of commands';
  for (const name of ['equity', 'decisions'] as const) {
    const difference = firstDifference(fast.result[name], slow.result[name]);
    if (difference !== null) return `${name} ${exactJson(difference)}`;
  }
  const rest = ({ equity: _equity, decisions: _decisions, ...figures }: BacktestResult): string => exactJson(figures);
  return rest(fast.result) === rest(slow.result) ? '' : 'figures';
}

/** Bar sets taken at once and one by one over a market, with the state of both after each; '' = always the same. */
class Lockstep {
  advances = 0;
  barSets = 0;
  readonly #fast: MarketLoop;
  readonly #slow: MarketLoop;

  constructor(make: () => BacktestOptions) {
    const { window } = make();
    this.#fast = new MarketLoop({ ...make(), endMs: window.endMs, onCommand() {} });
    this.#slow = new MarketLoop({ ...make(), endMs: window.endMs, onCommand() {} });
  }

  difference({ window, intervalMs }: BacktestOptions): string {
    for (let timeMs = firstDecisionMs(window, intervalMs); timeMs < window.endMs;) {
      const barSets = this.#fast.advance(timeMs, window.endMs)?.barSets ?? 1;
      for (let k = 0; k < barSets; k += 1) this.#slow.advance(timeMs + k * intervalMs, timeMs);
      timeMs += barSets * intervalMs;
      this.advances += 1;
      this.barSets += barSets;
      const difference = this.#stateDifference();
      if (difference !== '') return `after ${timeMs - intervalMs}: ${difference}`;
    }
    return '';
  }

  #stateDifference(): string {
    const fast = exactJson([{ ...this.#fast.state }, this.#fast.venue.positions(), this.#fast.exposedBarSets]);
    const slow = exactJson([{ ...this.#slow.state }, this.#slow.venue.positions(), this.#slow.exposedBarSets]);
    return fast === slow ? '' : `${fast}\n${slow}`;
  }
}

const SEEDS = Array.from({ length: 120 }, (_, k) => k + 1);

describe('quiet stretches taken at once', () => {
  it('give every command, trade, decision, alert and equity of the run that sees each bar set', () => {
    const counts: Record<string, number> = {};
    const count = (name: string): void => {
      counts[name] = (counts[name] ?? 0) + 1;
    };
    for (const seed of SEEDS) {
      expect([seed, runDifference(() => world(seed))]).toEqual([seed, '']);
      const { commands, result } = record(world(seed), false);
      for (const command of commands) count(command.kind === 'alert' ? command.code : command.kind);
      for (const trade of [...result.trades, ...result.openAtEnd]) {
        for (const name of [trade.exitReason, trade.side]) count(name);
        if (trade.fundingUsd !== 0) count('funded');
        if (trade.fundingAssumed) count('funding assumed');
      }
      if (result.abortReason !== '') count('aborted');
      if (result.doubtfulExits.byTieBreaker > 0) count('in doubt');
    }
    // what never happened has not been compared
    expect(EVENTS.filter((name) => !(counts[name] > 2))).toEqual([]);
  });

  it('leave engine and venue in the same state, and spare many a look', () => {
    let advances = 0;
    let barSets = 0;
    for (const seed of SEEDS.slice(0, 40)) {
      const lockstep = new Lockstep(() => world(seed));
      expect([seed, lockstep.difference(world(seed))]).toEqual([seed, '']);
      advances += lockstep.advances;
      barSets += lockstep.barSets;
    }
    expect(barSets).toBeGreaterThan(1.5 * advances);
  });
});

const EVENTS = (
  'submit decision trade_closed set_protection verify_protection cancel lookup ' +
  'sl tp time trail tp1+break_even tp1+sl tp1+tp tp1+time delisted end_of_data ' +
  'stopped_drawdown stopped_equity stopped_abort kill_switch order_rejected unprotected ' +
  'long short aborted'
)
  .split(' ')
  .concat('funded', 'funding assumed', 'in doubt');

/** Mistakes that a stretch could make: each says too generously how long it is. */
const MISTAKES: readonly { readonly name: string; readonly plant: () => { readonly mockRestore: () => void } }[] = [
  {
    name: 'a bar that comes as far as a stop or target is passed over',
    plant: () => vi.spyOn(BarVenue.prototype, 'quietBarSets').mockImplementation((_barSet, barSets) => barSets),
  },
  {
    name: 'funding falls due in a stretch, or an order waits',
    plant: () => vi.spyOn(BarVenue.prototype, 'quietUntilMs', 'get').mockReturnValue(Infinity),
  },
  {
    name: 'a time exit or a stop that moves is passed over',
    plant: () => vi.spyOn(Engine.prototype, 'quietUntilMs', 'get').mockReturnValue(Infinity),
  },
  {
    name: 'a signal is passed over',
    plant: () => vi.spyOn(ScannedEntries.prototype, 'nextTimeMs', 'get').mockReturnValue(Infinity),
  },
  {
    name: 'rows go on over a gap and the end of an instrument',
    plant: () => vi.spyOn(BarFeed.prototype, 'rowsAhead').mockImplementation((barSets) => barSets),
  },
];

describe('a stretch that is too long is noticed', () => {
  it.each(MISTAKES)('where $name', ({ plant }) => {
    const noticed = SEEDS.slice(0, 20).filter((seed) => {
      const planted = plant();
      try {
        return runDifference(() => world(seed)) !== '';
      } catch {
        // an invariant noticed it
        return true;
      } finally {
        planted.mockRestore();
      }
    });
    expect(noticed.length).toBeGreaterThan(2);
  });
});
