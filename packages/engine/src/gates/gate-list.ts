/** Gates before an entry, in the order in which they are judged and printed. Add one: a file beside this one and a line here. */
import { cooldownGate } from './cooldown.ts';
import { dailyCapGate } from './daily-cap.ts';
import { dedupGate } from './dedup.ts';
import { freshDataGate } from './fresh-data.ts';
import type { Gate } from './gate.ts';
import { maxOpenGate } from './max-open.ts';
import { metaGate } from './meta.ts';
import { stoppedGate } from './stopped.ts';
import { symbolFreeGate } from './symbol-free.ts';

export const GATES: readonly Gate[] = [
  stoppedGate,
  freshDataGate,
  symbolFreeGate,
  dedupGate,
  cooldownGate,
  dailyCapGate,
  maxOpenGate,
  metaGate,
];
