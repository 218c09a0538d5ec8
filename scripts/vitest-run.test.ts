import { describe, expect, it } from 'vitest';
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
