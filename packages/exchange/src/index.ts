export { systemClock, type Clock } from './clock.ts';
export type { BybitApi, Params, Reply } from './bybit/bybit-api.ts';
export { createBybitApi, type BybitConnection } from './bybit/create-api.ts';
export type { BybitSite } from './bybit/base-url.ts';
export type { BybitKeys } from './bybit/ccxt-instance.ts';
export { BybitVenue, type BybitVenueOptions } from './bybit/bybit-venue.ts';
export { prepareAccount, readWallet, type Wallet } from './bybit/account.ts';
export type { Trouble } from './bybit/calls.ts';
export { LIVE_FENCE, OrderDesk, type FenceSettings, type LedgerVenue } from './desk/order-desk.ts';
