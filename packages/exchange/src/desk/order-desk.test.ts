/** The desk on a venue that answers as a script says: when absence is proof, what is told, how often, and when nothing is. */
import {
  instrumentId,
  type Answer,
  type ClientOrderId,
  type Fill,
  type OpenOrder,
  type OrderIntent,
  type OrderReport,
  type VenueEvent,
  type VenuePosition,
} from '@donch/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../loopback/virtual-clock.ts';
import { SmallBook } from '../testing/small-book.ts';
import { RIG_INSTRUMENT, RIG_START_MS, virtualRig } from '../testing/venue-rig.ts';
import { LIVE_FENCE, type FenceSettings, type LedgerVenue } from './desk-options.ts';
import { OrderDesk } from './order-desk.ts';

const OTHER = instrumentId('bybit', 'BBBUSDT');
const NO_ANSWER = new Error('no answer');
type FundingEvent = Extract<VenueEvent, { kind: 'funding' }>;

class ScriptedVenue implements LedgerVenue {
  readonly #clock: VirtualClock;
  /** What a submit answers, after how long. */
  submitAnswer: Answer | Error = { kind: 'accepted' };
  submitMs = 0;
  /** What a look-up says, by its number. */
  report: (lookup: number) => OrderReport | Error = () => ({ kind: 'absent' });
  open: readonly OpenOrder[] = [];
  held: readonly VenuePosition[] | Error = [];
  ledger: readonly Fill[] | Error = [];
  funding: readonly FundingEvent[] = [];
  readonly lookupsMs: number[] = [];
  readonly sentMs: number[] = [];
  calls = 0;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  async submit(): Promise<Answer> {
    this.calls += 1;
    this.sentMs.push(this.#clock.nowMs());
    await this.#clock.sleep(this.submitMs);
    if (this.submitAnswer instanceof Error) throw this.submitAnswer;
    return this.submitAnswer;
  }

  cancel(): Promise<Answer> {
    this.calls += 1;
    return Promise.resolve({ kind: 'accepted' });
  }

  async setProtection(): Promise<Answer> {
    this.calls += 1;
    await this.#clock.sleep(1_000);
    return { kind: 'accepted' };
  }

  async lookup(): Promise<OrderReport> {
    this.calls += 1;
    this.lookupsMs.push(this.#clock.nowMs());
    const report = this.report(this.lookupsMs.length);
    await this.#clock.sleep(10);
    if (report instanceof Error) throw report;
    return report;
  }

  openOrders(): Promise<readonly OpenOrder[]> {
    this.calls += 1;
    return Promise.resolve(this.open);
  }

  async positions(): Promise<readonly VenuePosition[]> {
    this.calls += 1;
    await this.#clock.sleep(1);
    if (this.held instanceof Error) throw this.held;
    return this.held;
  }

  async fills(sinceMs: number): Promise<readonly Fill[]> {
    return (await this.executions(sinceMs)).fills;
  }

  async executions(sinceMs: number): Promise<{ fills: readonly Fill[]; funding: readonly FundingEvent[] }> {
    this.calls += 1;
    await this.#clock.sleep(1);
    if (this.ledger instanceof Error) throw this.ledger;
    return {
      fills: this.ledger.filter(({ timeMs }) => timeMs >= sinceMs),
      funding: this.funding.filter(({ timeMs }) => timeMs >= sinceMs),
    };
  }
}

interface Bench {
  readonly clock: VirtualClock;
  readonly venue: ScriptedVenue;
  readonly book: SmallBook;
  readonly desk: OrderDesk;
  readonly problems: string[];
  readonly order: OrderIntent;
  readonly run: <T>(work: () => Promise<T>) => Promise<T>;
  /** Rounds with a pause behind each. */
  readonly rounds: (count: number, pauseMs?: number) => Promise<void>;
}

function bench(fence: Partial<FenceSettings> = {}, book = new SmallBook()): Bench {
  const clock = new VirtualClock(RIG_START_MS);
  const venue = new ScriptedVenue(clock);
  const problems: string[] = [];
  const desk = new OrderDesk(
    {
      venue,
      clock,
      fence: { ...LIVE_FENCE, ...fence },
      book: () => book,
      emit: (event) => {
        book.take(event);
      },
      onProblem: (text) => problems.push(text),
      tickSizeOf: () => 0.01,
    },
    RIG_START_MS - 60_000,
  );
  const run = <T>(work: () => Promise<T>): Promise<T> => clock.runUntil(work());
  const rounds = (count: number, pauseMs = 1_000): Promise<void> =>
    run(async () => {
      for (let k = 0; k < count; k += 1) {
        await desk.round();
        await clock.sleep(pauseMs);
      }
    });
  return { clock, venue, book, desk, problems, order: virtualRig().order(), run, rounds };
}

const submit = async ({ run, desk, book }: Bench, order: OrderIntent): Promise<void> =>
  run(() => desk.perform({ kind: 'submit', order: book.plan(order) }));

let executions = 0;
function fillOf({ clientOrderId, instrumentId: id, side }: OrderIntent, timeMs: number, qty: number): Fill {
  executions += 1;
  return {
    execId: `exec-${executions}`,
    timeMs,
    instrumentId: id,
    clientOrderId,
    cause: 'entry',
    side,
    price: 100,
    qty,
    feeUsd: 0.1,
    slippageUsd: 0,
  };
}

const LONG: VenuePosition = {
  instrumentId: RIG_INSTRUMENT,
  side: 'long',
  qty: 2,
  entryPrice: 100,
  protection: { stopPrice: 90, targetPrice: 130 },
};
const openOrder = (order: OrderIntent): OpenOrder => ({ ...order, filledQty: 0 });
/** recvWindow + 1 s + visibility of `LIVE_FENCE`. */
const FENCE_MS = 21_000;

describe('an order without a certain answer', () => {
  it('is never said to be never before its fence, counted from the last moment at which it may have left', async () => {
    const one = bench();
    one.venue.submitAnswer = { kind: 'unknown', reason: 'no answer' };
    one.venue.submitMs = 10_000;
    await submit(one, one.order);
    await one.rounds(60);
    const [never] = one.book.of('order_never');
    const behind = one.venue.lookupsMs.filter((ms) => ms > RIG_START_MS + 10_000 + FENCE_MS);
    expect(never.clientOrderId).toBe(one.order.clientOrderId);
    expect(behind.length).toBe(LIVE_FENCE.cleanMissesMin);
    expect(never.timeMs).toBeGreaterThan(behind[2]);
    expect(one.desk.isWaiting).toBe(false);
  });

  it('is looked up at least as often as the fence says, all of them clean and behind it, for any times', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          recvWindowMs: fc.integer({ min: 100, max: 10_000 }),
          visibilityMs: fc.integer({ min: 0, max: 30_000 }),
          cleanMissesMin: fc.integer({ min: 1, max: 6 }),
          overlapMs: fc.constant(120_000),
        }),
        fc.integer({ min: 0, max: 15_000 }),
        fc.integer({ min: 50, max: 5_000 }),
        // some look-ups fail, never all of them
        fc.array(fc.boolean(), { minLength: 39, maxLength: 39 }).map((some) => [...some, false]),
        async (fence, submitMs, pauseMs, failures) => {
          const one = bench(fence);
          one.venue.submitAnswer = NO_ANSWER;
          one.venue.submitMs = submitMs;
          one.venue.report = (number) => (failures[number % 40] ? NO_ANSWER : { kind: 'absent' });
          await submit(one, one.order);
          for (let k = 0; k < 2_000 && one.desk.isWaiting; k += 1) await one.rounds(1, pauseMs);
          const fenceMs = RIG_START_MS + submitMs + fence.recvWindowMs + 1_000 + fence.visibilityMs;
          const clean = one.venue.lookupsMs.filter((ms, at) => ms > fenceMs && !failures[(at + 1) % 40]);
          expect([one.book.of('order_never').length, clean.length]).toEqual([1, fence.cleanMissesMin]);
        },
      ),
      { numRuns: 40, seed: 7 },
    );
  });

  it('is not said to be never while the position shows what no fill explains', async () => {
    const one = bench();
    one.venue.submitAnswer = { kind: 'unknown', reason: 'reset' };
    one.venue.held = [LONG];
    await submit(one, one.order);
    await one.rounds(120);
    expect(one.book.of('order_never')).toEqual([]);
    // its execution is seen at last
    one.venue.ledger = [fillOf(one.order, RIG_START_MS + 5, 2)];
    await one.rounds(2);
    expect(one.book.of('fill').length).toBe(1);
    expect(one.book.of('order_done')).toMatchObject([{ filledQty: 2 }]);
    expect(one.book.of('order_never')).toEqual([]);
  });

  it('is not said to be never while positions or executions have no answer', async () => {
    const one = bench();
    one.venue.submitAnswer = { kind: 'unknown', reason: 'reset' };
    one.venue.held = NO_ANSWER;
    await submit(one, one.order);
    await one.rounds(60);
    one.venue.held = [];
    one.venue.ledger = NO_ANSWER;
    await one.rounds(60);
    expect(one.book.of('order_never')).toEqual([]);
    one.venue.ledger = [];
    await one.rounds(2);
    expect(one.book.of('order_never').length).toBe(1);
  });

  it('that was seen and then is gone has ended, and is never said to be never', async () => {
    const one = bench();
    one.venue.submitAnswer = { kind: 'unknown', reason: 'reset' };
    one.venue.report = (number) => (number <= 2 ? { kind: 'live', filledQty: 0 } : { kind: 'absent' });
    await submit(one, one.order);
    await one.rounds(60);
    expect(one.book.story).toEqual(['order_unknown', 'order_accepted', 'order_done']);
    expect(one.book.of('order_done')).toMatchObject([{ filledQty: 0 }]);
  });

  it('that was accepted and whose rows are gone ends with what its executions say', async () => {
    const one = bench();
    await submit(one, one.order);
    one.venue.ledger = [fillOf(one.order, RIG_START_MS + 5, 0.5)];
    one.venue.held = [{ ...LONG, qty: 0.5 }];
    await one.rounds(60);
    expect(one.book.story).toEqual(['order_accepted', 'fill', 'order_done']);
    expect(one.book.of('order_done')).toMatchObject([{ filledQty: 0.5 }]);
  });

  it('begins to count anew when it was seen in between', async () => {
    const one = bench();
    one.venue.submitAnswer = { kind: 'unknown', reason: 'reset' };
    await submit(one, one.order);
    await one.rounds(23);
    expect(one.venue.lookupsMs.filter((ms) => ms > RIG_START_MS + FENCE_MS).length).toBeLessThan(3);
    one.venue.open = [openOrder(one.order)];
    await one.rounds(1);
    const seenAt = one.venue.lookupsMs.length;
    one.venue.open = [];
    await one.rounds(10);
    expect(one.book.story.at(-1)).toBe('order_done');
    expect(one.venue.lookupsMs.length - seenAt).toBe(LIVE_FENCE.cleanMissesMin);
  });

  it('that the venue rejects later is rejected', async () => {
    const one = bench();
    one.venue.report = () => ({ kind: 'rejected', reason: 'EC_Something' });
    await submit(one, one.order);
    await one.rounds(3);
    expect(one.book.story).toEqual(['order_accepted', 'order_rejected']);
  });

  it('whose submit throws is unknown', async () => {
    const one = bench();
    one.venue.submitAnswer = NO_ANSWER;
    await submit(one, one.order);
    expect(one.book.of('order_unknown')).toMatchObject([{ reason: 'no answer' }]);
  });

  it('is not looked up while its request is under way', async () => {
    const one = bench();
    one.venue.submitMs = 60_000;
    await one.run(async () => {
      const sending = one.desk.perform({ kind: 'submit', order: one.book.plan(one.order) });
      for (let k = 0; k < 30; k += 1) {
        await one.desk.round();
        await one.clock.sleep(1_000);
      }
      expect(one.venue.lookupsMs).toEqual([]);
      await sending;
    });
  });
});

