export { systemClock, type Clock } from './clock.ts';
export type { BybitApi, Params, Reply } from './bybit/bybit-api.ts';
