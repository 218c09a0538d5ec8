/** The venue's own account of a run, for whoever judges it. */
import { qtyOf, type LoopbackState } from './state.ts';

export interface LoopbackTruth {
  readonly walletUsd: number;
  readonly startUsd: number;
  readonly depositsUsd: number;
  /** Every order that was ever taken, by its link id ('' ones left out). */
  readonly orders: readonly {
    readonly orderLinkId: string;
    readonly symbol: string;
    readonly status: string;
    readonly qty: number;
    readonly filledQty: number;
    readonly reduceOnly: boolean;
  }[];
  readonly executions: readonly {
    readonly execId: string;
    readonly orderLinkId: string;
    readonly symbol: string;
    readonly isFunding: boolean;
  }[];
  /** Symbol -> held quantity, > 0 long; flat ones left out. */
  readonly positions: ReadonlyMap<string, number>;
  readonly sizeMax: ReadonlyMap<string, number>;
  /** Longest time that a position had no stop, by symbol. */
  readonly unprotectedMaxMs: ReadonlyMap<string, number>;
  readonly duplicatesRefused: number;
  readonly rateLimitViolations: number;
  readonly requests: ReadonlyMap<string, number>;
}

export function truthOf(state: LoopbackState, rateLimitViolations: number): LoopbackTruth {
  const { watch } = state;
  const unprotectedMaxMs = new Map(watch.unprotectedMaxMs);
  for (const [symbol, sinceMs] of watch.unprotectedSinceMs)
    unprotectedMaxMs.set(symbol, Math.max(unprotectedMaxMs.get(symbol) ?? 0, state.nowMs - sinceMs));
  const held = [...state.positions.values()].filter(({ steps }) => steps !== 0);
  return {
    walletUsd: state.walletUsd,
    startUsd: state.options.walletUsd,
    depositsUsd: watch.depositsUsd,
    orders: state.orders
      .filter(({ orderLinkId }) => orderLinkId !== '')
      .map(({ orderLinkId, symbol, status, steps, filledSteps, reduceOnly }) => ({
        orderLinkId,
        symbol,
        status,
        qty: qtyOf(state, symbol, steps),
        filledQty: qtyOf(state, symbol, filledSteps),
        reduceOnly,
      })),
    executions: state.executions.map(({ execId, orderLinkId, symbol, execType }) => ({
      execId,
      orderLinkId,
      symbol,
      isFunding: execType === 'Funding',
    })),
    positions: new Map(held.map(({ symbol, steps }) => [symbol, qtyOf(state, symbol, steps)])),
    sizeMax: new Map([...watch.sizeMax].map(([symbol, steps]) => [symbol, qtyOf(state, symbol, steps)])),
    unprotectedMaxMs,
    duplicatesRefused: watch.duplicatesRefused,
    rateLimitViolations,
    requests: watch.requests,
  };
}
