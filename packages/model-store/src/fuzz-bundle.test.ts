/** Files of a model as nobody would write them: each is read or refused in words, quickly. */
import { DonchError, DonchErrors, canonicalJson } from '@donch/core';
import { formatOnnx, makeParity, marginOf, parseLightGbm } from '@donch/meta';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatManifest, identifyManifest, parseManifest } from './manifest-json.ts';
import { modelFiles, parseCalibrator, parseCategoryMap, parseFeatureNames, parseParity } from './model-files.ts';
import { MANIFEST, randomSignals, smallModel } from './testing/small-bundle.ts';

const MODEL = smallModel();
const FILES = modelFiles({
  model: MODEL,
  pstar: MANIFEST.pstar,
  parity: makeParity(MODEL, randomSignals()).slice(0, 3),
});
const MANIFEST_TEXT = formatManifest(identifyManifest({ ...MANIFEST, files: { 'model.txt': 'a'.repeat(64) } }));
/** Three of the trees: short texts are hit where it matters. */
const MODEL_TEXT = String(FILES.get('model.txt')).replace(/Tree=3\n[^]*(?=end of trees)/, '');

/** Reads a text, and does with it what a loader does next. */
const READERS: Readonly<Record<string, readonly [text: string, read: (text: string) => unknown]>> = {
  'manifest.json': [MANIFEST_TEXT, (text) => parseManifest(text, 'f')],
  'feature_names.json': [String(FILES.get('feature_names.json')), (text) => parseFeatureNames(text, 'f')],
  'ohe.json': [String(FILES.get('ohe.json')), (text) => parseCategoryMap(text, 'f')],
  'calibrator.json': [
    String(FILES.get('calibrator.json')),
    (text) => formatOnnx(MODEL.booster, parseCalibrator(text, 'f'), new Map()),
  ],
  'parity.json': [String(FILES.get('parity.json')), (text) => parseParity(text, 'f')],
  'model.txt': [MODEL_TEXT, scoreAndWrite],
};

function scoreAndWrite(text: string): void {
  const booster = parseLightGbm(text, 'f');
  marginOf(
    booster,
    booster.featureNames.map(() => 0.5),
  );
  formatOnnx(booster, { kind: 'none' }, new Map());
}

const TOKENS = [
  '',
  ' ',
  '\n',
  '\0',
  '"',
  '{',
  '}',
  '[',
  ']',
  ',',
  '-',
  '=',
  '0',
  '-1',
  '1e999',
  '1e9',
  '99999999999',
  'nan',
  'inf',
  'null',
  'true',
  '"x"',
  '[]',
  '{}',
  '\uFEFF',
  '__proto__',
  '\\u0000',
];

/** Damage of a text: something in place of something, somewhere. */
const DAMAGE = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 200 }), fc.constant(1e9)),
    token: fc.oneof(fc.constantFrom(...TOKENS), fc.string({ maxLength: 5, unit: 'binary' })),
  }),
  { minLength: 1, maxLength: 3 },
);

function damaged(text: string, damage: readonly { at: number; length: number; token: string }[]): string {
  let result = text;
  for (const { at, length, token } of damage) {
    const place = Math.floor(at * result.length);
    result = result.slice(0, place) + token + result.slice(place + length);
  }
  return result;
}

/** A JSON document with another value in one place. */
function replaced(text: string, seed: number, value: unknown): string {
  const document: unknown = JSON.parse(text);
  const places: (readonly [object, string])[] = [];
  const walk = (inside: unknown): void => {
    if (typeof inside !== 'object' || inside === null) return;
    for (const [key, member] of Object.entries(inside)) {
      places.push([inside, key]);
      walk(member);
    }
  };
  walk(document);
  const [owner, key] = places[seed % places.length];
  (owner as Record<string, unknown>)[key] = value;
  return JSON.stringify(document);
}

/** `read`, `refused`, or the error that must not be. */
function outcome(read: (text: string) => unknown, text: string): unknown {
  try {
    read(text);
    return 'read';
  } catch (error) {
    return error instanceof DonchError || error instanceof DonchErrors ? 'refused' : error;
  }
}

interface Outcomes {
  readonly refused: number;
  /** Errors without words, with the text that caused them. */
  readonly bugs: readonly (readonly [text: string, error: unknown])[];
}

