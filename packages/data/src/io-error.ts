/** System errors in the words of a user: which file, what was tried, what to do. */
import { DonchError } from '@donch/core';
import { errorCode } from './platform.ts';

interface Meaning {
  readonly code: string;
  readonly found: string;
  readonly remedy: string;
  readonly retryable: boolean;
}

const KEPT = 'Nothing was lost: the file as it was before is still there.';

const MEANINGS: Readonly<Record<string, Meaning>> = {
  ENOSPC: meaning('disk_full', 'no space left on the device', `Free some space and start again. ${KEPT}`, true),
  EDQUOT: meaning('disk_full', 'the disk quota is used up', `Free some space and start again. ${KEPT}`, true),
  EFBIG: meaning('file_too_large', 'the file would exceed the size limit', `Raise the limit (ulimit -f). ${KEPT}`),
  EACCES: meaning('no_permission', 'permission denied', 'Give this user the right to read and write there.'),
  EPERM: meaning('no_permission', 'operation not permitted', 'Give this user the right to read and write there.'),
  EROFS: meaning('no_permission', 'the file system is read-only', 'Choose a folder that can be written.'),
  ENOENT: meaning('no_such_file', 'no such file or folder', 'Check the path.'),
  EISDIR: meaning('not_a_file', 'is a folder', 'Name a file.'),
  ENOTDIR: meaning('not_a_folder', 'a part of the path is a file', 'Check the path.'),
  EMFILE: meaning('too_many_open_files', 'too many open files', 'Raise the limit (ulimit -n).', true),
  ENFILE: meaning('too_many_open_files', 'too many open files', 'Raise the limit of the system.', true),
  EIO: meaning('disk_error', 'the device reports an error', 'Check the disk before anything else is written to it.'),
  EBUSY: meaning('file_in_use', 'another program holds the file open', 'Close that program and start again.', true),
};

function meaning(code: string, found: string, remedy: string, retryable = false): Meaning {
  return { code, found, remedy, retryable };
}

/** A system error about `path` as a DonchError with a stable code; a DonchError or a bug passes unchanged. */
export function ioError(cause: unknown, path: string, action: string): unknown {
  const system = errorCode(cause);
  // Node's own codes (ERR_INVALID_ARG_TYPE, ...) stand for bugs, those of the system (ENOSPC, ...) for the disk.
  if (!(cause instanceof Error) || cause instanceof DonchError) return cause;
  if (system === undefined || system.startsWith('ERR_')) return cause;
  const known = MEANINGS[system];
  if (known === undefined)
    return new DonchError('io_error', `cannot ${action}: ${cause.message}`, { file: path, cause });
  const { code, found, remedy, retryable } = known;
  return new DonchError(code, `cannot ${action}: ${found}`, { file: path, remedy, retryable, cause });
}

/** Runs I/O on `path`; system errors leave as DonchError. `action` completes "cannot ...". */
export function withIoErrors<T>(path: string, action: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw ioError(cause, path, action);
  }
}
