/** npm test [-- <vitest filters and options>]: all unit tests. */

import { runVitest } from './vitest-run.ts';

await runVitest(process.argv.slice(2));
