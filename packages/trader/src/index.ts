export * from './trader.ts';
export * from './scanned-entries.ts';
export * from './live-market.ts';
export { liveEntries } from './live-entries.ts';
export * from './session.ts';
export * from './journal-records.ts';
