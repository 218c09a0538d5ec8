/**
 * pnpm check [--fix] [<step> ...]: everything that a machine can say about the sources without running them. A step prints its
 * output only when it fails. `--fix` (pnpm format) first lets the formatter and the linter repair what they can.
 */

import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { PNPM } from './install.mjs';

type Step = {
  readonly name: string;
  /** Commands that run one after the other; arguments without blanks (Windows passes them through a shell). */
  readonly commands: readonly (readonly [tool: string, ...args: string[]])[];
  /** True when the output is worth a look after a success too. */
  readonly isShown?: boolean;
};

/** Where the product lies; a user's project in the checkout is the user's. */
const PRODUCT_FOLDERS = [
  'apps',
  'bench',
  'bin',
  'packages',
  'scripts',
  'strategies',
  'package.json',
  'knip.json',
  'turbo.json',
];

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
  { name: 'format', commands: [['oxfmt', '--check', ...PRODUCT_FOLDERS]] },
  { name: 'rules', commands: [['node', 'scripts/check/main.ts']], isShown: true },
  { name: 'knip', commands: [['knip', '--no-progress', '--no-config-hints']] },
  { name: 'sherif', commands: [['sherif']] },
];

const FIXES: readonly Step[] = [
  { name: 'format files', commands: [['oxfmt', ...PRODUCT_FOLDERS]] },
  { name: 'fix lint', commands: [['oxlint', '--fix']] },
  { name: 'sort manifests', commands: [['sherif', '--fix', '--no-install', '--ignore-rule', 'non-existant-packages']] },
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
    const { code, output } = await runStep(step);
    const seconds = ((performance.now() - startMs) / 1_000).toFixed(1);
    console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${step.name} ${seconds} s`);
    if (code !== 0 || step.isShown === true) console.log(output);
    if (code !== 0) failed++;
  }
  console.log(`${steps.length - failed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
}

type Ended = { readonly code: number; readonly output: string };

/** Ends with the first command that fails, else with the last one. */
async function runStep(step: Step): Promise<Ended> {
  let ended: Ended = { code: 0, output: '' };
  for (const [tool, ...rest] of step.commands) {
    if (ended.code === 0) ended = await run(tool, rest);
  }
  return ended;
}

function run(tool: string, rest: readonly string[]): Promise<Ended> {
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
