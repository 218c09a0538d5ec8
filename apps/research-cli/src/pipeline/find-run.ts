/** The run that a command reads. */
import { DonchError } from '@donch/core';
import type { Run, RunStore } from '@donch/data';

/** The run that `results/` shows, as a name. */
const LATEST = 'latest';

/**
 * The run asked for, else the one that results/ shows, else the newest. A run is named by its id, by the begin of its id or of the
 * hash in it (four characters or more), if no other run begins like that, or by `latest`. Throws `no_run`, and `ambiguous_run` for a
 * begin that several runs share.
 */
export function findRun(runs: RunStore, wanted: string | undefined): Run {
  const id = wanted === undefined || wanted === LATEST ? latestId(runs) : idOf(runs, wanted);
  if (id === undefined) throw new DonchError('no_run', 'there is no run yet', { remedy: 'start with donch run' });
  const found = runs.find(id);
  if (found.kind === 'found') return found.run;
  throw noRun(runs, `run ${id} ${found.kind === 'none' ? 'does not exist' : 'is damaged'}`);
}

function latestId(runs: RunStore): string | undefined {
  return runs.latest() ?? runs.list().at(0)?.id;
}

/** A whole id, whether there is such a run or not. */
const WHOLE_ID = /^[a-z][a-z0-9_-]*-[0-9a-f]{16}$/;
const HASH_DIGITS = 16;
/** Shorter ones are slips of the finger. */
const PREFIX_MIN = 4;

function idOf(runs: RunStore, wanted: string): string {
  if (WHOLE_ID.test(wanted)) return wanted;
  const begins = (id: string): boolean => id.startsWith(wanted) || id.slice(-HASH_DIGITS).startsWith(wanted);
  const matches = wanted.length < PREFIX_MIN ? [] : knownIds(runs).filter(begins);
  if (matches.length === 1) return matches[0];
  if (matches.length === 0) throw noRun(runs, `no run begins with "${wanted}"`);
  throw new DonchError('ambiguous_run', `${matches.length} runs begin with "${wanted}"`, {
    expected: matches.slice(0, 5).join(', '),
    remedy: 'name more of the id',
  });
}

const knownIds = (runs: RunStore): string[] => runs.list().map(({ id }) => id);

function noRun(runs: RunStore, found: string): DonchError {
  const known = knownIds(runs);
  return new DonchError('no_run', found, {
    ...(known.length > 0 && { expected: known.slice(0, 5).join(', ') }),
    remedy: known.length > 5 ? 'donch list shows all' : 'donch run makes one',
  });
}
