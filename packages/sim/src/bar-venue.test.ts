import {
  CandleBuffer,
  clientOrderId,
  createPrng,
  HOUR_MS,
  type BarSet,
  type Fill,
  type FundingEvents,
  type OrderIntent,
  type Protection,
  type Side,
  type SignalId,
  type VenueEvent,
} from '@donch/core';
import {
  TEST_INTERVAL_MS,
  TEST_START_MS,
  TEST_STRATEGY,
  testInstrument,
  testRules,
  FREE_OF_COSTS,
} from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { BarVenue, type BarVenueOptions } from './bar-venue.ts';
import { drawFate, type DisturbanceOptions } from './disturbance.ts';
import { performCommand } from './sync-performer.ts';

const AAA = testInstrument('AAA');
const BBB = testInstrument('BBB');
type Ohlc = readonly [open: number, high: number, low: number, close: number, volume?: number];
type Bars = Readonly<Record<string, Ohlc>>;

/** A bar venue with two instruments whose bars a test writes down. */
class Market {
  readonly venue: BarVenue;
  readonly events: VenueEvent[] = [];
  n = 0;
  readonly #candles = [new CandleBuffer(TEST_INTERVAL_MS), new CandleBuffer(TEST_INTERVAL_MS)];
  readonly #instruments = [AAA, BBB];
  #orders = 0;

  constructor(options: Partial<BarVenueOptions> = {}) {
    this.venue = new BarVenue(
      {
        costs: FREE_OF_COSTS,
        rulesAt: (instrumentId) => testRules({ instrumentId }),
        fundingOf: () => ({ timeMs: new Float64Array(), rate: new Float64Array() }),
        entryFill: 'next_open',
        disturbance: null,
        ...options,
      },
      true,
    );
  }

  get timeMs(): number {
    return TEST_START_MS + this.n * TEST_INTERVAL_MS;
  }

  /** The next bar set; an instrument without a bar is absent. */
  bar(bars: Bars): VenueEvent[] {
    const openTimeMs = this.timeMs;
    this.n += 1;
    const rows = this.#instruments.map((id, k) => {
      const prices = bars[id];
      if (prices === undefined) return -1;
      const [open, high, low, close, volume = 1e6] = prices;
      this.#candles[k].append({ openTimeMs, open, high, low, close, volume, turnover: Number.NaN });
      return this.#candles[k].length - 1;
    });
    const barSet: BarSet = {
      closeTimeMs: this.timeMs,
      instruments: this.#instruments,
      candles: this.#candles,
      rows: Int32Array.from(rows),
    };
    const { venue } = this;
    const events = [...venue.openBars(barSet), ...venue.tradeBars(barSet), ...venue.settle(this.timeMs)];
    this.events.push(...events);
    return events;
  }

  order(side: Side, changes: Partial<OrderIntent> = {}): OrderIntent {
    this.#orders += 1;
    const tradeId = `${this.#orders}`.padStart(24, '0') as SignalId;
    const leg = changes.leg ?? 'entry';
    return {
      clientOrderId: clientOrderId(tradeId, leg, 0),
      tradeId,
      instrumentId: AAA,
      strategyId: TEST_STRATEGY,
      leg,
      side: (side === 'long') === (leg === 'entry') ? 'buy' : 'sell',
      type: leg === 'tp1' ? 'limit' : 'market',
      qty: 10,
      limitPrice: null,
      reduceOnly: leg !== 'entry',
      leverage: leg === 'entry' ? 1 : null,
      protection: leg === 'entry' ? protectionOf(side) : null,
      referencePrice: 100,
      decidedMs: this.timeMs,
      expiresMs: leg === 'entry' ? this.timeMs + TEST_INTERVAL_MS : null,
      ...changes,
    };
  }

  submit(side: Side, changes: Partial<OrderIntent> = {}): OrderIntent {
    const order = this.order(side, changes);
    const { kind } = this.venue.submit(order);
    if (kind !== 'accepted') throw new Error(`found the answer ${kind}, expected accepted`);
    return order;
  }

  /** Opens a position at 100 in a bar without movement. */
  enter(side: Side, changes: Partial<OrderIntent> = {}): OrderIntent {
    const order = this.submit(side, changes);
    this.bar({ [order.instrumentId]: [100, 100, 100, 100] });
    return order;
  }

  fills(): Fill[] {
    return this.events.flatMap((event) => (event.kind === 'fill' ? [event.fill] : []));
  }
}

