/**
 * A second simulator, naive on purpose: one trade at a time, one bar set after the other, rows as objects, nothing shared with the
 * engine or the bar venue. Written from the rules of simulation, so that two mistakes would have to agree to go unseen.
 */
import type { Bar, ExitRules, Signal } from '@donch/core';

const HOUR_MS = 3_600_000;

export interface ReferenceInput {
  readonly bars: readonly Bar[];
  readonly intervalMs: number;
  /** Signals of one instrument. */
  readonly signals: readonly Signal[];
  readonly exits: ExitRules;
  readonly riskUsd: number;
  readonly stopAtrMin: number;
  readonly anchor: 'reference' | 'fill';
  readonly entryFill: 'next_open' | 'signal_close';
  readonly rules: {
    readonly tick: number;
    readonly lot: number;
    readonly qtyMin: number;
    readonly notionalMin: number;
  };
  readonly costs: {
    readonly fee: number;
    readonly slippage: number;
    readonly stopSlippage: number;
    readonly impact: number;
    readonly assumedFunding: number;
  };
  /** Null = not known. */
  readonly funding: readonly { readonly timeMs: number; readonly rate: number }[] | null;
  /** Decisions in [startMs, endMs). */
  readonly startMs: number;
  readonly endMs: number;
}

export interface ReferenceTrade {
  readonly tradeId: string;
  readonly entryTimeMs: number;
  readonly exitTimeMs: number;
  readonly entryPrice: number;
  readonly exitPrice: number;
  readonly qty: number;
  readonly initialStopPrice: number;
  readonly finalStopPrice: number;
  readonly targetPrice: number | null;
  readonly exitReason: string;
  readonly feesUsd: number;
  readonly fundingUsd: number;
  readonly slippageUsd: number;
  readonly pnlUsd: number;
  readonly pnlR: number;
  readonly maeAtr: number;
  readonly mfeAtr: number;
}

/** All trades of one instrument, in order of entry; the last one may end with the data. */
export function referenceTrades(input: ReferenceInput): ReferenceTrade[] {
  const trades: ReferenceTrade[] = [];
  const barAt = new Map(input.bars.map((bar) => [bar.openTimeMs, bar]));
  let freeFromMs = -Infinity;
  for (const signal of [...input.signals].sort((a, b) => a.decisionTimeMs - b.decisionTimeMs)) {
    const { decisionTimeMs } = signal;
    if (decisionTimeMs < input.startMs || decisionTimeMs >= input.endMs || decisionTimeMs < freeFromMs) continue;
    const attempt = new ReferenceAttempt(input, barAt, signal);
    if (!attempt.decide()) continue;
    const trade = attempt.run();
    freeFromMs = attempt.freeFromMs;
    if (trade !== null) trades.push(trade);
  }
  return trades;
}

class ReferenceAttempt {
  freeFromMs = Infinity;
  readonly #input: ReferenceInput;
  readonly #signal: Signal;
  readonly #dir: number;
  readonly #barAt: ReadonlyMap<number, Bar>;
  #stop = 0;
  #target: number | null = null;
  #tp1: number | null = null;
  #plannedStop = 0;
  #planned = 0;
  // position
  #held = 0;
  #bought = 0;
  #entryValue = 0;
  #exitValue = 0;
  #fees = 0;
  #slippage = 0;
  #funding = 0;
  #best = 0;
  #worst = 0;
  #tp1Qty = 0;
  #tp1Taken = false;
  #tp1TakenMs = 0;
  #stopWord = 'sl';
  #lastClose = 0;
  /** Reason of a market exit that waits for the next bar. */
  #pending: string | null = null;
  #exit: { reason: string; timeMs: number } | null = null;

  constructor(input: ReferenceInput, barAt: ReadonlyMap<number, Bar>, signal: Signal) {
    this.#input = input;
    this.#signal = signal;
    this.#dir = signal.side === 'long' ? 1 : -1;
    this.#barAt = barAt;
  }

