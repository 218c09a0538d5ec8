export * from './trader.ts';
export * from './scanned-entries.ts';
