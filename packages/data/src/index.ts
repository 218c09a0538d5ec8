export * from './table-io.ts';
