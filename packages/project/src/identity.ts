/** What a run's id is made of: everything that decides its result and nothing else. */
import { join } from 'node:path';
import { PRODUCT_FOLDER, donchVersion } from '@donch/cli';
import { hashSources, type RunIdentity } from '@donch/data';

type CodeIdentity = Pick<RunIdentity, 'source_hash' | 'donch_version' | 'node_version'>;

const known = new Map<string, CodeIdentity>();

/**
 * Version of the program, hash of the sources that an app runs from, and the Node version on whose `Math` functions results depend.
 */
export function codeIdentity(app: 'research-cli' | 'live-bot'): CodeIdentity {
  let code = known.get(app);
  if (code === undefined) {
    const { hash } = hashSources(join(PRODUCT_FOLDER, 'apps', app));
    code = { source_hash: hash, donch_version: donchVersion(), node_version: process.version };
    known.set(app, code);
  }
  return code;
}
