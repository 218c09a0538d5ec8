import { DAY_MS, HOUR_MS, MINUTE_MS, quantileOf, medianOf } from '@donch/core';
import { kernelContract, randomCandles } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { VolumeMedian } from './volume-median.ts';
import { VolumeMultiple } from './volume-multiple.ts';
import { VolumeQuantile } from './volume-quantile.ts';
import { VolumeWindow } from './volume-window.ts';

const intervalMs = 15 * MINUTE_MS;
const candles = randomCandles({ seed: 22, length: 800, intervalMs });
const createWindow = () => new VolumeWindow({ windowMs: 2 * DAY_MS, intervalMs, coverageMinFrac: 0.25 });
const windowFrom = (i: number) => i - 191;

kernelContract('VolumeMedian', { create: () => new VolumeMedian(createWindow()), candles, windowFrom });
kernelContract('VolumeQuantile', { create: () => new VolumeQuantile(createWindow(), 0.95), candles, windowFrom });
kernelContract('VolumeMultiple', {
  create: () => new VolumeMultiple(createWindow()),
  candles,
  windowFrom,
  outputs: ({ median }) => [median],
});

describe('VolumeWindow', () => {
  it('holds the bars that opened in (t - window, t], missing volumes left out', () => {
    const gappy = randomCandles({ seed: 23, length: 900, gapFrac: 0.3 });
    for (let i = 5; i < gappy.length; i += 11) gappy.volume[i] = Number.NaN;
    const windowMs = 6 * HOUR_MS;
    const window = new VolumeWindow({ windowMs, intervalMs: gappy.intervalMs, coverageMinFrac: 0.6 });
    let ready = 0;
    for (let i = 0; i < gappy.length; i += 1) {
      window.absorb(gappy, i);
      const inside = [...gappy.volume.subarray(0, i + 1)].filter(
        (volume, row) => !Number.isNaN(volume) && gappy.openTimeMs[row] > gappy.openTimeMs[i] - windowMs,
      );
      expect(window.count).toBe(inside.length);
      expect(window.coverageFrac).toBe(inside.length / 72);
      expect(window.isReady).toBe(inside.length >= 44);
      if (window.isReady) ready += 1;
      expect(window.median()).toBe(window.isReady ? medianOf(inside) : Number.NaN);
      expect(window.quantile(0.9)).toBe(window.isReady ? quantileOf(inside, 0.9) : Number.NaN);
    }
    expect(ready).toBeGreaterThan(100);
    expect(ready).toBeLessThan(880);
  });

  it('may be shared: a row is taken once', () => {
    const shared = createWindow();
    const [median, multiple] = [new VolumeMedian(shared), new VolumeMultiple(shared)];
    const alone = new VolumeMedian(createWindow());
    for (let i = 0; i < 300; i += 1) {
      const value = median.step(candles, i);
      multiple.step(candles, i);
      expect(value).toBe(alone.step(candles, i));
      expect(multiple.median).toBe(value);
    }
  });
});

describe('VolumeMultiple', () => {
  it('is missing where the median is zero', () => {
    const dead = randomCandles({ seed: 24, length: 60, intervalMs });
    dead.volume.fill(0, 0, 59);
    const kernel = new VolumeMultiple(createWindow());
    for (let i = 0; i < 60; i += 1) expect(kernel.step(dead, i)).toBeNaN();
    expect(kernel.median).toBe(0);
  });
});
