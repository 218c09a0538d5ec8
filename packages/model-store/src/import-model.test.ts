import { createPrng, DonchError, DonchErrors } from '@donch/core';
import { encodedNames, formatLightGbm, scoreFeatures, type Booster } from '@donch/meta';
import { describe, expect, it } from 'vitest';
import { importModel, type ForeignModel, type ImportedModel } from './import-model.ts';
import { REGISTRY, smallModel } from './testing/small-bundle.ts';

const MODEL = smallModel('platt');
const OWN = encodedNames(MODEL.features);

/** Ours under the names and in the order of the earlier system. */
const OLD_NAMES: Readonly<Record<string, string>> = { rs_percentile: 'rs_pct', atr_1h: 'atr_pct' };

interface Changes {
  /** Of the columns of our model; null = leave the order. */
  readonly order?: readonly number[];
  readonly rename?: (name: string) => string;
  readonly text?: (text: string) => string;
  readonly names?: (names: string[]) => unknown;
  readonly categories?: unknown;
  readonly calibrator?: unknown;
}

const source = (file: string, value: unknown) => ({
  file,
  text: typeof value === 'string' ? value : JSON.stringify(value),
});

function foreign({
  order,
  rename = (name) => name,
  text = (same) => same,
  names = (same) => same,
  ...json
}: Changes): ForeignModel {
  const { booster } = MODEL;
  const columns = order ?? OWN.map((_, at) => at);
  const theirs = columns.map((at) => rename(OWN[at]));
  const changed: Booster = {
    ...booster,
    featureNames: theirs,
    featureInfos: columns.map((at) => booster.featureInfos[at]),
    trees: booster.trees.map((tree) => ({ ...tree, splitFeature: tree.splitFeature.map((at) => columns.indexOf(at)) })),
  };
  return {
    model: source('model.txt', text(formatLightGbm(changed))),
    featureNames: source('feature_names.json', names([...theirs])),
    categories: 'categories' in json ? source('cats.json', json.categories) : null,
    calibrator: 'calibrator' in json ? source('calibrator.json', json.calibrator) : null,
  };
}

const imported = (changes: Changes): ImportedModel => importModel(foreign(changes), REGISTRY);

function refusal(changes: Changes): DonchError | DonchErrors {
  try {
    imported(changes);
  } catch (error) {
    if (error instanceof DonchError || error instanceof DonchErrors) return error;
    throw error;
  }
  throw new Error('it was imported');
}

/** Random signals with all that can be in them. */
const SIGNALS = Array.from({ length: 300 }, (_, k) => {
  const prng = createPrng(k, 'signal');
  return Object.fromEntries(
    MODEL.features.map(({ name, dtype, categories }) => [
      name,
      dtype === 'category'
        ? [...categories, '', 'other'][prng.below(categories.length + 2)]
        : prng.next() < 0.2
          ? Number.NaN
          : prng.normal(),
    ]),
  );
});

const REVERSED = OWN.map((_, at) => OWN.length - 1 - at);
const CATEGORIES = { entry_rule: ['rebreak_high', 'close_above_break'], pullback_type: ['mean', 'retest'] };

describe('a model that was trained elsewhere', () => {
  it.each([
    ['as it is', {}],
    ['with its categories', { categories: CATEGORIES }],
    ['with columns in another order', { order: REVERSED, categories: CATEGORIES }],
    [
      'without names in its trees',
      {
        order: REVERSED,
        text: (text: string) =>
          text.replace(/feature_names=.*/, `feature_names=${OWN.map((_, at) => `Column_${at}`).join(' ')}`),
      },
    ],
    ['with Windows line ends', { text: (text: string) => text.replaceAll('\n', '\r\n') }],
  ] as const)('scores every signal as it did there: %s', (_, changes) => {
    const { model, renamed } = imported({ ...changes, calibrator: MODEL.calibrator });
    expect(model.features).toEqual(MODEL.features);
    expect(model.booster.featureNames).toEqual(OWN);
    expect(model.booster.featureInfos).toEqual(MODEL.booster.featureInfos);
    expect(renamed).toEqual([]);
    expect(SIGNALS.map((signal) => scoreFeatures(model, signal))).toEqual(
      SIGNALS.map((signal) => scoreFeatures(MODEL, signal)),
    );
  });

  it('has no calibrator unless one comes with it', () => {
    expect(imported({}).model.calibrator).toEqual({ kind: 'none' });
  });

  it('may use the names of the earlier system, which is reported', () => {
    const registry = REGISTRY.filter(({ name }) => name !== 'atr_1h');
    const given = foreign({ rename: (name) => OLD_NAMES[name] ?? name });
    const { model, renamed } = importModel(given, registry);
    expect(renamed).toEqual([
      ['atr_pct', 'atr_frac'],
      ['rs_pct', 'rs_percentile'],
    ]);
    expect(model.features.map(({ name }) => name)).toEqual(
      registry
        .map(({ name }) => name)
        .filter((name) => ['atr_frac', ...MODEL.features.map((feature) => feature.name)].includes(name)),
    );
  });

  it('leaves out a category value that is never computed here and that no tree asks for', () => {
    const unused = OWN.findIndex(
      (name, at) =>
        name.startsWith('entry_rule') && MODEL.booster.trees.every(({ splitFeature }) => !splitFeature.includes(at)),
    );
    const at = unused < 0 ? OWN.indexOf('entry_rule_rebreak_high') : unused;
    const without = (text: string): string =>
      text.replaceAll(
        /^split_feature=(.*)$/gm,
        (_, list: string) =>
          `split_feature=${list
            .split(' ')
            .map((place) => (Number(place) === at ? 0 : place))
            .join(' ')}`,
      );
    const { model, notes } = imported({
      rename: (name) => (name === OWN[at] ? 'entry_rule_nan' : name),
      text: without,
      categories: { ...CATEGORIES, entry_rule: ['nan', 'close_above_break', 'rebreak_high'] },
    });
    expect(model.booster.featureNames).toEqual(OWN.filter((_, place) => place !== at));
    expect(notes[0]).toContain('entry_rule_nan was left out');
    expect(notes[1]).toContain(`${OWN[at]} has no column`);
  });

  it('says which missing numbers count as 0', () => {
    const noMissing = (text: string): string =>
      text.replaceAll(/^decision_type=.*$/gm, (line) => line.replaceAll(/\d+/g, '2'));
    expect(imported({ text: noMissing }).notes).toEqual([expect.stringMatching(/counts as 0.*: atr_1h/)]);
    expect(imported({}).notes).toEqual([]);
  });
});