function protectionOf(side: Side): Protection {
  return side === 'long' ? { stopPrice: 90, targetPrice: 110 } : { stopPrice: 110, targetPrice: 90 };
}

const SIDES = ['long', 'short'] as const;
const kinds = (events: readonly VenueEvent[]): string[] => events.map(({ kind }) => kind);
/** Prices of a long; mirrored at 100 for a short. */
const at = (side: Side, price: number): number => (side === 'long' ? price : 200 - price);
const bar = (side: Side, [open, high, low, close]: Ohlc): Ohlc =>
  side === 'long' ? [open, high, low, close] : [200 - open, 200 - low, 200 - high, 200 - close];

describe.each(SIDES)('a market entry of a %s', (side) => {
  it('trades at the open of the next bar and carries its time', () => {
    const market = new Market();
    const order = market.submit(side);
    const events = market.bar({ [AAA]: bar(side, [103, 105, 101, 104]) });
    expect(kinds(events)).toEqual(['fill', 'order_done']);
    expect(market.fills()).toMatchObject([
      { timeMs: TEST_START_MS, price: at(side, 103), qty: 10, cause: 'entry', clientOrderId: order.clientOrderId },
    ]);
  });

  it.each([
    { name: 'at the stop', open: 90, filled: false },
    { name: 'beyond the stop', open: 89, filled: false },
    { name: 'a tick before the stop', open: 90.01, filled: true },
    { name: 'at the target', open: 110, filled: false },
    { name: 'beyond the target', open: 111, filled: false },
    { name: 'a tick before the target', open: 109.99, filled: true },
  ])('is refused when the open lies at or beyond stop or target: $name', ({ open, filled }) => {
    const market = new Market();
    const order = market.submit(side);
    const events = market.bar({ [AAA]: bar(side, [open, open, open, open]) });
    expect(kinds(events)).toEqual(filled ? ['fill', 'order_done'] : ['order_rejected']);
    expect(market.venue.positions()).toHaveLength(filled ? 1 : 0);
    expect(market.venue.lookup(AAA, order.clientOrderId).kind).toBe(filled ? 'done' : 'rejected');
  });

  it('expires with the bar that it was meant for, when that bar is missing', () => {
    const market = new Market();
    const order = market.submit(side);
    const events = market.bar({ [BBB]: [100, 100, 100, 100] });
    expect(events).toEqual([
      { kind: 'order_done', timeMs: market.timeMs, clientOrderId: order.clientOrderId, filledQty: 0 },
    ]);
    market.bar({ [AAA]: [100, 100, 100, 100] });
    expect(market.fills()).toEqual([]);
  });

  it('meets its stop in the bar in which it fills', () => {
    const market = new Market();
    market.submit(side);
    market.bar({ [AAA]: bar(side, [100, 101, 89, 95]) });
    expect(market.fills().map(({ cause, price }) => [cause, price])).toEqual([
      ['entry', 100],
      ['sl', at(side, 90)],
    ]);
  });

  it('fills at the reference price when asked to, which cannot be traded', () => {
    const market = new Market({ entryFill: 'signal_close' });
    market.submit(side);
    market.bar({ [AAA]: bar(side, [103, 105, 101, 104]) });
    expect(market.fills()).toMatchObject([{ price: 100, timeMs: TEST_START_MS }]);
  });
});