describe('after a restart', () => {
  const restarted = (): Bench => {
    const book = new SmallBook();
    book.plan(virtualRig().order());
    return bench({}, book);
  };

  it('every order is looked up, and its fence begins anew', async () => {
    const one = restarted();
    one.desk.recover();
    expect(one.desk.isWaiting).toBe(true);
    await one.rounds(21);
    expect(one.book.of('order_never')).toEqual([]);
    await one.rounds(10);
    const [never] = one.book.of('order_never');
    expect(never.timeMs).toBeGreaterThan(RIG_START_MS + FENCE_MS);
    expect(one.venue.sentMs).toEqual([]);
  });

  it('an order that traded meanwhile: its executions first, then its end', async () => {
    const one = restarted();
    one.desk.recover();
    one.venue.held = [LONG];
    one.venue.report = () => ({ kind: 'done', filledQty: 2 });
    await one.rounds(3);
    // the row says 2, of which no execution can be seen yet
    expect(one.book.of('order_done')).toEqual([]);
    one.venue.ledger = [fillOf(one.order, RIG_START_MS - 10, 1.5)];
    await one.rounds(3);
    expect(one.book.of('order_done')).toEqual([]);
    one.venue.ledger = [...one.venue.ledger, fillOf(one.order, RIG_START_MS - 5, 0.5)];
    await one.rounds(1);
    expect(one.book.story.slice(-2)).toEqual(['fill', 'order_done']);
    expect(one.book.of('order_done')).toMatchObject([{ filledQty: 2 }]);
  });

  it('an order that still rests is accepted, once', async () => {
    const one = restarted();
    one.desk.recover();
    one.venue.open = [openOrder(one.order)];
    await one.rounds(5);
    expect(one.book.story).toEqual(['order_accepted']);
  });
});

