/** The promises of the venue contract; a check throws where one is broken. */
import { directionOf, type OrderIntent, type Side } from '@donch/core';
import { expect } from 'vitest';
import { signedQty, type VenueBench } from './venue-bench.ts';

export interface VenuePromise {
  readonly name: string;
  readonly check: (t: VenueBench) => Promise<void>;
}

const SIDES: readonly Side[] = ['long', 'short'];

/** In the order in which they are tested. */
export const VENUE_PROMISES = [
  { name: 'an entry is accepted, filled completely and shown as a position', check: entryFills },
  { name: 'an entry brings its stop and target with it', check: entryBringsProtection },
  { name: 'an entry whose stop lies beyond the price leaves no position', check: entryBeyondStop },
  { name: 'a client order id is used once', check: idsAreUsedOnce },
  { name: 'an order of no tradable quantity is refused', check: quantityIsChecked },
  { name: 'a reduce-only order without a position is refused', check: reduceWithoutPosition },
  { name: 'a reduce-only order that would add to the position is refused', check: reduceNeverAdds },
  { name: 'a reduce-only order larger than the position closes it and no more', check: reduceNeverFlips },
  { name: 'a reduce-only order smaller than the position leaves the rest protected', check: reduceLeavesRest },
  { name: 'the stop closes the position', check: stopCloses },
  { name: 'the target closes the position', check: targetCloses },
  { name: 'stop and target can be amended, and the old ones are gone', check: protectionIsAmended },
  { name: 'stop and target of no position are refused', check: protectionOfNothing },
  { name: 'a resting order waits for its price and trades at it', check: restingOrderTrades },
  { name: 'a resting order can be cancelled, once', check: restingOrderIsCancelled },
  { name: 'a resting order ends with its position', check: restingOrderEnds },
  { name: 'a look-up tells live, done, refused and unheard-of orders apart', check: lookupsTell },
  { name: 'fills are complete, in order of time, each with its own id', check: fillsAreComplete },
  { name: 'an order whose answer was lost is found by its id', check: lostAndPresent },
  { name: 'an order that was lost on the way is absent, and leaves no position', check: lostAndAbsent },
] as const satisfies readonly VenuePromise[];

export type VenuePromiseName = (typeof VENUE_PROMISES)[number]['name'];

async function entryFills(t: VenueBench): Promise<void> {
  for (const side of SIDES) {
    const { order } = await t.enter(side);
    await t.expectPosition(directionOf(side) * order.qty);
    const fills = (await t.fills()).filter(({ clientOrderId: id }) => id === order.clientOrderId);
    expect(fills.length).toBeGreaterThan(0);
    for (const fill of fills) {
      expect(fill).toMatchObject({ cause: 'entry', side: order.side, instrumentId: t.under.instrumentId });
      expect(Math.abs(fill.price / t.under.price() - 1)).toBeLessThan(0.01);
    }
    const position = await t.position();
    expect(Math.abs((position?.entryPrice ?? 0) / t.under.price() - 1)).toBeLessThan(0.01);
    await t.accepted(t.order(side, { leg: 'exit' }));
    await t.expectPosition(0);
  }
}

async function entryBringsProtection(t: VenueBench): Promise<void> {
  const { protection } = await t.enter('long');
  expect((await t.position())?.protection).toEqual(protection);
}

async function entryBeyondStop(t: VenueBench): Promise<void> {
  const protection = { stopPrice: t.priceAt('long', 0.02), targetPrice: t.priceAt('long', 0.2) };
  const order = t.order('long', { protection });
  await t.submit(order);
  await t.under.trade([t.under.price()]);
  await t.expectPosition(0);
  expect(await t.lookup(order)).toMatchObject({ kind: 'rejected' });
  expect(await t.openIds()).toEqual([]);
}

/** An id that was used is refused, or - where the venue only says that it knows the id - to be looked up. Never taken again. */
async function expectNotTaken(t: VenueBench, order: OrderIntent): Promise<void> {
  expect((await t.submit(order)).kind).not.toBe('accepted');
}

async function idsAreUsedOnce(t: VenueBench): Promise<void> {
  const { order } = await t.enter('long');
  await expectNotTaken(t, { ...t.order('long', { leg: 'exit' }), clientOrderId: order.clientOrderId });
  const target = t.order('long', { leg: 'tp1', limitPrice: t.priceAt('long', 0.02), qty: t.under.qty / 2 });
  await t.accepted(target);
  await expectNotTaken(t, target);
  await t.under.trade([t.under.price()]);
  await t.expectPosition(order.qty);
  expect(await t.openIds()).toEqual([target.clientOrderId]);
  expect(await t.lookup(order)).toMatchObject({ kind: 'done', filledQty: order.qty });
}

async function quantityIsChecked(t: VenueBench): Promise<void> {
  for (const qty of [0, -t.under.qty, t.under.qty + t.under.qtyStep / 2]) {
    expect(await t.submit(t.order('long', { qty }))).toMatchObject({ kind: 'rejected' });
  }
  await t.under.trade([t.under.price()]);
  await t.expectPosition(0);
}

