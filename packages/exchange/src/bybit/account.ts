/** The account as DONCH needs it: one-way positions, isolated margin, leverage per instrument; set where it is not, then verified. */
import { DonchError } from '@donch/core';
import { unclear, type BybitCalls } from './calls.ts';
import { numberAt, textAt } from './rows.ts';
import type { Verdict } from './verdict.ts';

export interface Wallet {
  /** Wallet balance and unrealised results of all positions, USD. */
  readonly equityUsd: number;
  /** Booked: deposits, results, fees, funding. */
  readonly walletUsd: number;
}

const LINEAR = { category: 'linear' } as const;

/** Money of the account. Throws `no_answer` when the answer lacks the USDT row. */
export async function readWallet(calls: BybitCalls): Promise<Wallet> {
  const { list } = await calls.read('v5/account/wallet-balance', { accountType: 'UNIFIED' });
  const coins = ((list as readonly { readonly coin?: unknown }[])[0]?.coin ?? []) as readonly Record<string, unknown>[];
  const usdt = coins.find(({ coin }) => coin === 'USDT');
  if (usdt === undefined)
    throw new DonchError('no_answer', 'the wallet has no USDT', { expected: 'a balance in USDT', retryable: true });
  return { equityUsd: numberAt(usdt, 'equity'), walletUsd: numberAt(usdt, 'walletBalance') };
}

/**
 * Sets one-way positions and isolated margin, and looks whether they are so. Throws `venue_account` when they are not (a position or
 * an order stands in the way), and `no_answer`.
 */
export async function prepareAccount(calls: BybitCalls): Promise<void> {
  const mode = await calls.change('v5/position/switch-mode', { ...LINEAR, coin: 'USDT', mode: 0 });
  const margin = await calls.change('v5/account/set-margin-mode', { setMarginMode: 'ISOLATED_MARGIN' });
  const info = await calls.read('v5/account/info', {});
  const positions = await calls.readAll('v5/position/list', { ...LINEAR, settleCoin: 'USDT' }, 200);
  const marginMode = textAt(info, 'marginMode');
  if (marginMode !== 'ISOLATED_MARGIN') throw wrongAccount(`margin mode is ${marginMode}`, 'ISOLATED_MARGIN', margin);
  const hedged = positions.find((row) => Number(row['positionIdx']) !== 0 && numberAt(row, 'size') !== 0);
  if (hedged !== undefined)
    throw wrongAccount(`${textAt(hedged, 'symbol')} is held in hedge mode`, 'one-way mode', mode);
  if (mode.kind === 'definite') throw wrongAccount('position mode is not known', 'one-way mode', mode);
  if (mode.kind === 'unknown') throw unclear('v5/position/switch-mode', mode.reason);
}

function wrongAccount(found: string, expected: string, verdict: Verdict): DonchError {
  const said = 'reason' in verdict ? ` (${verdict.reason})` : '';
  return new DonchError('venue_account', `${found}${said}`, {
    expected,
    remedy: 'Close positions and orders of the account, or use a sub-account of its own, and start again.',
  });
}

/**
 * Margin mode of the account and leverage of the instrument before an entry. Both are read every time: a person who changes them in
 * between would have the liquidation come before the stop, or the whole account stand in for one position.
 */
export class LeverageBook {
  readonly #calls: BybitCalls;

  constructor(calls: BybitCalls) {
    this.#calls = calls;
  }

  /** @returns '' when the venue shows this leverage, else why it does not. Throws `no_answer`. */
  async ensure(symbol: string, leverage: number): Promise<string> {
    const marginMode = textAt(await this.#calls.read('v5/account/info', {}), 'marginMode');
    if (marginMode !== 'ISOLATED_MARGIN') return `margin mode is ${marginMode} instead of ISOLATED_MARGIN`;
    if ((await this.#shown(symbol)) === leverage) return '';
    const text = String(leverage);
    const verdict = await this.#calls.change('v5/position/set-leverage', {
      ...LINEAR,
      symbol,
      buyLeverage: text,
      sellLeverage: text,
    });
    if (verdict.kind === 'definite') return verdict.reason;
    const shown = await this.#shown(symbol);
    return shown === leverage ? '' : `the venue shows leverage ${shown} instead of ${leverage}`;
  }

  /** NaN = none. */
  async #shown(symbol: string): Promise<number> {
    const { list } = await this.#calls.read('v5/position/list', { ...LINEAR, symbol });
    const row = (list as readonly Record<string, unknown>[]).find((one) => one['symbol'] === symbol);
    return row === undefined ? Number.NaN : Number(row['leverage']);
  }
}
