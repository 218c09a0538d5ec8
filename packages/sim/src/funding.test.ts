import { HOUR_MS, MINUTE_MS, type FundingEvents } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { fundingDue, nextFundingMs } from './funding.ts';

const DAY = Date.UTC(2024, 0, 10);
const at = (hours: number): number => DAY + hours * HOUR_MS;

function events(...rows: readonly (readonly [hours: number, rate: number])[]): FundingEvents {
  return {
    timeMs: Float64Array.from(rows, ([hours]) => at(hours)),
    rate: Float64Array.from(rows, ([, rate]) => rate),
  };
}

const EVERY_8H = events([0, 0.001], [8, 0.002], [16, 0.004], [24, 0.008]);
const EVERY_4H = events([0, 1], [4, 2], [8, 4], [12, 8], [16, 16]);
const EVERY_1H = events(...[0, 1, 2, 3, 4, 5, 6, 7, 8].map((hour) => [hour, 2 ** hour] as const));
/** 8 hours apart, from 08:00 on 4 hours, from 16:00 on 1 hour. */
const FASTER = events([0, 1], [8, 2], [12, 4], [16, 8], [17, 16], [18, 32]);

describe('funding that falls due', () => {
  it.each([
    { name: 'nothing before the first settlement', known: EVERY_8H, from: 1, to: 7.99, rate: 0, assumed: 0 },
    { name: 'a settlement at the end', known: EVERY_8H, from: 1, to: 8, rate: 0.002, assumed: 0 },
    {
      name: 'not the one at the start: filled then, not before',
      known: EVERY_8H,
      from: 8,
      to: 15,
      rate: 0,
      assumed: 0,
    },
    { name: 'all of a long stretch', known: EVERY_8H, from: 0, to: 24, rate: 0.014, assumed: 0 },
    { name: 'every 4 hours', known: EVERY_4H, from: 0, to: 8, rate: 6, assumed: 0 },
    { name: 'every hour', known: EVERY_1H, from: 0, to: 8, rate: 510, assumed: 0 },
    { name: 'an interval that changes', known: FASTER, from: 0, to: 18, rate: 62, assumed: 0 },
    { name: 'nothing known: one period per boundary', known: null, from: 1, to: 25, rate: 0, assumed: 3 },
    { name: 'nothing known, no boundary', known: null, from: 1, to: 7.9, rate: 0, assumed: 0 },
    { name: 'nothing known, from one boundary to the next', known: null, from: 8, to: 16, rate: 0, assumed: 1 },
    { name: 'known data end: assumed from then on', known: EVERY_8H, from: 20, to: 48, rate: 0.008, assumed: 3 },
    { name: 'known data begin later', known: EVERY_8H, from: -17, to: 9, rate: 0.003, assumed: 2 },
    {
      name: 'a hole in known data',
      known: events([0, 1], [8, 2], [32, 4]),
      from: 1,
      to: 33,
      rate: 6,
      assumed: 2,
    },
    {
      name: 'settlements a little late count at the bar after, and leave no hole',
      known: events([0.001, 1], [8.001, 2], [16.001, 4]),
      from: 1,
      to: 8.05,
      rate: 2,
      assumed: 0,
    },
    { name: 'an empty list is as good as none', known: events(), from: 1, to: 17, rate: 0, assumed: 2 },
  ])('$name', ({ known, from, to, rate, assumed }) => {
    const due = fundingDue(known, at(from), at(to));
    expect(due.rate).toBeCloseTo(rate, 12);
    expect(due.assumedPeriods).toBe(assumed);
  });

  it.each([EVERY_8H, EVERY_4H, EVERY_1H, FASTER, null, events([0, 1], [8, 2], [32, 4])])(
    'is the same in one piece and bar by bar, and nothing falls due before the next time (%#)',
    (known) => {
      const whole = fundingDue(known, at(0), at(36));
      let rate = 0;
      let assumed = 0;
      let next = nextFundingMs(known, at(0));
      const tooEarly: number[] = [];
      for (let fromMs = at(0); fromMs < at(36); fromMs += 5 * MINUTE_MS) {
        const toMs = fromMs + 5 * MINUTE_MS;
        const due = fundingDue(known, fromMs, toMs);
        if (due.settlements > 0 || due.assumedPeriods > 0) {
          if (toMs < next) tooEarly.push(toMs);
          next = nextFundingMs(known, toMs);
          if (!(next > toMs)) tooEarly.push(next);
        }
        rate += due.rate;
        assumed += due.assumedPeriods;
      }
      expect(tooEarly).toEqual([]);
      expect({ rate, assumed }).toEqual({ rate: whole.rate, assumed: whole.assumedPeriods });
    },
  );
});
