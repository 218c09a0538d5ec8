/** What happens at a venue by itself, drawn by seed: executions in parts, late rejections, lost stops, hands of people, disasters. */
import type { Prng } from '@donch/core';
import type { LoopbackExchange } from '@donch/exchange';

interface Act {
  readonly id: string;
  readonly weight: number;
  readonly happen: (exchange: LoopbackExchange, prng: Prng) => void;
}

const onHeld = (exchange: LoopbackExchange, prng: Prng, act: (symbol: string) => void): void => {
  const held = exchange.levers.held();
  if (held.length > 0) act(held[prng.below(held.length)]);
};

/** Faults of trading; those that need a person afterwards are not among them. */
const ACTS: readonly Act[] = [
  {
    id: 'F32',
    weight: 2,
    happen: ({ levers }) => levers.planFate({ for: 'entry', rejectReason: 'EC_PerCancelRequest' }),
  },
  {
    id: 'F33',
    weight: 3,
    happen: ({ levers }, prng) => levers.planFate({ for: 'any', fillFrac: 0.2 + 0.6 * prng.next() }),
  },
  { id: 'F34', weight: 2, happen: ({ levers }) => levers.planFate({ for: 'any', fillFrac: 0 }) },
  { id: 'F35', weight: 4, happen: ({ levers }, prng) => levers.planFate({ for: 'any', parts: 2 + prng.below(4) }) },
  {
    id: 'F36',
    weight: 3,
    happen: (exchange, prng) => onHeld(exchange, prng, (symbol) => exchange.levers.removeStop(symbol)),
  },
  { id: 'F36', weight: 2, happen: ({ levers }) => levers.planFate({ for: 'entry', dropsStop: true }) },
  {
    id: 'F37',
    weight: 2,
    happen: (exchange, prng) =>
      onHeld(exchange, prng, (symbol) => exchange.levers.failStop(symbol, prng.next() < 0.5 ? 0 : 0.5)),
  },
  {
    id: 'F40',
    weight: 3,
    happen: (exchange, prng) =>
      onHeld(exchange, prng, (symbol) => exchange.levers.userCloses(symbol, prng.next() < 0.5 ? 1 : 0.4)),
  },
  {
    id: 'F41',
    weight: 1,
    happen: (exchange, prng) => onHeld(exchange, prng, (symbol) => exchange.levers.bust(symbol)),
  },
  {
    id: 'F41',
    weight: 1,
    happen: (exchange, prng) => onHeld(exchange, prng, (symbol) => exchange.levers.deleverage(symbol)),
  },
  { id: 'F43', weight: 2, happen: ({ levers }) => levers.planRefusal(110007, 'ab not enough for new order') },
  {
    id: 'F43',
    weight: 1,
    happen: ({ levers }) => levers.planRefusal(110090, 'Order failed as it may exceed risk limit'),
  },
  {
    id: 'F44',
    weight: 1,
    happen: (exchange, prng) => onHeld(exchange, prng, (symbol) => exchange.levers.drift({ symbol, leverage: 3 })),
  },
  { id: 'F48', weight: 2, happen: ({ levers }) => levers.wipeRealtime() },
  { id: 'F49', weight: 1, happen: ({ levers }, prng) => levers.deposit(Math.round(200 * (prng.next() - 0.5))) },
  { id: 'F50', weight: 1, happen: ({ levers }, prng) => levers.setFees(0.0004 + 0.0002 * prng.next(), 0.0002) },
];

const WEIGHTS = ACTS.reduce((sum, { weight }) => sum + weight, 0);

/** Lets one thing happen; returns its number in the list of faults. */
export function actByChance(exchange: LoopbackExchange, prng: Prng): string {
  let draw = prng.next() * WEIGHTS;
  const act = ACTS.find(({ weight }) => (draw -= weight) < 0) ?? ACTS[0];
  act.happen(exchange, prng);
  return act.id;
}
