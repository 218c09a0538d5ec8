import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { markupProblems } from '../testing/markup-problems.ts';
import { sampleModelInput } from '../testing/sample-model-input.ts';
import type { Banded, ModelProbes, ModelReportInput } from './model-report-input.ts';
import { sentence, spreadOf } from './model-text.ts';
import { probesOf } from './probes.ts';
import { renderModelReport } from './render-model-report.ts';

const HOSTILE = `"><script>alert(1)</script><img src=x onerror=alert(2)>`;
const NONE: Banded = { estimate: Number.NaN, low: Number.NaN, high: Number.NaN };

const sample = sampleModelInput();

/** Every number of the input replaced, every list as long as before. */
function withNumbers<T>(value: T, number: number): T {
  if (typeof value === 'number') return number as T;
  if (Array.isArray(value)) return value.map((part: unknown) => withNumbers(part, number)) as T;
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, withNumbers(part, number)])) as T;
  return value;
}

const inputs: Readonly<Record<string, ModelReportInput>> = {
  'a p* on evidence': sample,
  "the user's own p*": sampleModelInput({ threshold: 'user' }),
  'no p*': sampleModelInput({ threshold: 'none' }),
  'one path': sampleModelInput({ paths: 1 }),
  'no month with a model': { ...sample, walkForward: { months: [], improvement: NONE } },
  'no feature that matters': {
    ...sample,
    importance: sample.importance.map(({ name }) => ({
      name,
      gain: 0,
      splits: 0,
      permutation: 0,
      permutationSd: 0,
      shap: 0,
    })),
  },
  'empty lists': {
    ...sample,
    parameters: [],
    metrics: [],
    calibration: { ...sample.calibration, before: [], after: [] },
    precisionRecall: [],
    ev: { all: NONE, points: [] },
    threshold: { ...sampleModelInput({ threshold: 'none' }).threshold, groups: [], note: '' },
    importance: [],
    learningCurve: [],
    probes: { ...sample.probes, permutations: 0 },
  },
  'no number at all': withNumbers(sample, Number.NaN),
  'no number at all and a p* of the user': withNumbers(inputOfUser(), Number.NaN),
  'infinite numbers': withNumbers(sample, Number.POSITIVE_INFINITY),
  'minus infinite numbers': withNumbers(sample, Number.NEGATIVE_INFINITY),
  'nothing but zeros': withNumbers(sample, 0),
  'names that are markup': {
    ...sampleModelInput({ name: HOSTILE, features: [HOSTILE, 'a'] }),
    target: HOSTILE,
    side: HOSTILE,
    warnings: [HOSTILE],
    parameters: [[HOSTILE, HOSTILE]],
    threshold: { ...sample.threshold, note: HOSTILE },
    probes: { ...sample.probes, suspicious: [{ name: HOSTILE, auc: 0.97 }] },
  },
};

function inputOfUser(): ModelReportInput {
  return sampleModelInput({ threshold: 'user' });
}

const elementIn = (page: string, name: string): string =>
  new RegExp(`<${name}>([\\s\\S]*?)</${name}>`).exec(page)?.[1] ?? '';
const withoutScript = (page: string): string => page.replaceAll(/<script[\s\S]*?<\/script>/g, '');
const sectionIn = (page: string, id: string): string =>
  new RegExp(`<section id="${id}"[\\s\\S]*?</section>`).exec(page)?.[0] ?? '';
const textOf = (markup: string): string =>
  markup
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&#39;', "'")
    .replaceAll('\u00a0', ' ')
    .replaceAll(/\s+/g, ' ');
const wordsIn = (input: ModelReportInput, id: string): string => textOf(sectionIn(renderModelReport(input), id));

/** Texts of the cells of a table by row. */
function cellsIn(page: string, id: string): string[][] {
  const table = new RegExp(`<table id="${id}"[\\s\\S]*?</table>`).exec(page)?.[0] ?? '';
  const body = /<tbody>([\s\S]*)<\/tbody>/.exec(table)?.[1] ?? '';
  return Array.from(body.matchAll(/<tr>([\s\S]*?)<\/tr>/g), ([, row]) =>
    Array.from(row.matchAll(/<t[hd][^>]*>([\s\S]*?)<\/t[hd]>/g), ([, cell]) => textOf(cell).trim()),
  );
}

