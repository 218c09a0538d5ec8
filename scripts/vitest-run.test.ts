import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Files, plantFolder, removeFolder, REPOSITORY, runNode } from './check/planted.ts';
import { closingLine, countTests } from './vitest-run.ts';

const file = (status: string, ...tests: readonly string[]) => ({
  status,
  assertionResults: tests.map((test) => ({ status: test })),
});

describe('countTests', () => {
  it('counts passed, failed, skipped and todo tests', () => {
    const report = {
      numPassedTests: 3,
      numFailedTests: 1,
      numPendingTests: 2,
      numTodoTests: 1,
      testResults: [file('passed', 'passed', 'passed', 'skipped'), file('failed', 'passed', 'failed')],
    };
    expect(countTests(report)).toEqual({ passed: 3, failed: 1, skipped: 3 });
  });

  it('counts a file that fails outside its tests as one failure', () => {
    const report = {
      numPassedTests: 1,
      numFailedTests: 0,
      numPendingTests: 0,
      numTodoTests: 0,
      testResults: [file('failed'), file('failed', 'passed')],
    };
    expect(countTests(report)).toEqual({ passed: 1, failed: 2, skipped: 0 });
  });
});

describe('closingLine', () => {
  it.each([
    [{ passed: 12, failed: 0, skipped: 0 }, '12 passed, 0 failed'],
    [{ passed: 12, failed: 3, skipped: 4 }, '12 passed, 3 failed (4 skipped)'],
  ])('%o', (counts, expected) => {
    expect(closingLine(counts)).toBe(expected);
  });
});

describe('the test run', () => {
  it('has a time zone far from UTC', () => {
    expect(Intl.DateTimeFormat().resolvedOptions().timeZone).toBe('America/Los_Angeles');
    expect(new Date(0).getTimezoneOffset()).toBe(480);
  });
});

/** A test file with these bodies, one test each. */
const testFile = (...bodies: readonly string[]) =>
  `import { expect, it } from 'vitest';\n${bodies.map((body, i) => `it('test ${i}', () => { ${body} });\n`).join('')}`;

describe('a run over planted tests', () => {
  let root = '';

  /** Runs scripts/<script> in a folder with our vitest configuration and these files. */
  function runPlanted(script: string, args: readonly string[], files: Files) {
    const config = ['vitest.config.ts', 'vitest.long.config.ts'];
    const configFiles = config.map((path) => [path, readFileSync(join(REPOSITORY, path), 'utf8')] as const);
    root = plantFolder({ 'package.json': '{"type":"module"}', ...Object.fromEntries(configFiles), ...files });
    const { code, stdout } = runNode(`scripts/${script}`, args, root);
    return { code, stdout, lastLine: stdout.trimEnd().split('\n').at(-1) };
  }

  afterEach(() => {
    removeFolder(root);
  });

  it('closes with the counts and exit code 0 when all tests pass', () => {
    const ended = runPlanted('test.ts', [], { 'packages/x/src/a.test.ts': testFile('', 'expect(1).toBe(1);') });
    expect(ended).toMatchObject({ code: 0, lastLine: '2 passed, 0 failed' });
  });

  it('counts a failing test and a file that cannot be loaded', () => {
    const ended = runPlanted('test.ts', [], {
      'packages/x/src/a.test.ts': testFile('', 'expect(1).toBe(2);'),
      'apps/y/src/b.test.ts': `import './missing.ts';`,
    });
    expect(ended).toMatchObject({ code: 1, lastLine: '1 passed, 2 failed' });
  });

  it('fails when a promise is rejected outside every test', () => {
    const ended = runPlanted('test.ts', [], {
      'packages/x/src/a.test.ts': testFile(`void Promise.reject(new Error('unseen'));`),
    });
    expect(ended).toMatchObject({ code: 1, lastLine: '1 passed, 1 failed' });
  });

  it('fails when it finds no test', () => {
    expect(runPlanted('test.ts', [], {})).toMatchObject({ code: 1, lastLine: '0 passed, 1 failed' });
  });

  const longFiles = {
    'packages/x/src/kills.long.ts': testFile(''),
    'apps/y/src/null-test.long.ts': testFile('expect(1).toBe(2);'),
    'packages/x/src/a.test.ts': testFile(''),
  };

  it('lists the long tests', () => {
    expect(runPlanted('test-long.ts', [], longFiles)).toMatchObject({ code: 0, stdout: '  kills\n  null-test\n' });
  });

  it('runs the long test that is named, and only it', () => {
    expect(runPlanted('test-long.ts', ['kills'], longFiles)).toMatchObject({ code: 0, lastLine: '1 passed, 0 failed' });
  });

  it('refuses an unknown long test', () => {
    expect(runPlanted('test-long.ts', ['kill'], longFiles)).toMatchObject({ code: 1 });
  });
});
