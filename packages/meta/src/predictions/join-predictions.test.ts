import { createPrng, tableFromRows, takeRows, type ColumnType, type Row, type Table } from '@donch/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinLines } from './join-lines.ts';
import { joinPredictions } from './join-predictions.ts';
import type { PredictionJoin, PredictionJoinOptions } from './prediction-join.ts';
import { predictionColumns, signalColumns } from './table-columns.ts';

const MIN = 60_000;
const BAR = 5 * MIN;
const DAY = 86_400_000;
const T0 = Date.UTC(2025, 0, 22, 0, 30);
const TYPES: Readonly<Record<string, ColumnType>> = {
  signal_id: 'text',
  instrument_id: 'text',
  symbol: 'text',
  decision_time: 'time',
  entry_ts: 'time',
};

function table(name: string, rows: readonly Row[]): Table {
  const shapes = Object.keys(rows[0] ?? {}).map((column) => ({ name: column, type: TYPES[column] ?? 'float' }));
  return tableFromRows(name, shapes, rows);
}

/** A row of our signals at `minutes` after T0. */
const signal = (minutes: number, symbol = 'A', more: Row = {}): Row => ({
  instrument_id: `bybit:${symbol}USDT`,
  decision_time: T0 + minutes * MIN,
  ...more,
});
/** A row of a foreign file. */
const foreign = (minutes: number, p: number | null, symbol = 'A'): Row => ({
  symbol: `${symbol}USDT`,
  entry_ts: T0 + minutes * MIN,
  y_proba: p,
});

type Options = Partial<PredictionJoinOptions>;

function joinTables(signals: Table, predictions: Table, options: Options = {}): PredictionJoin {
  return joinPredictions({
    side: 'signals',
    signals,
    signalColumns: signalColumns('signals', signals),
    predictions,
    predictionColumns: predictionColumns(predictions),
    options: { intervalMs: BAR, ...options },
  });
}

function join(signals: readonly Row[], predictions: readonly Row[], options: Options = {}): PredictionJoin {
  return joinTables(table('signals.parquet', signals), table('preds.csv', predictions), options);
}

/** Any coverage and no question about the label: for tests of something else. */
const FREE: Options = { coverageMinFrac: 0, label: 'close' };

type JoinCase = [title: string, signals: Row[], predictions: Row[], options: Options, expected: number[]];

