/** Checks of the machine: Node, installation, memory, folders, disk. */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { PRODUCT_FOLDER } from '@donch/cli';
import { ioError } from '@donch/data';
import { failed, failure, ok, warning, type Check } from './doctor-check.ts';

const ROOT = PRODUCT_FOLDER;

/** Node versions that run the program; `scripts/runtime.mjs` has the same range, and a test holds the two together. */
const NODE_RANGE = { from: [24, 12], below: [27, 0] } as const;

/** Results depend on the `Math` functions of one Node version, which is why one is pinned. */
export function nodeCheck(running = process.versions.node, pinned = pinnedVersion()): Check {
  const [major, minor] = running.split('.').map(Number);
  const { from, below } = NODE_RANGE;
  const isSupported = (major > from[0] || (major === from[0] && minor >= from[1])) && major < below[0];
  if (!isSupported) {
    return failure(
      'node',
      `Node ${running}`,
      `start through ./donch, which brings Node ${pinned ?? from.join('.')} along`,
    );
  }
  if (pinned === null || running === pinned) return ok('node', `Node ${running}`);
  const remedy =
    'the last digits of results may differ from those of the pinned version; ./donch uses it where it is published';
  return warning('node', `Node ${running}, pinned is ${pinned}`, remedy);
}

/** Version of the runtime that the repository pins for this platform; null where there is none. */
function pinnedVersion(): string | null {
  const { optionalDependencies = {} } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    optionalDependencies?: Record<string, string>;
  };
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const names = [`node-${platform}-${process.arch}`, `node-bin-${platform}-${process.arch}`];
  return names.map((name) => optionalDependencies[name]).find((version) => version !== undefined) ?? null;
}

/** The launcher leaves a stamp with the hash of the lockfile that it installed from. */
export function installCheck(root = ROOT): Check {
  const stamp = join(root, 'node_modules', '.donch-install');
  const remedy = 'start any command through ./donch: it installs what is missing';
  if (!existsSync(stamp))
    return warning('installation', 'not made by ./donch: versions are not those of the lockfile for sure', remedy);
  const lockHash = createHash('sha256')
    .update(readFileSync(join(root, 'pnpm-lock.yaml')))
    .digest('hex');
  const installed = readFileSync(stamp, 'utf8').split(' ')[0];
  return installed === lockHash
    ? ok('installation', 'matches pnpm-lock.yaml')
    : warning('installation', 'pnpm-lock.yaml has changed since', remedy);
}

const GIB = 2 ** 30;
const gib = (bytes: number): string => `${(bytes / GIB).toFixed(1)} GiB`;

/** A backtest holds up to 256 MiB of candles beside what it found; a scan one instrument per thread. */
const FREE_MEMORY_MIN = 0.5 * GIB;

export function memoryCheck(free = freemem(), total = totalmem()): Check {
  const found = `${gib(free)} of ${gib(total)} free`;
  return free >= FREE_MEMORY_MIN
    ? ok('memory', found)
    : warning('memory', found, 'close other programs, or use fewer threads with --workers');
}

/** Writes and removes a file in each folder, or in the nearest one above that exists. */
export function writableChecks(folders: readonly string[]): Check[] {
  const unwritable = new Map<string, unknown>();
  for (const folder of folders) {
    const place = nearestFolder(folder);
    const path = join(place, `.donch-doctor-${randomBytes(6).toString('hex')}`);
    try {
      writeFileSync(path, '');
      rmSync(path);
    } catch (cause) {
      unwritable.set(place, ioError(cause, path, 'write here'));
    }
  }
  if (unwritable.size === 0) return [ok('folders', 'data, results and signals can be written')];
  return [...unwritable.values()].map((error) => failed('folders', error));
}

function nearestFolder(folder: string): string {
  return existsSync(folder) || folder === dirname(folder) ? folder : nearestFolder(dirname(folder));
}

const SPACE_LOW = 2 * GIB;
const SPACE_MIN = 0.2 * GIB;

/** Free space where the project lies. */
export async function spaceCheck(folder: string): Promise<Check> {
  try {
    const { bavail, bsize } = await statfs(folder);
    const free = bavail * bsize;
    const found = `${gib(free)} free`;
    const remedy =
      'a year of 5m bars of 500 symbols needs about 2 GiB with its cache; data/.cache may be deleted at any time';
    if (free < SPACE_MIN) return failure('disk space', found, remedy);
    return free < SPACE_LOW ? warning('disk space', found, remedy) : ok('disk space', found);
  } catch (cause) {
    return failed('disk space', ioError(cause, folder, 'read the free space'));
  }
}