describe.each(SIDES)('an exit of a %s', (side) => {
  it('waits for the next bar of its instrument', () => {
    const market = new Market();
    market.enter(side);
    market.submit(side, { leg: 'exit' });
    expect(market.bar({})).toEqual([]);
    expect(market.bar({})).toEqual([]);
    const events = market.bar({ [AAA]: bar(side, [97, 99, 95, 98]) });
    expect(kinds(events)).toEqual(['fill', 'order_done']);
    expect(market.fills().at(-1)).toMatchObject({
      cause: 'exit',
      price: at(side, 97),
      timeMs: market.timeMs - TEST_INTERVAL_MS,
    });
  });

  it('at the open comes before the stop beyond it', () => {
    const market = new Market();
    market.enter(side);
    market.submit(side, { leg: 'exit' });
    market.bar({ [AAA]: bar(side, [80, 85, 75, 80]) });
    expect(market.fills().at(-1)).toMatchObject({ cause: 'exit', price: at(side, 80) });
  });

  it('trades what is left when the position has become smaller, and nothing when it is gone', () => {
    const market = new Market();
    market.enter(side);
    market.submit(side, { leg: 'exit', qty: 7 });
    const second = market.submit(side, { leg: 'exit', qty: 7 });
    const third = market.submit(side, { leg: 'exit', qty: 7 });
    market.bar({ [AAA]: [100, 100, 100, 100] });
    expect(market.fills().map(({ qty }) => qty)).toEqual([10, 7, 3]);
    expect(market.venue.lookup(AAA, second.clientOrderId)).toEqual({ kind: 'done', filledQty: 3 });
    expect(market.venue.lookup(AAA, third.clientOrderId)).toEqual({ kind: 'done', filledQty: 0 });
  });

  it('left over from a position of the other side does not touch a new one', () => {
    const market = new Market();
    market.enter(side);
    const stale = market.submit(side, { leg: 'exit' });
    const faster = market.submit(side, { leg: 'exit' });
    expect(faster.side).toBe(stale.side);
    market.bar({});
    market.venue.closeOut(AAA, 'delisted', market.timeMs);
    market.submit(side === 'long' ? 'short' : 'long');
    market.bar({ [AAA]: [100, 100, 100, 100] });
    expect(market.venue.positions()).toMatchObject([{ qty: 10, side: side === 'long' ? 'short' : 'long' }]);
  });
});

it('exits come before entries at an open, whatever the order in which they were sent', () => {
  const market = new Market();
  market.enter('long', { instrumentId: BBB });
  market.submit('long', { instrumentId: AAA });
  market.submit('long', { instrumentId: BBB, leg: 'exit' });
  market.bar({ [AAA]: [100, 100, 100, 100], [BBB]: [100, 100, 100, 100] });
  expect(market.fills().map(({ cause, instrumentId }) => [cause, instrumentId])).toEqual([
    ['entry', BBB],
    ['exit', BBB],
    ['entry', AAA],
  ]);
});