describe('a join by symbol and time', () => {
  it.each<JoinCase>([
    ['exact times', [signal(0), signal(5)], [foreign(0, 0.1), foreign(5, 0.2)], {}, [0.1, 0.2]],
    ['no tolerance unless asked', [signal(5)], [foreign(4, 0.1)], {}, [NaN]],
    ['an earlier prediction within the tolerance', [signal(10)], [foreign(0, 0.1)], { tolMs: 10 * MIN }, [0.1]],
    ['none beyond the tolerance', [signal(11)], [foreign(0, 0.1)], { tolMs: 10 * MIN }, [NaN]],
    ['never a later prediction', [signal(0)], [foreign(1, 0.1)], { tolMs: DAY }, [NaN]],
    ['the latest of several', [signal(10)], [foreign(3, 0.1), foreign(8, 0.2), foreign(5, 0.3)], { tolMs: DAY }, [0.2]],
    [
      'a prediction for one signal only: the first at or after it',
      [signal(5), signal(6)],
      [foreign(4, 0.1)],
      { tolMs: DAY },
      [0.1, NaN],
    ],
    [
      'the exact one is not taken by the next signal',
      [signal(0), signal(5)],
      [foreign(0, 0.1)],
      { tolMs: DAY },
      [0.1, NaN],
    ],
    [
      'other symbols play no part',
      [signal(0), signal(5, 'B')],
      [foreign(4, 0.1), foreign(5, 0.2)],
      { tolMs: DAY },
      [NaN, NaN],
    ],
    [
      'open stamps, one bar added',
      [signal(0), signal(5)],
      [foreign(-5, 0.1), foreign(0, 0.2)],
      { label: 'open' },
      [0.1, 0.2],
    ],
    [
      'open stamps know nothing of the bar before its close',
      [signal(0)],
      [foreign(0, 0.1)],
      { label: 'open', tolMs: DAY },
      [NaN],
    ],
    ['empty probabilities are left out', [signal(5)], [foreign(5, null), foreign(4, 0.1)], { tolMs: MIN }, [0.1]],
    ['rounding: just before the grid', [signal(0)], [foreign(-0.1, 0.1)], { roundMs: BAR }, [0.1]],
    [
      'rounding: just after the grid is the next bar',
      [signal(0), signal(5)],
      [foreign(0.1, 0.1)],
      { roundMs: BAR },
      [NaN, 0.1],
    ],
    ['rounding: signals down', [signal(0.1)], [foreign(0, 0.1)], { roundMs: BAR }, [0.1]],
    [
      'rounding: never a later prediction of the same bar',
      [signal(1)],
      [foreign(2, 0.1)],
      { roundMs: BAR, tolMs: BAR },
      [NaN],
    ],
    [
      'rounding makes duplicates, of which the last is the latest',
      [signal(5)],
      [foreign(4, 0.4), foreign(3, 0.3)],
      { roundMs: BAR, dedup: 'last' },
      [0.4],
    ],
    ['duplicates merged', [signal(5)], [foreign(5, 0.2), foreign(5, 0.4)], { dedup: 'max' }, [0.4]],
  ])('%s', (...[, signals, predictions, options, expected]) => {
    const { p, matched, coverageFrac } = join(signals, predictions, { ...FREE, ...options });
    expect([...p]).toEqual(expected);
    const found = expected.filter((value) => !Number.isNaN(value)).length;
    expect([matched, coverageFrac]).toEqual([found, found / expected.length]);
  });

  it('counts what it left out', () => {
    const predictions = [
      foreign(0, 0.1),
      foreign(0, 0.3),
      foreign(3, 0.2),
      foreign(9, null),
      foreign(7, 0.5),
      foreign(7, 0.5, 'C'),
    ];
    const joined = join([signal(0), signal(5), signal(5, 'B')], predictions, { ...FREE, dedup: 'mean', tolMs: BAR });
    expect(joined).toMatchObject({
      by: 'time',
      matched: 2,
      predictions: 6,
      withoutProbability: 1,
      merged: 1,
      leftOver: 2,
      signalsOnly: [{ symbol: 'bybit:BUSDT', rows: 1 }],
      predictionsOnly: [{ symbol: 'CUSDT', rows: 1 }],
      signalTimes: { firstMs: T0, lastMs: T0 + 5 * MIN },
      predictionTimes: { firstMs: T0, lastMs: T0 + 7 * MIN },
      differences: [
        { differenceMs: 0, signals: 1 },
        { differenceMs: 2 * MIN, signals: 1 },
      ],
    });
    expect(joinLines(joined)).toEqual([
      '2 of 3 signals have a prediction (66.7 %), joined by symbol and time',
      '6 rows of predictions: 1 merged, 1 without a probability, 2 for none of the signals',
      'times of the signals: 2025-01-22 00:30 to 2025-01-22 00:35',
      'times of the predictions: 2025-01-22 00:30 to 2025-01-22 00:37',
      'symbols of the signals only: 1 (bybit:BUSDT)',
      'symbols of the predictions only: 1 (CUSDT)',
      'age of the predictions: 0 (1), 2min (1)',
    ]);
  });

  it('tells of predictions that come just after their signals', () => {
    const { laterOnly } = join(
      [signal(0), signal(60), signal(120)],
      [foreign(0.05, 0.1), foreign(60.1, 0.1), foreign(125, 0.1)],
      FREE,
    );
    expect(laterOnly).toBe(2);
  });

  it('refuses signals that a prediction without an id cannot tell apart, unless they are one signal', () => {
    const twice = [signal(0), signal(5), signal(5)];
    expect(() => join(twice, [foreign(0, 0.1)], FREE)).toThrow(
      'signals.parquet: 1 row of the signals too many: bybit:AUSDT 2025-01-22 00:35; expected one per symbol and time',
    );
    expect(() => join([signal(1), signal(2)], [foreign(0, 0.1)], { ...FREE, roundMs: BAR })).toThrow(
      'or a finer --round',
    );
    const one = [signal(0, 'A', { signal_id: 'x' }), signal(0, 'A', { signal_id: 'x' })];
    expect([...join(one, [foreign(0, 0.1)], FREE).p]).toEqual([0.1, 0.1]);
    expect(() => join([one[0], signal(0, 'A', { signal_id: 'y' })], [foreign(0, 0.1)], FREE)).toThrow('too many');
  });

  it('refuses two predictions of one signal, a symbol of two venues, a grid that does not divide the bar', () => {
    expect(() => join([signal(0)], [foreign(0, 0.1), foreign(0, 0.1)], FREE)).toThrow('2 predictions for 1 signal');
    const venues = [signal(0), { ...signal(0), instrument_id: 'binance:AUSDT' }];
    expect(() => join(venues, [foreign(0, 0.1)], FREE)).toThrow(
      'there are bybit:AUSDT and binance:AUSDT, and symbols without a venue',
    );
    expect(() => join([signal(0)], [foreign(0, 0.1)], { ...FREE, roundMs: 2 * MIN })).toThrow(
      '--round is 2min, and bars are 5min long; expected a length that divides a bar, such as 5min, or 0 = off',
    );
  });

  it('asks for the columns that it needs', () => {
    const signals = table('signals.parquet', [signal(0, 'A', { signal_id: 'x' })]);
    const predictions = table('preds.csv', [{ symbol: 'AUSDT', entry_ts: T0, p: 0.5 }]);
    const noTime = table('signals.parquet', [{ signal_id: 'x', instrument_id: 'bybit:AUSDT' }]);
    expect(joinTables(signals, predictions).by).toBe('time');
    expect(() => joinTables(noTime, predictions)).toThrow('no column of the signals is known as the time');
  });
});

