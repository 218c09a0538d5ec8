/**
 * Scan of one instrument under one strategy: state, entry machine, filters, decision records. The same object steps through
 * history in research and takes one bar per bar set at the live edge.
 */
import {
  invariant,
  signalId,
  symbolOf,
  type Candles,
  type Decision,
  type FeatureValue,
  type GateCheck,
  type InstrumentId,
  type SetupEvent,
  type Signal,
} from '@donch/core';
import type { CompiledStrategy } from './compile-strategy.ts';
import {
  BreakoutSetup,
  type SetupBar,
  type SetupListener,
  type SetupPhase,
  type SetupState,
} from './entry/breakout-setup.ts';
import type { ReferenceTracks, SymbolEvents } from './features/feature.ts';
import type { BarSeries } from './features/own-series.ts';
import { SymbolState } from './features/symbol-state.ts';
import type { FeatureRow } from './rules/gate.ts';

/** Takes what a scan finds. */
export interface ScanSink {
  onDecision(decision: Decision): void;
  onSignal(signal: Signal): void;
  /** A breakout or entry that a gate stopped, for the funnel. */
  onGateFailed(decisionTimeMs: number, gate: string): void;
  /** The entry condition held. */
  onEntry(decisionTimeMs: number): void;
}

export interface ScannerOptions {
  readonly strategy: CompiledStrategy;
  readonly instrumentId: InstrumentId;
  readonly candles: Candles;
  readonly tracks: ReferenceTracks;
  /** NaN = not known. */
  readonly listedMs: number;
  /** Events of this instrument; without them their features are missing. */
  readonly events?: SymbolEvents | undefined;
  /** Relative strength of this instrument that holds at a decision time; NaN = not ranked. */
  readonly rsPercentileAt: (decisionTimeMs: number) => number;
  readonly sink: ScanSink;
  readonly leak?: PlantedLeak | undefined;
}

/** A deliberate mistake, to prove that the look-ahead and null tests find it. Nothing else sets one. */
export interface PlantedLeak {
  /** Higher-interval bars in place of the honest ones; null = honest. */
  readonly seriesOf?: (intervalMs: number) => BarSeries | null;
  /** What the entry machine is shown in place of the bar. */
  readonly barView?: (state: SymbolState, phase: SetupPhase) => SetupBar;
}

/** How a bar reached the scanner. `history`: state only. `late`: state, and entries are refused. */
export type BarStatus = 'history' | 'present' | 'late';

export class SymbolScanner implements SetupListener, FeatureRow {
  readonly instrumentId: InstrumentId;
  readonly #strategy: CompiledStrategy;
  readonly #symbol: string;
  readonly #state: SymbolState;
  readonly #machine: BreakoutSetup;
  readonly #sink: ScanSink;
  readonly #rsPercentileAt: (decisionTimeMs: number) => number;
  readonly #values: Float64Array;
  readonly #columns: ReadonlyMap<string, number>;
  readonly #leak: PlantedLeak | undefined;
  #status: BarStatus = 'history';