describe.each(SIDES)('stop, targets and limit of a %s', (side) => {
  const withLimit = (options: Partial<BarVenueOptions> = {}): { market: Market; limit: OrderIntent } => {
    const market = new Market(options);
    market.enter(side);
    return { market, limit: market.submit(side, { leg: 'tp1', qty: 4, limitPrice: at(side, 105) }) };
  };

  it('one bar takes the first target at its price, then the final one, and the position is gone', () => {
    const { market, limit } = withLimit();
    const events = market.bar({ [AAA]: bar(side, [101, 111, 100, 104]) });
    expect(kinds(events)).toEqual(['fill', 'order_done', 'fill']);
    expect(market.fills().slice(1)).toMatchObject([
      { cause: 'tp1', price: at(side, 105), qty: 4, clientOrderId: limit.clientOrderId },
      { cause: 'tp', price: at(side, 110), qty: 6, clientOrderId: null },
    ]);
    expect(market.venue.isIdle).toBe(true);
  });

  it('the stop takes all of it, and the limit ends with it', () => {
    const { market, limit } = withLimit();
    market.bar({ [AAA]: bar(side, [101, 111, 90, 104]) });
    expect(market.fills().slice(1)).toMatchObject([{ cause: 'sl', price: at(side, 90), qty: 10 }]);
    expect(market.venue.lookup(AAA, limit.clientOrderId)).toEqual({ kind: 'done', filledQty: 0 });
  });

  it('what a bar changes takes effect in the next one', () => {
    const { market } = withLimit();
    // through the first target and back: a stop at the entry would be hit, but it is not there yet
    market.bar({ [AAA]: bar(side, [101, 106, 99, 99.5]) });
    market.venue.setProtection(AAA, { stopPrice: 100, targetPrice: at(side, 110) });
    expect(market.fills()).toHaveLength(2);
    market.bar({ [AAA]: bar(side, [99.5, 99.8, 99, 99.2]) });
    expect(market.fills().at(-1)).toMatchObject({ cause: 'sl', price: at(side, 99.5), qty: 6 });
  });

  it('a missing bar triggers nothing', () => {
    const { market } = withLimit();
    market.bar({});
    expect(market.fills()).toHaveLength(1);
  });

  it('slippage and fee are against us on every market fill, and the limit fills at its price with the fee', () => {
    const costs = { ...FREE_OF_COSTS, feeFrac: 0.001, slippageFrac: 0.01, stopSlippageFrac: 0.02 };
    const first = withLimit({ costs }).market;
    first.bar({ [AAA]: bar(side, [101, 111, 100, 104]) });
    const stopped = withLimit({ costs }).market;
    stopped.bar({ [AAA]: bar(side, [101, 102, 90, 95]) });
    const exited = withLimit({ costs }).market;
    exited.submit(side, { leg: 'exit' });
    exited.bar({ [AAA]: bar(side, [101, 102, 99, 95]) });
    const buys = side === 'long' ? 1 : -1;
    const expected = [
      { price: 100, slip: 0.01 * buys, qty: 10 },
      { price: at(side, 105), slip: 0, qty: 4 },
      { price: at(side, 110), slip: -0.02 * buys, qty: 6 },
      { price: at(side, 90), slip: -0.02 * buys, qty: 10 },
      { price: at(side, 101), slip: -0.01 * buys, qty: 10 },
    ];
    const fills = [...first.fills(), ...stopped.fills().slice(1), ...exited.fills().slice(1)];
    expect(fills).toHaveLength(expected.length);
    fills.forEach((fill, k) => {
      const { price, slip, qty } = expected[k];
      expect(fill.price).toBeCloseTo(price * (1 + slip), 10);
      expect(fill.feeUsd).toBeCloseTo(price * (1 + slip) * qty * 0.001, 10);
      expect(fill.slippageUsd).toBeCloseTo(Math.abs(price * slip) * qty, 10);
    });
  });

  it('impact counts on market fills even without slippage, and never on the limit', () => {
    const costs = { ...FREE_OF_COSTS, impactFrac: 0.1 };
    const { market } = withLimit({ costs });
    market.bar({ [AAA]: [...(bar(side, [101, 111, 100, 104]) as [number, number, number, number]), 600] });
    const [, limit, target] = market.fills();
    expect(limit.price).toBe(at(side, 105));
    expect(target.price).toBeCloseTo(at(side, 110) * (1 - (side === 'long' ? 1 : -1) * 0.1 * Math.sqrt(6 / 600)), 10);
  });
});

describe('participation', () => {
  it.each([
    { volume: 200, warnings: 0 },
    { volume: 199, warnings: 1 },
    { volume: 0, warnings: 1 },
  ])('10 units in a bar of $volume: $warnings warnings', ({ volume, warnings }) => {
    const market = new Market();
    market.submit('long');
    market.bar({ [AAA]: [100, 100, 100, 100, volume] });
    expect(market.venue.participationWarnings).toBe(warnings);
  });

  it('does not concern what the data close', () => {
    const market = new Market();
    market.enter('long');
    market.venue.closeOut(AAA, 'end_of_data', market.timeMs);
    expect(market.venue.participationWarnings).toBe(0);
  });
});

describe('closing out', () => {
  it.each(SIDES)('a %s goes at its last close, with slippage and fee and without impact', (side) => {
    const costs = { ...FREE_OF_COSTS, feeFrac: 0.001, slippageFrac: 0.01, impactFrac: 0.5 };
    const market = new Market({ costs, rulesAt: () => testRules({ tickSize: 0.5 }) });
    market.enter(side);
    market.submit(side, { leg: 'tp1', qty: 4, limitPrice: at(side, 105) });
    market.bar({ [AAA]: bar(side, [101, 107, 100, 104]) });
    market.bar({});
    const [event] = market.venue.closeOut(AAA, 'delisted', market.timeMs);
    expect(event).toMatchObject({ kind: 'fill', fill: { cause: 'delisted', qty: 6, timeMs: market.timeMs } });
    const price = at(side, 104) * (side === 'long' ? 0.99 : 1.01);
    expect(event.kind === 'fill' ? event.fill.price : 0).toBeCloseTo(price, 10);
    expect(market.venue.closeOut(AAA, 'delisted', market.timeMs)).toEqual([]);
  });
});

