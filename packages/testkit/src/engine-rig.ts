/** Drives an engine by hand: bars, signals, answers and fills go in, commands are remembered. */
import {
  CandleBuffer,
  ROW_ABSENT,
  type BarSet,
  type Command,
  type EngineEvent,
  type Fill,
  type InstrumentId,
  type InstrumentRules,
  type OperatorCommand,
  type OrderIntent,
  type OrderLeg,
  type Signal,
  type Trade,
} from '@donch/core';
import { Engine, type EngineSettings, type EngineState, type OpenTrade, type StrategyTerms } from '@donch/engine';
import { TEST_INTERVAL_MS, TEST_START_MS, testRules, testSettings, testTerms } from './trading-fixtures.ts';

export interface EngineRigOptions {
  readonly settings?: EngineSettings;
  readonly strategies?: readonly StrategyTerms[];
  readonly rulesAt?: (instrumentId: InstrumentId, timeMs: number) => InstrumentRules;
  readonly state?: EngineState;
}

/** `[high, low, close]` of a bar; the open does not matter to the engine. */
export type RigBar = readonly [high: number, low: number, close: number];

type Kind<K extends Command['kind']> = Extract<Command, { kind: K }>;

export class EngineRig {
  readonly engine: Engine;
  readonly commands: Command[] = [];
  #instruments: InstrumentId[] = [];
  readonly #candles = new Map<InstrumentId, CandleBuffer>();
  #executions = 0;

  constructor(options: EngineRigOptions = {}) {
    this.engine = new Engine({
      settings: testSettings(),
      strategies: [testTerms()],
      rulesAt: (instrumentId) => testRules({ instrumentId }),
      ...options,
    });
  }

  get state(): EngineState {
    return this.engine.state;
  }

  /** The only open trade. */
  get trade(): OpenTrade {
    const [trade, ...others] = this.state.trades;
    if (trade === undefined || others.length > 0) throw new Error(`found ${others.length} trades, expected one`);
    return trade;
  }

  get trades(): Trade[] {
    return this.all('trade_closed').map(({ trade }) => trade);
  }

  apply(event: EngineEvent): readonly Command[] {
    const commands = this.engine.apply(event);
    this.commands.push(...commands);
    return commands;
  }

  /** All commands of a kind so far. */
  all<K extends Command['kind']>(kind: K): Kind<K>[] {
    return this.commands.filter((command): command is Kind<K> => command.kind === kind);
  }

  alerts(): string[] {
    return this.all('alert').map(({ code }) => code);
  }

  /** Orders of a leg so far. */
  orders(leg: OrderLeg): OrderIntent[] {
    return this.all('submit').flatMap(({ order }) => (order.leg === leg ? [order] : []));
  }

  /** The last order of a leg. */
  order(leg: OrderLeg): OrderIntent {
    const order = this.orders(leg).at(-1);
    if (order === undefined) throw new Error(`found no ${leg} order`);
    return order;
  }

  /** Verdict and first failing gate of every judged signal so far. */
  verdicts(): string[] {
    return this.all('decision').map(({ decision: { verdict, reason } }) =>
      verdict === 'accepted' ? 'accepted' : reason,
    );
  }

  /** The instant at the close of bar `n` (the first one is 1), with the bars that exist. */
  instant(n: number, bars: Readonly<Record<InstrumentId, RigBar>> = {}): readonly Command[] {
    const closeTimeMs = timeOfBar(n);
    for (const [id, [high, low, close]] of Object.entries(bars) as [InstrumentId, RigBar][]) {
      if (!this.#instruments.includes(id)) this.#instruments = [...this.#instruments, id];
      const buffer = this.#candles.get(id) ?? new CandleBuffer(TEST_INTERVAL_MS, 16);
      this.#candles.set(id, buffer);
      const openTimeMs = closeTimeMs - TEST_INTERVAL_MS;
      buffer.append({ openTimeMs, open: close, high, low, close, volume: 1_000, turnover: Number.NaN });
    }
    return this.apply({ kind: 'instant', timeMs: closeTimeMs, barSet: this.#barSet(closeTimeMs, bars) });
  }

  #barSet(closeTimeMs: number, bars: Readonly<Record<InstrumentId, RigBar>>): BarSet {
    const candles = this.#instruments.map((id) => this.#candles.get(id) ?? null);
    const rows = this.#instruments.map((id, k) => (id in bars ? (candles[k]?.length ?? 0) - 1 : ROW_ABSENT));
    return { closeTimeMs, instruments: this.#instruments, candles, rows: Int32Array.from(rows) };
  }

  /** Instant and judgement at the signals' decision time, without bars. */
  judge(signals: readonly Signal[], staleReason = ''): readonly Command[] {
    const timeMs = Math.max(...signals.map(({ decisionTimeMs }) => decisionTimeMs));
    this.instant((timeMs - TEST_START_MS) / TEST_INTERVAL_MS);
    return this.apply({ kind: 'signals', timeMs, signals, staleReason });
  }

  /** Fills an order (a part of it, when `qty` is given) without telling that it is done. */
  execute(order: OrderIntent, price: number, changes: Partial<Fill> = {}): readonly Command[] {
    this.#executions += 1;
    const timeMs = changes.timeMs ?? this.state.timeMs;
    const fill: Fill = {
      execId: `rig-${this.#executions}`,
      timeMs,
      instrumentId: order.instrumentId,
      clientOrderId: order.clientOrderId,
      cause: order.leg,
      side: order.side,
      price,
      qty: order.qty,
      feeUsd: 0,
      slippageUsd: 0,
      ...changes,
    };
    return this.apply({ kind: 'fill', timeMs: this.state.timeMs, fill });
  }

  /** Fills an order completely and tells that it is done. */
  complete(order: OrderIntent, price: number, changes: Partial<Fill> = {}): void {
    this.execute(order, price, changes);
    this.done(order, order.qty);
  }

  done({ clientOrderId }: OrderIntent, filledQty: number): readonly Command[] {
    return this.apply({ kind: 'order_done', timeMs: this.state.timeMs, clientOrderId, filledQty });
  }

  /** The venue's stop closes what is open. */
  stopOut(price: number, changes: Partial<Fill> = {}): readonly Command[] {
    const { instrumentId, side, qtyOpen } = this.trade;
    const order = { ...this.order('entry'), instrumentId, side: side === 'long' ? 'sell' : 'buy' } as const;
    return this.execute(order, price, { clientOrderId: null, cause: 'sl', qty: qtyOpen, ...changes });
  }

  operator(command: OperatorCommand): readonly Command[] {
    return this.apply({ kind: 'operator', timeMs: this.state.timeMs, command });
  }

  clock(timeMs: number): readonly Command[] {
    return this.apply({ kind: 'clock', timeMs });
  }

  /** Opens a trade at bar 1 with one fill at its reference price. */
  open(signal: Signal, price = signal.referencePrice): OpenTrade {
    this.judge([signal]);
    const order = this.order('entry');
    this.complete(order, price);
    return this.trade;
  }
}

/** Close of bar `n`; the first bar of a test is 1. */
export function timeOfBar(n: number): number {
  return TEST_START_MS + n * TEST_INTERVAL_MS;
}
