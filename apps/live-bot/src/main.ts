/** The live bot: `donch live`, `donch replay`. */
import { runProcess } from '@donch/cli';
import { DEFINITIONS } from './cli/program.ts';

await runProcess(DEFINITIONS);
