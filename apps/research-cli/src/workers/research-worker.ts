/** What a research thread does: scans and portfolios, the phases that most commands have. */
export { days, scan } from './scan-worker.ts';
export { label, simulate } from './simulate-worker.ts';