it('after a restart asks for what the venue did not tell before it, back to the decision of the open trade', async () => {
  const book = new SmallBook();
  const first = bench({}, book);
  first.venue.ledger = [fillOf(book.plan(first.order), RIG_START_MS + 5, 2)];
  await first.rounds(1);
  book.take({ kind: 'order_done', timeMs: RIG_START_MS, clientOrderId: first.order.clientOrderId, filledQty: 2 });
  const desk = new OrderDesk(
    {
      venue: first.venue,
      clock: first.clock,
      fence: LIVE_FENCE,
      book: () => book,
      emit: (event) => {
        book.take(event);
      },
      onProblem: () => undefined,
      tickSizeOf: () => 0.01,
    },
    first.clock.nowMs() + 3_600_000 - LIVE_FENCE.overlapMs,
  );
  // the stop filled, then an hour without answers, then the end of the process
  const stop = { ...fillOf(first.order, first.clock.nowMs() + 1_000, 2), clientOrderId: null, side: 'sell' as const };
  first.venue.ledger = [...first.venue.ledger, stop];
  await first.run(() => first.clock.sleep(3_600_000));
  desk.recover();
  await first.run(() => desk.round());
  expect(book.of('fill').map(({ fill }) => fill.execId)).toContain(stop.execId);
});

