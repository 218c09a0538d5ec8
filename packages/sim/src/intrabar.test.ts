import type { Side } from '@donch/core';
import { assert, integer, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { triggersOf, type BarTrigger, type RestingPrices } from './intrabar.ts';

type Ohl = readonly [open: number, high: number, low: number];

interface TriggerCase {
  readonly name: string;
  readonly bar: Ohl;
  readonly resting?: Partial<RestingPrices>;
  readonly triggers: string;
}

const FAR = { price: 85, bankruptcyPrice: 84 };
const SAME = { price: 90, bankruptcyPrice: 89 };
const NEAR = { price: 93, bankruptcyPrice: 92 };

/** Long, stop 90, target 110, first target 105, tick 0.1. */
const CASES: readonly TriggerCase[] = [
  { name: 'nothing in reach', bar: [100, 104, 91], triggers: '' },
  { name: 'stop touched exactly', bar: [100, 104, 90], triggers: 'sl 90' },
  { name: 'stop missed by a tick', bar: [100, 104, 90.1], triggers: '' },
  { name: 'gap below the stop fills at the open', bar: [85, 95, 84], triggers: 'sl 85' },
  { name: 'open exactly at the stop', bar: [90, 95, 89], triggers: 'sl 90' },
  { name: 'gap below the stop, and the target in the same bar', bar: [85, 120, 84], triggers: 'sl 85' },
  { name: 'target touched exactly', bar: [100, 110, 95], triggers: 'tp1 105, tp 110' },
  { name: 'target missed by a tick', bar: [100, 109.9, 95], triggers: 'tp1 105' },
  { name: 'gap above the target fills at the open', bar: [112, 115, 111], triggers: 'tp1 105, tp 112' },
  { name: 'open exactly at the target', bar: [110, 115, 108], triggers: 'tp1 105, tp 110' },
  { name: 'gap above the target and stop in the same bar', bar: [112, 115, 85], triggers: 'tp1 105, tp 112' },
  { name: 'stop and target in one bar: the stop wins', bar: [100, 120, 85], triggers: 'sl 90' },
  { name: 'stop and first target in one bar: the stop wins', bar: [100, 106, 85], triggers: 'sl 90' },
  { name: 'open beyond the first target, then the stop', bar: [106, 107, 85], triggers: 'tp1 105, sl 90' },
  { name: 'open a tick beyond the first target, then the stop', bar: [105.1, 107, 85], triggers: 'tp1 105, sl 90' },
  { name: 'open at the first target, then the stop', bar: [105, 107, 85], triggers: 'sl 90' },
  { name: 'first target touched only', bar: [100, 105, 95], triggers: '' },
  { name: 'first target gone through by a tick', bar: [100, 105.1, 95], triggers: 'tp1 105' },
  { name: 'first target gapped fills at its price', bar: [107, 108, 106], triggers: 'tp1 105' },
  {
    name: 'first target gone through by a tick in decimals',
    bar: [100, 100.3, 95],
    resting: { limitPrice: 100.2 },
    triggers: 'tp1 100.2',
  },
  {
    name: 'first target beyond the final one',
    bar: [100, 120, 95],
    resting: { limitPrice: 115 },
    triggers: 'tp 110',
  },
  {
    name: 'first target at the final one',
    bar: [100, 120, 95],
    resting: { limitPrice: 110 },
    triggers: 'tp 110',
  },
  {
    name: 'gap beyond a first target that lies beyond the final one',
    bar: [120, 121, 118],
    resting: { limitPrice: 115 },
    triggers: 'tp 120',
  },
  { name: 'no first target', bar: [100, 120, 95], resting: { limitPrice: null }, triggers: 'tp 110' },
  {
    name: 'no final target',
    bar: [100, 500, 95],
    resting: { protection: { stopPrice: 90, targetPrice: null } },
    triggers: 'tp1 105',
  },
  { name: 'no stop on the venue', bar: [100, 104, 1], resting: { protection: null }, triggers: '' },
  {
    name: 'no stop on the venue, a limit rests',
    bar: [100, 106, 1],
    resting: { protection: null },
    triggers: 'tp1 105',
  },
  { name: 'liquidation beyond the stop', bar: [100, 101, 80], resting: { liquidation: FAR }, triggers: 'sl 90' },
  { name: 'liquidation at the stop', bar: [100, 101, 80], resting: { liquidation: SAME }, triggers: 'sl 90' },
  { name: 'liquidation nearer', bar: [100, 101, 93], resting: { liquidation: NEAR }, triggers: 'liquidation 92' },
  { name: 'liquidation missed', bar: [100, 101, 93.1], resting: { liquidation: NEAR }, triggers: '' },
  { name: 'gap beyond both', bar: [80, 81, 79], resting: { liquidation: NEAR }, triggers: 'liquidation 92' },
  { name: 'gap beyond both, the stop nearer', bar: [80, 81, 79], resting: { liquidation: FAR }, triggers: 'sl 80' },
  {
    name: 'liquidation and target in one bar',
    bar: [100, 120, 93],
    resting: { liquidation: NEAR },
    triggers: 'liquidation 92',
  },
  {
    name: 'liquidation without a stop',
    bar: [100, 101, 85],
    resting: { protection: null, limitPrice: null, liquidation: FAR },
    triggers: 'liquidation 84',
  },
  {
    name: 'coarse tick: through by less than one',
    bar: [100, 105.4, 95],
    resting: { tickSize: 0.5 },
    triggers: '',
  },
];

const LONG: RestingPrices = {
  side: 'long',
  protection: { stopPrice: 90, targetPrice: 110 },
  limitPrice: 105,
  tickSize: 0.1,
  liquidation: null,
};

const round = (price: number): number => Number(price.toFixed(9));
const flip = (price: number): number => round(200 - price);

function found([open, high, low]: Ohl, resting: RestingPrices, side: Side): string {
  const { protection, limitPrice, tickSize, liquidation } = resting;
  const bar = side === 'long' ? { open, high, low } : { open: flip(open), high: flip(low), low: flip(high) };
  const mirrored: RestingPrices =
    side === 'long'
      ? resting
      : {
          side,
          tickSize,
          liquidation:
            liquidation === null
              ? null
              : { price: flip(liquidation.price), bankruptcyPrice: flip(liquidation.bankruptcyPrice) },
          limitPrice: limitPrice === null ? null : flip(limitPrice),
          protection:
            protection === null
              ? null
              : {
                  stopPrice: flip(protection.stopPrice),
                  targetPrice: protection.targetPrice === null ? null : flip(protection.targetPrice),
                },
        };
  return triggersOf(bar, mirrored)
    .map(({ cause, price }) => `${cause} ${side === 'long' ? round(price) : flip(price)}`)
    .join(', ');
}

describe.each(['long', 'short'] as const)('what trades inside a bar of a %s', (side) => {
  it.each(CASES)('$name: $triggers', ({ bar, resting, triggers }) => {
    expect(found(bar, { ...LONG, ...resting }, side)).toBe(triggers);
  });

  it('never trades at a better price than the order, nor outside the bar', () => {
    const price = integer({ min: 800, max: 1_200 }).map((ticks) => ticks / 10);
    assert(
      property(tuple(price, price, price), tuple(price, price, price), (bar, levels) => {
        expect(impossible(side, bar, levels)).toEqual([]);
      }),
      { seed: 7, numRuns: 3_000 },
    );
  });
});

/** Triggers of a bar (its three prices in any order after the open) that cannot have happened. */
function impossible(side: Side, bar: Ohl, [stopPrice, targetPrice, limitPrice]: Ohl): BarTrigger[] {
  const open = bar[0];
  const high = Math.max(...bar);
  const low = Math.min(...bar);
  const protection = { stopPrice, targetPrice };
  const resting: RestingPrices = { side, protection, limitPrice, tickSize: 0.1, liquidation: null };
  const worse = (at: number, level: number): boolean => (side === 'long' ? at <= level : at >= level);
  return triggersOf({ open, high, low }, resting).filter(({ cause, price }) => {
    if (cause === 'tp1') return price !== limitPrice;
    const inside = price >= low && price <= high;
    return !(inside && (cause === 'sl' ? worse(price, stopPrice) : worse(targetPrice, price)));
  });
}