async function reduceWithoutPosition(t: VenueBench): Promise<void> {
  for (const side of SIDES) {
    const answer = await t.submit(t.order(side, { leg: 'exit' }));
    expect(answer).toMatchObject({ kind: 'rejected' });
  }
  await t.under.trade([t.under.price()]);
  await t.expectPosition(0);
}

async function reduceNeverAdds(t: VenueBench): Promise<void> {
  const { order } = await t.enter('long');
  expect(await t.submit(t.order('short', { leg: 'exit' }))).toMatchObject({ kind: 'rejected' });
  await t.under.trade([t.under.price()]);
  await t.expectPosition(order.qty);
}

async function reduceNeverFlips(t: VenueBench): Promise<void> {
  for (const side of SIDES) {
    await t.enter(side);
    const exit = t.order(side, { leg: 'exit', qty: 3 * t.under.qty });
    await t.submit(exit);
    await t.under.trade([t.under.price(), t.under.price()]);
    const left = signedQty(await t.position());
    expect(Math.abs(left)).toBeLessThanOrEqual(t.under.qty);
    expect(directionOf(side) * left).toBeGreaterThanOrEqual(0);
    await t.expectPosition(left);
    if (left !== 0) await t.accepted(t.order(side, { leg: 'exit', qty: Math.abs(left) }));
    await t.expectPosition(0);
  }
}

async function reduceLeavesRest(t: VenueBench): Promise<void> {
  const { order, protection } = await t.enter('short');
  await t.accepted(t.order('short', { leg: 'exit', qty: order.qty / 2 }));
  await t.expectPosition(-order.qty / 2);
  expect((await t.position())?.protection).toEqual(protection);
  await t.under.trade([t.priceAt('short', -0.06)]);
  await t.expectPosition(0);
}

async function stopCloses(t: VenueBench): Promise<void> {
  for (const side of SIDES) {
    await t.enter(side);
    const before = (await t.fills()).length;
    await t.under.trade([t.priceAt(side, -0.04)]);
    expect((await t.fills()).length).toBe(before);
    await t.under.trade([t.priceAt(side, -0.02)]);
    await t.expectPosition(0);
    for (const fill of (await t.fills()).slice(before)) {
      expect(fill).toMatchObject({ cause: 'sl', clientOrderId: null, side: side === 'long' ? 'sell' : 'buy' });
    }
  }
}

async function targetCloses(t: VenueBench): Promise<void> {
  for (const side of SIDES) {
    await t.enter(side);
    const before = (await t.fills()).length;
    await t.under.trade([t.priceAt(side, 0.08)]);
    expect((await t.fills()).length).toBe(before);
    await t.under.trade([t.priceAt(side, 0.03)]);
    await t.expectPosition(0);
    for (const fill of (await t.fills()).slice(before)) {
      expect(fill).toMatchObject({ cause: 'tp', clientOrderId: null });
    }
  }
}

async function protectionIsAmended(t: VenueBench): Promise<void> {
  const { order } = await t.enter('long');
  const lower = { stopPrice: t.priceAt('long', -0.2), targetPrice: t.priceAt('long', 0.3) };
  expect(await t.venue.setProtection(t.under.instrumentId, lower)).toEqual({ kind: 'accepted' });
  expect((await t.position())?.protection).toEqual(lower);
  const price = t.under.price();
  await t.under.trade([price * 0.9, price * 1.2, price]);
  await t.expectPosition(order.qty);
  const bare = { stopPrice: t.priceAt('long', -0.03), targetPrice: null };
  expect(await t.venue.setProtection(t.under.instrumentId, bare)).toEqual({ kind: 'accepted' });
  expect((await t.position())?.protection).toEqual(bare);
  await t.under.trade([price * 1.4, price]);
  await t.expectPosition(order.qty);
  await t.under.trade([price * 0.96]);
  await t.expectPosition(0);
}

async function protectionOfNothing(t: VenueBench): Promise<void> {
  expect(await t.venue.setProtection(t.under.instrumentId, t.protectionOf('long'))).toMatchObject({ kind: 'rejected' });
}

async function restingOrderTrades(t: VenueBench): Promise<void> {
  for (const side of SIDES) {
    const { order, protection } = await t.enter(side);
    const limitPrice = t.priceAt(side, 0.03);
    const target = t.order(side, { leg: 'tp1', limitPrice, qty: order.qty / 2 });
    await t.accepted(target);
    expect(await t.venue.openOrders()).toMatchObject([
      { clientOrderId: target.clientOrderId, qty: target.qty, filledQty: 0, side: target.side, reduceOnly: true },
    ]);
    await t.under.trade([t.priceAt(side, 0.02)]);
    expect(await t.openIds()).toEqual([target.clientOrderId]);
    await t.under.trade([t.priceAt(side, 0.02)]);
    await t.expectPosition((directionOf(side) * order.qty) / 2);
    const fills = (await t.fills()).filter(({ clientOrderId: id }) => id === target.clientOrderId);
    for (const fill of fills) expect(directionOf(side) * (fill.price - limitPrice)).toBeGreaterThanOrEqual(0);
    expect(await t.openIds()).toEqual([]);
    expect((await t.position())?.protection).toEqual(protection);
    await t.accepted(t.order(side, { leg: 'exit', qty: order.qty / 2 }));
    await t.expectPosition(0);
  }
}

