/** Runs vitest and closes with the line that CI counts: `N passed, N failed`. */

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Counts of one vitest run. */
type TestCounts = {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
};

/** The fields of vitest's JSON report that are read. */
type JsonReport = {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
};

/**
 * Runs `vitest run` with these arguments in the working folder, prints the closing line and sets this process's exit code.
 * Without a report (a crash, no test file found) the run counts as one failure.
 */
export async function runVitest(args: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'donch-test-'));
  const reportPath = join(folder, 'report.json');
  try {
    const exitCode = await spawnVitest([
      ...args,
      '--reporter=default',
      '--reporter=json',
      `--outputFile=${reportPath}`,
    ]);
    const counts = readCounts(reportPath, exitCode);
    console.log(closingLine(counts));
    process.exitCode = counts.failed > 0 ? 1 : exitCode;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** "12 passed, 0 failed", with the skipped ones behind it when there are any. */
export function closingLine({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? ` (${skipped} skipped)` : ''}`;
}

/** Counts of a report. A file that fails outside its tests (at import, in a hook) counts as one failure. */
export function countTests(report: JsonReport): TestCounts {
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

function readCounts(reportPath: string, exitCode: number): TestCounts {
  let counts: TestCounts = { passed: 0, failed: 0, skipped: 0 };
  try {
    counts = countTests(JSON.parse(readFileSync(reportPath, 'utf8')) as JsonReport);
  } catch (error) {
    console.error(`no test report: ${String(error)}`);
  }
  // An error outside every test (an unhandled rejection) shows in the exit code only.
  return exitCode !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

function spawnVitest(args: readonly string[]): Promise<number> {
  const command = [join('node_modules', 'vitest', 'vitest.mjs'), 'run', ...args];
  const child = spawn(process.execPath, command, { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}
