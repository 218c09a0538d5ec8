import { describe, expect, it } from 'vitest';
import { Progress, progressLine } from './progress.ts';

const LABEL = { label: 'scanning', total: 540, unit: 'symbols' };

describe('progressLine', () => {
  it.each([
    ['nothing yet', { done: 0, work: 0, workUnit: '', seconds: 3 }, 'scanning 0/540 symbols'],
    [
      'rate and time left',
      { done: 135, work: 3_000_000, workUnit: 'bars', seconds: 10 },
      'scanning 135/540 symbols  0.30 M bars/s  0:30 left',
    ],
    ['hours left', { done: 1, work: 0, workUnit: '', seconds: 10 }, 'scanning 1/540 symbols  1:29:50 left'],
    ['a part of an item', { done: 269.99, work: 0, workUnit: '', seconds: 60 }, 'scanning 269/540 symbols  1:00 left'],
    ['the end', { done: 540, work: 0, workUnit: '', seconds: 60 }, 'scanning 540/540 symbols  0:00 left'],
  ])('shows %s', (_, state, line) => {
    expect(progressLine(LABEL, state)).toBe(line);
  });
});

describe('Progress', () => {
  it('writes nothing where stderr is no terminal', () => {
    const written: string[] = [];
    const progress = new Progress({ ...LABEL, enabled: false, write: (text) => written.push(text) });
    progress.advance(1);
    progress.done();
    expect(written).toEqual([]);
  });

  it('draws over its line and takes it away at the end, once', () => {
    const written: string[] = [];
    const progress = new Progress({ ...LABEL, enabled: true, write: (text) => written.push(text) });
    progress.advance(1);
    progress.advance(1);
    progress.done();
    progress.done();
    expect(written).toHaveLength(2);
    expect(written[0].startsWith('\r\u001b[2Kscanning 1/540 symbols')).toBe(true);
    expect(written[1]).toBe('\r\u001b[2K');
  });
});