async function restingOrderIsCancelled(t: VenueBench): Promise<void> {
  const { order } = await t.enter('long');
  const target = t.order('long', { leg: 'tp1', limitPrice: t.priceAt('long', 0.03), qty: order.qty / 2 });
  await t.accepted(target);
  expect(await t.venue.cancel(t.under.instrumentId, target.clientOrderId)).toEqual({ kind: 'accepted' });
  await t.under.trade([t.under.price()]);
  expect(await t.openIds()).toEqual([]);
  expect(await t.lookup(target)).toEqual({ kind: 'done', filledQty: 0 });
  await t.under.trade([t.priceAt('long', 0.05)]);
  await t.expectPosition(order.qty);
  expect((await t.venue.cancel(t.under.instrumentId, target.clientOrderId)).kind).not.toBe('accepted');
}

async function restingOrderEnds(t: VenueBench): Promise<void> {
  const { order } = await t.enter('long');
  const target = t.order('long', { leg: 'tp1', limitPrice: t.priceAt('long', 0.03), qty: order.qty / 2 });
  await t.accepted(target);
  const price = t.under.price();
  await t.under.trade([price * 0.94]);
  await t.expectPosition(0);
  expect(await t.openIds()).toEqual([]);
  expect(await t.lookup(target)).toEqual({ kind: 'done', filledQty: 0 });
  await t.under.trade([price * 1.05]);
  await t.expectPosition(0);
}

async function lookupsTell(t: VenueBench): Promise<void> {
  const { order } = await t.enter('long');
  expect(await t.lookup(order)).toEqual({ kind: 'done', filledQty: order.qty });
  const target = t.order('long', { leg: 'tp1', limitPrice: t.priceAt('long', 0.03), qty: order.qty / 2 });
  await t.accepted(target);
  expect(await t.lookup(target)).toEqual({ kind: 'live', filledQty: 0 });
  await t.under.trade([t.priceAt('long', 0.04)]);
  expect(await t.lookup(target)).toEqual({ kind: 'done', filledQty: target.qty });
  expect(await t.lookup(t.order('long'))).toEqual({ kind: 'absent' });
  const refused = t.order('short', { leg: 'exit' });
  await t.submit(refused);
  expect((await t.lookup(refused)).kind).toMatch(/^(rejected|absent)$/);
}

async function fillsAreComplete(t: VenueBench): Promise<void> {
  for (const side of SIDES) {
    await t.enter(side);
    await t.accepted(t.order(side, { leg: 'exit', qty: t.under.qty / 2 }));
    await t.under.trade([t.priceAt(side, -0.06)]);
    await t.expectPosition(0);
  }
  const fills = await t.fills();
  expect(fills.length).toBeGreaterThanOrEqual(6);
  expect(new Set(fills.map(({ execId }) => execId)).size).toBe(fills.length);
  const times = fills.map(({ timeMs }) => timeMs);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  for (const { feeUsd, slippageUsd, qty, price } of fills) {
    expect(Math.min(feeUsd, slippageUsd)).toBeGreaterThanOrEqual(0);
    expect(Math.min(qty, price)).toBeGreaterThan(0);
  }
  for (const sinceMs of new Set(times))
    expect(await t.venue.fills(sinceMs)).toEqual(fills.filter(({ timeMs }) => timeMs >= sinceMs));
  expect(await t.venue.fills((times.at(-1) ?? 0) + 1)).toEqual([]);
}

async function lostAndPresent(t: VenueBench): Promise<void> {
  const order = t.order('long');
  loseAnswers(t, 'present');
  expect(await t.submit(order)).toMatchObject({ kind: 'unknown' });
  loseAnswers(t, null);
  expect((await t.lookup(order)).kind).toMatch(/^(live|done)$/);
  await expectNotTaken(t, order);
  await t.under.trade([t.under.price()]);
  await t.expectPosition(order.qty);
  expect(await t.lookup(order)).toEqual({ kind: 'done', filledQty: order.qty });
}

async function lostAndAbsent(t: VenueBench): Promise<void> {
  const order = t.order('long');
  loseAnswers(t, 'absent');
  expect(await t.submit(order)).toMatchObject({ kind: 'unknown' });
  loseAnswers(t, null);
  await t.under.trade([t.under.price()]);
  expect(await t.lookup(order)).toEqual({ kind: 'absent' });
  await t.expectPosition(0);
  expect(await t.openIds()).toEqual([]);
}

function loseAnswers({ under }: VenueBench, order: 'present' | 'absent' | null): void {
  if (under.loseAnswers === undefined)
    throw new Error('found no lever to lose answers, expected one or a reason to skip');
  under.loseAnswers(order);
}