describe.each(Object.entries(inputs))('the page of a model with %s', (_name, input) => {
  const page = renderModelReport(input);

  it('is well-formed, and no number of it is a word of the language', () => {
    expect(markupProblems(page.replace('<!doctype html>\n', ''), false)).toEqual([]);
    const strange = /.{0,60}(?:\bNaN\b|undefined|Infinity|\[object).{0,60}/g;
    expect(withoutScript(page).match(strange) ?? []).toEqual([]);
  });

  it('has all sections in the order of reading', () => {
    const titles = Array.from(page.matchAll(/<h2[^>]*>([^<]*)/g), ([, title]) => title);
    expect(titles).toEqual([
      'In plain words',
      'Did it hold over time?',
      'Month by month, in order of time',
      'What a threshold would have brought',
      'Are the probabilities right?',
      'Does it find the good ones?',
      'What it looks at',
      'How much learning is too much?',
      'Could it have cheated?',
      'How it was trained',
      'Words',
    ]);
  });

  it('makes no element of a name', () => {
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page.match(/<img|<iframe/g)).toBeNull();
  });

  it('gives every table a caption and every drawing a name, and no id twice', () => {
    expect(page.match(/<table/g)?.length).toBe(page.match(/<caption/g)?.length);
    expect(page.match(/<svg/g)?.length).toBe(page.match(/<svg[^>]* aria-labelledby="/g)?.length);
    const ids = Array.from(page.matchAll(/\sid="([^"]*)"/g), ([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('renderModelReport', () => {
  it('allows its own script and style and nothing else, and names no place outside', () => {
    const page = renderModelReport(sample);
    const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    const policy = `default-src 'none'; style-src ${hash(elementIn(page, 'style'))}; script-src ${hash(elementIn(page, 'script'))}; base-uri 'none'; form-action 'none'`;
    expect(page).toContain(`<meta http-equiv="Content-Security-Policy" content="${policy}">`);
    const outside = /.{0,60}(?:https?:|url\(|@import|src=|\sstyle=|\son\w+=).{0,60}/g;
    expect(page.replaceAll('http://www.w3.org/2000/svg', '').match(outside) ?? []).toEqual([]);
  });

  it('is the same page for the same input', () => {
    expect(renderModelReport(sampleModelInput())).toBe(renderModelReport(sampleModelInput()));
  });
});

describe('the verdict on a model', () => {
  it('of a threshold on evidence names it, its worth with the interval, and what the gate does', () => {
    const words = wordsIn(sample, 'verdict');
    expect(words).toMatch(/^ In plain words There is a threshold\. p\* = 0\.5172\./);
    expect(words).toContain(
      'brought 0.118 R per trade more than taking all signals (95 % interval +0.034 to +0.202 R)',
    );
    expect(words).toContain('512 of 2,412 signals would have been taken, with +0.181 R each; all signals had +0.064 R');
    expect(words).toContain('looks like +0.204 R, against +0.118 R on signals without a part in the choice');
    expect(words).toContain('With META: required. It starts');
  });

  it('without a threshold says why first, and that META: required does not start', () => {
    const words = wordsIn(sampleModelInput({ threshold: 'none' }), 'verdict');
    expect(words).toMatch(/^ In plain words No p\*\. The improvement may be chance/);
    expect(words).toContain('With META: required. It does not start');
    expect(words).not.toContain('There is a threshold');
  });

  it("marks the user's own choice, and does not lend it the evidence for another", () => {
    const words = wordsIn(inputOfUser(), 'verdict');
    expect(words).toMatch(/^ In plain words The user's own choice\. p\* = 0\.6000 was set by the user/);
    expect(words).toContain("They are not the user's 0.6000.");
    expect(words).toContain("The user's threshold stood in every month");
    expect(renderModelReport(inputOfUser())).toContain('p* 0.6000 (the user&#39;s)');
  });

  it('takes a threshold without a number for none', () => {
    const threshold = { ...sample.threshold, pstar: Number.NaN };
    expect(wordsIn({ ...sample, threshold }, 'verdict')).toContain('It does not start');
  });

  it.each([
    { improvement: { estimate: 0.1, low: 0.02, high: 0.2 }, words: 'zero lies below the interval' },
    { improvement: { estimate: 0.1, low: -0.02, high: 0.2 }, words: 'zero is not excluded' },
    { improvement: { estimate: 0.1, low: Number.NaN, high: Number.NaN }, words: 'no interval: under 12 weeks' },
    { improvement: NONE, words: 'nothing was taken in them' },
  ])('of months with $improvement.estimate R, $improvement.low and up: $words', ({ improvement, words }) => {
    const input = { ...sample, walkForward: { ...sample.walkForward, improvement } };
    expect(wordsIn(input, 'verdict').toLowerCase()).toContain(words);
  });

  it('says that a gain is a loss', () => {
    const threshold = { ...sample.threshold, improvement: { estimate: -0.031, low: -0.1, high: 0.04 } };
    expect(wordsIn({ ...sample, threshold }, 'verdict')).toContain(
      'cost 0.031 R per trade against taking all signals (95 % interval −0.100 to +0.040 R)',
    );
  });

  it('warns in the words of the training, and by itself when a probe failed without them', () => {
    expect(wordsIn({ ...sample, warnings: ['the feature x knows'] }, 'verdict')).toContain(
      'Beware. The feature x knows.',
    );
    const probes = { ...sample.probes, isTestBlind: false };
    expect(wordsIn({ ...sample, probes }, 'verdict')).toContain('Beware. Blind to the test: not passed');
    expect(wordsIn(sample, 'verdict')).not.toContain('Beware.');
  });
});

describe('leakage probes', () => {
  const statesOf = (change: Partial<ModelProbes>): string =>
    probesOf({ ...sample.probes, ...change })
      .map(({ state }) => state)
      .join(', ');

  it.each([
    { change: {}, states: 'passed, passed, passed, passed, passed' },
    { change: { permutedAuc: 0.5 + 2.9 * 0.0041 }, states: 'passed, passed, passed, passed, passed' },
    { change: { permutedAuc: 0.5 + 3.1 * 0.0041 }, states: 'failed, passed, passed, passed, passed' },
    { change: { permutedAuc: 0.5 - 3.1 * 0.0041 }, states: 'failed, passed, passed, passed, passed' },
    { change: { permutedNamed: 2 }, states: 'passed, passed, passed, passed, passed' },
    { change: { permutedNamed: 3 }, states: 'passed, failed, passed, passed, passed' },
    { change: { isPlantFound: false }, states: 'passed, passed, failed, passed, passed' },
    { change: { isTestBlind: false }, states: 'passed, passed, passed, failed, passed' },
    { change: { suspicious: [{ name: 'x', auc: 0.93 }] }, states: 'passed, passed, passed, passed, failed' },
    { change: { permutations: 0 }, states: 'not run, not run, passed, passed, passed' },
    { change: { permutedAucSe: Number.NaN }, states: 'not run, passed, passed, passed, passed' },
  ])('$change: $states', ({ change, states }) => {
    expect(statesOf(change)).toBe(states);
  });

  it('that did not pass are counted in front, with words and not by colour alone', () => {
    const words = wordsIn({ ...sample, probes: { ...sample.probes, isPlantFound: false } }, 'probes');
    expect(words).toContain('1 of 5 checks did not pass. Do not trade on this model');
    expect(words).toContain('✗ FAILED');
  });
});

describe('missing figures', () => {
  it('are a dash with the reason', () => {
    const page = renderModelReport(sample);
    expect(cellsIn(page, 'month-table')[0]).toEqual([
      '2024-06',
      '- no p* yet',
      '0',
      expect.stringMatching(/^\d+$/),
      '- no p* yet',
      expect.stringMatching(/ R$/),
      '- none known then',
      '640',
      expect.stringMatching(/^0\.\d{4}$/),
    ]);
    const [last] = cellsIn(page, 'ev-table').slice(-1);
    expect(last).toEqual([
      '0.9000',
      '0',
      ...Array.from({ length: 4 }, () => '- no signal'),
      '0.0 %',
      '- no signal',
      '- no signal',
    ]);
  });

  it('of a fold with one outcome are no area', () => {
    const metrics = sample.metrics.map((row) => ({ ...row, rocAuc: Number.NaN, prAuc: Number.NaN }));
    const [first] = cellsIn(renderModelReport({ ...sample, metrics }), 'fold-table');
    expect(first.slice(1, 3)).toEqual(['- one outcome only', '- one outcome only']);
  });
});

describe('the tables', () => {
  const page = renderModelReport(sample);

  it('mark the first threshold that p* reaches', () => {
    const marked = cellsIn(page, 'ev-table').filter(([threshold]) => threshold.includes('from p* on'));
    expect(marked.map(([threshold]) => threshold)).toEqual(['0.5300 from p* on']);
  });

  it('show folds and paths each by itself, before and after calibration', () => {
    expect(cellsIn(page, 'fold-table')).toHaveLength(15);
    expect(cellsIn(page, 'path-table')).toHaveLength(5);
    expect(cellsIn(page, 'fold-table')[0].slice(-2)).toEqual(['804', '1,504']);
    expect(cellsIn(page, 'path-table')[0].at(-1)).toBe('2,412');
    const calibrated = sample.metrics.filter(({ scope, stage }) => scope === 'fold' && stage === 'calibrated');
    const raw = sample.metrics.filter(({ scope, stage }) => scope === 'fold' && stage === 'raw');
    expect(cellsIn(page, 'fold-table')[3][4]).toBe(
      `${raw[3].logLoss.toFixed(4)} → ${calibrated[3].logLoss.toFixed(4)}`,
    );
  });

  it('compare log-loss and Brier score with those of the base rate alone', () => {
    const even = sample.metrics.map((row) => ({ ...row, baseRateFrac: 0.5 }));
    const rows = cellsIn(renderModelReport({ ...sample, metrics: even }), 'calibration-table');
    expect(rows.map((cells) => cells[4])).toEqual([Math.LN2.toFixed(4), '0.2500', '- 0 by construction']);
  });

  it.each([
    { logLoss: Math.LN2 - 0.01, words: 'say more than the base rate alone' },
    { logLoss: Math.LN2 + 0.01, words: 'say no more than the base rate alone' },
  ])('are put into words: with a log-loss of $logLoss the probabilities $words', ({ logLoss, words }) => {
    const metrics = sample.metrics.map((row) => ({ ...row, baseRateFrac: 0.5, logLoss }));
    expect(wordsIn({ ...sample, metrics }, 'calibration')).toContain(words);
  });

  it('name one curve where nothing is calibrated', () => {
    const { calibration } = sample;
    const same = { ...calibration, kind: 'none' as const, after: calibration.before };
    const uncalibrated = renderModelReport({ ...sample, calibration: same });
    expect(cellsIn(uncalibrated, 'reliability-table').map(([stage]) => stage)).toEqual(
      calibration.before.map(() => 'before and after'),
    );
    expect(cellsIn(renderModelReport(sample), 'reliability-table')).toHaveLength(2 * calibration.before.length);
  });

  it('leave out features that no tree asks for, and name them', () => {
    const unused = { name: 'idle', gain: 0, splits: 0, permutation: 0, permutationSd: 0, shap: 0 };
    const input = { ...sample, importance: [...sample.importance, unused] };
    expect(cellsIn(renderModelReport(input), 'importance-table')).toHaveLength(sample.importance.length);
    expect(wordsIn(input, 'importance')).toContain('no tree asks for them: idle.');
  });

  it('give gain as a share of all gain, and none to a model without a split', () => {
    const importance = sample.importance.slice(0, 2).map((row, k) => ({ ...row, gain: k === 0 ? 3 : 1 }));
    const gains = (input: ModelReportInput): string[] =>
      cellsIn(renderModelReport(input), 'importance-table').map((cells) => cells[3]);
    expect(gains({ ...sample, importance })).toEqual(['75.0 %', '25.0 %']);
    expect(gains(inputs['no feature that matters']).every((text) => text === '- no split')).toBe(true);
  });
});

describe('spreadOf', () => {
  it.each([
    { values: [], spread: { count: 0, mean: Number.NaN, min: Number.NaN, max: Number.NaN } },
    { values: [Number.NaN, 1, 4], spread: { count: 2, mean: 2.5, min: 1, max: 4 } },
  ])('of $values', ({ values, spread }) => {
    expect(spreadOf(values)).toEqual(spread);
  });
});

describe('sentence', () => {
  it.each([
    ['', ''],
    ['too few trades (3, needed: 150)', 'Too few trades (3, needed: 150).'],
    ['Done.', 'Done.'],
  ])('%j', (text, expected) => {
    expect(sentence(text)).toBe(expected);
  });
});
