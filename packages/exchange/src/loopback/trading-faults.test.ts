/** Faults of trading, F31 to F50: what the adapter and the desk make of what a venue does by itself. */
import type { OrderIntent, VenueEvent } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { prepareAccount, readWallet } from '../bybit/account.ts';
import { LIVE_FENCE } from '../desk/desk-options.ts';
import { OrderDesk } from '../desk/order-desk.ts';
import { SmallBook } from '../testing/small-book.ts';
import {
  RIG_INSTRUMENT,
  RIG_START_MS,
  RIG_SYMBOL,
  virtualRig,
  type RigOptions,
  type VenueRig,
} from '../testing/venue-rig.ts';
import { FAULTS } from './faults.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const OTHER = 'BBBUSDT';

class World {
  readonly rig: VenueRig;
  readonly book = new SmallBook();
  readonly problems: string[] = [];
  readonly desk: OrderDesk;

  constructor(options: RigOptions = {}) {
    this.rig = virtualRig(options);
    this.desk = new OrderDesk(
      {
        venue: this.rig.venue,
        clock: this.rig.clock,
        fence: LIVE_FENCE,
        book: () => this.book,
        emit: (event) => {
          this.book.take(event);
        },
        onProblem: (text) => this.problems.push(text),
        tickSizeOf: () => 0.01,
      },
      RIG_START_MS - 60_000,
    );
  }

  get levers() {
    return this.rig.exchange.levers;
  }

  get held(): number {
    return this.rig.exchange.truth().positions.get(RIG_SYMBOL) ?? 0;
  }

  async submit(order: OrderIntent): Promise<void> {
    await this.rig.run(() => this.desk.perform({ kind: 'submit', order: this.book.plan(order) }));
  }

  async rounds(count = 3, pauseMs = 1_000): Promise<void> {
    await this.rig.run(async () => {
      for (let k = 0; k < count; k += 1) {
        await this.desk.round();
        await this.rig.clock.sleep(pauseMs);
      }
    });
  }

  async pass(ms: number): Promise<void> {
    await this.rig.run(() => this.rig.clock.sleep(ms));
  }

  /** A long of 2 with its stop at 90 and its target at 130, or what is stated. */
  async enter(changes: Partial<OrderIntent> = {}): Promise<OrderIntent> {
    const order = this.rig.order(changes);
    await this.submit(order);
    await this.rounds();
    return order;
  }

  async exit(entry: OrderIntent, qty = entry.qty): Promise<OrderIntent> {
    const { tradeId } = entry;
    const order = this.rig.order({ leg: 'exit', tradeId, qty, side: entry.side === 'buy' ? 'sell' : 'buy' });
    await this.submit(order);
    await this.rounds();
    return order;
  }

  /** Trades of the market, 10 ms apart. */
  async trade(...prices: number[]): Promise<void> {
    for (const price of prices) {
      await this.pass(10);
      this.rig.market.trade(RIG_SYMBOL, this.rig.clock.nowMs(), price);
      this.rig.exchange.advance(this.rig.clock.nowMs());
    }
  }

  /** What was told after this point. */
  since(mark: number): VenueEvent[] {
    return this.book.events.slice(mark).filter(({ kind }) => kind !== 'protection_verified');
  }
}

/** The venue's account and ours are the same: executions, money, position. */
async function expectEqualAccounts(world: World): Promise<void> {
  const { book, desk, rig } = world;
  await world.rounds(3);
  const { executions, walletUsd, startUsd, depositsUsd, positions, orders } = rig.exchange.truth();
  const told = [...book.of('fill').map(({ fill }) => fill.execId), ...book.of('funding').map(({ execId }) => execId)];
  expect(told.sort()).toEqual(executions.map(({ execId }) => execId).sort());
  expect(book.cashUsd).toBeCloseTo(walletUsd - startUsd - depositsUsd, 8);
  const [trade] = book.trades;
  const signed = trade === undefined ? 0 : trade.side === 'long' ? trade.qtyOpen : 0 - trade.qtyOpen;
  expect(signed).toBeCloseTo(positions.get(RIG_SYMBOL) ?? 0, 9);
  expect(new Set(orders.map(({ orderLinkId }) => orderLinkId)).size).toBe(orders.length);
  expect(book.intents).toEqual([]);
  expect(desk.isWaiting).toBe(false);
  expect(book.of('order_never')).toEqual([]);
}

const causes = ({ book }: World): string[] => book.of('fill').map(({ fill }) => fill.cause);