  constructor({
    strategy,
    instrumentId,
    candles,
    tracks,
    listedMs,
    events,
    rsPercentileAt,
    sink,
    leak,
  }: ScannerOptions) {
    this.instrumentId = instrumentId;
    this.#strategy = strategy;
    this.#symbol = symbolOf(instrumentId);
    this.#sink = sink;
    this.#rsPercentileAt = rsPercentileAt;
    this.#leak = leak;
    this.#machine = new BreakoutSetup(strategy.setup, this);
    const { settings, setup, features } = strategy;
    this.#state = new SymbolState(candles, this.#machine.state, {
      settings,
      rules: setup,
      features,
      tracks,
      listedMs,
      events,
      seriesOf: leak?.seriesOf,
    });
    this.#values = new Float64Array(features.length);
    this.#columns = new Map(features.map((def, k) => [def.name, k]));
  }

  /** Takes closed row i. Rows ascend; the columns are the same (growing) ones every time. */
  step(candles: Candles, i: number, status: BarStatus): void {
    this.#status = status;
    this.#state.step(candles, i);
    this.#machine.step(this.#leak?.barView?.(this.#state, this.phase) ?? this.#state);
  }

  /** As `SymbolState.readsBackMs`. */
  get readsBackMs(): number {
    return this.#state.readsBackMs;
  }

  /** As `SymbolState.rebase`: the live edge drops rows. */
  rebase(candles: Candles, rows: number): void {
    this.#state.rebase(candles, rows);
  }

  /** Values of all features at the last bar, parallel to `strategy.features`; for tests that compare them at any bar. */
  featuresNow(): Float64Array {
    this.#readFeatures();
    return this.#values.slice();
  }

  #readFeatures(): void {
    this.#state.rsPercentile = this.#rsPercentileAt(this.#state.decisionTimeMs);
    this.#state.readFeatures(this.#values);
  }

  get phase(): SetupPhase {
    return this.#machine.state.phase;
  }

  get setup(): Readonly<SetupState> {
    return this.#machine.state;
  }

  /** True when the breakout level could be computed at the last bar. */
  get levelReady(): boolean {
    return !Number.isNaN(this.#state.levelPrice);
  }

  get state(): SymbolState {
    return this.#state;
  }

  onBreakoutFailed(gate: string): void {
    if (this.#status !== 'history') this.#sink.onGateFailed(this.#state.decisionTimeMs, gate);
  }

  onSetup(event: SetupEvent, gates: readonly GateCheck[]): void {
    if (this.#status === 'history') return;
    if (event === 'entry') this.#judgeEntry(gates);
    else this.#record({ event, gates, signalId: null, verdict: 'state', reason: '' });
  }

  /** Value of a feature at the last bar that was judged; the row is filled once per entry. */
  valueOf(name: string): number {
    const column = this.#columns.get(name);
    invariant(column !== undefined, `feature ${name} is in the row`);
    return this.#values[column];
  }

  #judgeEntry(trigger: readonly GateCheck[]): void {
    const { filters, setup } = this.#strategy;
    const { decisionTimeMs } = this.#state;
    this.#readFeatures();
    const gates = [...trigger, ...filters.map((filter) => filter.judge(this, this.#symbol))];
    if (this.#status === 'late') gates.push({ ...LATE_BAR });
    const stopped = gates.find(({ result }) => result !== 'pass');
    const id = signalId({ setupHash: this.#strategy.setupHash, instrumentId: this.instrumentId, decisionTimeMs });
    this.#sink.onEntry(decisionTimeMs);
    this.#record({
      event: 'entry',
      gates,
      signalId: id,
      verdict: stopped === undefined ? 'signal' : 'blocked',
      reason: stopped?.gate ?? '',
    });
    if (stopped !== undefined) this.#sink.onGateFailed(decisionTimeMs, stopped.gate);
    else this.#sink.onSignal(this.#signal(id, setup.side));
  }

  #record(decision: Pick<Decision, 'event' | 'gates' | 'signalId' | 'verdict' | 'reason'>): void {
    this.#sink.onDecision({
      decisionTimeMs: this.#state.decisionTimeMs,
      strategyId: this.#strategy.strategyId,
      instrumentId: this.instrumentId,
      stage: 'setup',
      ...decision,
    });
  }

  #signal(id: Signal['signalId'], side: Signal['side']): Signal {
    const features: Record<string, FeatureValue> = {};
    this.#strategy.features.forEach((def, k) => {
      const value = this.#values[k];
      features[def.name] = def.dtype === 'category' ? (def.categories?.[value] ?? '') : value;
    });
    return {
      signalId: id,
      strategyId: this.#strategy.strategyId,
      instrumentId: this.instrumentId,
      side,
      decisionTimeMs: this.#state.decisionTimeMs,
      referencePrice: this.#state.close,
      atr: this.#state.atr,
      levelPrice: this.#machine.state.levelPrice,
      features,
      p: Number.NaN,
      riskScale: 1,
    };
  }
}

/** A bar that arrived after the deadline cannot cause an entry. */
const LATE_BAR: GateCheck = {
  gate: 'late_bar',
  value: 1,
  comparison: '=',
  threshold: 0,
  thresholdHigh: Number.NaN,
  result: 'fail',
  detail: 'the bar arrived after the deadline',
};
