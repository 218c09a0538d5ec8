/**
 * Immutable run directories `results/runs/<id>/`: made under another name, synchronised, renamed into place. The id is a hash of
 * everything that decides the result, so a finished run is the cache of its command.
 */
import { hash } from 'node:crypto';
import { readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DonchError, type Table, type TableSpec } from '@donch/core';
import {
  copyFileAtomic,
  isLeftOver,
  makeFolder,
  namesIn,
  removeStaleTemporaries,
  syncFile,
  writeFileAtomic,
} from './atomic-file.ts';
import { withIoErrors } from './io-error.ts';
import { errorCode, renameOver, syncFolder } from './platform.ts';
import {
  formatManifest,
  makeManifest,
  parseManifest,
  runIdOf,
  type RunFile,
  type RunIdentity,
  type RunManifest,
} from './run-manifest.ts';
import { writeTable, type WrittenFile } from './table-io.ts';

/** A finished run. */
export interface Run {
  readonly id: string;
  readonly folder: string;
  readonly manifest: RunManifest;
}

export type RunLookup =
  | { readonly kind: 'found'; readonly run: Run }
  | { readonly kind: 'none' }
  /** It was there and is not what it should be; it has been moved aside, so that it can be computed again. */
  | { readonly kind: 'damaged'; readonly problem: DonchError; readonly movedTo: string };

export interface FinishedRun {
  readonly run: Run;
  /**
   * `new`: there was none. `identical`: computed again with the same bytes, the old one stays. `different`: computed again with other
   * bytes, which must not happen (the old one has been moved to `movedTo`).
   */
  readonly outcome: 'new' | 'identical' | 'different';
  readonly differing: readonly string[];
  readonly movedTo: string | null;
}

const MANIFEST_NAME = 'manifest.json';
/** When and how long: not part of the run, which is the same whenever it is computed. */
const TIMING_NAME = 'timing.json';
const DRAFT = /^\.draft-(\d+)-\d+$/;
const RUN_ID = /^[a-z][a-z0-9_-]*-[0-9a-f]{16}$/;

let drafts = 0;

/** The runs below one results folder. */
export class RunStore {
  readonly #results: string;
  readonly #runs: string;

  constructor(resultsFolder: string) {
    this.#results = resultsFolder;
    this.#runs = join(resultsFolder, 'runs');
  }