describe('orders', () => {
  it('F31 the same id again is the same order', async () => {
    const world = new World();
    world.rig.faults.add({ id: 'F4', match: /order\/create/, mode: FAULTS['F4'][0] });
    const order = world.rig.order();
    await world.submit(order);
    await world.submit(order);
    await world.rounds();
    expect(world.book.story).toEqual(['order_unknown', 'order_unknown', 'fill', 'order_done']);
    expect([world.held, world.rig.exchange.truth().duplicatesRefused]).toEqual([2, 1]);
    await expectEqualAccounts(world);
  });

  it('F32 a rejection after the acknowledgement', async () => {
    const world = new World();
    world.levers.planFate({ for: 'entry', rejectReason: 'EC_PerCancelRequest' });
    await world.enter();
    expect(world.book.story).toEqual(['order_accepted', 'order_rejected']);
    expect(world.book.of('order_rejected')).toMatchObject([{ reason: 'EC_PerCancelRequest' }]);
    expect(world.held).toBe(0);
    await expectEqualAccounts(world);
  });

  it('F33 a part is filled, the rest cancelled: the stop is as large as the part', async () => {
    const world = new World();
    world.levers.planFate({ for: 'entry', fillFrac: 0.4 });
    await world.enter();
    expect(world.book.of('order_done')).toMatchObject([{ filledQty: 0.8 }]);
    expect(world.held).toBe(0.8);
    expect(await stopRows(world)).toMatchObject([{ qty: '0.800', stopOrderType: 'TakeProfit' }, { qty: '0.800' }]);
    await expectEqualAccounts(world);
  });

  it('F34 nothing is filled: no position; of an exit, the position keeps its stop', async () => {
    const world = new World();
    world.levers.planFate({ for: 'entry', fillFrac: 0 });
    await world.enter();
    expect(world.book.of('order_done')).toMatchObject([{ filledQty: 0 }]);
    const entry = await world.enter();
    world.levers.planFate({ for: 'reduce', fillFrac: 0 });
    const mark = world.book.events.length;
    await world.exit(entry);
    expect(world.since(mark)).toMatchObject([{ kind: 'order_accepted' }, { kind: 'order_done', filledQty: 0 }]);
    expect(world.book.events.at(-1)).toMatchObject({ kind: 'protection_verified', protection: { stopPrice: 90 } });
    await world.exit(entry);
    expect(world.held).toBe(0);
    await expectEqualAccounts(world);
  });

  it.each<['buy' | 'sell', number]>([
    ['buy', 106],
    ['sell', 94],
  ])('F34 the price leaves the band of a %s before it is matched', async (side, price) => {
    const world = new World({ exchange: { ackToMatchMs: 50 } });
    await world.submit(
      world.rig.order({ side, protection: { stopPrice: side === 'buy' ? 90 : 110, targetPrice: null } }),
    );
    await world.trade(price);
    await world.rounds();
    expect(world.book.of('order_done')).toMatchObject([{ filledQty: 0 }]);
    await expectEqualAccounts(world);
  });

  it('F35 several executions of one order', async () => {
    const world = new World();
    world.levers.planFate({ for: 'entry', parts: 5 });
    await world.enter();
    expect(world.book.of('fill').map(({ fill }) => fill.qty)).toEqual([0.4, 0.4, 0.4, 0.4, 0.4]);
    expect(world.book.of('order_done')).toMatchObject([{ filledQty: 2 }]);
    await expectEqualAccounts(world);
  });

  it('F43 too little margin: refused, and nothing is there', async () => {
    const world = new World();
    await world.enter({ qty: 10_001 });
    expect(world.book.of('order_rejected')).toMatchObject([{ reason: expect.stringContaining('110007') as string }]);
    world.levers.planRefusal(110090, 'Order failed as it may exceed risk limit');
    await world.enter();
    expect(world.book.of('order_rejected').at(-1)).toMatchObject({
      reason: expect.stringContaining('110090') as string,
    });
    expect([world.held, world.rig.troubles]).toEqual([0, []]);
    await expectEqualAccounts(world);
  });

  it('F47 more conditional orders than the venue takes', async () => {
    const { rig } = new World();
    const conditional = (at: number) =>
      rig.venue.calls.change('v5/order/create', {
        category: 'linear',
        symbol: RIG_SYMBOL,
        side: 'Buy',
        orderType: 'Market',
        qty: '1',
        triggerPrice: String(110 + at),
        triggerDirection: 1,
        orderLinkId: `stop-${at}`,
        positionIdx: 0,
      });
    for (let at = 0; at < 10; at += 1) expect(await rig.run(() => conditional(at))).toMatchObject({ kind: 'ok' });
    expect(await rig.run(() => conditional(10))).toMatchObject({
      kind: 'definite',
      remedy: 'skip',
      reason: expect.stringContaining('110009') as string,
    });
  });
});

