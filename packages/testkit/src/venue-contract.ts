/** What every venue promises - simulator, paper, loopback, exchange; synchronous or not - as tests. */
import { describe, it } from 'vitest';
import { VenueBench, type VenueUnderTest } from './venue-bench.ts';
import { VENUE_PROMISES, type VenuePromise, type VenuePromiseName } from './venue-promises.ts';

export interface VenueContract {
  readonly create: () => VenueUnderTest | Promise<VenueUnderTest>;
  /** Promises that the venue cannot keep, each with the reason; it is printed. */
  readonly skip?: readonly { readonly test: VenuePromiseName; readonly reason: string }[];
}

/** Registers one test per promise; skipped ones are visible, with their reason. */
export function venueContract(name: string, contract: VenueContract): void {
  const reasons = reasonsOf(contract);
  describe(`${name} keeps the venue contract`, () => {
    for (const promise of VENUE_PROMISES) {
      const reason = reasons.get(promise.name);
      if (reason === undefined) it(promise.name, () => keep(contract, promise));
      else it.skip(`${promise.name}: ${reason}`, () => {});
    }
  });
}

function reasonsOf({ skip = [] }: VenueContract): ReadonlyMap<string, string> {
  for (const { test, reason } of skip) {
    if (!VENUE_PROMISES.some(({ name }) => name === test)) throw new Error(`found no promise "${test}" to skip`);
    if (reason.trim() === '') throw new Error(`found no reason to skip "${test}"`);
  }
  return new Map(skip.map(({ test, reason }) => [test, reason]));
}

/** Names of the promises that a venue breaks. */
export async function brokenVenuePromises(contract: VenueContract): Promise<VenuePromiseName[]> {
  const broken: VenuePromiseName[] = [];
  for (const promise of VENUE_PROMISES) {
    const kept = await keep(contract, promise).then(
      () => true,
      () => false,
    );
    if (!kept) broken.push(promise.name);
  }
  return broken;
}

async function keep({ create }: VenueContract, { check }: VenuePromise): Promise<void> {
  const under = await create();
  try {
    await check(new VenueBench(under));
  } finally {
    await under.dispose?.();
  }
}
