import { describe, expect, it } from 'vitest';
import { DonchError, DonchErrors } from './errors.ts';
import { parseYaml } from './yaml.ts';

function refusalOf(text: string): string {
  try {
    parseYaml(text, 'config.yaml');
  } catch (error) {
    if (error instanceof DonchErrors || error instanceof DonchError) return `${error.code} ${error.message}`;
    throw error;
  }
  return 'accepted';
}

describe('plain data', () => {
  it('reads the types of YAML 1.2: yes, off, dates and octals are what they look like', () => {
    const { value } = parseYaml('a: off\nb: yes\nc: 2025-01-01\nd: 010\ne: ~\nf: true\ng: 1.5\nh: [1, x]\n', 'f');
    expect(value).toEqual({ a: 'off', b: 'yes', c: '2025-01-01', d: 10, e: null, f: true, g: 1.5, h: [1, 'x'] });
  });

  it('reads an empty file as null and keeps a key named __proto__ as a key', () => {
    expect(parseYaml('', 'f').value).toBeNull();
    expect(parseYaml('# nothing\n', 'f').value).toBeNull();
    const { value } = parseYaml('__proto__: {x: 1}\n', 'f');
    expect(Object.keys(value as object)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('takes a byte order mark and Windows line ends', () => {
    expect(parseYaml('\uFEFFa: 1\r\nb: 2\r\n', 'f').value).toEqual({ a: 1, b: 2 });
  });
});

describe('lines', () => {
  const file = parseYaml('a:\n  b:\n    - x\n    - y: 3\n# c\nd: {e: [1, 2]}\n', 'f');

  it.each([
    [['a', 'b'], 3],
    [['a', 'b', 1, 'y'], 4],
    [['d', 'e', 1], 6],
  ])('the value at %j stands in line %d', (path, line) => {
    expect(file.lineOf(path)).toBe(line);
  });

  it.each([[[]], [['z']], [['a', 'b', 9]], [['d', 'e', 1, 'f']], [['a', 'toString']]])(
    'there is none at %j',
    (path) => {
      expect(file.lineOf(path)).toBeUndefined();
    },
  );
});

describe('what a settings file does not need', () => {
  it.each([
    ['a double key', 'a: 1\nb: 2\na: 3\n', 'line 3: the key "a" stands there twice'],
    ['an anchor', 'a: 1\nb: &x 2\n', 'line 2: an anchor (&x)'],
    ['an alias', 'a: &x 1\nb: *x\n', 'line 2: an alias'],
    ['a known tag', 'a: 1\nb: !!str 2\n', 'line 2: a tag'],
    ['an unknown tag', 'a: !python/object 2\n', 'line 1: '],
    ['a tagged list', 'a: !!set {x, y}\n', 'line 1: a tag'],
    ['a number as a key', 'a: 1\n5: x\n', 'line 2: a key that is no text'],
    ['a list as a key', '? [a, b]\n: 1\n', 'line 1: a key that is no text'],
    ['keys inside keys', '? '.repeat(60) + '1', 'line 1: a key that is no text'],
    ['another YAML version', '%YAML 1.1\n---\na: off\n', '%YAML is 1.1'],
    ['two documents', 'a: 1\n---\nb: 2\n', 'line 2: '],
    ['a tab as indentation', 'a:\n\tb: 1\n', 'line 2: '],
    ['an open bracket', 'a: [1, 2\nb: 3\n', 'line '],
    ['lists 65 deep', '['.repeat(65) + ']'.repeat(65), 'nesting is deeper than 64 levels'],
    ['maps 65 deep', '{a: '.repeat(65) + '1' + '}'.repeat(65), 'nesting is deeper than 64 levels'],
    ['thousands of open brackets', '['.repeat(20_000), 'nesting is too deep'],
    ['thousands of nested lists', '- '.repeat(20_000) + '1', 'nesting is'],
    ['a text of a megabyte', `a: ${'x'.repeat(1_000_000)}`, 'characters; expected at most 250000'],
  ])('%s is refused with its line', (_, text, words) => {
    const refusal = refusalOf(text);
    expect(refusal).toMatch(/^bad_yaml config\.yaml/);
    expect(refusal).toContain(words);
  });

  it('64 levels are accepted', () => {
    expect(refusalOf('['.repeat(64) + ']'.repeat(64))).toBe('accepted');
  });

  it('names at most a hundred problems', () => {
    const text = Array.from({ length: 400 }, (_, k) => `${k}: &a${k} x`).join('\n');
    expect(refusalOf(text).split('\n')).toHaveLength(101);
  });
});