describe('stops', () => {
  it.each<[string, (world: World) => void]>([
    ['does not come into being', ({ levers }) => levers.planFate({ for: 'entry', dropsStop: true })],
    ['is taken away by somebody', () => undefined],
  ])('F36 one that %s is missing until it is set again', async (what, plan) => {
    const world = new World();
    plan(world);
    const { tradeId } = await world.enter();
    if (what.startsWith('is taken')) {
      world.levers.removeStop(RIG_SYMBOL);
      await world.rounds(1);
    }
    expect(world.book.of('protection_missing').length).toBeGreaterThan(0);
    const protection = { stopPrice: 91, targetPrice: 131 };
    world.book.protect(RIG_INSTRUMENT, protection);
    await world.rig.run(() =>
      world.desk.perform({ kind: 'set_protection', instrumentId: RIG_INSTRUMENT, tradeId, protection }),
    );
    const missing = world.book.of('protection_missing').length;
    await world.rounds(2);
    expect(world.book.of('protection_missing').length).toBe(missing);
    expect(world.book.events.at(-1)).toMatchObject({ kind: 'protection_verified', protection });
    await expectEqualAccounts(world);
  });

  it('F36 one that only the position shows, with no order behind it, is none', async () => {
    const world = new World();
    await world.enter();
    world.rig.faults.add({ id: 'F11', match: /order\/realtime/, mode: FAULTS['F11'][0] });
    await world.rounds(1);
    expect(world.book.of('protection_missing').length).toBe(1);
    await expectEqualAccounts(world);
  });

  it.each([
    [0, 2],
    [0.5, 1],
  ])('F37 one that triggers and fills %d of the position leaves the rest without any', async (frac, left) => {
    const world = new World();
    const entry = await world.enter();
    world.levers.failStop(RIG_SYMBOL, frac);
    await world.rounds(1);
    expect(world.held).toBe(left);
    expect(causes(world).slice(1)).toEqual(frac === 0 ? [] : ['sl']);
    expect(world.book.of('protection_missing').length).toBe(1);
    expect(await stopRows(world)).toEqual([]);
    await world.exit(entry, left);
    expect(world.held).toBe(0);
    await expectEqualAccounts(world);
  });

  it.each<['buy' | 'sell', number, number, number]>([
    ['buy', 90, 80, 79.98],
    ['sell', 105, 108, 108.02],
  ])(
    'F38 a gap through one fills at what is traded: %s, stop %d, trade at %d',
    async (side, stopPrice, price, fillPrice) => {
      const world = new World();
      await world.enter({ side, protection: { stopPrice, targetPrice: null } });
      await world.trade(price);
      await world.rounds(1);
      expect(world.book.of('fill').at(-1)?.fill).toMatchObject({ cause: 'sl', clientOrderId: null, price: fillPrice });
      expect(world.held).toBe(0);
      await expectEqualAccounts(world);
    },
  );

  it('F39 one that is hit before the exit arrives: the exit is refused, the fill is booked', async () => {
    const world = new World();
    const entry = await world.enter();
    await world.trade(89);
    await world.exit(entry);
    expect(world.book.of('order_rejected')).toMatchObject([{ reason: expect.stringContaining('110017') as string }]);
    expect(causes(world)).toEqual(['entry', 'sl']);
    await expectEqualAccounts(world);
  });

  it('one that comes when the price has passed it is told as such', async () => {
    const world = new World();
    const { tradeId } = await world.enter({ protection: { stopPrice: 90, targetPrice: null } });
    await world.trade(94);
    const protection = { stopPrice: 95, targetPrice: null };
    await world.rig.run(() =>
      world.desk.perform({ kind: 'set_protection', instrumentId: RIG_INSTRUMENT, tradeId, protection }),
    );
    expect(world.book.events.at(-1)).toMatchObject({ kind: 'stop_passed', instrumentId: RIG_INSTRUMENT });
    expect(await stopRows(world)).toMatchObject([{ triggerPrice: '90.00' }]);
    await expectEqualAccounts(world);
  });

  it('a target that is hit takes the stop with it', async () => {
    const world = new World();
    await world.enter();
    await world.trade(131);
    await world.rounds(1);
    expect(causes(world)).toEqual(['entry', 'tp']);
    expect(await stopRows(world)).toEqual([]);
    await expectEqualAccounts(world);
  });
});