describe('funding', () => {
  /** Settlements every 8 hours from the first one after the start, at 1 %, 2 %, 3 %. */
  const known: FundingEvents = {
    timeMs: Float64Array.from([8, 16, 24], (hours) => TEST_START_MS + hours * HOUR_MS),
    rate: Float64Array.from([0.01, 0.02, -0.03]),
  };
  const BARS_8H = (8 * HOUR_MS) / TEST_INTERVAL_MS;
  const flat: Ohlc = [100, 100, 100, 100];

  const paid = (market: Market): number[] =>
    market.events.flatMap((event) => (event.kind === 'funding' ? [Number(event.amountUsd.toFixed(9))] : []));

  it.each([
    { side: 'long', amounts: [-10.1, -20, 30] },
    { side: 'short', amounts: [10.1, 20, -30] },
  ] as const)('a $side: rate x quantity x close of the bar that ends then', ({ side, amounts }) => {
    const market = new Market({ fundingOf: () => known });
    market.enter(side);
    while (market.n < 3 * BARS_8H + 5) market.bar({ [AAA]: market.n === BARS_8H - 1 ? [100, 103, 99, 101] : flat });
    expect(paid(market)).toEqual(amounts);
  });

  it('is not paid by what fills at the settlement, but by what exits there', () => {
    const market = new Market({ fundingOf: () => known });
    while (market.n < BARS_8H) market.bar({ [AAA]: flat });
    market.enter('long'); // filled at the settlement of hour 8
    expect(paid(market)).toEqual([]);
    while (market.n < 2 * BARS_8H - 1) market.bar({ [AAA]: flat });
    market.bar({ [AAA]: flat });
    market.submit('long', { leg: 'exit' }); // filled at the settlement of hour 16, decided at it
    market.bar({ [AAA]: flat });
    expect(paid(market)).toEqual([-20]);
  });

  it('is not paid by what exits inside the bar that ends then', () => {
    const market = new Market({ fundingOf: () => known });
    market.enter('long');
    while (market.n < BARS_8H - 1) market.bar({ [AAA]: flat });
    market.bar({ [AAA]: [100, 101, 89, 95] });
    expect(paid(market)).toEqual([]);
  });

  it('is paid on what a first target inside that bar left, at the close and not at its price', () => {
    const market = new Market({ fundingOf: () => known });
    market.enter('long');
    market.submit('long', { leg: 'tp1', qty: 4, limitPrice: 105 });
    while (market.n < BARS_8H - 1) market.bar({ [AAA]: flat });
    market.bar({ [AAA]: [100, 106, 99, 102] });
    expect(paid(market)).toEqual([-6.12]);
  });

  it('goes by the last close where the bar is missing', () => {
    const market = new Market({ fundingOf: () => known });
    market.enter('long');
    while (market.n < BARS_8H - 2) market.bar({ [AAA]: flat });
    market.bar({ [AAA]: [100, 103, 99, 102] });
    market.bar({});
    expect(paid(market)).toEqual([-10.2]);
  });

  it.each(SIDES)('is charged against a %s where nothing is known, and said so', (side) => {
    const market = new Market({ fundingOf: () => null, costs: { ...FREE_OF_COSTS, assumedFundingFrac: 0.0001 } });
    market.enter(side);
    while (market.n < 2 * BARS_8H) market.bar({ [AAA]: flat });
    expect(paid(market)).toEqual([-0.1, -0.1]);
    expect(market.events.filter((event) => event.kind === 'funding').every(({ assumed }) => assumed)).toBe(true);
  });

  it('adds known and assumed where data end', () => {
    const market = new Market({ fundingOf: () => known, costs: { ...FREE_OF_COSTS, assumedFundingFrac: 0.0001 } });
    market.enter('short');
    while (market.n < 4 * BARS_8H) market.bar({ [AAA]: flat });
    const fundings = market.events.filter((event) => event.kind === 'funding');
    expect(paid(market)).toEqual([10, 20, -30, -0.1]);
    expect(fundings.map(({ assumed }) => assumed)).toEqual([false, false, false, true]);
    expect(new Set(fundings.map(({ execId }) => execId)).size).toBe(4);
  });
});