describe('a join by id', () => {
  const ids = (...names: string[]): Row[] => names.map((id, k) => signal(k, 'A', { signal_id: id }));
  const scored = (id: string, p: number | null): Row => ({ signal_id: id, p });

  it('goes by the id alone, whatever times and positions say', () => {
    const joined = join(ids('x', 'y', 'z'), [scored('z', 0.3), scored('x', 0.1), scored('q', 0.9)], FREE);
    expect(joined).toMatchObject({ by: 'id', matched: 2, leftOver: 1, shift: null });
    expect([...joined.p]).toEqual([0.1, Number.NaN, 0.3]);
  });

  it('gives one signal of several strategies its probability in each row', () => {
    expect([...join(ids('x', 'x'), [scored('x', 0.1)]).p]).toEqual([0.1, 0.1]);
  });

  it('merges and leaves out as by time', () => {
    const predictions = [scored('x', 0.2), scored('x', 0.4), scored('x', null), scored('y', null)];
    expect(() => join(ids('x'), predictions)).toThrow('--dedup mean|median');
    const joined = join(ids('x', 'y'), predictions, { ...FREE, dedup: 'max' });
    expect([...joined.p]).toEqual([0.4, Number.NaN]);
    expect(joined).toMatchObject({ merged: 1, withoutProbability: 2, leftOver: 0 });
  });

  it('shows times and symbols where it has them', () => {
    const predictions = ['x', 'q'].map((id) => ({ signal_id: id, p: 0.5, decision_time: T0 + DAY, symbol: 'BUSDT' }));
    const joined = join(ids('x'), predictions);
    expect(joined.predictionTimes).toEqual({ firstMs: T0 + DAY, lastMs: T0 + DAY });
    expect(joined.predictionsOnly).toEqual([{ symbol: 'BUSDT', rows: 2 }]);
    expect(join(ids('x'), [scored('x', 0.5)]).predictionTimes.firstMs).toBeNaN();
  });

  it('refuses ids that join too little, and says why', () => {
    expect(() => join(ids('x', 'y'), [scored('x', 0.5)])).toThrow(
      '1 of 2 signals have a prediction (50.0 %); expected at least 75 %\n  1 row of predictions\n  times of the signals: 2025-01-22 00:30 to 2025-01-22 00:31\n  times of the predictions: not known\n  flags to look at: --pred-id; ids change with the set-up of the strategy\n  --min-coverage',
    );
  });
});

/** One signal a day in each of three symbols, and what a file stamps `shiftMin` before them. */
const days = (count: number): number[] => Array.from({ length: count }, (_, k) => k * 24 * 60);
const dailySignals = days(20).flatMap((at) => ['A', 'B', 'C'].map((symbol, k) => signal(at + 25 * k, symbol)));
const stamped = (shiftMin: number): Row[] =>
  days(20).flatMap((at) => ['A', 'B', 'C'].map((symbol, k) => foreign(at + 25 * k - shiftMin, 0.5, symbol)));

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  return 'nothing was refused';
}