describe('hands of people', () => {
  it('F40 who closes everything', async () => {
    const world = new World();
    await world.enter();
    world.levers.userCloses(RIG_SYMBOL, 1);
    await world.rounds();
    expect(causes(world)).toEqual(['entry', 'manual']);
    expect([world.held, await stopRows(world)]).toEqual([0, []]);
    await expectEqualAccounts(world);
  });

  it('F40 who closes a part: the stop follows', async () => {
    const world = new World();
    await world.enter();
    world.levers.userCloses(RIG_SYMBOL, 0.25);
    await world.rounds();
    expect(world.held).toBe(1.5);
    expect((await stopRows(world)).map(({ qty }) => qty)).toEqual(['1.500', '1.500']);
    expect(world.book.of('foreign_position')).toEqual([]);
    await expectEqualAccounts(world);
  });

  it('F40 who opens what is not ours: a foreign position until it is gone', async () => {
    const world = new World();
    world.levers.userOpens(OTHER, 'Sell', 700);
    await world.rounds(4);
    expect(world.book.of('foreign_position')).toMatchObject([{ side: 'short', qty: 0.7 }]);
    world.levers.userCloses(OTHER, 1);
    await world.rounds(4);
    expect(world.book.of('foreign_position').map(({ qty }) => qty)).toEqual([0.7, 0]);
    expect(world.book.trades).toEqual([]);
  });

  it('F40 who turns the position round: it has no stop of the old side', async () => {
    const world = new World();
    await world.enter();
    world.levers.userOpens(RIG_SYMBOL, 'Sell', 5_000);
    await world.rounds();
    expect(world.held).toBe(-3);
    expect(await stopRows(world)).toEqual([]);
  });

  it.each([-500, 750])('F49 the wallet changes by %d', async (usd) => {
    const world = new World();
    await world.enter();
    const before = await world.rig.run(() => readWallet(world.rig.venue.calls));
    world.levers.deposit(usd);
    const after = await world.rig.run(() => readWallet(world.rig.venue.calls));
    expect(after.walletUsd - before.walletUsd).toBeCloseTo(usd, 8);
    expect(after.equityUsd - before.equityUsd).toBeCloseTo(usd, 8);
    await expectEqualAccounts(world);
  });
});

describe('the venue ends positions', () => {
  it.each<['liquidation' | 'adl', (world: World) => void]>([
    ['liquidation', ({ levers }) => levers.bust(RIG_SYMBOL)],
    ['adl', ({ levers }) => levers.deleverage(RIG_SYMBOL)],
  ])('F41 %s', async (cause, happen) => {
    const world = new World();
    await world.enter();
    happen(world);
    await world.rounds();
    expect(causes(world)).toEqual(['entry', cause]);
    expect([world.held, await stopRows(world)]).toEqual([0, []]);
    await expectEqualAccounts(world);
  });

  it('F41 liquidation by the price, where the stop is beyond it', async () => {
    const world = new World();
    await world.enter({ protection: { stopPrice: 80, targetPrice: null } });
    await world.trade(90);
    await world.rounds(1);
    expect(causes(world)).toEqual(['entry', 'liquidation']);
    await expectEqualAccounts(world);
  });

  it('F45 a contract that is delisted: no entries, exits, and a settlement without an order', async () => {
    const world = new World();
    const entry = await world.enter();
    world.levers.delist(RIG_SYMBOL, RIG_START_MS + HOUR_MS);
    await world.enter();
    expect(world.book.of('order_rejected')).toMatchObject([{ reason: expect.stringContaining('30228') as string }]);
    await world.exit(entry, 0.5);
    expect(world.held).toBe(1.5);
    await world.pass(HOUR_MS);
    await world.rounds();
    expect(causes(world)).toEqual(['entry', 'exit', 'delisted']);
    await expectEqualAccounts(world);
  });

  it.each(['PreLaunch', 'Closed'] as const)('F46 a contract that is %s takes no orders', async (status) => {
    const world = new World();
    Object.assign(world.rig.market.instrument(RIG_SYMBOL) ?? {}, { status });
    await world.enter();
    expect(world.book.of('order_rejected')).toMatchObject([{ reason: expect.stringContaining('110074') as string }]);
    await expectEqualAccounts(world);
  });
});