  /**
   * The run of an identity or id, if it is whole: manifest intact, every file there with its size (with `verify` also its hash). A
   * damaged one is moved aside. Throws `newer_schema`.
   */
  find(wanted: RunIdentity | string, options: { readonly verify?: boolean } = {}): RunLookup {
    const id = typeof wanted === 'string' ? checkedId(wanted) : runIdOf(wanted);
    const folder = join(this.#runs, id);
    if (!isFolder(folder)) return { kind: 'none' };
    try {
      return { kind: 'found', run: openRun(folder, id, options.verify ?? false) };
    } catch (problem) {
      if (!(problem instanceof DonchError) || problem.code === 'newer_schema') throw problem;
      return { kind: 'damaged', problem, movedTo: this.#moveAside(folder, 'damaged') };
    }
  }

  /** Whole runs, newest first by the time they were finished; damaged ones are left alone and not among them. */
  list(): Run[] {
    const runs: (Run & { readonly finishedMs: number })[] = [];
    for (const id of namesIn(this.#runs)) {
      const folder = join(this.#runs, id);
      if (!RUN_ID.test(id) || !isFolder(folder)) continue;
      try {
        runs.push({ ...openRun(folder, id, false), finishedMs: statSync(join(folder, MANIFEST_NAME)).mtimeMs });
      } catch (problem) {
        if (!(problem instanceof DonchError)) throw problem;
      }
    }
    return runs.sort((a, b) => b.finishedMs - a.finishedMs || (a.id < b.id ? -1 : 1));
  }

  /** Starts a run; what it writes is visible only after `finish`. Removes what killed runs left behind. */
  start(identity: RunIdentity): RunDraft {
    const id = runIdOf(identity);
    this.#removeStaleDrafts();
    drafts += 1;
    const folder = join(this.#runs, `.draft-${process.pid}-${drafts}`);
    withIoErrors(folder, 'make the folder', () => makeFolder(folder));
    return new RunDraft({ folder, identity, place: (draft) => this.#place(draft, id) });
  }

  #removeStaleDrafts(): void {
    for (const name of namesIn(this.#runs)) {
      const match = DRAFT.exec(name);
      const path = join(this.#runs, name);
      if (match !== null && isLeftOver(path, Number(match[1]))) rmSync(path, { recursive: true, force: true });
    }
  }

  /** Renames a complete draft to its id. Another process may have been faster: then the two are compared. */
  #place(draft: string, id: string): FinishedRun {
    const folder = join(this.#runs, id);
    const fresh = openRun(draft, id, false);
    const old = this.find(id, { verify: true });
    if (old.kind === 'found') {
      const differing = differingFiles(old.run.manifest, fresh.manifest);
      if (differing.length === 0) {
        rmSync(draft, { recursive: true });
        return { run: old.run, outcome: 'identical', differing, movedTo: null };
      }
      const movedTo = this.#moveAside(folder, 'superseded');
      return { run: this.#rename(draft, folder, fresh), outcome: 'different', differing, movedTo };
    }
    const movedTo = old.kind === 'damaged' ? old.movedTo : null;
    return { run: this.#rename(draft, folder, fresh), outcome: 'new', differing: [], movedTo };
  }

  #rename(draft: string, folder: string, run: Run): Run {
    withIoErrors(folder, 'rename the run into place', () => {
      renameOver(draft, folder);
      syncFolder(this.#runs);
    });
    return { ...run, folder };
  }

  #moveAside(folder: string, why: 'damaged' | 'superseded'): string {
    for (let count = 1; ; count += 1) {
      const target = `${folder}.${why}-${count}`;
      if (isFolder(target)) continue;
      withIoErrors(target, 'move the run aside', () => renameOver(folder, target));
      return target;
    }
  }

  /** Points `results/latest` to a run. */
  setLatest(id: string): void {
    writeFileAtomic(join(this.#results, 'latest'), `${checkedId(id)}\n`);
  }

  /** Id of the run that `results/latest` points to, or null. */
  latest(): string | null {
    const path = join(this.#results, 'latest');
    const text = withIoErrors(path, 'read the file', () => {
      try {
        return readFileSync(path, 'utf8').trim();
      } catch (cause) {
        if (errorCode(cause) === 'ENOENT') return null;
        throw cause;
      }
    });
    return text === null ? null : checkedId(text);
  }
}

/** One file of a run and the place where users look for it. */
export interface Publication {
  /** Path inside the run directory. */
  readonly file: string;
  /** Absolute path of the copy. */
  readonly target: string;
}

/** Copies files of a run to the places users know; each copy is the old or the new file. Throws `no_such_file` and disk errors. */
export function publishRun({ folder, manifest, id }: Run, publications: readonly Publication[]): void {
  const known = new Set(manifest.files.map((file) => file.path));
  for (const { file, target } of publications) {
    if (!known.has(file)) {
      throw new DonchError('no_such_file', `run ${id} has no file "${file}"`, { expected: [...known].join(', ') });
    }
    removeStaleTemporaries(dirname(target));
    copyFileAtomic(join(folder, file), target);
  }
}

interface DraftParts {
  readonly folder: string;
  readonly identity: RunIdentity;
  readonly place: (folder: string) => FinishedRun;
}

/** A run that is being written. End it with `finish` or `abandon`. */
export class RunDraft {
  /** Where files may be put; all that lies here at `finish` belongs to the run. */
  readonly folder: string;
  readonly #identity: RunIdentity;
  readonly #place: (folder: string) => FinishedRun;
  readonly #startMs = Date.now();

  constructor({ folder, identity, place }: DraftParts) {
    this.folder = folder;
    this.#identity = identity;
    this.#place = place;
  }

  /** Writes a table, see `writeTable`. */
  writeTable(file: string, table: Table, spec?: TableSpec): WrittenFile {
    return writeTable(join(this.folder, file), table, spec);
  }

  /** Writes any other file. */
  writeFile(file: string, content: Uint8Array | string): void {
    writeFileAtomic(join(this.folder, file), content);
  }

  /**
   * Completes the run: hashes and synchronises every file, writes the manifest, renames the folder into place. The same inputs
   * computed again are compared with the run that is there.
   */
  finish(summary: RunManifest['summary'] = {}): FinishedRun {
    const files = listFiles(this.folder).map((path) => describeFile(this.folder, path));
    const manifest = makeManifest({ identity: this.#identity, summary, files });
    const finishedMs = Date.now();
    const timing = { finished_time: new Date(finishedMs).toISOString(), duration_ms: finishedMs - this.#startMs };
    writeFileAtomic(join(this.folder, TIMING_NAME), `${JSON.stringify(timing)}\n`);
    writeFileAtomic(join(this.folder, MANIFEST_NAME), formatManifest(manifest));
    return this.#place(this.folder);
  }

  /** Gives the run up and removes what it wrote. */
  abandon(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function listFiles(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .filter((path) => path !== MANIFEST_NAME && path !== TIMING_NAME)
    .sort();
}

function describeFile(folder: string, path: string): RunFile {
  const full = join(folder, path);
  return withIoErrors(full, 'complete the run', () => {
    const bytes = readFileSync(full);
    syncFile(full);
    return { path, size: bytes.length, sha256: hash('sha256', bytes) };
  });
}

function openRun(folder: string, id: string, verify: boolean): Run {
  const path = join(folder, MANIFEST_NAME);
  const text = withIoErrors(path, 'read the manifest', () => readFileSync(path, 'utf8'));
  const manifest = parseManifest(text, path);
  if (manifest.run_id !== id) throw runDamaged(path, `the manifest belongs to run ${manifest.run_id}`);
  for (const file of manifest.files) checkFile(folder, file, verify);
  return { id, folder, manifest };
}

function checkFile(folder: string, { path, size, sha256 }: RunFile, verify: boolean): void {
  const full = join(folder, path);
  const stat = statSync(full, { throwIfNoEntry: false });
  if (stat === undefined) throw runDamaged(full, 'the file is missing');
  if (stat.size !== size) throw runDamaged(full, `the file has ${stat.size} bytes instead of ${size}`);
  if (verify && hash('sha256', readFileSync(full)) !== sha256) throw runDamaged(full, 'the file has other content');
}

function runDamaged(file: string, found: string): DonchError {
  return new DonchError('run_damaged', found, { file, expected: 'the run as it was finished' });
}

function differingFiles(old: RunManifest, fresh: RunManifest): string[] {
  const hashes = new Map(old.files.map((file) => [file.path, file.sha256]));
  const changed = fresh.files.filter((file) => hashes.get(file.path) !== file.sha256).map((file) => file.path);
  const paths = new Set(fresh.files.map((file) => file.path));
  return [...changed, ...old.files.map((file) => file.path).filter((path) => !paths.has(path))].sort();
}

function checkedId(id: string): string {
  if (RUN_ID.test(id)) return id;
  throw new DonchError('bad_run', `run id is "${id}"`, { expected: 'an id such as backtest-0123456789abcdef' });
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
