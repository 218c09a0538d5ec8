import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureInstalled } from './install.mjs';
import { isSupportedNode, pinnedNode, ROOT } from './runtime.mjs';

/** Prints what it was given, then ends as its first argument says. */
const APP = `
import { readFileSync } from 'node:fs';
const [command, value]: string[] = process.argv.slice(2);
console.log(JSON.stringify({ app: import.meta.dirname.split(/[\\\\/]/).at(-2), args: process.argv.slice(2) }));
if (command === 'stdin') console.log(readFileSync(0, 'utf8'));
if (command === 'exit') process.exitCode = Number(value);
if (command === 'crash') throw new Error('crash of the app');
`;

/** Runs a file through becomeNode, as the launcher does under a Node that is too old. */
const PARENT = `
import { becomeNode } from ${JSON.stringify(join(ROOT, 'scripts', 'runtime.mjs'))};
becomeNode(process.execPath, process.argv.slice(2));
`;

/** Counts the signals that arrive and ends shortly after the first one. */
const CHILD = `
let count = 0;
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
  process.on(signal, () => {
    if (count++ > 0) return;
    setTimeout(() => { console.log(signal + ' ' + count); process.exit(7); }, 100);
  });
}
setInterval(() => {}, 1000);
console.log('ready');
if (process.argv[2] === 'die') process.kill(process.pid, 'SIGKILL');
`;

type Ending = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
};

let root = '';

beforeAll(async () => {
  root = join(mkdtempSync(join(tmpdir(), 'donch-')), 'a folder with blanks');
  const files = {
    'apps/research-cli/src/main.ts': APP,
    'apps/live-bot/src/main.ts': APP,
    'package.json': '{"type": "module"}',
    'pnpm-lock.yaml': '',
    'parent.mjs': PARENT,
    'child.mjs': CHILD,
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  for (const path of ['bin', 'donch', 'donch.cmd', 'scripts/install.mjs', 'scripts/runtime.mjs']) {
    cpSync(join(ROOT, path), join(root, path), { recursive: true });
  }
  // "Installed": the stamp and the pinned runtime.
  await ensureInstalled({ root, install: () => Promise.resolve() });
  const runtime = resolve(pinnedNode() ?? process.execPath, '../..');
  symlinkSync(runtime, join(root, 'node_modules', runtime.slice(dirname(runtime).length + 1)), 'junction');
});

afterAll(() => {
  rmSync(dirname(root), { recursive: true });
});

/** Starts ./donch (donch.cmd on Windows) from another folder. */
function donch(args: readonly string[], input = ''): Promise<Ending> {
  const isWindows = process.platform === 'win32';
  const file = join(root, isWindows ? 'donch.cmd' : 'donch');
  const child = spawn(isWindows ? `"${file}"` : file, args, { cwd: tmpdir(), shell: isWindows });
  child.stdin.end(input);
  return ending(child);
}

function ending(child: ChildProcess): Promise<Ending> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk) => (stdout += String(chunk)));
  child.stderr?.on('data', (chunk) => (stderr += String(chunk)));
  return new Promise((done) => {
    child.on('close', (code, signal) => done({ code, signal, stdout, stderr }));
  });
}

describe('the launcher', () => {
  it('runs a research command with its arguments as they are', async () => {
    const args = ['scout', '--start', '2025-01-01', 'two words', '*', '', '--x=$HOME'];
    const { code, stdout, stderr } = await donch(args);
    expect(JSON.parse(stdout)).toEqual({ app: 'research-cli', args });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('runs a command of the live bot in the live bot', async () => {
    const { stdout } = await donch(['live', '--paper']);
    expect(JSON.parse(stdout)).toEqual({ app: 'live-bot', args: ['live', '--paper'] });
  });

  it('passes standard input and the exit code on', async () => {
    expect((await donch(['stdin'], 'typed text')).stdout).toContain('typed text');
    expect((await donch(['exit', '5'])).code).toBe(5);
  });

  it("shows an app's crash with its stack", async () => {
    const { code, stderr } = await donch(['crash']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/Error: crash of the app\n\s+at .*main\.ts:7/);
  });

  it('says what is missing when there is no such app', async () => {
    const app = join(root, 'apps', 'live-bot');
    rmSync(app, { recursive: true });
    const { code, stderr } = await donch(['live']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^donch: this copy cannot run "live": ".*main.ts" does not exist\n$/);
  });
});

describe.skipIf(process.platform === 'win32')('a process that becomes another Node', () => {
  const start = (...args: string[]) =>
    spawn(process.execPath, [join(root, 'parent.mjs'), join(root, 'child.mjs'), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('passes %s on once and ends with the exit code', async (signal) => {
    const child = start();
    child.stdout.once('data', () => child.kill(signal));
    expect(await ending(child)).toMatchObject({ code: 7, stdout: `ready\n${signal} 1\n` });
  });

  it('dies by the signal that killed the child', async () => {
    expect(await ending(start('die'))).toMatchObject({ code: null, signal: 'SIGKILL' });
  });
});

describe('isSupportedNode', () => {
  it.each([
    ['20.20.2', false],
    ['22.23.0', false],
    ['24.9.0', false],
    ['24.11.1', false],
    ['24.12.0', true],
    ['24.21.0', true],
    ['26.10.0', true],
    ['27.0.0', false],
  ])('%s: %s', (version, expected) => {
    expect(isSupportedNode(version)).toBe(expected);
  });
});

describe('pinnedNode', () => {
  it('is the Node that runs the tests', () => {
    expect(isSupportedNode(process.versions.node)).toBe(true);
    expect(pinnedNode()).toBeDefined();
  });

  it('is undefined where no runtime is published or installed', () => {
    expect(pinnedNode(ROOT, 'sunos', 'x64')).toBeUndefined();
    expect(pinnedNode(join(ROOT, 'no-such-folder'))).toBeUndefined();
  });
});