describe('money', () => {
  it.each<['buy' | 'sell', number, number]>([
    ['buy', 0.0001, -0.02],
    ['buy', -0.0002, 0.04],
    ['sell', 0.0001, 0.02],
    ['sell', -0.0002, -0.04],
  ])('F42 funding: a %s at %d gets %d USD', async (side, rate, amountUsd) => {
    const world = new World();
    const stopPrice = side === 'buy' ? 90 : 110;
    await world.enter({ side, protection: { stopPrice, targetPrice: null } });
    world.rig.market.settle(RIG_SYMBOL, RIG_START_MS + 8 * HOUR_MS, rate);
    await world.pass(8 * HOUR_MS);
    await world.rounds(2);
    const [funding] = world.book.of('funding');
    expect(funding).toMatchObject({ instrumentId: RIG_INSTRUMENT, assumed: false });
    expect(funding.amountUsd).toBeCloseTo(amountUsd, 9);
    await expectEqualAccounts(world);
  });

  it('F42 every settlement counts once, also after weeks without a question, and none without a position', async () => {
    const world = new World();
    world.rig.market.settle(RIG_SYMBOL, RIG_START_MS - HOUR_MS, 0.01);
    const entry = await world.enter();
    // every 8 hours, then every 4, then every hour
    const hours = [8, 16, 24, 28, 32, 33, 34, 24 * 9, 24 * 18, 24 * 20];
    for (const hour of hours) world.rig.market.settle(RIG_SYMBOL, RIG_START_MS + hour * HOUR_MS, 0.0001);
    await world.pass(21 * DAY_MS);
    await world.rounds(3);
    expect(world.book.of('funding').length).toBe(hours.length);
    await world.exit(entry);
    world.rig.market.settle(RIG_SYMBOL, RIG_START_MS + 22 * DAY_MS, 0.0001);
    await world.pass(2 * DAY_MS);
    await expectEqualAccounts(world);
    expect(world.book.of('funding').length).toBe(hours.length);
  });

  it('F50 fees change: what was paid is what counts', async () => {
    const world = new World();
    const entry = await world.enter();
    world.levers.setFees(0.001, 0.0004);
    await world.exit(entry);
    const [first, second] = world.book.of('fill').map(({ fill }) => fill.feeUsd / (fill.qty * fill.price));
    expect(first).toBeCloseTo(0.00055, 9);
    expect(second).toBeCloseTo(0.001, 9);
    await expectEqualAccounts(world);
  });
});

describe('rows that are gone', () => {
  it('F48 a restart of the venue wipes ended orders: history knows them', async () => {
    const world = new World();
    await world.submit(world.rig.order());
    await world.pass(100);
    world.rig.exchange.advance(world.rig.clock.nowMs());
    world.levers.wipeRealtime();
    await world.rounds();
    expect(world.book.story).toEqual(['order_accepted', 'fill', 'order_done']);
    await expectEqualAccounts(world);
  });

  it('F48 no row anywhere: executions tell', async () => {
    const world = new World();
    await world.submit(world.rig.order());
    await world.pass(100);
    world.rig.faults.add({ id: 'F11', match: /GET .*\/order\/(realtime|history)/, mode: FAULTS['F11'][0], count: 3 });
    await world.rounds(1);
    expect(world.book.story).toEqual(['order_accepted', 'fill', 'order_done']);
    await expectEqualAccounts(world);
  });

  it('F48 a cancelled order is forgotten after a day: it has ended, for it was accepted', async () => {
    const world = new World();
    world.levers.planFate({ for: 'entry', fillFrac: 0 });
    await world.submit(world.rig.order());
    await world.pass(100);
    world.rig.exchange.advance(world.rig.clock.nowMs());
    world.levers.wipeRealtime();
    await world.pass(2 * DAY_MS);
    await world.rounds(5);
    expect(world.book.story).toEqual(['order_accepted', 'order_done']);
    await expectEqualAccounts(world);
  });
});

