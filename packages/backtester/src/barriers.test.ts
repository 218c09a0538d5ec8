import { readFileSync } from 'node:fs';
import { describeWithShared, sharedDir } from '@donch/testkit';
import { expect, it } from 'vitest';
import { excursions, firstTouch, type FirstTouch, type PriceBars, type RowRange } from './barriers.ts';

interface Expected {
  readonly touch: keyof typeof LABELS;
  readonly bar: number;
  readonly ret: number;
  readonly label: number;
  readonly label_sign?: number;
}

interface ToyCase {
  readonly i: number;
  readonly pt: number;
  readonly sl: number;
  readonly H: number;
  readonly side: 1 | -1;
  readonly strict: boolean;
  readonly expected: Expected | null;
}

interface ToyFile {
  readonly close: number[];
  readonly cases: readonly ToyCase[];
}

interface SeriesCase {
  readonly i: number;
  readonly H: number;
  readonly up: number;
  readonly dn: number;
  readonly hl: Expected | null;
  readonly close_strict: Expected | null;
  readonly close_short: Expected | null;
  readonly mfe: { mfe: number; mae: number; bars_to_mfe: number; bars_to_mae: number } | null;
}

interface SeriesFile extends Record<'open' | 'high' | 'low' | 'close', number[]> {
  readonly cases: readonly SeriesCase[];
}

const read = (name: string): unknown => JSON.parse(readFileSync(sharedDir('vectors', 'labels', name), 'utf8'));

function barsOfCloses(closes: readonly number[]): PriceBars {
  const close = Float64Array.from(closes);
  return { open: close, high: close, low: close, close };
}

/** Barriers on closes in fractions of the entry; `strict`: a touch alone does not count, so a barrier lies a little further out. */
function touchOnCloses(bars: PriceBars, given: Omit<ToyCase, 'expected'>): FirstTouch | null {
  const { i, pt, sl, H, side, strict } = given;
  if (i + H >= bars.close.length) return null;
  const entry = bars.close[i];
  const farther = strict ? 1e-12 : -1e-12;
  return firstTouch(
    bars,
    { firstRow: i + 1, endRow: i + H + 1 },
    {
      side: side > 0 ? 'long' : 'short',
      targetPrice: entry * (1 + side * (pt + farther)),
      stopPrice: entry * (1 - side * (sl + farther)),
    },
  );
}

type Outcome = Pick<Expected, 'touch' | 'bar' | 'ret' | 'label'> | null;

const LABELS = { pt: 1, sl: -1, vertical: 0 } as const;

function outcomeOf(found: FirstTouch | null, entry: number, side: number): Outcome {
  if (found === null) return null;
  const touch = found.kind === 'target' ? 'pt' : found.kind === 'stop' ? 'sl' : 'vertical';
  return { touch, bar: found.row, ret: rounded(side * (found.price / entry - 1)), label: LABELS[touch] };
}

/** The expected outcome without what only its file has. */
function expectedOutcome(expected: Expected | null): Outcome {
  if (expected === null) return null;
  const { touch, bar, ret, label } = expected;
  return { touch, bar, ret: rounded(ret), label };
}

/** The vectors are good for 1e-12; a difference in the eleventh decimal is a mistake. */
const rounded = (value: number): number => Number(value.toFixed(11));

describeWithShared('barriers and excursions of outside vectors', () => {
  it('agree on closes, by hand-checkable cases', () => {
    const { close: closes, cases } = read('triple_barrier_close_toy.json') as ToyFile;
    expect(cases.length).toBeGreaterThan(5);
    const bars = barsOfCloses(closes);
    for (const { expected, ...given } of cases)
      expect(outcomeOf(touchOnCloses(bars, given), closes[given.i], given.side)).toEqual(expectedOutcome(expected));
  });

  it('agree on closes and inside bars of a random series', () => {
    const file = read('triple_barrier_series.json') as SeriesFile;
    const bars = {
      open: Float64Array.from(file.open),
      high: Float64Array.from(file.high),
      low: Float64Array.from(file.low),
      close: Float64Array.from(file.close),
    };
    const closes = barsOfCloses(file.close);
    expect(file.cases.length).toBeGreaterThan(20);
    for (const { i, H, up, dn, hl, close_strict, close_short, mfe } of file.cases) {
      const entry = file.close[i];
      const range = { firstRow: i + 1, endRow: i + H + 1 };
      const isWhole = i + H < file.close.length;
      const inside = isWhole ? firstTouch(bars, range, { side: 'long', targetPrice: up, stopPrice: dn }) : null;
      expect(outcomeOf(inside, entry, 1)).toEqual(expectedOutcome(hl));
      const fractions = { i, H, strict: true, pt: PT_FRAC, sl: SL_FRAC };
      expect(outcomeOf(touchOnCloses(closes, { ...fractions, side: 1 }), entry, 1)).toEqual(
        expectedOutcome(close_strict),
      );
      expect(outcomeOf(touchOnCloses(closes, { ...fractions, side: -1 }), entry, -1)).toEqual(
        expectedOutcome(close_short),
      );
      expect(isWhole ? excursionsOf(bars, range, entry) : null).toEqual(
        mfe === null ? null : { ...mfe, mfe: rounded(mfe.mfe), mae: rounded(mfe.mae) },
      );
    }
  });
});

function excursionsOf(bars: PriceBars, range: RowRange, entry: number): SeriesCase['mfe'] {
  const { bestPrice, bestRow, worstPrice, worstRow } = excursions(bars, range, 'long');
  return {
    mfe: rounded(bestPrice / entry - 1),
    mae: rounded(worstPrice / entry - 1),
    bars_to_mfe: bestRow - range.firstRow + 1,
    bars_to_mae: worstRow - range.firstRow + 1,
  };
}

/** The barriers of the random series: `up` = entry x 1.015, `dn` = entry x 0.99. */
const PT_FRAC = 0.015;
const SL_FRAC = 0.01;

it('the stop wins inside a bar, but not over an open beyond the target; for shorts as for longs', () => {
  const bars = (o: number, h: number, l: number, c: number): PriceBars => ({
    open: Float64Array.of(100, o),
    high: Float64Array.of(100, h),
    low: Float64Array.of(100, l),
    close: Float64Array.of(100, c),
  });
  const range = { firstRow: 1, endRow: 2 };
  const long = { side: 'long', targetPrice: 104, stopPrice: 98 } as const;
  expect(firstTouch(bars(100, 104, 98, 100), range, long)).toEqual({ kind: 'stop', row: 1, price: 98 });
  expect(firstTouch(bars(105, 106, 97, 100), range, long)).toEqual({ kind: 'target', row: 1, price: 105 });
  expect(firstTouch(bars(97, 106, 96, 100), range, long)).toEqual({ kind: 'stop', row: 1, price: 97 });
  expect(firstTouch(bars(100, 103.99, 98.01, 99), range, long)).toEqual({ kind: 'time', row: 1, price: 99 });
  const short = { side: 'short', targetPrice: 96, stopPrice: 102 } as const;
  expect(firstTouch(bars(100, 102, 96, 100), range, short)).toEqual({ kind: 'stop', row: 1, price: 102 });
  expect(firstTouch(bars(95, 103, 94, 100), range, short)).toEqual({ kind: 'target', row: 1, price: 95 });
});
