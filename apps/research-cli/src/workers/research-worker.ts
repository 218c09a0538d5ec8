/** What a research thread does: scans, portfolios and their stress, the phases that most commands have. */
export { days, scan } from './scan-worker.ts';
export { label, simulate } from './simulate-worker.ts';
export { stress } from './stress-worker.ts';
