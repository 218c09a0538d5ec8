export * from './scan-history.ts';
export * from './funnel-counts.ts';
export * from './bar-feed.ts';
export * from './run-backtest.ts';
