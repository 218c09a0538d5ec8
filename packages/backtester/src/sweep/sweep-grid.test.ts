import { DonchErrors, resolveConfig } from '@donch/core';
import { describe, expect, it } from 'vitest';
import { DEFAULT_GRID, gridVariants, parseGrid, randomVariants, variantGroups, variantLayer } from './sweep-grid.ts';

const tagsOf = (raw: Readonly<Record<string, unknown>>): string[] =>
  gridVariants(parseGrid(raw, 'grid.yaml')).map(({ tag }) => tag);

describe('the grid of a sweep', () => {
  it('has two stops, two targets, with and without a time exit, where nobody brings one', () => {
    expect(tagsOf(DEFAULT_GRID)).toEqual([
      'sl2-tp8-t72',
      'sl2-tp8-tnone',
      'sl2-tp12-t72',
      'sl2-tp12-tnone',
      'sl2.5-tp8-t72',
      'sl2.5-tp8-tnone',
      'sl2.5-tp12-t72',
      'sl2.5-tp12-tnone',
    ]);
  });

  it('gives the same variants whatever the order, the spelling and the type of its keys and values', () => {
    const written = { TIME_EXIT_DAYS: ['3', null], tp_atr_mult: [12, '8'], sl_atr_mult: [2.5, 2] };
    expect(gridVariants(parseGrid(written, 'flags'))).toEqual(gridVariants(parseGrid(DEFAULT_GRID, 'default')));
  });

  it('keeps the id of a variant when other variants join', () => {
    const few = gridVariants(parseGrid({ SL_ATR_MULT: [2], TIME_EXIT_HOURS: [null] }, 'grid'));
    const many = gridVariants(parseGrid({ SL_ATR_MULT: [1, 2, 3], TIME_EXIT_HOURS: [24, null] }, 'grid'));
    expect(many.map(({ id }) => id)).toContain(few[0].id);
    // sha256 of {"SL_ATR_MULT":2,"TIME_EXIT_HOURS":null}
    expect(few[0].id).toBe('4f37283a49110a0f');
    expect(new Set(many.map(({ id }) => id)).size).toBe(6);
  });

  it('takes a single value, and is one variant without any key', () => {
    expect(tagsOf({ SL_ATR_MULT: 2, TRAIL_AFTER_TP1: [true, false] })).toEqual(['sl2-trailoff', 'sl2-trailon']);
    expect(tagsOf({})).toEqual(['base']);
  });

  it('groups variants by the signals they share', () => {
    const grid = parseGrid(
      { DON_N_DAYS: [10, 20], ENTRY_RULE: ['rebreak_high', 'close_above_break'], SL_ATR_MULT: [1, 2, 3] },
      'g',
    );
    const groups = variantGroups(gridVariants(grid));
    expect([...groups.values()].map((group) => group.map(({ tag }) => tag))).toEqual([
      ['don10-closeabovebreak-sl1', 'don10-closeabovebreak-sl2', 'don10-closeabovebreak-sl3'],
      ['don10-rebreakhigh-sl1', 'don10-rebreakhigh-sl2', 'don10-rebreakhigh-sl3'],
      ['don20-closeabovebreak-sl1', 'don20-closeabovebreak-sl2', 'don20-closeabovebreak-sl3'],
      ['don20-rebreakhigh-sl1', 'don20-rebreakhigh-sl2', 'don20-rebreakhigh-sl3'],
    ]);
  });

  it('knows what a key costs', () => {
    const grid = parseGrid({ VOL_MULTIPLE: 2, SL_ATR_MULT: 2, TRAIL_ATR_MULT: 1, AVWAP_SL_MULT: 1 }, 'g');
    expect(grid.axes.map(({ key, kind }) => [key, kind])).toEqual([
      ['VOL_MULTIPLE', 'entry'],
      ['SL_ATR_MULT', 'exit'],
      ['TRAIL_ATR_MULT', 'stepwise'],
      ['AVWAP_SL_MULT', 'stepwise'],
    ]);
  });

  it('reports every problem at once', () => {
    const raw = { SL_ATR_MUL: 2, TIME_EXIT_HOURS: -1, RISK_USD: 10, FINAL_TP_ATR_MULT: [8, 8], DON_N_DAYS: [] };
    let problems: readonly string[] = [];
    try {
      parseGrid(raw, 'grid.yaml');
    } catch (error) {
      if (error instanceof DonchErrors) problems = error.problems.map(({ message }) => message);
    }
    expect(problems).toHaveLength(5);
    expect(() => parseGrid({ TP_ATR_MULT: 8, FINAL_TP_ATR_MULT: 12 }, 'g')).toThrow(DonchErrors);
    expect(() => gridVariants({ axes: [], size: 2_000_000 })).toThrow(/2000000 variants/);
  });

  it('sets the values above every other layer', () => {
    const [variant] = gridVariants(parseGrid({ SL_ATR_MULT: 3, TIME_EXIT_HOURS: null }, 'g'));
    const layers = [{ layer: 'flag' as const, source: '--set', values: { SL_ATR_MULT: 1 } }, variantLayer(variant)];
    expect(resolveConfig(layers).values).toMatchObject({ SL_ATR_MULT: 3, TIME_EXIT_HOURS: null });
  });
});

describe('a random selection', () => {
  const grid = parseGrid(
    {
      SL_ATR_MULT: Array.from({ length: 90 }, (_, k) => 1 + k / 10),
      FINAL_TP_ATR_MULT: Array.from({ length: 100 }, (_, k) => 1 + k),
      DON_N_DAYS: Array.from({ length: 200 }, (_, k) => 1 + k),
    },
    'grid',
  );

  it('is the same for the same seed, without repetition, in canonical order, and another one for another seed', () => {
    const drawn = randomVariants(grid, 500, 1).map(({ id }) => id);
    expect(new Set(drawn).size).toBe(500);
    expect(randomVariants(grid, 500, 1).map(({ id }) => id)).toEqual(drawn);
    expect(randomVariants(grid, 500, 2).map(({ id }) => id)).not.toEqual(drawn);
    const days = randomVariants(grid, 500, 1).map(({ values }) => Number(values.DON_N_DAYS));
    expect(days).toEqual([...days].sort((a, b) => a - b));
  });

  it('draws evenly', () => {
    const counts = new Map<unknown, number>();
    for (const { values } of randomVariants(grid, 20_000, 3))
      counts.set(values.SL_ATR_MULT, (counts.get(values.SL_ATR_MULT) ?? 0) + 1);
    // 222 expected, standard deviation 15
    expect(counts.size).toBe(90);
    expect(Math.min(...counts.values())).toBeGreaterThan(160);
    expect(Math.max(...counts.values())).toBeLessThan(290);
  });

  it('is everything where there is no more', () => {
    const small = parseGrid(DEFAULT_GRID, 'g');
    expect(randomVariants(small, 100, 1)).toEqual(gridVariants(small));
  });
});
