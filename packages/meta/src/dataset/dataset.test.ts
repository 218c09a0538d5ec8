import { tableFromRows, TABLES, type Row, type Table } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { buildDataset, type DatasetInput } from './dataset.ts';
import { encodedNames, encodeRow, encodeTable, type EncodedFeature } from './feature-encoding.ts';

const FEATURES: readonly EncodedFeature[] = [
  { name: 'kind', unit: '', dtype: 'category', hash: 'k', categories: ['retest', 'mean'], missing: 'missing' },
  { name: 'atr_frac', unit: 'fraction', dtype: 'float', hash: 'a', categories: [], missing: 'missing' },
  { name: 'regime_up', unit: '', dtype: 'bool', hash: 'r', categories: [], missing: 'missing' },
];

const signal = (id: string, timeMs: number, more: Row = {}): Row => ({
  signal_id: id,
  strategy_id: 's',
  instrument_id: 'v:A',
  side: 'long',
  decision_time: timeMs,
  reference_price: 1,
  atr: 1,
  don_break_level: 1,
  risk_scale: null,
  p: null,
  kind: 'retest',
  atr_frac: 0.1,
  regime_up: true,
  ...more,
});

const signals = (rows: readonly Row[]): Table =>
  tableFromRows(
    'signals',
    [
      ...TABLES.signals.columns,
      { name: 'kind', type: 'text' },
      { name: 'atr_frac', type: 'float' },
      { name: 'regime_up', type: 'bool' },
    ],
    rows,
  );

const label = (id: string, more: Row = {}): Row => ({
  ...Object.fromEntries(TABLES.labels.columns.map(({ name, type }) => [name, type === 'text' ? 'x' : 0])),
  signal_id: id,
  pnl_r: -1,
  ...more,
});

const labels = (rows: readonly Row[]): Table => tableFromRows('labels', TABLES.labels.columns, rows);

function input(more: Partial<DatasetInput>): DatasetInput {
  return {
    signals: signals([signal('b', 20), signal('a', 10), signal('c', 30)]),
    labels: labels([label('a', { pnl_r: 2, mfe_k: true, label_end_time: 15 }), label('c', { triple_barrier: 1 })]),
    features: FEATURES,
    target: 'mfe_k',
    rThreshold: 0,
    only: null,
    ...more,
  };
}

describe('a data set', () => {
  it('joins signals and outcomes by id, in order of time, and counts who has none', () => {
    const { dataset, signals: rows, unlabelledSignals } = buildDataset(input({}));
    expect(dataset.signalId).toEqual(['a', 'c']);
    expect([...dataset.pnlR]).toEqual([2, -1]);
    expect([...dataset.y]).toEqual([1, 0]);
    expect([...dataset.labelEndMs]).toEqual([15, 0]);
    expect(rows.length).toBe(2);
    expect(unlabelledSignals).toBe(1);
  });

  it.each([
    ['mfe_k', 0, [1, 0]],
    ['pnl_pos', 0, [1, 0]],
    ['pnl_pos', -1, [1, 1]],
    ['triple_barrier', 0, [0, 1]],
    ['hit_tp', 0, [0, 0]],
  ] as const)('takes %s (threshold %f R) as the outcome', (target, rThreshold, expected) => {
    expect([...buildDataset(input({ target, rThreshold })).dataset.y]).toEqual(expected);
  });

  it('is cut to the signals that are asked for', () => {
    expect(buildDataset(input({ only: new Set(['c']) })).dataset.signalId).toEqual(['c']);
  });

  it.each([
    [{ labels: labels([]) }, /none of 3 signals has a label/],
    [{ signals: signals([signal('a', 1), signal('a', 2)]) }, /a stands twice in the signals/],
    [{ labels: labels([label('a'), label('a')]) }, /a stands twice in the labels/],
    [{ signals: signals([signal('a', 1), signal('c', 2, { strategy_id: 't' })]) }, /2 strategies: s, t/],
  ])('refuses what cannot be learned from (%#)', (more, message) => {
    expect(() => buildDataset(input(more))).toThrow(message);
  });
});

describe('encoding', () => {
  it('puts numbers first, then a column per known value', () => {
    expect(encodedNames(FEATURES)).toEqual(['atr_frac', 'regime_up', 'kind_retest', 'kind_mean']);
  });

  it('is the same for a row and for a table, to the bit', () => {
    const rows = [
      { kind: 'mean', atr_frac: 0.1, regime_up: 1 },
      { kind: 'unheard of', atr_frac: Number.NaN, regime_up: 0 },
      { kind: '', atr_frac: 1e300, regime_up: Number.NaN },
    ];
    const table = signals(
      rows.map((row, k) =>
        signal(String(k), k, {
          kind: row.kind === '' ? null : row.kind,
          atr_frac: row.atr_frac,
          regime_up: Number.isNaN(row.regime_up) ? null : row.regime_up === 1,
        }),
      ),
    );
    const { columns } = encodeTable(FEATURES, table);
    for (const [k, row] of rows.entries())
      expect(Float32Array.from(columns, (column) => column[k])).toEqual(encodeRow(FEATURES, row));
    expect(encodeRow(FEATURES, rows[0])).toEqual(Float32Array.of(Math.fround(0.1), 1, 0, 1));
    expect(encodeRow(FEATURES, rows[1])).toEqual(Float32Array.of(Number.NaN, 0, 0, 0));
  });

  it('takes a column without a value, which a file has as text, for missing', () => {
    const table = signals([signal('a', 1)]);
    const empty = new Map(table.columns).set('atr_frac', { type: 'text', values: [null] });
    expect(encodeTable(FEATURES, { ...table, columns: empty }).columns[0][0]).toBeNaN();
  });
});