describe('coverage and shift', () => {
  it('takes three quarters and no less, unless less is allowed', () => {
    const signals = [signal(0), signal(60), signal(120), signal(180)];
    const predictions = [foreign(0, 0.1), foreign(60, 0.1), foreign(120, 0.1)];
    expect(join(signals, predictions).coverageFrac).toBe(0.75);
    expect(() => join(signals, predictions.slice(1))).toThrow(
      '2 of 4 signals have a prediction (50.0 %); expected at least 75 %',
    );
    expect(join(signals, predictions.slice(1), { coverageMinFrac: 0.5 }).matched).toBe(2);
    expect(() => join(signals, predictions.slice(2), { coverageMinFrac: 0.5 })).toThrow('at least 50 %');
  });

  it('refuses with time ranges, symbols of one side, the likely shift and the flags', () => {
    const message = refusal(() => join([...dailySignals, signal(0, 'D')], [...stamped(5), foreign(0, 0.5, 'E')]));
    expect(message.split('\n')).toEqual([
      '0 of 61 signals have a prediction (0.0 %); expected at least 75 %',
      '  61 rows of predictions: 61 for none of the signals',
      '  times of the signals: 2025-01-22 00:30 to 2025-02-10 01:20',
      '  times of the predictions: 2025-01-22 00:25 to 2025-02-10 01:15',
      '  symbols of the signals only: 1 (bybit:DUSDT)',
      '  symbols of the predictions only: 1 (EUSDT)',
      "  60 of 60 signals have a prediction exactly 5min before them: predictions seem to stamp the bar's open: set --pred-label open",
      '  flags to look at: --pred-ts, --pred-sym, --pred-label open|close, --round 5min, --tol 10min',
      '  --min-coverage allows less: signals without a prediction do not pass a gate',
    ]);
  });

  it.each<[string, number, Options, string]>([
    [
      'open stamps',
      5,
      { label: 'close' },
      "exactly 5min before them: predictions seem to stamp the bar's open: set --pred-label open",
    ],
    [
      'close stamps called open',
      0,
      { label: 'open' },
      'exactly 5min after them: both seem to stamp bars alike: set --pred-label close',
    ],
    [
      'open stamps on the other side',
      -5,
      { label: 'close' },
      "the signals seem to stamp the bar's open and the predictions its close",
    ],
    ['local time ahead of UTC', -120, { label: 'close' }, 'seem to be those of UTC+2: convert them to UTC'],
    ['local time behind UTC', 300, { label: 'close' }, 'seem to be those of UTC-5: convert them to UTC'],
    ['half an hour of India', -330, { label: 'close' }, 'seem to be those of UTC+5.5: convert them to UTC'],
    ['a shift is seen on the grid too', 5, { label: 'close', roundMs: BAR }, 'set --pred-label open'],
  ])('says which shift is likely: %s', (_, shiftMin, options, words) => {
    expect(refusal(() => join(dailySignals, stamped(shiftMin), options))).toContain(words);
  });

  it('sees the shift that a tolerance hides', () => {
    const joined = join(dailySignals, stamped(5), { label: 'close', tolMs: 10 * MIN });
    expect(joined).toMatchObject({
      coverageFrac: 1,
      shift: { shiftMs: BAR, signals: 60, comparable: 60 },
      differences: [{ differenceMs: BAR, signals: 60 }],
    });
    expect(joinLines(joined).at(-1)).toContain('set --pred-label open');
    expect(joinLines(joined)).toContain('age of the predictions: 5min (60)');
  });

  it('sees a shift of one bar either way, whatever the times, with up to a third of the predictions missing', () => {
    const sparse = fc.array(fc.record({ minute: fc.nat(23 * 60), symbol: fc.constantFrom('A', 'B') }), {
      minLength: 6,
      maxLength: 30,
    });
    fc.assert(
      fc.property(sparse, fc.constantFrom(5, -5), fc.nat(2), (made, shiftMin, dropped) => {
        // one a day: no other signal of the symbol lies a bar away
        const at = made.map(({ minute, symbol }, day) => ({ minute: day * 24 * 60 + minute, symbol }));
        const signals = at.map(({ minute, symbol }) => signal(minute, symbol));
        const predictions = at
          .filter((_, k) => k % 3 !== dropped)
          .map(({ minute, symbol }) => foreign(minute - shiftMin, 0.5, symbol));
        const { shift } = join(signals, predictions, { ...FREE, tolMs: 10 * MIN });
        fc.pre(new Set(predictions.map(({ symbol }) => symbol)).size === new Set(at.map(({ symbol }) => symbol)).size);
        expect(shift).toEqual({ shiftMs: shiftMin * MIN, signals: predictions.length, comparable: signals.length });
      }),
      { seed: 7, numRuns: 200 },
    );
  });

  it('sees no shift where there is none, or where predictions of every bar fit any', () => {
    expect(join(dailySignals, stamped(0)).shift).toBeNull();
    const everyBar = Array.from({ length: 400 }, (_, k) => foreign(k * 5, 0.5));
    const signals = [signal(500), signal(1_000), signal(1_500)];
    expect(join(signals, everyBar, { label: 'close' }).shift).toBeNull();
    expect(join(dailySignals, stamped(7), FREE).shift).toBeNull();
    expect(join(dailySignals, stamped(5).slice(0, 29), FREE).shift).toBeNull();
    expect(join(dailySignals, stamped(5).slice(0, 30), FREE).shift?.signals).toBe(30);
  });
});