describe('what the venue refuses', () => {
  it.each([
    { name: 'a quantity above the market maximum', changes: { qty: 50.001 }, rules: { marketQtyMax: 50 } },
    { name: 'a quantity below the minimum', changes: { qty: 0.5 }, rules: { qtyMin: 1 } },
    { name: 'a value below the minimum', changes: { qty: 0.04 }, rules: { notionalMinUsd: 5 } },
    { name: 'a limit order that opens', changes: { type: 'limit', limitPrice: 99 }, rules: {} },
  ] as const)('$name', ({ changes, rules }) => {
    const market = new Market({ rulesAt: () => testRules(rules) });
    expect(market.venue.submit(market.order('long', changes))).toMatchObject({ kind: 'rejected' });
  });

  it('an entry on top of a position, at once or when the other was faster', () => {
    const market = new Market();
    market.submit('long');
    market.submit('short');
    market.bar({ [AAA]: [100, 100, 100, 100] });
    expect(kinds(market.events)).toEqual(['fill', 'order_done', 'order_rejected']);
    expect(market.venue.submit(market.order('long'))).toMatchObject({ kind: 'rejected' });
  });

  it('nothing that is exactly as large as the market maximum', () => {
    const market = new Market({ rulesAt: () => testRules({ marketQtyMax: 50 }) });
    expect(market.venue.submit(market.order('long', { qty: 50 })).kind).toBe('accepted');
  });

  it('an exit of nothing', () => {
    const market = new Market();
    market.enter('long');
    expect(market.venue.submit(market.order('long', { leg: 'exit', qty: 0 })).kind).toBe('rejected');
  });

  it('a second resting order', () => {
    const market = new Market();
    market.enter('long');
    market.submit('long', { leg: 'tp1', qty: 4, limitPrice: 105 });
    expect(market.venue.submit(market.order('long', { leg: 'tp1', qty: 4, limitPrice: 106 })).kind).toBe('rejected');
  });
});

describe('an order that waits for its open', () => {
  it('is shown, is live, and can be cancelled', () => {
    const market = new Market();
    const order = market.submit('long');
    expect(market.venue.openOrders()).toMatchObject([{ clientOrderId: order.clientOrderId, filledQty: 0 }]);
    expect(market.venue.isWatched(AAA)).toBe(true);
    expect(market.venue.cancel(AAA, order.clientOrderId)).toEqual({ kind: 'accepted' });
    expect(market.venue.isWatched(AAA)).toBe(false);
    market.bar({ [AAA]: [100, 100, 100, 100] });
    expect(market.fills()).toEqual([]);
  });
});

