export { systemClock, type Clock } from './clock.ts';
export type { BybitApi, Params, Reply } from './bybit/bybit-api.ts';
export { createBybitApi, type BybitConnection } from './bybit/create-api.ts';
export type { BybitSite } from './bybit/base-url.ts';
export type { BybitKeys } from './bybit/ccxt-instance.ts';