describe('executions', () => {
  it('are told once over questions that overlap, in order of time', async () => {
    const one = bench();
    const [a, b, c] = [30, 10, 20].map((ms) => fillOf(one.order, RIG_START_MS + ms, 0.5));
    const funding: FundingEvent = {
      kind: 'funding',
      timeMs: RIG_START_MS + 15,
      execId: 'funding-1',
      instrumentId: RIG_INSTRUMENT,
      amountUsd: -1,
      assumed: false,
    };
    one.book.plan(one.order);
    one.venue.ledger = [a, b, c];
    one.venue.funding = [funding];
    one.venue.held = [{ ...LONG, qty: 1.5 }];
    await one.rounds(300);
    expect(one.book.of('fill').map(({ fill }) => fill.execId)).toEqual([b.execId, c.execId, a.execId]);
    const told = one.book.story.filter((kind) => kind === 'fill' || kind === 'funding');
    expect(told).toEqual(['fill', 'funding', 'fill', 'fill']);
  });

  it('of an order that rested for hours are told once', async () => {
    const one = bench();
    await submit(one, one.order);
    one.venue.open = [openOrder(one.order)];
    one.venue.held = [LONG];
    one.venue.ledger = [1, 2].map((second) => fillOf(one.order, RIG_START_MS + second * 1_000, 1));
    await one.rounds(100, 60_000);
    one.venue.open = [];
    one.venue.report = () => ({ kind: 'done', filledQty: 2 });
    await one.rounds(5);
    expect(one.book.of('fill').length).toBe(2);
    expect(one.book.story.at(-1)).toBe('order_done');
  });

  it('that come late but within the overlap are told', async () => {
    const one = bench();
    await one.rounds(60);
    one.venue.ledger = [fillOf(one.book.plan(one.order), one.clock.nowMs() - LIVE_FENCE.overlapMs + 2_000, 2)];
    await one.rounds(1);
    expect(one.book.of('fill').length).toBe(1);
  });

  it('wait for an answer, however long it takes', async () => {
    const one = bench();
    one.venue.ledger = NO_ANSWER;
    await one.rounds(60, 60_000);
    one.venue.ledger = [fillOf(one.book.plan(one.order), RIG_START_MS + 5, 2)];
    await one.rounds(1);
    expect(one.book.of('fill').length).toBe(1);
  });
});

