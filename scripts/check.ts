/**
 * pnpm check [--fix] [<step> ...]: everything that a machine can say about the sources without running them. A step prints its
 * output only when it fails. `--fix` (pnpm format) first lets the formatter and the linter repair what they can.
 */

import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { PNPM } from './install.mjs';

interface Step {
  readonly name: string;
  /** Commands that run one after the other; arguments without blanks (Windows passes them through a shell). */
  readonly commands: readonly (readonly [tool: string, ...args: string[]])[];
}

const STEPS: readonly Step[] = [
  {
    name: 'types',
    commands: [
      // turbo starts the packages' scripts through pnpm, which nobody needs to have installed.
      ['npx', '--yes', PNPM, 'exec', 'turbo', 'run', 'types', '--output-logs=errors-only'],
      ['tsc', '-p', '.'],
    ],
  },
  { name: 'lint', commands: [['oxlint']] },
  { name: 'format', commands: [['oxfmt', '--check']] },
  { name: 'rules', commands: [['node', 'scripts/check/main.ts']] },
  { name: 'knip', commands: [['knip', '--no-progress', '--no-config-hints']] },
  { name: 'sherif', commands: [['sherif']] },
];

const FIXES: readonly Step[] = [
  { name: 'format files', commands: [['oxfmt']] },
  { name: 'fix lint', commands: [['oxlint', '--fix']] },
];

const args = process.argv.slice(2);
const names = args.filter((arg) => arg !== '--fix');
const unknown = names.find((name) => !STEPS.some((step) => step.name === name));
if (unknown === undefined) {
  await runSteps([...(args.includes('--fix') ? FIXES : []), ...STEPS.filter((step) => isWanted(step, names))]);
} else {
  console.error(`found "${unknown}", expected any of ${STEPS.map((step) => step.name).join(', ')}`);
  process.exitCode = 1;
}

function isWanted(step: Step, wanted: readonly string[]): boolean {
  return wanted.length === 0 || wanted.includes(step.name);
}

async function runSteps(steps: readonly Step[]): Promise<void> {
  let failed = 0;
  for (const step of steps) {
    const startMs = performance.now();
    const failure = await runStep(step);
    const seconds = ((performance.now() - startMs) / 1_000).toFixed(1);
    console.log(`${failure === undefined ? 'ok  ' : 'FAIL'} ${step.name} ${seconds} s`);
    if (failure === undefined) continue;
    console.log(failure);
    failed++;
  }
  console.log(`${steps.length - failed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
}

/** Output of the first command that fails; undefined when all pass. */
async function runStep(step: Step): Promise<string | undefined> {
  for (const [tool, ...rest] of step.commands) {
    const { code, output } = await run(tool, rest);
    if (code !== 0) return output;
  }
  return undefined;
}

function run(tool: string, rest: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
  const env = {
    ...process.env,
    PATH: [join(process.cwd(), 'node_modules', '.bin'), process.env['PATH']].join(delimiter),
    TURBO_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1',
  };
  const child = spawn(tool, rest, { env, shell: process.platform === 'win32', stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  }
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: 1, output: `cannot start ${tool}: ${error.message}` }));
    child.on('close', (code) => resolve({ code: code ?? 1, output: output.trimEnd() }));
  });
}
