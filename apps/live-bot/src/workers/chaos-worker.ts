/** A thread of `donch chaos`: runs without sockets, one seed after the other. */
import { runChaos, type ChaosRun, type ChaosRunOptions } from '../chaos/chaos-run.ts';

export function chaosSeed(options: ChaosRunOptions): Promise<ChaosRun> {
  return runChaos(options);
}
