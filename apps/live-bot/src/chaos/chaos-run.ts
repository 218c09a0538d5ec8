/** One chaos run inside this process: trader, venue, faults and kills on a virtual clock. The same seed is the same run. */
import { createPrng, MINUTE_MS, type Prng } from '@donch/core';
import {
  FaultPlan,
  FAULTS,
  InProcessApi,
  LIVE_FENCE,
  LoopbackExchange,
  PASSING_FAULTS,
  publicEndpoints,
  VirtualClock,
  type FenceSettings,
} from '@donch/exchange';
import { ChaosTrader, type ChaosTraderOptions } from './chaos-trader.ts';
import { CHAOS_INTERVAL_MS, CHAOS_KEYS, CHAOS_START_USD, chaosWorld, rulesIn, type ChaosWorld } from './chaos-world.ts';
import { MemoryJournal } from './memory-journal.ts';
import { judge, UNPROTECTED_MAX_SEC, type ChaosVerdict } from './oracle.ts';
import { actByChance } from './venue-acts.ts';

export interface ChaosRunOptions {
  readonly seed: number;
  readonly settings: ChaosTraderOptions['settings'];
  readonly terms: ChaosTraderOptions['terms'];
  readonly minutes?: number;
  readonly symbols?: number;
  /** Share of the requests that meet a fault. */
  readonly faultFrac?: number;
  readonly kills?: number;
  /** Things that happen at the venue by themselves. */
  readonly acts?: number;
  readonly fence?: FenceSettings;
  /** Longest time until the venue shows what it has accepted. */
  readonly visibilityLagMs?: number;
  readonly entryFrac?: number;
  /** Faults of requests, by number; default all that a run survives without a person. */
  readonly faultIds?: readonly string[];
}

export interface ChaosRun extends ChaosVerdict {
  readonly seed: number;
  readonly faults: ReadonlyMap<string, number>;
  readonly kills: number;
  readonly told: readonly string[];
}

/** How long everything may settle after the last fault: longer than any fence. */
const QUIET_MS = 3 * MINUTE_MS;
/** At the very end nothing happens any more. */
const STILL_MS = 90_000;
/** The last minutes are without entries: what is open goes its way. */
const LAST_BARS = 5;
const DOWN_MAX_MS = 20_000;

export async function runChaos(options: ChaosRunOptions): Promise<ChaosRun> {
  return new Run(options).play();
}

class Run {
  readonly #options: Required<ChaosRunOptions>;
  readonly #prng: Prng;
  readonly #clock: VirtualClock;
  readonly #exchange: LoopbackExchange;
  readonly #faults = new FaultPlan();
  readonly #world: ChaosWorld;
  readonly #endMs: number;
  readonly #told: string[] = [];
  #journal = new MemoryJournal();
  #api: InProcessApi | null = null;
  #trader: ChaosTrader;
  #kills = 0;

  constructor(options: ChaosRunOptions) {
    this.#options = {
      minutes: 40,
      symbols: 4,
      faultFrac: 0.08,
      kills: 3,
      acts: 12,
      fence: LIVE_FENCE,
      visibilityLagMs: 2_000,
      entryFrac: 0.3,
      faultIds: PASSING_FAULTS,
      ...options,
    };
    const { seed, symbols, minutes, visibilityLagMs } = this.#options;
    this.#prng = createPrng(seed, 'chaos');
    this.#world = chaosWorld(seed, symbols);
    const { market, startMs } = this.#world;
    this.#endMs = startMs + minutes * MINUTE_MS;
    market.frozenAtMs = this.#endMs + QUIET_MS - STILL_MS;
    this.#clock = new VirtualClock(startMs);
    this.#exchange = new LoopbackExchange({
      market,
      nowMs: () => this.#clock.nowMs(),
      keys: CHAOS_KEYS,
      options: { walletUsd: CHAOS_START_USD, visibilityLagMs },
      publicEndpoints: publicEndpoints(market),
    });
    this.#trader = this.#startTrader();
  }

  #startTrader(): ChaosTrader {
    const { seed, fence, settings, terms, entryFrac } = this.#options;
    const clock = this.#clock;
    const api = new InProcessApi({
      handle: (request) => this.#exchange.handle(request),
      faults: this.#faults,
      clock,
      keys: CHAOS_KEYS,
      recvWindowMs: fence.recvWindowMs,
      deadlineMs: 10_000,
      latencyMs: 20,
    });
    this.#api = api;
    return new ChaosTrader({
      api,
      clock,
      journal: this.#journal,
      seed,
      entryFrac,
      symbols: this.#world.symbols,
      rulesOf: rulesIn(this.#world.rules),
      settings,
      terms,
      intervalMs: CHAOS_INTERVAL_MS,
      fence,
      startMs: this.#world.startMs,
      entriesUntilMs: this.#endMs - LAST_BARS * CHAOS_INTERVAL_MS,
      barsUntilMs: this.#endMs + QUIET_MS - STILL_MS,
      stopTrigger: 'LastPrice',
      onProblem: (text) => this.#told.push(`${this.#clock.nowMs()} ${text}`),
    });
  }

  async play(): Promise<ChaosRun> {
    const { seed, faultFrac, faultIds } = this.#options;
    this.#faults.randomly(seed, faultFrac, { ids: faultIds.filter((id) => id in FAULTS) });
    await this.#clock.runUntil(this.#live());
    const { state } = this.#trader.runner.session;
    const verdict = judge({
      truth: this.#exchange.truth(),
      records: this.#journal.records,
      intervalMs: CHAOS_INTERVAL_MS,
      cashChangeUsd: state.cashUsd - CHAOS_START_USD,
      unprotectedMaxSec: UNPROTECTED_MAX_SEC,
    });
    return { ...verdict, seed, faults: this.#faults.happened, kills: this.#kills, told: this.#told };
  }

  async #live(): Promise<void> {
    const untilMs = this.#endMs + QUIET_MS;
    await Promise.all([this.#traders(untilMs), this.#acts(), this.#calmDown()]);
  }

  async #calmDown(): Promise<void> {
    await this.#clock.sleep(this.#endMs - this.#clock.nowMs());
    this.#faults.stop();
    this.#exchange.levers.setVisibilityLag(0);
  }

  /** One trader after the other, each killed at some moment; the last one lives to the end. */
  async #traders(untilMs: number): Promise<void> {
    const { kills } = this.#options;
    for (let life = 0; life < kills; life += 1) {
      const lifeMs = (0.3 + 1.4 * this.#prng.next()) * ((this.#endMs - this.#world.startMs) / (kills + 1));
      const trading = this.#trader.run(untilMs);
      await Promise.race([trading, this.#clock.sleep(lifeMs)]);
      if (this.#clock.nowMs() >= this.#endMs) break;
      this.#trader.close();
      this.#api?.close();
      this.#kills += 1;
      await this.#clock.sleep(this.#prng.next() * DOWN_MAX_MS);
      // without a disk's promise the last record may be torn
      this.#journal = this.#journal.reopen(0);
      this.#trader = this.#startTrader();
    }
    await this.#trader.run(untilMs);
  }

  async #acts(): Promise<void> {
    const { acts, minutes } = this.#options;
    for (let k = 0; k < acts; k += 1) {
      await this.#clock.sleep((2 * this.#prng.next() * minutes * MINUTE_MS) / (acts + 1));
      if (this.#clock.nowMs() >= this.#endMs) return;
      const id = actByChance(this.#exchange, this.#prng);
      this.#faults.happened.set(id, (this.#faults.happened.get(id) ?? 0) + 1);
    }
  }
}
