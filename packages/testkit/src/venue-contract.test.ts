import type { Venue } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { barVenueUnderTest } from './bar-venue-under-test.ts';
import type { VenueUnderTest } from './venue-bench.ts';
import { brokenVenuePromises, venueContract } from './venue-contract.ts';
import type { VenuePromiseName } from './venue-promises.ts';

venueContract('the bar venue, wrapped to answer later', {
  create: async () => {
    const under = barVenueUnderTest();
    await Promise.resolve();
    return { ...under, venue: later(under.venue) };
  },
});

/** The same venue, every answer a promise. */
function later(venue: Venue): Venue {
  return {
    submit: async (order) => venue.submit(order),
    cancel: async (instrumentId, id) => venue.cancel(instrumentId, id),
    setProtection: async (instrumentId, protection) => venue.setProtection(instrumentId, protection),
    lookup: async (instrumentId, id) => venue.lookup(instrumentId, id),
    openOrders: async () => venue.openOrders(),
    positions: async () => venue.positions(),
    fills: async (sinceMs) => venue.fills(sinceMs),
  };
}

/** A bar venue with one fault. */
function faulty(fault: (under: VenueUnderTest) => Partial<Venue>): () => VenueUnderTest {
  return () => {
    const under = barVenueUnderTest();
    return { ...under, venue: { ...later(under.venue), ...fault(under) } };
  };
}

describe('the venue contract', () => {
  it('finds nothing in a venue that keeps it', async () => {
    expect(await brokenVenuePromises({ create: () => barVenueUnderTest() })).toEqual([]);
  });

  let copies = 0;
  it.each<{ fault: string; create: () => VenueUnderTest; broken: VenuePromiseName }>([
    {
      fault: 'takes an id twice',
      create: faulty(({ venue }) => ({
        submit: async (order) => {
          const answer = await venue.submit(order);
          return answer.kind === 'rejected' && answer.reason.startsWith('duplicate') ? { kind: 'accepted' } : answer;
        },
      })),
      broken: 'a client order id is used once',
    },
    {
      fault: 'takes any quantity',
      create: faulty(({ venue }) => ({
        submit: async (order) => {
          const answer = await venue.submit(order);
          return answer.kind === 'rejected' && answer.reason.startsWith('quantity') ? { kind: 'accepted' } : answer;
        },
      })),
      broken: 'an order of no tradable quantity is refused',
    },
    {
      fault: 'ignores reduce-only',
      create: faulty(({ venue }) => ({
        submit: async (order) => venue.submit({ ...order, reduceOnly: order.leg === 'tp1' }),
      })),
      broken: 'a reduce-only order without a position is refused',
    },
    {
      fault: 'drops the stop of the entry',
      create: faulty(({ venue }) => ({ submit: async (order) => venue.submit({ ...order, protection: null }) })),
      broken: 'an entry brings its stop and target with it',
    },
    {
      fault: 'keeps the old stop',
      create: faulty(() => ({ setProtection: async () => ({ kind: 'accepted' as const }) })),
      broken: 'stop and target can be amended, and the old ones are gone',
    },
    {
      fault: 'cancels nothing',
      create: faulty(() => ({ cancel: async () => ({ kind: 'accepted' as const }) })),
      broken: 'a resting order can be cancelled, once',
    },
    {
      fault: 'forgets what has ended',
      create: faulty(({ venue }) => ({
        lookup: async (instrumentId, id) => {
          const report = await venue.lookup(instrumentId, id);
          return report.kind === 'done' ? { kind: 'absent' as const } : report;
        },
      })),
      broken: 'a look-up tells live, done, refused and unheard-of orders apart',
    },
    {
      fault: 'loses the newest fill',
      create: faulty(({ venue }) => ({ fills: async (sinceMs) => (await venue.fills(sinceMs)).slice(0, -1) })),
      broken: 'an entry is accepted, filled completely and shown as a position',
    },
    {
      fault: 'tells the newest fill first',
      create: faulty(({ venue }) => ({ fills: async (sinceMs) => (await venue.fills(sinceMs)).toReversed() })),
      broken: 'fills are complete, in order of time, each with its own id',
    },
    {
      fault: 'ignores since when fills are asked for',
      create: faulty(({ venue }) => ({ fills: async () => venue.fills(0) })),
      broken: 'fills are complete, in order of time, each with its own id',
    },
    {
      fault: 'takes a lost order for accepted',
      create: faulty(({ venue }) => ({
        submit: async (order) => {
          const answer = await venue.submit(order);
          return answer.kind === 'unknown' ? { kind: 'accepted' } : answer;
        },
      })),
      broken: 'an order that was lost on the way is absent, and leaves no position',
    },
    {
      fault: 'sends a lost order again under another id',
      create: faulty(({ venue, loseAnswers }) => ({
        submit: async (order) => {
          const answer = await venue.submit(order);
          if (answer.kind === 'unknown') {
            copies += 1;
            loseAnswers?.(null);
            await venue.submit({ ...order, clientOrderId: `d-copy-en-${copies}` as typeof order.clientOrderId });
          }
          return answer;
        },
      })),
      broken: 'an order that was lost on the way is absent, and leaves no position',
    },
  ])('finds a venue that $fault', async ({ create, broken }) => {
    expect(await brokenVenuePromises({ create })).toContain(broken);
  });

  it.each([
    { skip: [{ test: 'the stop closes the position', reason: ' ' }], message: 'found no reason' },
    { skip: [{ test: 'flies', reason: 'no wings' }], message: 'found no promise "flies"' },
  ])('skips nothing without a reason and nothing that it does not know ($message)', ({ skip, message }) => {
    const contract = { create: () => barVenueUnderTest(), skip: skip as { test: VenuePromiseName; reason: string }[] };
    expect(() => {
      venueContract('x', contract);
    }).toThrow(message);
  });
});