describe('F44 settings of the account that somebody changes', () => {
  const leverageShown = async ({ rig }: World): Promise<unknown> => {
    const asked = { category: 'linear', symbol: RIG_SYMBOL };
    const { list } = await rig.run(() => rig.venue.calls.read('v5/position/list', asked));
    return (list as readonly Record<string, unknown>[])[0]['leverage'];
  };
  const prepare = async ({ rig }: World): Promise<string> =>
    rig
      .run(() => prepareAccount(rig.venue.calls))
      .then(
        () => 'ready',
        (error: unknown) => (error as { code: string }).code,
      );

  it('leverage is looked at before every entry', async () => {
    const world = new World();
    const entry = await world.enter({ leverage: 5 });
    expect(await leverageShown(world)).toBe('5');
    await world.exit(entry);
    await world.exit(await world.enter({ leverage: 5 }));
    expect(world.rig.exchange.truth().requests.get('POST /v5/position/set-leverage')).toBe(1);
    world.levers.drift({ symbol: RIG_SYMBOL, leverage: 50 });
    await world.enter({ leverage: 5 });
    expect([await leverageShown(world), world.held]).toEqual(['5', 2]);
    await expectEqualAccounts(world);
  });

  it('cross margin is noticed before the next entry, which is not sent', async () => {
    const world = new World();
    await world.exit(await world.enter({ leverage: 5 }));
    world.levers.drift({ marginMode: 'REGULAR_MARGIN' });
    await world.enter({ leverage: 5 });
    expect(world.book.of('order_rejected')).toMatchObject([
      { reason: expect.stringContaining('REGULAR_MARGIN') as string },
    ]);
    expect(world.rig.exchange.truth().requests.get('POST /v5/order/create')).toBe(2);
  });

  it('leverage that cannot be had: the entry is not sent', async () => {
    const world = new World();
    await world.enter({ leverage: 100 });
    expect(world.book.of('order_rejected')).toMatchObject([{ reason: expect.stringContaining('110013') as string }]);
    expect(world.rig.exchange.truth().requests.get('POST /v5/order/create')).toBeUndefined();
  });

  it.each(['F2', 'F4', 'F7', 'F10', 'F22'])('leverage whose answer is lost (%s) is read', async (id) => {
    const world = new World();
    const mode = FAULTS[id].at(-1) ?? FAULTS[id][0];
    world.rig.faults.add({ id, match: /set-leverage/, mode });
    await world.enter({ leverage: 5 });
    expect([await leverageShown(world), world.held]).toEqual(['5', 2]);
  });

  it('a flat account is made ready, and is ready a second time', async () => {
    const world = new World();
    world.levers.drift({ positionMode: 3 });
    expect([await prepare(world), await prepare(world)]).toEqual(['ready', 'ready']);
    await world.enter();
    expect([world.held, await prepare(world)]).toEqual([2, 'ready']);
  });

  it('margin mode with a position: refused with code 0 and reasons, and seen', async () => {
    const world = new World();
    await prepare(world);
    await world.enter();
    world.levers.drift({ marginMode: 'REGULAR_MARGIN' });
    expect(await prepare(world)).toBe('venue_account');
  });

  it('position mode with a position: 110024', async () => {
    const world = new World();
    await prepare(world);
    await world.enter();
    world.levers.drift({ positionMode: 3 });
    expect(await prepare(world)).toBe('venue_account');
    expect(world.rig.troubles).toMatchObject([
      { code: 'venue_halt', text: expect.stringContaining('110024') as string },
    ]);
  });

  it('position mode in the middle: the entry is refused and entries stop', async () => {
    const world = new World();
    world.levers.drift({ positionMode: 3 });
    await world.enter();
    expect([world.book.story, world.held]).toEqual([['order_rejected'], 0]);
    expect(world.rig.troubles).toMatchObject([{ code: 'venue_halt', stopsEntries: true }]);
  });

  it.each(['F2', 'F7', 'F10', 'F12', 'F22'])(
    'an account that gives no answer (%s) is not called a wrong one',
    async (id) => {
      for (const match of [/switch-mode/, /account\/info/, /position\/list/]) {
        const world = new World();
        world.rig.faults.add({ id, match, mode: FAULTS[id][0], count: 10 });
        const said = await prepare(world);
        // an empty acknowledgement of a change that was made is one
        expect(said).toBe(id === 'F10' && match.source === 'switch-mode' ? 'ready' : 'no_answer');
      }
    },
  );
});

/** Orders of stop and target that wait, newest first. */
async function stopRows({ rig }: World): Promise<readonly Record<string, unknown>[]> {
  const asked = { category: 'linear', symbol: RIG_SYMBOL, orderFilter: 'StopOrder' };
  return rig.run(() => rig.venue.calls.readAll('v5/order/realtime', asked, 50));
}
