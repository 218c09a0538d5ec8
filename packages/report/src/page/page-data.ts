/** What the page's script works with: plain JSON inside of the page. Types only. */
import type { EncodedPath } from '../paths/trade-path.ts';

/** One trade. Texts stand in `PageData`, here are their positions; prices have seven significant digits. */
export interface PageTrade {
  readonly symbol: string;
  readonly strategy: string;
  readonly side: string;
  readonly reason: string;
  readonly entryMs: number;
  readonly exitMs: number;
  readonly decisionMs: number;
  readonly breakMs: number | null;
  readonly entry: number;
  readonly exit: number;
  readonly level: number;
  readonly stop: number;
  readonly finalStop: number;
  readonly target: number | null;
  readonly firstTarget: number | null;
  readonly qty: number;
  readonly riskUsd: number;
  readonly pnlR: number;
  readonly pnlUsd: number;
  readonly feesUsd: number;
  readonly slippageUsd: number;
  readonly fundingUsd: number;
  readonly maeAtr: number;
  readonly mfeAtr: number;
  /** Null = there are no candles to draw; `pathNote` of the data says why. */
  readonly path: EncodedPath | null;
}

/** Trades as columns (a name once instead of ten thousand times); every column has one entry per trade. */
export type TradeColumns = { readonly [Name in keyof PageTrade]: readonly PageTrade[Name][] };

export interface EquityPoints {
  readonly timesMs: readonly number[];
  readonly equityUsd: readonly number[];
  readonly depthFrac: readonly number[];
}

export interface PageData {
  readonly runId: string;
  readonly trades: TradeColumns;
  readonly equity: EquityPoints;
  /** Why a trade may have no chart. */
  readonly pathNote: string;
}
