/** The commands of the live bot. They are declared here; what they do is loaded only when they run. */
import type { Definition } from '@donch/cli';
import { defineChaos } from '../commands/chaos.ts';
import { defineLive } from '../commands/live.ts';
import { defineReplay } from '../commands/replay.ts';

/** In the order in which help lists them. */
export const DEFINITIONS: readonly Definition[] = [defineLive, defineReplay, defineChaos];
