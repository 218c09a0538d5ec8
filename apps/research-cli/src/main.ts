/** The research CLI: `donch <command>`. */
import { runProcess } from '@donch/cli';
import { DEFINITIONS } from './cli/program.ts';

await runProcess(DEFINITIONS);
