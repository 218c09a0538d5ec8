/** Command lines that nobody would type on purpose: each ends with a documented exit code, in words, and with one document. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT } from '@donch/cli';
import { array, assert, asyncProperty, constantFrom, oneof, string, tuple } from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { donch, type Ended } from '../testing/run-donch.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'donch-fuzz-'));
  writeFileSync(join(folder, 'broken.yaml'), 'strategy: {name: [');
  writeFileSync(join(folder, 'config.yaml'), 'VENUE: bybit\nTIMEFRAME: 5m\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** `demo` and `null-test` need no project: they would begin to compute. */
const COMMANDS = [
  'run',
  'scout',
  'backtest',
  'why',
  'why BTCUSDT',
  'list',
  'export',
  'export trades',
  'export candles BTCUSDT',
  'config',
  'data status',
  'data certificate',
  'data compact',
  'data nonsense',
  'doctor',
  'lookahead',
  'report',
  'import',
  'model inspect',
  'model verify',
  'model import',
  'deploy-model',
  'rollback-model',
  'nonsense',
];

const FLAGS =
  '--json --quiet --config --set --strategy --start --end --symbols --seed --workers --no-rs --no-cache --run --out --last --cuts --plant --interval --model --feature-names --pstar --onnx --nonsense -x --';

const KNOWN_VALUES =
  '-1 0 1e999 NaN null 2025-13-01 2025-01-01 BTCUSDT ../.. config.yaml broken.yaml RISK_USD=ten RISK_USD=1 NO_SUCH_KEY=1 = SL_ATR_MULT=-1 rs_week 5m $(id) "';

const VALUES = oneof(constantFrom('', 'a\0b', ...KNOWN_VALUES.split(' ')), string({ maxLength: 20, unit: 'binary' }));

const LINE = tuple(
  constantFrom(...COMMANDS),
  array(oneof(constantFrom(...FLAGS.split(' ')), VALUES), { maxLength: 6 }),
  constantFrom([], ['--json']),
).map(([command, rest, json]) => [...command.split(' '), ...rest, ...json]);

const CODES = new Set<number>(Object.values(EXIT).filter((code) => code !== EXIT.bug));

it('every command line ends in words: 1,000 of them', async () => {
  await assert(
    asyncProperty(LINE, async (args) => {
      expect([args, problemsOf(args, await donch(args, { cwd: folder }))]).toEqual([args, []]);
    }),
    { numRuns: 1_000, seed: 5 },
  );
});

function problemsOf(args: readonly string[], { code, stdout, stderr }: Ended): string[] {
  const problems: string[] = [];
  if (!CODES.has(code)) problems.push(`exit code ${code}`);
  if (/\n {4}at |This is a bug/.test(stderr)) problems.push(stderr);
  if (code === EXIT.ok) return problems;
  if (`${stdout}${stderr}` === '') problems.push('no word about the failure');
  if (asksForDocument(args) && !isDocument(stdout)) problems.push(`stdout is no document: ${stdout}`);
  return problems;
}

/** True when `--json` is a flag there: not the value of another one, not behind `--`. */
function asksForDocument(args: readonly string[]): boolean {
  return args.at(-1) === '--json' && args.at(-2)?.startsWith('-') !== true && !args.includes('--');
}

function isDocument(stdout: string): boolean {
  try {
    return typeof JSON.parse(stdout) === 'object' && stdout.trim().split('\n').length === 1;
  } catch {
    return false;
  }
}
