/** What a run's id is made of: everything that decides its result and nothing else. */
import { hashSources, type RunIdentity } from '@donch/data';
import { APP_FOLDER, donchVersion } from '../cli/version.ts';

type CodeIdentity = Pick<RunIdentity, 'source_hash' | 'donch_version' | 'node_version'>;

let code: CodeIdentity | null = null;

/** Version of the program, hash of the sources it runs from, and the Node version on whose `Math` functions results depend. */
export function codeIdentity(): CodeIdentity {
  code ??= { source_hash: hashSources(APP_FOLDER).hash, donch_version: donchVersion(), node_version: process.version };
  return code;
}