describe('disturbance', () => {
  const calm: Omit<DisturbanceOptions, 'prng'> = {
    rejectFrac: 0,
    unknownFrac: 0,
    delayFrac: 0,
    splitFrac: 0,
    missingStopFrac: 0,
    protectionRefusedFrac: 0,
  };
  const disturbed = (changes: Partial<DisturbanceOptions>): Market =>
    new Market({ disturbance: { ...calm, prng: createPrng(1, 'disturbance'), ...changes } });

  it('draws every fate about as often as asked for', () => {
    const prng = createPrng(3, 'fates');
    const options = {
      ...calm,
      prng,
      rejectFrac: 0.1,
      unknownFrac: 0.2,
      delayFrac: 0.3,
      splitFrac: 0.4,
      missingStopFrac: 0.5,
    };
    const fates = Array.from({ length: 20_000 }, () => drawFate(options));
    const share = (holds: (fate: (typeof fates)[number]) => boolean): number =>
      fates.filter(holds).length / fates.length;
    expect(share(({ answer }) => answer === 'rejected')).toBeCloseTo(0.1, 1);
    expect(share(({ answer }) => answer === 'lost_present')).toBeCloseTo(0.1, 1);
    expect(share(({ answer }) => answer === 'lost_absent')).toBeCloseTo(0.1, 1);
    expect(share(({ delayed }) => delayed)).toBeCloseTo(0.3, 1);
    expect(share(({ split }) => split)).toBeCloseTo(0.4, 1);
    expect(share(({ stopMissing }) => stopMissing)).toBeCloseTo(0.5, 1);
  });

  it('refuses and says so to look-ups', () => {
    const market = disturbed({ rejectFrac: 1 });
    const order = market.order('long');
    expect(market.venue.submit(order)).toMatchObject({ kind: 'rejected' });
    expect(market.venue.lookup(AAA, order.clientOrderId)).toMatchObject({ kind: 'rejected' });
  });

  it('splits a fill in two halves that make the whole', () => {
    const market = disturbed({ splitFrac: 1 });
    market.submit('long', { qty: 0.3 });
    market.bar({ [AAA]: [100, 100, 100, 100] });
    market.submit('long', { leg: 'exit', qty: 0.3 });
    market.bar({ [AAA]: [100, 100, 100, 100] });
    expect(market.fills().map(({ qty }) => qty)).toEqual([0.15, 0.15, 0.15, 0.15]);
    expect(market.venue.isIdle).toBe(true);
  });

  it('delays an exit by a bar; an entry is too late then and expires', () => {
    const calmMarket = disturbed({});
    calmMarket.enter('long');
    const market = disturbed({ delayFrac: 1 });
    market.enter('long');
    expect(kinds(market.events)).toEqual(['order_done']);
    expect(market.venue.isIdle).toBe(true);
  });

  it('a delayed exit trades at the open after the next', () => {
    const market = disturbed({});
    market.enter('long');
    const options = { ...calm, delayFrac: 1, prng: createPrng(1, 'd') };
    const late = new Market({
      disturbance: {
        ...options,
        get delayFrac() {
          return late.n > 0 ? 1 : 0;
        },
      },
    });
    late.enter('long');
    late.submit('long', { leg: 'exit' });
    late.bar({ [AAA]: [101, 101, 101, 101] });
    expect(late.fills()).toHaveLength(1);
    late.bar({ [AAA]: [102, 102, 102, 102] });
    expect(late.fills().at(-1)).toMatchObject({ cause: 'exit', price: 102 });
  });

  it('loses the stop of an entry, and shows that it is missing', () => {
    const market = disturbed({ missingStopFrac: 1 });
    market.enter('long');
    expect(market.venue.inspect(market.timeMs)).toMatchObject([{ kind: 'protection_missing', instrumentId: AAA }]);
    market.bar({ [AAA]: [100, 100, 50, 60] });
    expect(market.fills()).toHaveLength(1);
    market.venue.setProtection(AAA, protectionOf('long'));
    expect(market.venue.inspect(market.timeMs)).toMatchObject([
      { kind: 'protection_verified', protection: protectionOf('long') },
    ]);
  });

  it('refuses to set a stop', () => {
    const market = disturbed({ protectionRefusedFrac: 1 });
    market.enter('long');
    const other = { stopPrice: 95, targetPrice: null };
    expect(market.venue.setProtection(AAA, other)).toMatchObject({ kind: 'rejected' });
    expect(market.venue.positions()).toMatchObject([{ protection: protectionOf('long') }]);
  });
});

