/** The state of the engine is plain JSON: a copy through text goes on exactly as the original, at every event. */
import { createPrng, type Command, type EngineEvent, type Signal } from '@donch/core';
import { Engine, type EngineOptions, type EngineState } from '@donch/engine';
import { BarVenue, performCommand } from '@donch/sim';
import { randomBacktest, testSettings, type RandomBacktest } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { BarFeed } from './bar-feed.ts';
import { firstDecisionMs } from './scan-window.ts';

/** JSON in which a number that is none shows. */
function exactJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'number' && !Number.isFinite(member) ? `number ${member}` : Object.is(member, -0) ? '-0' : member,
  );
}

/** An engine on a bar venue; with `restarts` it is a new one, from the text of the old one's state, at every event. */
class Drive {
  readonly log: string[] = [];
  readonly #options: EngineOptions;
  readonly #restarts: boolean;
  readonly #venue: BarVenue;
  #engine: Engine;

  constructor(world: RandomBacktest, restarts: boolean) {
    this.#options = { settings: world.settings, strategies: world.strategies, rulesAt: world.venue.rulesAt };
    this.#restarts = restarts;
    this.#venue = new BarVenue(world.venue);
    this.#engine = new Engine(this.#options);
    const feed = new BarFeed([...world.candles.keys()].sort(), world.candlesOf);
    const firstMs = firstDecisionMs(world.window, world.intervalMs);
    for (let timeMs = firstMs; timeMs < world.window.endMs; timeMs += world.intervalMs) {
      const barSet = feed.barSet(timeMs, this.#venue);
      this.#applyAll(this.#venue.openBars(barSet));
      this.#applyAll(this.#venue.tradeBars(barSet));
      this.#applyAll(this.#venue.settle(timeMs));
      this.#applyAll(this.#venue.inspect(timeMs));
      this.#applyAll([{ kind: 'instant', timeMs, barSet }]);
      const signals = world.signals.filter(({ decisionTimeMs }) => decisionTimeMs === timeMs);
      if (signals.length > 0) this.#applyAll([{ kind: 'signals', timeMs, signals, staleReason: '' }]);
    }
  }

  get state(): EngineState {
    return this.#engine.state;
  }

  #applyAll(events: readonly EngineEvent[]): void {
    for (const event of events) {
      for (let commands = this.#apply(event); commands.length > 0;) {
        const { timeMs } = this.#engine.state;
        const answers = commands.flatMap((command) => [...performCommand(this.#venue, command, timeMs)]);
        commands = answers.flatMap((answer) => [...this.#apply(answer)]);
      }
    }
  }

  #apply(event: EngineEvent): readonly Command[] {
    if (this.#restarts) {
      const state = JSON.parse(JSON.stringify(this.#engine.state)) as EngineState;
      this.#engine = new Engine({ ...this.#options, state });
    }
    const commands = this.#engine.apply(event);
    this.log.push(exactJson(commands));
    return commands;
  }
}

function disturbedWorld(seed: number): RandomBacktest {
  const prng = createPrng(seed, 'restart');
  const settings = testSettings({
    initialCapitalUsd: 20_000,
    protectionAnchor: prng.next() < 0.5 ? 'reference' : 'fill',
    sizing: {
      risk: { mode: 'percent', equityFrac: 0.01 },
      onCapBreach: 'scale',
      leverageMax: 3,
      openRiskCapFrac: 0.05,
    },
    guards: {
      openMax: 3,
      entriesPerDayMax: 8,
      cooldownMs: 600_000,
      dedupMs: 600_000,
      lossStreakMax: 4,
      drawdownMaxFrac: 0.1,
    },
  });
  const disturbance = {
    prng: createPrng(seed, 'disturbance'),
    rejectFrac: 0.1,
    unknownFrac: 0.1,
    delayFrac: 0.1,
    splitFrac: 0.2,
    missingStopFrac: 0.2,
    protectionRefusedFrac: 0.2,
  };
  return randomBacktest(seed, { symbols: 4, bars: 100, signals: 8, settings, disturbance });
}

describe('a state that went through JSON', () => {
  it('goes on exactly as the one that did not, at every event of 40 disturbed runs', () => {
    let closed = 0;
    for (let seed = 1; seed <= 40; seed += 1) {
      const through = new Drive(disturbedWorld(seed), false);
      const restarted = new Drive(disturbedWorld(seed), true);
      expect(restarted.log).toEqual(through.log);
      expect(exactJson(restarted.state)).toBe(exactJson(through.state));
      expect(JSON.stringify(through.state)).toBe(exactJson(through.state));
      closed += through.state.closedTrades;
    }
    expect(closed).toBeGreaterThan(200);
  });

  it('gives back features that are missing as they were', () => {
    const features: Signal['features'] = { a: Number.NaN, b: '', c: 0, d: -0.5 };
    const input = disturbedWorld(3);
    const signals = input.signals.map((signal) => ({ ...signal, features }));
    const drive = new Drive({ ...input, signals }, true);
    const rows = drive.log.flatMap((line) => JSON.parse(line) as Command[]);
    const trades = rows.flatMap((command) => (command.kind === 'trade_closed' ? [command.trade] : []));
    expect(trades.length).toBeGreaterThan(0);
    for (const trade of trades) expect(trade.features).toEqual({ a: 'number NaN', b: '', c: 0, d: -0.5 });
  });
});
