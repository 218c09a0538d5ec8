/** Compares what the venue knows with what the journal says: the verdict of a chaos run. */
import type { EngineEvent } from '@donch/core';
import type { LoopbackTruth } from '@donch/exchange';
import { decodeRecord } from '@donch/trader';

export interface ChaosVerdict {
  readonly ok: boolean;
  /** Entry orders beyond one per trade, and positions larger than was ever ordered. */
  readonly duplicateOrders: number;
  /** Executions and funding that the venue booked and the journal does not know. */
  readonly lostFills: number;
  /** Executions that count twice in the account of the trader. */
  readonly doubledFills: number;
  /** Orders that were said never to have been taken, or to have been refused, and that the venue has. */
  readonly wrongVerdicts: number;
  readonly unprotectedSecondsMax: number;
  readonly rateLimitViolations: number;
  /** Cash of the trader minus wallet of the venue, both since the start; what a person traded by hand is left out. */
  readonly ledgerDifferenceUsd: number;
  readonly orders: number;
  readonly fills: number;
  readonly trades: number;
  /** In words, what is wrong. */
  readonly problems: readonly string[];
}

export interface Judged {
  readonly truth: LoopbackTruth;
  readonly records: readonly string[];
  readonly intervalMs: number;
  /** Cash of the trader since its start. */
  readonly cashChangeUsd: number;
  /** Limit of the time without a stop. */
  readonly unprotectedMaxSec: number;
}

/** Missing stop noticed and set again, or the position closed, while requests fail; what a dead process cannot do is on top. */
export const UNPROTECTED_MAX_SEC = 150;
/** Sums of thousands of roundings. */
const LEDGER_NOISE_USD = 1e-6;

export function judge({ truth, records, intervalMs, cashChangeUsd, unprotectedMaxSec }: Judged): ChaosVerdict {
  const told = readJournal(records, intervalMs);
  const problems: string[] = [];
  const lost = truth.executions.filter(({ execId }) => !told.executions.has(execId));
  for (const { execId, symbol, orderLinkId } of lost)
    problems.push(`execution ${execId} of ${symbol} ${orderLinkId} is in no journal`);
  const wrong = wrongVerdicts(truth, told);
  problems.push(...wrong);
  const duplicates = duplicateOrders(truth, told);
  problems.push(...duplicates);
  const venueChangeUsd = truth.walletUsd - truth.startUsd - truth.depositsUsd;
  const ledgerDifferenceUsd = cashChangeUsd - venueChangeUsd;
  const isLedgerEqual = Math.abs(ledgerDifferenceUsd) <= LEDGER_NOISE_USD;
  const doubledFills = lost.length === 0 && !isLedgerEqual && !told.hasForeignFills ? 1 : 0;
  if (doubledFills > 0) problems.push(`the account differs from the wallet by ${ledgerDifferenceUsd} USD`);
  const unprotectedSecondsMax = Math.max(0, ...truth.unprotectedMaxMs.values()) / 1_000;
  if (unprotectedSecondsMax > unprotectedMaxSec) problems.push(`${unprotectedSecondsMax} s without a stop`);
  if (truth.rateLimitViolations > 0) problems.push(`${truth.rateLimitViolations} requests above the venue's limits`);
  return {
    ok: problems.length === 0,
    duplicateOrders: duplicates.length,
    lostFills: lost.length,
    doubledFills,
    wrongVerdicts: wrong.length,
    unprotectedSecondsMax,
    rateLimitViolations: truth.rateLimitViolations,
    ledgerDifferenceUsd,
    orders: truth.orders.length,
    fills: truth.executions.length,
    trades: told.trades,
    problems,
  };
}

interface Told {
  readonly executions: ReadonlySet<string>;
  readonly never: ReadonlySet<string>;
  readonly rejected: ReadonlySet<string>;
  /** Largest quantity of one entry, by symbol. */
  readonly plannedMax: ReadonlyMap<string, number>;
  readonly hasForeignFills: boolean;
  readonly trades: number;
}

function readJournal(records: readonly string[], intervalMs: number): Told {
  const executions = new Set<string>();
  const never = new Set<string>();
  const rejected = new Set<string>();
  const plannedMax = new Map<string, number>();
  let hasForeignFills = false;
  let trades = 0;
  for (const text of records) {
    const record = decodeRecord(text, intervalMs);
    if (record.type === 'input' && record.input.kind === 'event')
      noteEvent(record.input.event, { executions, never, rejected });
    if (record.type !== 'output') continue;
    if (record.kind === 'trade') trades += 1;
    if (record.kind === 'alert' && text.includes('"foreign_fill"')) hasForeignFills = true;
    if (record.kind === 'command') notePlan(text, plannedMax);
  }
  return { executions, never, rejected, plannedMax, hasForeignFills, trades };
}

interface Sets {
  readonly executions: Set<string>;
  readonly never: Set<string>;
  readonly rejected: Set<string>;
}

function noteEvent(event: EngineEvent, { executions, never, rejected }: Sets): void {
  if (event.kind === 'fill') executions.add(event.fill.execId);
  if (event.kind === 'funding') executions.add(event.execId);
  if (event.kind === 'order_never') never.add(event.clientOrderId);
  if (event.kind === 'order_rejected') rejected.add(event.clientOrderId);
}

interface CommandText {
  readonly command: {
    readonly kind: string;
    readonly order?: { readonly leg: string; readonly instrumentId: string; readonly qty: number };
  };
}

function notePlan(text: string, plannedMax: Map<string, number>): void {
  const { order } = (JSON.parse(text) as CommandText).command;
  if (order?.leg !== 'entry') return;
  const symbol = order.instrumentId.slice(order.instrumentId.indexOf(':') + 1);
  plannedMax.set(symbol, Math.max(plannedMax.get(symbol) ?? 0, order.qty));
}

function wrongVerdicts({ orders }: LoopbackTruth, { never, rejected }: Told): string[] {
  return orders.flatMap(({ orderLinkId, status }) => {
    if (never.has(orderLinkId)) return [`${orderLinkId} was said never to have been taken: it is ${status}`];
    return rejected.has(orderLinkId) && status !== 'Rejected'
      ? [`${orderLinkId} was said to have been refused: it is ${status}`]
      : [];
  });
}

function duplicateOrders({ orders, sizeMax }: LoopbackTruth, { plannedMax, hasForeignFills }: Told): string[] {
  const byTrade = new Map<string, number>();
  for (const { orderLinkId } of orders) {
    const entry = /^(d-[0-9a-f]+-en)-/.exec(orderLinkId)?.[1];
    if (entry !== undefined) byTrade.set(entry, (byTrade.get(entry) ?? 0) + 1);
  }
  const found = [...byTrade]
    .filter(([, count]) => count > 1)
    .map(([trade, count]) => `${count} entry orders of ${trade}`);
  if (hasForeignFills) return found;
  for (const [symbol, qty] of sizeMax)
    if (qty > (plannedMax.get(symbol) ?? 0) * (1 + 1e-9))
      found.push(`${symbol} was held ${qty}, ordered at most ${plannedMax.get(symbol) ?? 0}`);
  return found;
}