describe('performing commands', () => {
  const instrumentId = AAA;
  const tradeId = '1' as SignalId;

  it('turns answers into events', () => {
    const market = new Market();
    const order = market.order('long');
    const { clientOrderId: id } = order;
    const perform = (command: Parameters<typeof performCommand>[1]) => performCommand(market.venue, command, 5);
    expect(perform({ kind: 'verify_protection', instrumentId, tradeId })).toEqual([]);
    expect(perform({ kind: 'lookup', instrumentId, clientOrderId: id })).toEqual([
      { kind: 'order_never', timeMs: 5, clientOrderId: id },
    ]);
    expect(perform({ kind: 'submit', order })).toEqual([{ kind: 'order_accepted', timeMs: 5, clientOrderId: id }]);
    expect(perform({ kind: 'submit', order })).toMatchObject([{ kind: 'order_rejected', clientOrderId: id }]);
    expect(perform({ kind: 'lookup', instrumentId, clientOrderId: id })).toEqual([
      { kind: 'order_accepted', timeMs: 5, clientOrderId: id },
    ]);
    market.bar({ [AAA]: [100, 100, 100, 100] });
    expect(perform({ kind: 'lookup', instrumentId, clientOrderId: id })).toEqual([
      { kind: 'order_done', timeMs: 5, clientOrderId: id, filledQty: 10 },
    ]);
    expect(perform({ kind: 'verify_protection', instrumentId, tradeId })).toEqual([
      { kind: 'protection_verified', timeMs: 5, instrumentId, protection: protectionOf('long') },
    ]);
    const protection = { stopPrice: 95, targetPrice: null };
    expect(perform({ kind: 'set_protection', instrumentId, tradeId, protection })).toEqual([
      { kind: 'protection_verified', timeMs: 5, instrumentId, protection },
    ]);
    const refused = market.order('short', { leg: 'exit' });
    market.venue.submit(refused);
    expect(perform({ kind: 'lookup', instrumentId, clientOrderId: refused.clientOrderId })).toMatchObject([
      { kind: 'order_rejected', reason: 'nothing to reduce' },
    ]);
    expect(perform({ kind: 'cancel', instrumentId, clientOrderId: id })).toEqual([]);
    market.venue.closeOut(AAA, 'delisted', 5);
    expect(perform({ kind: 'set_protection', instrumentId, tradeId, protection })).toEqual([]);
  });
});

it('a venue that keeps no past does not answer for it', () => {
  const venue = new BarVenue({
    costs: FREE_OF_COSTS,
    rulesAt: () => testRules(),
    fundingOf: () => null,
    entryFill: 'next_open',
    disturbance: null,
  });
  expect(() => venue.fills(0)).toThrow('keeps its fills');
  expect(() => venue.lookup(AAA, 'd-1-en-0' as OrderIntent['clientOrderId'])).toThrow('keeps its reports');
});

describe.each(SIDES)('isolated margin of a %s', (side) => {
  const costs = { ...FREE_OF_COSTS, feeFrac: 0.001, stopSlippageFrac: 0.01 };
  const entry = (stopPrice: number): Partial<OrderIntent> => ({
    leverage: 10,
    protection: { stopPrice: at(side, stopPrice), targetPrice: null },
  });

  it('is lost whole, without slippage, when it ends before the stop', () => {
    const market = new Market({ costs });
    market.enter(side, entry(85));
    // 10x, maintenance 2 %: liquidated 8 % away, booked 10 % away
    market.bar({ [AAA]: bar(side, [100, 101, 92.01, 95]) });
    expect(market.fills()).toHaveLength(1);
    market.bar({ [AAA]: bar(side, [95, 96, 91.9, 95]) });
    const [, last] = market.fills();
    expect(last).toMatchObject({ cause: 'liquidation', clientOrderId: null, qty: 10, slippageUsd: 0 });
    expect(last.price).toBeCloseTo(at(side, 90), 9);
    expect(last.feeUsd).toBeCloseTo(at(side, 90) * 10 * 0.001, 9);
    expect(market.venue.isIdle).toBe(true);
  });

  it('does not matter while the stop comes first', () => {
    const market = new Market({ costs });
    market.enter(side, entry(95));
    market.bar({ [AAA]: bar(side, [100, 101, 80, 85]) });
    expect(market.fills().map(({ cause }) => cause)).toEqual(['entry', 'sl']);
  });

  it('ends a position whose stop is missing', () => {
    const disturbance: DisturbanceOptions = {
      prng: createPrng(1, 'missing'),
      rejectFrac: 0,
      unknownFrac: 0,
      delayFrac: 0,
      splitFrac: 0,
      missingStopFrac: 1,
      protectionRefusedFrac: 0,
    };
    const market = new Market({ disturbance });
    market.enter(side, entry(95));
    market.bar({ [AAA]: bar(side, [100, 101, 92.5, 95]) });
    market.bar({ [AAA]: bar(side, [95, 95, 80, 85]) });
    expect(market.fills().map(({ cause }) => cause)).toEqual(['entry', 'liquidation']);
  });
});
