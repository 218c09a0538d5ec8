/** Everything the engine knows: plain JSON, so that journal + state can be stored, compared and replayed. */
import {
  directionOf,
  type ClientOrderId,
  type ExitCause,
  type ExitRules,
  type FeatureValue,
  type InstrumentId,
  type IntentState,
  type OrderIntent,
  type Protection,
  type Side,
  type Signal,
  type SizingChain,
  type StrategyId,
  type TradeState,
} from '@donch/core';
import type { BookedExecutions } from './execution-memory.ts';
import type { EngineSettings } from './settings.ts';

/** What the engine needs to know of a strategy. */
export interface StrategyTerms {
  readonly strategyId: StrategyId;
  /** Length of the base bar: an entry not filled within it is not wanted any more. */
  readonly intervalMs: number;
  readonly exits: ExitRules;
  /** Factor on risk when the signal's regime is not what the strategy wants; null = the strategy blocks itself. */
  readonly regimeDownFactor: number | null;
  /** Feature that says how the regime stands: 1 up, 0 down, missing = unknown. */
  readonly regimeFeature: string;
  /** 1 = wants it up, 0 = wants it down, null = does not care. */
  readonly regimeWanted: 0 | 1 | null;
}

/** First target: a reduce-only limit order of its own. */
export interface FirstTarget {
  readonly price: number;
  /** Share of the filled quantity. */
  readonly ratioFrac: number;
  clientOrderId: string | null;
  taken: boolean;
}

/** Features as the state holds them: null = missing, for JSON has no NaN. */
export type StoredFeatures = Readonly<Record<string, number | string | null>>;

/** A trade from the decision to its last fill. */
export interface OpenTrade {
  readonly tradeId: Signal['signalId'];
  readonly strategyId: StrategyId;
  readonly instrumentId: InstrumentId;
  readonly side: Side;
  readonly decisionTimeMs: number;
  readonly referencePrice: number;
  readonly atr: number;
  readonly levelPrice: number;
  readonly qtyPlanned: number;
  /** Leverage on the venue. */
  readonly leverage: number;
  readonly sizing: SizingChain;
  readonly equityAtDecisionUsd: number;
  /** Null = not scored. */
  readonly p: number | null;
  readonly features: StoredFeatures;
  /** The exits it was opened with: a change of the strategy file does not touch it. */
  readonly exits: ExitRules;
  state: TradeState;
  /** Position in the lists of the bar sets, -1 = not looked up; derived from `instrumentId`. */
  memberIndex: number;
  /** The entry order may still trade: its planned quantity stays reserved. */
  entryWorking: boolean;
  /** First entry fill; 0 = none yet. */
  entryTimeMs: number;
  /** Quantity held now. */
  qtyOpen: number;
  entryQty: number;
  entryNotionalUsd: number;
  exitQty: number;
  exitNotionalUsd: number;
  feesUsd: number;
  fundingUsd: number;
  fundingAssumed: boolean;
  slippageUsd: number;
  /** Stop and target as they should rest on the venue. */
  protection: Protection;
  initialStopPrice: number;
  stopKind: 'initial' | 'break_even' | 'trail';
  /** Instant since which the venue shows no stop; null = protected as far as known. */
  unprotectedSinceMs: number | null;
  firstTarget: FirstTarget | null;
  /** Null = no time exit, or not yet filled. */
  timeExitAtMs: number | null;
  /** Why an exit order was sent; null = none. */
  exitCause: ExitCause | null;
  exitAttempts: number;
  /** The last exit attempt traded nothing: the next one goes out with the next instant or clock event. */
  exitDue: boolean;
  /** Best and worst price since the entry fill, from closed bars and fills. */
  bestPrice: number;
  worstPrice: number;
  markPrice: number;
}

/** What marks and caps read of a trade. */
export type ExposedTrade = Pick<
  OpenTrade,
  | 'side'
  | 'referencePrice'
  | 'leverage'
  | 'qtyPlanned'
  | 'entryWorking'
  | 'qtyOpen'
  | 'entryQty'
  | 'entryNotionalUsd'
  | 'exitQty'
  | 'markPrice'
  | 'protection'
>;

/** An abort guard has stopped entries and nothing is left to be managed: the run has ended. */
export function isOver({ stops, trades }: Readonly<Pick<EngineState, 'stops' | 'trades'>>): boolean {
  return trades.length === 0 && stops.some(({ kind }) => kind === 'abort');
}

