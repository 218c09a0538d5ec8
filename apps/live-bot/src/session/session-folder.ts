/** Where sessions lie: `live/<id>/journal.log` in the project. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DonchError } from '@donch/core';
import { namesIn } from '@donch/data';

const JOURNAL_NAME = 'journal.log';
const SESSION_ID = /^[0-9a-f]{16}$/;

export interface SessionFolder {
  readonly sessionId: string;
  readonly folder: string;
  readonly journalPath: string;
}

export function sessionFolder(projectFolder: string, sessionId: string): SessionFolder {
  const folder = join(projectFolder, 'live', sessionId);
  return { sessionId, folder, journalPath: join(folder, JOURNAL_NAME) };
}

/** The session of an id, or the one that was written last. Throws `no_session`. */
export function findSession(projectFolder: string, sessionId: string | null): SessionFolder {
  const all = namesIn(join(projectFolder, 'live'))
    .filter((name) => SESSION_ID.test(name))
    .map((name) => sessionFolder(projectFolder, name))
    .filter(({ journalPath }) => writtenMs(journalPath) > 0)
    .sort((a, b) => writtenMs(b.journalPath) - writtenMs(a.journalPath));
  const found = sessionId === null ? all.at(0) : all.find((session) => session.sessionId === sessionId);
  if (found !== undefined) return found;
  throw new DonchError('no_session', sessionId === null ? 'there is no session' : `there is no session ${sessionId}`, {
    file: join(projectFolder, 'live'),
    expected: all.length === 0 ? 'a session' : `one of ${all.map((session) => session.sessionId).join(', ')}`,
    remedy: 'make one: donch live --offline',
  });
}

function writtenMs(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** True for what looks like a session id. */
export function isSessionId(text: string): boolean {
  return SESSION_ID.test(text);
}