describe('a position that no trade explains', () => {
  it('is told after two rounds, once, and again when it is gone', async () => {
    const one = bench();
    one.venue.held = [LONG];
    await one.rounds(1);
    expect(one.book.of('foreign_position')).toEqual([]);
    await one.rounds(10);
    expect(one.book.of('foreign_position')).toMatchObject([{ side: 'long', qty: 2 }]);
    one.venue.held = [];
    await one.rounds(10);
    expect(one.book.of('foreign_position').map(({ qty }) => qty)).toEqual([2, 0]);
  });

  it('is told again when its quantity changes', async () => {
    const one = bench();
    one.venue.held = [LONG];
    await one.rounds(4);
    one.venue.held = [{ ...LONG, side: 'short', qty: 3 }];
    await one.rounds(4);
    expect(one.book.of('foreign_position').map(({ side, qty }) => [side, qty])).toEqual([
      ['long', 2],
      ['short', 3],
    ]);
  });

  it('is told the other way round too, later: less is held than our fills make, and no execution says why', async () => {
    const one = bench();
    one.venue.held = [LONG];
    one.venue.ledger = [fillOf(one.book.plan(one.order), RIG_START_MS, 2)];
    await one.rounds(5);
    one.venue.held = [];
    await one.rounds(5);
    expect(one.book.of('foreign_position')).toEqual([]);
    await one.rounds(10);
    expect(one.book.of('foreign_position')).toMatchObject([{ side: 'short', qty: 2 }]);
  });

  it('that is explained in the next round is not told', async () => {
    const one = bench();
    one.venue.held = [LONG];
    one.book.plan(one.order);
    await one.rounds(1);
    one.venue.ledger = [fillOf(one.order, RIG_START_MS, 2)];
    await one.rounds(5);
    expect(one.book.of('foreign_position')).toEqual([]);
  });
});

describe('stops', () => {
  async function holding(shown: VenuePosition['protection']): Promise<Bench> {
    const one = bench();
    one.venue.ledger = [fillOf(one.book.plan(one.order), RIG_START_MS, 2)];
    one.venue.held = [{ ...LONG, protection: shown }];
    await one.rounds(1);
    return one;
  }

  it('that the venue does not show are missing', async () => {
    const { book } = await holding(null);
    expect(book.of('protection_missing').length).toBe(1);
    expect(book.of('protection_verified')).toEqual([]);
  });

  it('within a tick of the wanted ones are the wanted ones', async () => {
    const { book } = await holding({ stopPrice: 90.009, targetPrice: 129.991 });
    expect(book.of('protection_verified')).toMatchObject([{ protection: { stopPrice: 90, targetPrice: 130 } }]);
  });

  it.each([
    { stopPrice: 90.01, targetPrice: 130 },
    { stopPrice: 90, targetPrice: null },
    { stopPrice: 90, targetPrice: 131 },
  ])('elsewhere are told as shown: %o', async (shown) => {
    const { book } = await holding(shown);
    expect(book.of('protection_verified')).toMatchObject([{ protection: shown }]);
  });
});

describe('commands', () => {
  it('of one instrument wait for each other, those of others do not', async () => {
    const one = bench();
    one.venue.submitMs = 5_000;
    const second = { ...one.order, clientOrderId: `${one.order.clientOrderId}9` as ClientOrderId };
    const other = { ...second, clientOrderId: `${second.clientOrderId}9` as ClientOrderId, instrumentId: OTHER };
    await one.run(async () => {
      await Promise.all([one.order, second, other].map((order) => one.desk.perform({ kind: 'submit', order })));
    });
    expect(one.venue.sentMs).toEqual([RIG_START_MS, RIG_START_MS, RIG_START_MS + 5_000]);
  });

  it('go on behind one that failed', async () => {
    const one = bench();
    one.venue.held = NO_ANSWER;
    await one.run(() =>
      one.desk.perform({ kind: 'verify_protection', instrumentId: RIG_INSTRUMENT, tradeId: one.order.tradeId }),
    );
    expect(one.problems.length).toBe(1);
    await submit(one, one.order);
    expect(one.book.story).toEqual(['order_accepted']);
  });
});

describe('a closed desk', () => {
  it('tells nothing of what was under way, and sends nothing new', async () => {
    const one = bench();
    one.venue.submitMs = 5_000;
    one.venue.held = [LONG];
    one.venue.ledger = [fillOf(one.order, RIG_START_MS, 2)];
    await one.run(async () => {
      const sending = one.desk.perform({ kind: 'submit', order: one.book.plan(one.order) });
      const behind = one.desk.perform({
        kind: 'cancel',
        clientOrderId: one.order.clientOrderId,
        instrumentId: RIG_INSTRUMENT,
      });
      const round = one.desk.round();
      await one.clock.sleep(0);
      one.desk.close();
      await Promise.all([sending, behind, round]);
      one.venue.held = NO_ANSWER;
      await one.desk.round();
      await one.desk.perform({ kind: 'submit', order: one.order });
    });
    expect([one.book.events, one.problems, one.venue.sentMs]).toEqual([[], [], [RIG_START_MS]]);
  });
});