/** An order that may still trade; what has ended leaves the state. */
export interface IntentRecord {
  readonly order: OrderIntent;
  state: Extract<IntentState, 'sent' | 'live' | 'unknown'>;
  /** From fills. */
  filledQty: number;
  /** What the venue says was filled, once the order is done; null = not done. */
  doneQty: number | null;
}

/** The order of ours that may still trade under an id; undefined = none. */
export function intentOf({ intents }: Pick<EngineState, 'intents'>, id: ClientOrderId): IntentRecord | undefined {
  return intents.find(({ order }) => order.clientOrderId === id);
}

/** Why entries are stopped; null = not. */
export interface StopState {
  readonly kind: 'pause' | 'kill' | 'drawdown' | 'loss_streak' | 'equity' | 'abort';
  readonly reason: string;
  readonly sinceMs: number;
}

export interface EngineState {
  readonly schemaVersion: 1;
  timeMs: number;
  /** Initial capital + booked results, fees and funding. */
  cashUsd: number;
  /** Cash + open positions at their last mark. */
  equityUsd: number;
  /** Equity as the venue sees it, where told; sizing uses it. */
  walletUsd: number | null;
  /** Highest `equityUsd` at an instant since the start or the last re-arm: deposits and withdrawals do not move it. */
  peakEquityUsd: number;
  dayIndex: number;
  entriesToday: number;
  lossStreak: number;
  closedTrades: number;
  stops: StopState[];
  trades: OpenTrade[];
  /** Few at a time, in the order in which they were sent. */
  intents: IntentRecord[];
  /** Last accepted entry per instrument. */
  acceptedMs: Record<string, number>;
  /** Last exit per instrument. */
  exitedMs: Record<string, number>;
  /** Positions that no trade of ours explains. */
  foreign: Record<string, { readonly side: Side; readonly qty: number; readonly sinceMs: number }>;
  executions: BookedExecutions;
}

/** State of an account before its first event. */
export function initialState({ initialCapitalUsd }: Pick<EngineSettings, 'initialCapitalUsd'>): EngineState {
  return {
    schemaVersion: 1,
    timeMs: 0,
    cashUsd: initialCapitalUsd,
    equityUsd: initialCapitalUsd,
    walletUsd: null,
    peakEquityUsd: initialCapitalUsd,
    dayIndex: 0,
    entriesToday: 0,
    lossStreak: 0,
    closedTrades: 0,
    stops: [],
    trades: [],
    intents: [],
    acceptedMs: {},
    exitedMs: {},
    foreign: {},
    executions: { recent: [], older: [] },
  };
}

/** Equity that sizing and caps use. */
export function sizingEquityUsd(state: Pick<EngineState, 'walletUsd' | 'equityUsd'>): number {
  return state.walletUsd ?? state.equityUsd;
}

/** Features for the state. */
export function storedFeatures(features: Signal['features']): StoredFeatures {
  const stored: Record<string, number | string | null> = { ...features };
  for (const name in stored) {
    const value = stored[name];
    if (typeof value === 'number' && !Number.isFinite(value)) stored[name] = null;
  }
  return stored;
}

/** Features for a trade row: missing is NaN again. */
export function featuresOf({ features }: Pick<OpenTrade, 'features'>): Signal['features'] {
  const values: Record<string, FeatureValue | null> = { ...features };
  for (const name in values) values[name] ??= Number.NaN;
  // no null is left
  return values as Record<string, FeatureValue>;
}

/** Average entry price of what has been filled. */
export function entryPriceOf(trade: Pick<OpenTrade, 'entryNotionalUsd' | 'entryQty'>): number {
  return trade.entryNotionalUsd / trade.entryQty;
}

/** Direction x quantity held x (mark - average entry), USD. */
export function unrealisedOf(trade: ExposedTrade): number {
  return unrealisedUsdOf(directionOf(trade.side) * trade.qtyOpen, trade.markPrice, entryPriceOf(trade));
}

/** The same in numbers; `heldQty` is negative for a short. */
export function unrealisedUsdOf(heldQty: number, markPrice: number, entryPrice: number): number {
  return heldQty * (markPrice - entryPrice);
}
