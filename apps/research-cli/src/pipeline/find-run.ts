/** The run that a command reads. */
import { DonchError } from '@donch/core';
import type { Run, RunStore } from '@donch/data';

/** The run asked for, else the one that results/ shows, else the newest. Throws `no_run`. */
export function findRun(runs: RunStore, wanted: string | undefined): Run {
  const id = wanted ?? runs.latest() ?? runs.list().at(0)?.id;
  if (id === undefined) throw new DonchError('no_run', 'there is no run yet', { remedy: 'start with donch run' });
  const found = runs.find(id);
  if (found.kind === 'found') return found.run;
  const known = runs.list().map((run) => run.id);
  throw new DonchError('no_run', `run ${id} ${found.kind === 'none' ? 'does not exist' : 'is damaged'}`, {
    ...(known.length > 0 && { expected: known.slice(0, 5).join(', ') }),
    remedy: known.length > 5 ? 'donch list shows all' : 'donch run makes one',
  });
}