  #roundPrice(price: number): number {
    const { tick } = this.#input.rules;
    return Number((Math.round(price / tick) * tick).toFixed(8));
  }

  #floorQty(qty: number): number {
    const { lot } = this.#input.rules;
    return Number((Math.floor(qty / lot + 1e-9) * lot).toFixed(8));
  }

  #anchorAt(price: number): void {
    const { exits } = this.#input;
    const { atr } = this.#signal;
    this.#stop = this.#roundPrice(price - this.#dir * exits.slAtrMult * atr);
    this.#target = exits.tpAtrMult === null ? null : this.#roundPrice(price + this.#dir * exits.tpAtrMult * atr);
    this.#tp1 = exits.partial === null ? null : this.#roundPrice(price + this.#dir * exits.partial.atrMult * atr);
  }

  /** Whether an order is sent at all. */
  decide(): boolean {
    const { exits, rules, riskUsd, stopAtrMin } = this.#input;
    const { referencePrice } = this.#signal;
    this.#anchorAt(referencePrice);
    this.#plannedStop = this.#stop;
    const distance = this.#dir * (referencePrice - this.#stop);
    if (exits.slAtrMult < stopAtrMin || distance < rules.tick / 2) return false;
    if (this.#stop < rules.tick || (this.#target !== null && this.#target < rules.tick)) return false;
    this.#planned = this.#floorQty(riskUsd / distance);
    return this.#planned >= rules.qtyMin && this.#planned > 0 && this.#planned * referencePrice >= rules.notionalMin;
  }

  run(): ReferenceTrade | null {
    const { intervalMs, entryFill, endMs, bars } = this.#input;
    const decidedMs = this.#signal.decisionTimeMs;
    this.freeFromMs = decidedMs + intervalMs;
    const first = this.#barAt.get(decidedMs);
    if (first === undefined || decidedMs + intervalMs >= endMs) return null;
    const price = entryFill === 'next_open' ? first.open : this.#signal.referencePrice;
    if (this.#dir * (price - this.#stop) <= 0) return null;
    if (this.#target !== null && this.#dir * (this.#target - price) <= 0) return null;
    this.#enter(price, first);
    const lastOpenMs = bars[bars.length - 1].openTimeMs;
    for (let timeMs = decidedMs + intervalMs; timeMs < endMs; timeMs += intervalMs) {
      const isLast = timeMs + intervalMs >= endMs;
      this.#barSet(timeMs, { ended: timeMs - intervalMs >= lastOpenMs, isLast });
      if (this.#held === 0) break;
    }
    return this.#row();
  }

  #enter(price: number, bar: Bar): void {
    this.#trade(price, this.#planned, { opens: true, slippage: this.#input.costs.slippage, volume: bar.volume });
    const fill = this.#entryValue / this.#bought;
    this.#best = fill;
    this.#worst = fill;
    if (this.#input.anchor === 'fill') this.#anchorAt(fill);
    const { partial } = this.#input.exits;
    if (partial === null) return;
    const qty = this.#floorQty(this.#held * partial.ratioFrac);
    const { qtyMin, lot } = this.#input.rules;
    if (qty >= Math.max(qtyMin, lot) && qty < this.#held) this.#tp1Qty = qty;
    else this.#tp1 = null;
  }

  /** Books a quantity; slippage null = limit order. */
  #trade(
    price: number,
    qty: number,
    { opens, slippage, volume }: { opens: boolean; slippage: number | null; volume: number | null },
  ): void {
    const { fee, impact } = this.#input.costs;
    const buys = opens === (this.#dir === 1);
    let against = slippage ?? 0;
    if (slippage !== null && volume !== null) {
      const share = volume === 0 ? 1 : Math.min(1, qty / volume);
      against += impact * Math.sqrt(share);
    }
    const fill = price * (buys ? 1 + against : 1 - against);
    this.#fees += fill * qty * fee;
    this.#slippage += Math.abs(fill - price) * qty;
    if (opens) {
      this.#held += qty;
      this.#bought += qty;
      this.#entryValue += fill * qty;
    } else {
      this.#held -= qty;
      if (this.#held < 1e-9) this.#held = 0;
      this.#exitValue += fill * qty;
    }
    this.#see(fill);
  }

  #see(price: number): void {
    if (this.#best === 0) return;
    if (this.#dir * price > this.#dir * this.#best) this.#best = price;
    if (this.#dir * price < this.#dir * this.#worst) this.#worst = price;
  }

  #closeAll(price: number, reason: string, how: { timeMs: number; slippage: number; volume: number | null }): void {
    this.#trade(price, this.#held, { opens: false, slippage: how.slippage, volume: how.volume });
    this.#exit = { reason, timeMs: how.timeMs };
  }

  #barSet(timeMs: number, { ended, isLast }: { ended: boolean; isLast: boolean }): void {
    const { intervalMs, costs } = this.#input;
    const bar = this.#barAt.get(timeMs - intervalMs);
    if (bar !== undefined && this.#pending !== null) {
      this.#closeAll(bar.open, this.#pending, { timeMs: bar.openTimeMs, slippage: costs.slippage, volume: bar.volume });
      this.freeFromMs = timeMs;
      return;
    }
    if (bar !== undefined) {
      this.#insideBar(bar, timeMs);
      if (this.#held === 0) {
        this.freeFromMs = timeMs;
        return;
      }
      this.#lastClose = bar.close;
    }
    if (ended && !isLast) {
      this.#closeAll(this.#lastClose, 'delisted', { timeMs, slippage: costs.slippage, volume: null });
      this.freeFromMs = timeMs;
      return;
    }
    this.#payFunding(timeMs);
    this.#afterClose(timeMs, bar);
    if (isLast) {
      this.#closeAll(this.#lastClose, 'end_of_data', { timeMs, slippage: costs.slippage, volume: null });
      this.freeFromMs = Infinity;
    }
  }

  /** What the open has passed, then the worst that the bar allows. */
  #insideBar(bar: Bar, timeMs: number): void {
    const { stopSlippage } = this.#input.costs;
    const how = { timeMs, slippage: stopSlippage, volume: bar.volume };
    const passed = (price: number, level: number): boolean => this.#dir * (price - level) >= 0;
    const best = this.#dir === 1 ? bar.high : bar.low;
    const worst = this.#dir === 1 ? bar.low : bar.high;
    const stop = this.#stop;
    const target = this.#target;
    // at the open
    if (!(this.#dir * (bar.open - stop) > 0)) return this.#closeAll(bar.open, this.#stopWord, how);
    this.#takeFirst(bar.open, bar, timeMs);
    if (target !== null && passed(bar.open, target)) return this.#closeAll(bar.open, 'tp', how);
    // inside
    if (!(this.#dir * (worst - stop) > 0)) return this.#closeAll(stop, this.#stopWord, how);
    this.#takeFirst(best, bar, timeMs);
    if (target !== null && passed(best, target)) return this.#closeAll(target, 'tp', how);
    return undefined;
  }

  #takeFirst(price: number, bar: Bar, timeMs: number): void {
    const level = this.#tp1;
    if (level === null || this.#tp1Taken || this.#tp1Qty === 0) return;
    if (this.#target !== null && this.#dir * (level - this.#target) >= 0) return;
    const ticksThrough = Math.round((this.#dir * (price - level)) / this.#input.rules.tick);
    if (ticksThrough < 1) return;
    this.#trade(level, this.#tp1Qty, { opens: false, slippage: null, volume: bar.volume });
    this.#tp1Taken = true;
    this.#tp1TakenMs = timeMs;
  }

  #payFunding(timeMs: number): void {
    const { funding, intervalMs, costs } = this.#input;
    const notional = this.#held * this.#lastClose;
    const isNew = (at: number): boolean => at > timeMs - intervalMs && at <= timeMs && at > this.#signal.decisionTimeMs;
    for (const event of funding ?? []) {
      if (isNew(event.timeMs)) this.#funding -= this.#dir * event.rate * notional;
    }
    const boundaryMs = Math.floor(timeMs / (8 * HOUR_MS)) * 8 * HOUR_MS;
    if (!isNew(boundaryMs)) return;
    const known = (funding ?? []).some(
      (event) => event.timeMs > boundaryMs - 8 * HOUR_MS && event.timeMs <= boundaryMs,
    );
    if (!known) this.#funding -= costs.assumedFunding * notional;
  }

  /** Marks, break-even, time exit, trailing stop. */
  #afterClose(timeMs: number, bar: Bar | undefined): void {
    const { exits } = this.#input;
    let breakEven: number | null = null;
    if (bar !== undefined) {
      this.#see(bar.high);
      this.#see(bar.low);
    }
    if (this.#tp1Taken && this.#tp1TakenMs === timeMs && exits.partial?.breakEvenAfter === true) {
      breakEven = this.#roundPrice(this.#entryValue / this.#bought);
    }
    if (this.#pending !== null) return;
    const entryMs = this.#signal.decisionTimeMs;
    if (exits.timeExitHours !== null && timeMs - entryMs >= exits.timeExitHours * HOUR_MS) {
      this.#pending = 'time';
      return;
    }
    if (breakEven !== null && this.#dir * (breakEven - this.#stop) > 0) {
      if (this.#dir * (this.#lastClose - breakEven) <= 0) {
        this.#pending = 'break_even';
        return;
      }
      this.#stop = breakEven;
      this.#stopWord = 'break_even';
    }
    const { trailing } = exits;
    if (trailing === null || bar === undefined) return;
    if (trailing.start === 'after_tp1' && !this.#tp1Taken) return;
    const from = trailing.reference === 'close' ? bar.close : this.#best;
    const stop = this.#roundPrice(from - this.#dir * trailing.atrMult * this.#signal.atr);
    const gain = this.#dir * (stop - this.#stop);
    if (gain <= 0 || gain < trailing.moveMinFrac * this.#stop) return;
    if (this.#dir * (bar.close - stop) > 0) {
      this.#stop = stop;
      this.#stopWord = 'trail';
    } else this.#pending = 'trail';
  }

  #row(): ReferenceTrade | null {
    const exit = this.#exit;
    if (exit === null) return null;
    const { atr, signalId, referencePrice, decisionTimeMs } = this.#signal;
    const entryPrice = this.#entryValue / this.#bought;
    const pnlUsd = this.#dir * (this.#exitValue - this.#entryValue) - this.#fees + this.#funding;
    const riskUsd = this.#bought * Math.abs(referencePrice - this.#plannedStop);
    return {
      tradeId: signalId,
      entryTimeMs: decisionTimeMs,
      exitTimeMs: exit.timeMs,
      entryPrice,
      exitPrice: this.#exitValue / this.#bought,
      qty: this.#bought,
      initialStopPrice: this.#plannedStop,
      finalStopPrice: this.#stop,
      targetPrice: this.#target,
      exitReason: this.#tp1Taken ? `tp1+${exit.reason}` : exit.reason,
      feesUsd: this.#fees,
      fundingUsd: this.#funding,
      slippageUsd: this.#slippage,
      pnlUsd,
      pnlR: pnlUsd / riskUsd,
      maeAtr: (this.#dir * (entryPrice - this.#worst)) / atr,
      mfeAtr: (this.#dir * (this.#best - entryPrice)) / atr,
    };
  }
}