function outcomesOf(name: string, texts: readonly string[]): Outcomes {
  const [, read] = READERS[name];
  let refused = 0;
  const bugs: (readonly [string, unknown])[] = [];
  for (const text of texts) {
    const result = outcome(read, text);
    if (result === 'refused') refused += 1;
    else if (result !== 'read') bugs.push([text, result]);
  }
  return { refused, bugs };
}

const CASES = 900;

describe.each(Object.keys(READERS))('a malformed %s', (name) => {
  const [text] = READERS[name];

  it('is one of a file that can be read', () => {
    expect(outcome(READERS[name][1], text)).toBe('read');
  });

  it(`is refused in words: ${CASES} with damage`, () => {
    const texts = fc.sample(DAMAGE, { numRuns: CASES, seed: 7 }).map((damage) => damaged(text, damage));
    // most of them are no such file any more; what is left differs in a number
    const { refused, bugs } = outcomesOf(name, texts);
    expect(bugs).toEqual([]);
    expect(refused).toBeGreaterThan(CASES / 2);
  });

  it('is refused in words: one of another kind', () => {
    const others = [
      ...Object.values(READERS).map(([other]) => other),
      '',
      '{}',
      '[]',
      'null',
      '7',
      '"x"',
      '\0',
      '['.repeat(200_000),
    ];
    expect(outcomesOf(name, [...others, `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`]).bugs).toEqual([]);
  });
});

describe.each(Object.keys(READERS).filter((name) => name.endsWith('.json')))('a %s with another value', (name) => {
  it('is read or refused in words: 200 of them', () => {
    const values = fc.sample(fc.tuple(fc.nat(), fc.jsonValue({ maxDepth: 2 })), { numRuns: 200, seed: 8 });
    const texts = values.map(([seed, value]) => replaced(READERS[name][0], seed, value));
    expect(outcomesOf(name, texts).bugs).toEqual([]);
  });
});

describe('a model.txt with another number', () => {
  it('is read or refused in words: each key with 24 values', () => {
    const keys = [...new Set([...MODEL_TEXT.matchAll(/^(\w+)=/gm)].map(([, key]) => key))];
    const values = [
      '',
      '0',
      '-1',
      '1',
      '2',
      '7',
      '8',
      '1.5',
      '1e9',
      '2147483648',
      '4294967296',
      '-2147483649',
      'nan',
      'inf',
      '-inf',
      'x',
      '0 0',
      '0 1 2 3 4 5 6',
      '0 0 0 0 0 0 0',
      '-1 -1 -1 -1 -1 -1 -1',
      '9 9 9 9 9 9 9',
      '1 2 3 4 5 6 -1',
      '1e300 1e300 1e300 1e300 1e300 1e300 1e300',
      '3 3 3 3 3 3 3',
    ];
    const texts = keys.flatMap((key) =>
      values.map((value) => MODEL_TEXT.replace(new RegExp(`^${key}=.*$`, 'm'), `${key}=${value}`)),
    );
    expect(texts.length).toBeGreaterThan(400);
    const { refused, bugs } = outcomesOf('model.txt', texts);
    expect(bugs).toEqual([]);
    expect(refused).toBeGreaterThan(150);
  });

  it('has category sets that end where they begin, or beyond', () => {
    const categorical = MODEL_TEXT.replace('num_cat=0', 'num_cat=1')
      .replace(/threshold=\S+/, 'threshold=0')
      .replace(/decision_type=\S+/, 'decision_type=1');
    const sets = ['0 1', '1 0', '0 2147483647', '0 -1', '5 6', '0 0', '-1 0', 'nan 1', '0.5 1', '0 1.5'];
    const texts = sets.map((bounds) =>
      categorical.replace(/left_child=/, `cat_boundaries=${bounds}\ncat_threshold=1\nleft_child=`),
    );
    expect(texts.map((text) => outcome(READERS['model.txt'][1], text))).toEqual([
      'read',
      ...sets.slice(1).map(() => 'refused'),
    ]);
  });
});

it('compares what it thinks it compares: canonical JSON of a manifest is stable', () => {
  const { id, manifest } = parseManifest(MANIFEST_TEXT, 'f');
  expect(canonicalJson(parseManifest(formatManifest({ id, manifest }), 'f'))).toBe(canonicalJson({ id, manifest }));
});