describe('a label that is not stated', () => {
  const everyBar = Array.from({ length: 400 }, (_, k) => foreign(k * 5, 0.5));

  it('is no question where both sides show the same stamps, nor for our own decision times', () => {
    expect(join(dailySignals, stamped(0), { tolMs: 10 * MIN }).label).toBe('close');
    const own = everyBar.map(({ symbol, entry_ts: time, y_proba: p }) => ({ symbol, decision_time: time, p }));
    expect(join([signal(500)], own).matched).toBe(1);
  });

  it('is asked for where a tolerance would hide it', () => {
    expect(refusal(() => join(dailySignals, stamped(5), { tolMs: 10 * MIN }))).toBe(
      'does "entry_ts" stamp the open or the close of a bar? of 60 signals with a prediction 0 have one at their very time and 60 one bar (5min) before; expected --pred-label open or --pred-label close\n  the times speak for --pred-label open. Earlier systems stamp a prediction with the open of the bar whose close it was made at: read as a close it would know a bar too much',
    );
    expect(join(dailySignals, stamped(5), { label: 'open' }).coverageFrac).toBe(1);
    expect(refusal(() => join(dailySignals, stamped(7), { tolMs: 10 * MIN }))).toContain(
      '0 have one at their very time',
    );
    expect(join(dailySignals, stamped(7), { tolMs: 10 * MIN, label: 'close' }).coverageFrac).toBe(1);
  });

  it('is asked for where predictions of every bar would know a bar too much', () => {
    expect(refusal(() => join([signal(500), signal(1_000)], everyBar))).toContain('the times alone cannot tell');
  });
});

/** Tables whose predictions tell their row by their probability. */
const SPAN_MIN = 60;
const cases = fc.record({
  signals: fc.uniqueArray(fc.record({ minute: fc.nat(SPAN_MIN), symbol: fc.constantFrom('A', 'B') }), {
    maxLength: 12,
    selector: ({ minute, symbol }) => `${minute}${symbol}`,
  }),
  predictions: fc.array(
    fc.record({ second: fc.integer({ min: -300, max: SPAN_MIN * 60 }), symbol: fc.constantFrom('A', 'B', 'C') }),
    {
      maxLength: 25,
    },
  ),
  tolMs: fc.constantFrom(0, MIN, BAR, 10 * MIN, DAY),
  roundMs: fc.constantFrom(0, MIN),
  label: fc.constantFrom('open' as const, 'close' as const),
  seed: fc.nat(1_000),
});

interface Tables {
  readonly signals: Table;
  readonly predictions: Table;
}

