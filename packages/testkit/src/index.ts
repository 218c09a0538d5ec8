export { columnDifference, type ColumnTolerance, type ReferenceColumn } from './column-difference.ts';
export { candlesFromColumns, goldenCandles, goldenTable, type NumberColumns, readNumberCsv } from './golden.ts';
export { kernelContract, type KernelContract } from './kernel-contract.ts';
export { candlesOfCloses, randomCandles, type RandomCandlesOptions } from './random-candles.ts';
export { describeWithShared, sharedDir } from './shared.ts';
export * from './engine-rig.ts';
export * from './trading-fixtures.ts';
