import { tableFromRows, type ColumnType, type Table } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { columnsText, predictionColumns, signalColumns } from './table-columns.ts';

const TYPES: Readonly<Record<string, ColumnType>> = {
  decision_time: 'time',
  entry_ts: 'time',
  timestamp: 'time',
  when: 'time',
  symbol: 'text',
  asset: 'text',
  instrument_id: 'text',
  signal_id: 'text',
  sid: 'text',
};

/** One row in which text is "x" and numbers are 0.5. */
function table(names: string): Table {
  const shapes = names.split(' ').map((name) => ({ name, type: TYPES[name] ?? ('float' as const) }));
  return tableFromRows('preds.csv', shapes, [
    Object.fromEntries(shapes.map(({ name, type }) => [name, type === 'text' ? 'x' : 0.5])),
  ]);
}

describe('predictionColumns', () => {
  it.each([
    ['entry_ts symbol y_true y_proba fold', 'probability y_proba, time entry_ts, symbol symbol'],
    ['y_proba meta_p timestamp symbol', 'probability meta_p, time timestamp, symbol symbol'],
    [
      'p_raw p decision_time instrument_id symbol signal_id',
      'probability p, time decision_time, symbol instrument_id, id signal_id',
    ],
    ['pred_proba y_pred timestamp decision_time ticker asset', 'probability y_pred, time decision_time, symbol asset'],
    ['prob dt pair', 'probability prob, time dt, symbol pair'],
    ['proba ts ticker', 'probability proba, time ts, symbol ticker'],
    ['p time asset entry_time', 'probability p, time entry_time, symbol asset'],
    ['p signal_id', 'probability p, id signal_id'],
  ])('knows %s', (names, text) => {
    expect(columnsText('predictions', predictionColumns(table(names)))).toBe(text);
  });

  it('takes what flags name before what it knows', () => {
    const columns = predictionColumns(table('p score timestamp when symbol asset sid signal_id'), {
      probability: 'score',
      time: 'when',
      symbol: 'asset',
      id: 'sid',
    });
    expect(columns).toEqual({
      probability: { name: 'score', isNamed: true },
      time: { name: 'when', isNamed: true },
      symbol: { name: 'asset', isNamed: true },
      id: { name: 'sid', isNamed: true },
    });
    expect(columnsText('predictions', columns)).toBe(
      'probability score (--proba-col), time when (--pred-ts), symbol asset (--pred-sym), id sid (--pred-id)',
    );
  });

  it.each([
    ['y_proba entry_ts symbol', 'p decision_time instrument_id'],
    ['meta_p timestamp symbol', 'p decision_time instrument_id'],
    ['p decision_time instrument_id', 'meta_p timestamp symbol'],
    ['p decision_time instrument_id', 'y_proba entry_ts symbol'],
  ])('lets flags say %s of a file with %s', (flags, names) => {
    const [probability, time, symbol] = flags.split(' ');
    const columns = predictionColumns(table(names), { probability, time, symbol });
    expect([columns.probability.name, columns.time?.name, columns.symbol?.name]).toEqual(names.split(' '));
  });

  it('never takes a column because its values lie within 0..1', () => {
    expect(() => predictionColumns(table('entry_ts symbol score winprob'))).toThrow(
      'preds.csv: no column of the predictions is known as the probability: there are entry_ts, symbol, score, winprob; expected one of meta_p, y_proba, proba, prob, p, y_pred, pred_proba\n  Name it: --proba-col <column>',
    );
  });

  it.each([
    [
      { time: 'timestamp' },
      'entry_ts symbol p',
      'preds.csv: --pred-ts is "timestamp", and the predictions have no such column; expected one of entry_ts, symbol, p\n  "entry_ts" looks like it: --pred-ts entry_ts',
    ],
    [{ time: 'timestamp' }, 'when symbol p', '"when" looks like it: --pred-ts when'],
    [{ probability: 'proba' }, 'entry_ts symbol y_proba', '"y_proba" looks like it: --proba-col y_proba'],
    [{ symbol: 'symbl' }, 'entry_ts symbol p', '"symbol" looks like it: --pred-sym symbol'],
    [{ id: 'sod' }, 'sid p', '"sid" looks like it: --pred-id sid'],
    [{}, 'when symbol p', '"when" looks like a time. Name it: --pred-ts when'],
    [{}, 'entry_ts coin p', 'no column of the predictions is known as the symbol: there are entry_ts, coin, p'],
    [{}, 'entry_ts coin p', 'Name it: --pred-sym <column>'],
  ])('refuses %j of %s', (wanted, names, message) => {
    expect(() => predictionColumns(table(names), wanted)).toThrow(message);
  });

  it('does not count on ids that nobody filled in', () => {
    const empty = tableFromRows(
      'preds.csv',
      [
        { name: 'signal_id', type: 'float' },
        { name: 'p', type: 'float' },
        { name: 'ts', type: 'time' },
        { name: 'symbol', type: 'text' },
      ],
      [{ signal_id: null, p: 0.5, ts: 0, symbol: 'x' }],
    );
    expect(predictionColumns(empty).id).toBeNull();
  });
});

describe('signalColumns', () => {
  it('knows our tables and those of users', () => {
    expect(columnsText('signals', signalColumns('signals', table('signal_id instrument_id decision_time p')))).toBe(
      'time decision_time, symbol instrument_id, id signal_id',
    );
    expect(columnsText('trades', signalColumns('trades', table('symbol entry_ts'), { time: 'entry_ts' }))).toBe(
      'time entry_ts (--trades-ts), symbol symbol',
    );
  });

  it('names the flags of trades', () => {
    expect(() => signalColumns('trades', table('entry_ts'))).toThrow('Name it: --trades-sym <column>');
    expect(() => signalColumns('trades', table('entry_ts symbol'), { time: 'ts' })).toThrow('--trades-ts is "ts"');
  });
});