function tablesOf({
  signals,
  predictions,
}: {
  signals: { minute: number; symbol: string }[];
  predictions: { second: number; symbol: string }[];
}): Tables {
  return {
    signals: tableFromRows(
      'signals',
      [
        { name: 'instrument_id', type: 'text' },
        { name: 'decision_time', type: 'time' },
      ],
      signals.map(({ minute, symbol }) => signal(minute, symbol)),
    ),
    predictions: tableFromRows(
      'predictions',
      [
        { name: 'symbol', type: 'text' },
        { name: 'entry_ts', type: 'time' },
        { name: 'y_proba', type: 'float' },
      ],
      predictions.map(({ second, symbol }, row) => foreign(second / 60, row / 1_000, symbol)),
    ),
  };
}

const shuffled = (source: Table, seed: number): { readonly rows: number[]; readonly table: Table } => {
  const prng = createPrng(seed, 'shuffle');
  const rows = Array.from({ length: source.length }, (_, row) => ({ row, key: prng.next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ row }) => row);
  return { rows, table: takeRows(source, rows) };
};

describe('any join by time', () => {
  it('takes for each signal what the definition says, and never a prediction from its future', () => {
    fc.assert(
      fc.property(cases, ({ tolMs, roundMs, label, ...made }) => {
        const { signals, predictions } = tablesOf(made);
        const { p } = joinTables(signals, predictions, { coverageMinFrac: 0, tolMs, roundMs, label, dedup: 'last' });
        const exactMs = made.predictions.map(({ second }) => T0 + second * 1_000 + (label === 'open' ? BAR : 0));
        const gridMs = exactMs.map((timeMs) => (roundMs === 0 ? timeMs : Math.ceil(timeMs / roundMs) * roundMs));
        const expected = made.signals.map(() => -1);
        made.predictions.forEach(({ symbol }, row) => {
          const after = made.signals
            .map((one, at) => ({ ...one, at, timeMs: T0 + one.minute * MIN }))
            .filter((one) => one.symbol === symbol && one.timeMs >= gridMs[row])
            .sort((a, b) => a.timeMs - b.timeMs)[0];
          if (after === undefined || after.timeMs - gridMs[row] > tolMs) return;
          const rival = expected[after.at];
          if (
            rival < 0 ||
            gridMs[row] > gridMs[rival] ||
            (gridMs[row] === gridMs[rival] && exactMs[row] >= exactMs[rival])
          )
            expected[after.at] = row;
        });
        expect([...p]).toEqual(expected.map((row) => (row < 0 ? Number.NaN : row / 1_000)));
        const fromFuture = made.signals.filter(
          ({ minute }, at) => exactMs[Math.round(p[at] * 1_000)] > T0 + minute * MIN,
        );
        expect(fromFuture).toEqual([]);
        const used = [...p].filter((value) => !Number.isNaN(value));
        expect(new Set(used).size).toBe(used.length);
      }),
      { seed: 5, numRuns: 500 },
    );
  });

  it('does not depend on the order of rows', () => {
    fc.assert(
      fc.property(
        cases,
        fc.constantFrom('mean', 'median', 'max', 'min'),
        ({ tolMs, roundMs, label, seed, ...made }, dedup) => {
          const { signals, predictions } = tablesOf(made);
          const options = { coverageMinFrac: 0, tolMs, roundMs, label, dedup } as const;
          const { p, ...rest } = joinTables(signals, predictions, options);
          const left = shuffled(signals, seed);
          const { p: again, ...restAgain } = joinTables(left.table, shuffled(predictions, seed + 1).table, options);
          expect(left.rows.map((row) => p[row])).toEqual([...again]);
          expect(restAgain).toEqual(rest);
        },
      ),
      { seed: 6, numRuns: 300 },
    );
  });
});

it.each([1, 500])(
  'joins 100,000 predictions with 20,000 signals of %d symbols without a look at every pair',
  (symbols) => {
    const name = (k: number): string => `S${k % symbols}`;
    const signals = table(
      'signals',
      Array.from({ length: 20_000 }, (_, k) => signal(k * 25, name(k))),
    );
    const predictions = table(
      'predictions',
      Array.from({ length: 100_000 }, (_, k) => foreign((k % 20_000) * 25, 0.5, name(k % 20_000))),
    );
    const startMs = performance.now();
    const joined = joinTables(signals, predictions, { dedup: 'mean', tolMs: 10 * MIN, roundMs: BAR });
    expect(performance.now() - startMs).toBeLessThan(2_000);
    expect(joined).toMatchObject({ matched: 20_000, merged: 80_000, leftOver: 0 });
  },
);