describe('a model that cannot be served as it was trained is refused:', () => {
  const withName = (name: string, by: string): Changes => ({ rename: (own) => (own === name ? by : own) });

  const REFUSED: readonly (readonly [what: string, changes: Changes, words: readonly string[]])[] = [
    ['a doubled name', { names: (names: string[]) => [...names.slice(0, -1), names[0]] }, ['"atr_1h" stands twice']],
    [
      'fewer names than columns, as in old exports',
      { names: (names: string[]) => names.slice(2) },
      [`there are ${OWN.length - 2} names`, `${OWN.length} columns`],
    ],
    [
      'names in another order than in the trees',
      { names: (names: string[]) => names.toReversed() },
      ['column 1 is', 'expected atr_1h'],
    ],
    ['a column that is no feature', withName('rsi_1h', 'rsi_7h'), ['rsi_7h is no feature here', 'such as rsi_']],
    [
      'several of them, each named',
      { rename: (name: string) => (name.startsWith('entry_rule') ? name : `my_${name}`) },
      ['my_atr_1h', 'my_hour_sin', 'my_rs_percentile'],
    ],
    ['another quantity under a similar name', withName('rsi_1h', 'funding_rollsum_3d'), ['another quantity']],
    [
      'a price, which the packs of the earlier system have',
      withName('rsi_1h', 'don_break_level'),
      ['don_break_level is no feature here', 'a price tells the symbol'],
    ],
    [
      'a category as a number',
      withName('rsi_1h', 'regime_1d'),
      ['regime_1d is no feature', 'one column for each value', 'regime_1d_BULL_LOW_VOL'],
    ],
    ['a category value without categories', withName('entry_rule_rebreak_high', 'entry_rule_x'), ['--categories']],
    [
      'a category value that is not among them',
      { ...withName('entry_rule_rebreak_high', 'entry_rule_x'), categories: CATEGORIES },
      ['entry_rule_x is no feature', 'rebreak_high, close_above_break'],
    ],
    ['a feature under two names', withName('hour_sin', 'rs_pct'), ['rs_percentile and rs_pct are the same feature']],
    [
      'a category that stands twice',
      { categories: { ...CATEGORIES, entry_rule: ['x', 'x'] } },
      ['"x" of entry_rule stands twice'],
    ],
    ['categories of a number', { categories: { rsi_1h: ['30'] } }, ['rsi_1h is a number here']],
    ['categories that are no lists', { categories: { entry_rule: 'x' } }, ['cats.json']],
    ['names that are no list', { names: () => ({ a: 1 }) }, ['feature_names.json']],
    ['names that are no JSON', { names: () => 'a,b' }, ['not JSON']],
    ['a calibrator that is none', { calibrator: { kind: 'sigmoid' } }, ['calibrator.json']],
    ['a calibrator that falls apart', { calibrator: { kind: 'isotonic', x: [0, 0], y: [0, 1] } }, ['ascend']],
    [
      'a random forest',
      { text: (text: string) => text.replace('label_index=0', 'label_index=0\naverage_output') },
      ['random forest'],
    ],
  ];

  it.each(REFUSED)('%s', (_, changes, words) => {
    const { message } = refusal(changes);
    for (const word of words) expect(message).toContain(word);
  });

  it('a category value that is never computed here and that trees ask for', () => {
    const asked =
      OWN.find(
        (name, at) =>
          name.includes('_type_') && MODEL.booster.trees.some(({ splitFeature }) => splitFeature.includes(at)),
      ) ?? '';
    expect(asked).not.toBe('');
    const error = refusal({
      rename: (name) => (name === asked ? 'pullback_type_vwap' : name),
      categories: { ...CATEGORIES, pullback_type: ['vwap', 'retest', 'mean'] },
    });
    expect(error.message).toContain(
      'the trees split on pullback_type_vwap; expected values that pullback_type has here: retest, mean',
    );
  });
});
