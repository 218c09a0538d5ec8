import { describe, expect, it } from 'vitest';
import { delayedEvents, EventBuffer, lastEventAt, NO_EVENTS } from './event-series.ts';

describe('events', () => {
  const history = delayedEvents(Float64Array.of(100, 200, 300), Float64Array.of(1, 2, 3), 60);

  it('may be read once their delay is over, and not a moment before', () => {
    expect([159, 160, 259, 260, 1_000].map((ms) => lastEventAt(history, ms))).toEqual([-1, 0, 0, 1, 2]);
    expect(lastEventAt(NO_EVENTS, 1_000)).toBe(-1);
  });

  it('appended one by one are those of history', () => {
    const buffer = new EventBuffer();
    for (let k = 0; k < 50; k += 1) buffer.append(k * 100, k, k * 100 + 60);
    expect([buffer.length, buffer.value[49], lastEventAt(buffer, 4_960), lastEventAt(buffer, 4_959)]).toEqual([
      50, 49, 49, 48,
    ]);
  });

  it('that arrive late hold back those after them', () => {
    const buffer = new EventBuffer();
    buffer.append(100, 1, 900);
    buffer.append(200, 2, 260);
    expect([899, 900].map((ms) => lastEventAt(buffer, ms))).toEqual([-1, 1]);
    expect(() => buffer.append(200, 3, 999)).toThrow('after the last one');
  });
});
