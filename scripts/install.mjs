// Installs the dependencies when they are missing or do not match the lockfile. Shared by the launcher and the scripts.
// Plain JavaScript for Node 20: this file works before anything is installed.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from './runtime.mjs';

/** The only pnpm that is used; npx fetches it, nobody has to install it. */
export const PNPM = 'pnpm@12.21.0';

/** The holder of the lock touches it this often ... */
const HEARTBEAT_MS = 2_000;
/** ... and a lock untouched for this long belongs to a dead process (a busy machine may miss several beats). */
const LOCK_STALE_MS = 30_000;
const LOCK_POLL_MS = 250;
/** Longer than any sane download; then the user should see why. */
const LOCK_WAIT_MAX_MS = 15 * 60_000;
/** Lines of pnpm's output that are shown when it fails. */
const ERROR_LINES_MAX = 40;

/**
 * Returns at once when node_modules matches pnpm-lock.yaml on this platform, else installs. Of several processes that start
 * together one installs and the others wait for it. Progress goes to stderr.
 * Throws an Error with a message for the user when the installation fails.
 * @param {object} [options]
 * @param {string} [options.root] the repository
 * @param {(root: string) => Promise<void>} [options.install] does the work; tests replace it
 * @param {number} [options.lockStaleMs] age at which a lock counts as left behind
 */
export async function ensureInstalled({ root = ROOT, install = runPnpm, lockStaleMs = LOCK_STALE_MS } = {}) {
  if (isInstalled(root)) return;
  mkdirSync(join(root, 'node_modules'), { recursive: true });
  const release = await takeLock(join(root, 'node_modules', '.donch-install.lock'), lockStaleMs);
  try {
    // Another process may have installed while this one waited.
    if (isInstalled(root)) return;
    const startMs = performance.now();
    console.error('donch: installing the dependencies (first use or new versions) ...');
    await install(root);
    writeFileSync(stampPath(root), wantedStamp(root));
    console.error(`donch: installed in ${((performance.now() - startMs) / 1_000).toFixed(1)} s`);
  } finally {
    release();
  }
}

/**
 * True when the stamp in node_modules is that of the present lockfile and platform.
 * @param {string} root
 */
function isInstalled(root) {
  try {
    return readFileSync(stampPath(root), 'utf8') === wantedStamp(root);
  } catch {
    return false;
  }
}

/** @param {string} root */
function stampPath(root) {
  return join(root, 'node_modules', '.donch-install');
}

/** @param {string} root */
function wantedStamp(root) {
  const hash = createHash('sha256')
    .update(readFileSync(join(root, 'pnpm-lock.yaml')))
    .digest('hex');
  return `${hash} ${process.platform}-${process.arch}\n`;
}

/**
 * Waits for the lock folder and returns the function that gives it back.
 * @param {string} path
 * @param {number} staleMs
 */
async function takeLock(path, staleMs) {
  const deadlineMs = Date.now() + LOCK_WAIT_MAX_MS;
  for (let hasWaited = false; !tryLock(path, staleMs); hasWaited = true) {
    if (!hasWaited) console.error('donch: another process is installing the dependencies, waiting for it ...');
    if (Date.now() > deadlineMs) throw new Error(`waited ${LOCK_WAIT_MAX_MS / 60_000} minutes for the lock "${path}"`);
    await sleep(LOCK_POLL_MS);
  }
  const beat = setInterval(() => touch(path), HEARTBEAT_MS);
  return () => {
    clearInterval(beat);
    rmSync(path, { recursive: true, force: true });
  };
}

/**
 * mkdir is atomic: it succeeds in one process only. A stale lock is moved away first; rename too succeeds only once.
 * @param {string} path
 * @param {number} staleMs
 */
function tryLock(path, staleMs) {
  if (isStale(path, staleMs)) moveAside(path);
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * @param {string} path
 * @param {number} staleMs
 */
function isStale(path, staleMs) {
  const modifiedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return modifiedMs !== undefined && Date.now() - modifiedMs > staleMs;
}

/** @param {string} path */
function moveAside(path) {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
    rmSync(aside, { recursive: true, force: true });
  } catch {
    // Another waiter moved it first: go on waiting.
  }
}

/** @param {string} path */
function touch(path) {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {
    // pnpm may have recreated node_modules and the lock with it; the installation goes on.
  }
}

/**
 * Runs the frozen installation quietly; its output appears only in the Error that a failure throws.
 * @param {string} root
 * @returns {Promise<void>}
 */
function runPnpm(root) {
  const args = ['--yes', PNPM, 'install', '--frozen-lockfile'];
  // CI: pnpm asks no questions. NODE_ENV=production would leave out the tools that the scripts need.
  const env = { ...process.env, CI: 'true', NODE_ENV: 'development' };
  return new Promise((resolve, reject) => {
    // npx is a .cmd file on Windows, which only a shell starts; the arguments are constants without blanks.
    const child = spawn('npx', args, { cwd: root, env, shell: process.platform === 'win32', stdio: 'pipe' });
    child.stdin.end();
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk) => (output += String(chunk)));
    }
    child.on('error', (error) => reject(new Error(`cannot start npx, which comes with npm: ${error.message}`)));
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(failureMessage(code, output, `npx ${args.join(' ')}`)));
    });
  });
}

/**
 * @param {number | null} code
 * @param {string} output
 * @param {string} command
 */
function failureMessage(code, output, command) {
  const lines = output.trimEnd().split('\n').slice(-ERROR_LINES_MAX).join('\n');
  return (
    `installing the dependencies failed (exit code ${code}); pnpm says:\n\n${lines}\n\n` +
    `Once the reason is gone (no connection to the registry, say), start again; by hand: ${command}`
  );
}
