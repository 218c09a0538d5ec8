/**
 * The signals of a sweep with everything that any of its variants can ask of the bars behind them: envelopes, first touches of all
 * stops and targets, time exits, funding, marks. Made once, one instrument after the other; afterwards no bar is looked at.
 * Memory: signals x values of the axes, and instruments x instants with a signal; the number of variants has no part in it.
 */
import {
  DAY_MS,
  directionOf,
  HOUR_MS,
  lowerBound,
  rowAt,
  type Candles,
  type ExitRules,
  type InstrumentId,
  type InstrumentRules,
  type Signal,
} from '@donch/core';
import { inPriorityOrder, planChecks, planEntry, type EngineSettings } from '@donch/engine';
import type { BarVenueOptions } from '@donch/sim';
import type { CandlesOf } from '../bar-feed.ts';
import { checkOnGrid, isInWindow } from '../scan-window.ts';
import { appendPath, ExtremeColumns, firstBeyond, type ExtremeRange } from './envelope.ts';
import type { ExitAxes } from './exit-axes.ts';
import {
  FUNDING_WIDTH,
  fundingSchedule,
  joinSchedules,
  settledBefore,
  type FundingSchedule,
} from './funding-schedule.ts';
import { HeldColumns } from './held-columns.ts';
import { SignalFacts } from './signal-facts.ts';
import { NEVER, stepAtOrAfter, timeOfStep, timelineOf, type Timeline, type TimelineOptions } from './timeline.ts';
import { TradeColumns } from './trade-columns.ts';

export interface SignalPathsOptions extends TimelineOptions {
  readonly signals: readonly Signal[];
  /** Of all variants that will be asked for. */
  readonly axes: ExitAxes;
  readonly settings: EngineSettings;
  readonly venue: BarVenueOptions;
  /** Called once per instrument. */
  readonly candlesOf: CandlesOf;
  readonly onProgress?: (doneFrac: number) => void;
}

/** What one instrument does at the instants of the run. */
export interface InstrumentPath {
  readonly instrumentId: InstrumentId;
  /** Step at which what is still held is closed. */
  readonly endStep: number;
  readonly endPrice: number;
  /** False = the run ends there. */
  readonly isDelisted: boolean;
  readonly funding: FundingSchedule;
}

/**
 * First touch of a level by every signal: `place on the axis x signals + signal`. A variant reads one place of each axis: side by side
 * its values are read ahead.
 */
export interface TouchTable {
  readonly price: Float64Array;
  /** `NEVER` = not touched as long as a variant looks. */
  readonly step: Int32Array;
  /** Open of the bar of the touch. */
  readonly open: Float64Array;
  /** 1 = the engine's checks of a plan let it pass. */
  readonly isAllowed: Uint8Array;
}

/** Time exits: `place on the axis x signals + signal`. */
export interface TimeTable {
  readonly decidedStep: Int32Array;
  /** Bar set in which it trades, at the open; `NEVER` = no bar came. */
  readonly step: Int32Array;
  readonly price: Float64Array;
  /** 1 = the order would meet other rules than the entry did: the venue might refuse its quantity. */
  readonly hasOtherRules: Uint8Array;
}

/** Columns that passes work in: one set for all of them. */
export interface PassScratch {
  readonly held: HeldColumns;
  readonly finished: TradeColumns;
  readonly openAtEnd: TradeColumns;
}

export class SignalPaths {
  readonly timeline: Timeline;
  readonly axes: ExitAxes;
  /** In order of time and priority. */
  readonly signals: readonly Signal[];
  readonly facts: SignalFacts;
  readonly rules: readonly InstrumentRules[];
  readonly step: Int32Array;
  readonly instrument: Int32Array;
  readonly instruments: readonly InstrumentPath[];
  /** Price of the entry before slippage; NaN = no bar to fill in. */
  readonly entryPrice: Float64Array;
  readonly stops: TouchTable;
  readonly targets: TouchTable;
  readonly times: TimeTable;
  /** Steps with a signal or a day's end, and the last one; ascending. */
  readonly markSteps: Int32Array;
  /** Last closes at these steps, all instruments of a step side by side: `place x instruments + instrument`. */
  readonly marks: Float64Array;
  /** Place of each signal's step in `markSteps`. */
  readonly place: Int32Array;
  /** Places of the ends of days. */
  readonly dayPlaces: Int32Array;
  /** Funding of all instruments as `joinSchedules` writes it. */
  readonly fundingRows: Float64Array;
  /** Where the first row starts that a position on the signal can be booked. */
  readonly firstFunding: Int32Array;
  /** Written over by every pass. */
  readonly scratch: PassScratch;
  readonly #best = new ExtremeColumns();
  readonly #worst = new ExtremeColumns();
  /** Rows in both columns: best from, best to, worst from, worst to. */
  readonly #rows: Int32Array;
  readonly #options: SignalPathsOptions;

  /** Throws `signal_off_grid` as `runBacktest` does. Signals that no instant of the run meets are left out, as there. */
  constructor(options: SignalPathsOptions) {
    const { axes, settings, window, intervalMs, venue } = options;
    this.#options = options;
    this.axes = axes;
    this.timeline = timelineOf(options);
    const inWindow = options.signals.filter((signal) => isInWindow(signal, window));
    for (const signal of inWindow) checkOnGrid(signal, intervalMs);
    this.signals = orderSignals(
      inWindow.filter((signal) => this.#stepOf(signal) <= this.timeline.lastStep),
      settings.priority,
    );
    const count = this.signals.length;
    this.facts = new SignalFacts(this.signals);
    this.rules = this.signals.map((signal) => venue.rulesAt(signal.instrumentId, signal.decisionTimeMs));
    this.step = Int32Array.from(this.signals, (signal) => this.#stepOf(signal));
    this.entryPrice = new Float64Array(count).fill(Number.NaN);
    this.stops = touchTable(count * axes.slAtrMults.length);
    this.targets = touchTable(count * axes.tpAtrMults.length);
    this.times = timeTable(count * axes.timeExitHours.length);
    this.#rows = new Int32Array(4 * count);
    this.markSteps = markSteps(this.timeline, this.step);
    const ids = [...new Set(this.signals.map(({ instrumentId }) => instrumentId))].sort();
    const indexOf = new Map(ids.map((id, index) => [id, index]));
    this.instrument = Int32Array.from(this.signals, ({ instrumentId }) => indexOf.get(instrumentId) ?? -1);
    this.marks = new Float64Array(this.markSteps.length * ids.length).fill(Number.NaN);
    this.place = placesOf(this.step, this.markSteps);
    this.dayPlaces = dayPlaces(this.timeline, this.markSteps);
    this.instruments = this.#build(ids);
    this.fundingRows = joinSchedules(this.instruments.map(({ funding }) => funding));
    this.firstFunding = this.#firstFunding();
    this.scratch = {
      held: new HeldColumns(ids.length),
      finished: new TradeColumns(count),
      openAtEnd: new TradeColumns(ids.length),
    };
  }

  /** Where the tables hold a signal's value for a place on their axis. */
  at(signal: number, place: number): number {
    return place * this.step.length + signal;
  }

  /** New extremes since the entry in favour of (`best`) or against the position. */
  extremes(signal: number, kind: 'best' | 'worst'): ExtremeRange {
    const direction = directionOf(this.signals[signal].side);
    const rows = this.#rows;
    return kind === 'best'
      ? { columns: this.#best, sign: direction, from: rows[4 * signal], to: rows[4 * signal + 1] }
      : { columns: this.#worst, sign: direction > 0 ? -1 : 1, from: rows[4 * signal + 2], to: rows[4 * signal + 3] };
  }

  /** Step after which no variant holds the position, whatever its stop. */
  latestExitStep(signal: number): number {
    const latestOf = ({ step }: { readonly step: Int32Array }): number => {
      let latest = 0;
      for (let at = signal; at < step.length; at += this.step.length) latest = Math.max(latest, step[at]);
      return latest;
    };
    const { endStep } = this.instruments[this.instrument[signal]];
    return Math.min(latestOf(this.times), latestOf(this.targets), endStep);
  }

  /** Funding counts from the bar set in which the entry is filled, the one after the signal's. */
  #firstFunding(): Int32Array {
    let next = 0;
    const starts = this.instruments.map(({ funding }) => {
      const start = next;
      next += funding.steps.length + 1;
      return start;
    });
    return Int32Array.from(this.instrument, (index, signal) => {
      const row = starts[index] + settledBefore(this.instruments[index].funding, this.step[signal] + 1);
      return row * FUNDING_WIDTH;
    });
  }

  #stepOf({ decisionTimeMs }: Signal): number {
    return (decisionTimeMs - this.timeline.firstMs) / this.timeline.intervalMs;
  }

  #build(ids: readonly InstrumentId[]): InstrumentPath[] {
    const members: number[][] = ids.map(() => []);
    this.instrument.forEach((index, signal) => members[index].push(signal));
    return ids.map((id, index) => {
      const candles = this.#options.candlesOf(id);
      const path = this.#instrumentPath(id, candles, this.step[members[index][0]]);
      this.#addMarks(index, candles, path);
      for (const signal of members[index]) this.#addSignal(signal, candles, path);
      this.#options.onProgress?.((index + 1) / ids.length);
      return path;
    });
  }

  #instrumentPath(instrumentId: InstrumentId, candles: Candles, fromStep: number): InstrumentPath {
    const { timeline } = this;
    const { venue } = this.#options;
    const { openTimeMs, close, intervalMs, length } = candles;
    const overMs = length === 0 ? -Infinity : openTimeMs[length - 1] + intervalMs;
    const isDelisted = overMs < timeOfStep(timeline, timeline.lastStep);
    const endStep = isDelisted ? stepAtOrAfter(timeline, overMs) : timeline.lastStep;
    const endRow = lowerBound(candles, timeOfStep(timeline, endStep)) - 1;
    const funding = fundingSchedule({
      events: venue.fundingOf(instrumentId),
      assumedFrac: venue.costs.assumedFundingFrac,
      candles,
      timeline,
      fromStep,
      toStep: endStep,
    });
    const endPrice = endRow < 0 ? Number.NaN : close[endRow];
    return { instrumentId, endStep, endPrice, isDelisted, funding };
  }

  #addMarks(instrument: number, { openTimeMs, close, intervalMs, length }: Candles, { endStep }: InstrumentPath): void {
    const { timeline, markSteps: steps, marks } = this;
    const instruments = marks.length / steps.length;
    let row = -1;
    for (let place = 0; place < steps.length && steps[place] <= endStep; place += 1) {
      const timeMs = timeOfStep(timeline, steps[place]);
      while (row + 1 < length && openTimeMs[row + 1] + intervalMs <= timeMs) row += 1;
      if (row >= 0) marks[place * instruments + instrument] = close[row];
    }
  }

  #addSignal(signal: number, candles: Candles, { endStep }: InstrumentPath): void {
    const { timeline } = this;
    const { decisionTimeMs, referencePrice, side } = this.signals[signal];
    this.#plan(signal);
    const fromRow = rowAt(candles, decisionTimeMs);
    const endRow = lowerBound(candles, timeOfStep(timeline, endStep));
    const rows = this.#rows.subarray(4 * signal, 4 * signal + 4);
    rows.set([this.#best.length, this.#best.length, this.#worst.length, this.#worst.length]);
    if (fromRow < 0 || fromRow >= endRow) return;
    const entersAtOpen = this.#options.venue.entryFill === 'next_open';
    this.entryPrice[signal] = entersAtOpen ? candles.open[fromRow] : referencePrice;
    const lastExitRow = this.#addTimeExits(signal, candles, endRow);
    const direction = directionOf(side);
    appendPath({ best: this.#best, worst: this.#worst }, candles, {
      direction,
      fromRow,
      toRow: lastExitRow,
      lossPrice: this.#widest(signal, this.stops.price, -direction) ?? Number.NaN,
      targetPrice: this.axes.tpAtrMults.includes(null) ? null : this.#widest(signal, this.targets.price, direction),
      firstMs: timeline.firstMs,
    });
    rows[1] = this.#best.length;
    rows[3] = this.#worst.length;
    this.#addTouches(signal, this.stops, 'worst');
    this.#addTouches(signal, this.targets, 'best');
  }

  /** Prices of all stops and targets, and whether the engine would take them. */
  #plan(index: number): void {
    const signal = this.signals[index];
    const rules = this.rules[index];
    const { settings } = this.#options;
    const { slAtrMults, tpAtrMults } = this.axes;
    const check = (exits: ExitRules, gates: (gate: string) => boolean): readonly [number | null, number, boolean] => {
      const plan = planEntry(signal, exits, rules);
      const checks = planChecks(signal, plan, { exits, rules, settings });
      const isAllowed = checks.every(({ gate, result }) => !gates(gate) || result === 'pass');
      return [plan.protection.targetPrice, plan.protection.stopPrice, isAllowed];
    };
    slAtrMults.forEach((slAtrMult, k) => {
      const at = this.at(index, k);
      const [, price, isAllowed] = check({ ...PLAIN_EXITS, slAtrMult, tpAtrMult: null }, () => true);
      this.stops.price[at] = price;
      this.stops.isAllowed[at] = Number(isAllowed);
    });
    tpAtrMults.forEach((tpAtrMult, k) => {
      const at = this.at(index, k);
      const [price, , isAllowed] = check({ ...PLAIN_EXITS, slAtrMult: 1, tpAtrMult }, (gate) => gate === TARGET_GATE);
      this.targets.price[at] = price ?? Number.NaN;
      this.targets.isAllowed[at] = Number(isAllowed);
    });
  }

  /** Returns the row at which the latest of them trades; `endRow` where one never does. */
  #addTimeExits(signal: number, candles: Candles, endRow: number): number {
    const { timeline, times } = this;
    const { timeExitHours } = this.axes;
    const { decisionTimeMs: entryMs, instrumentId } = this.signals[signal];
    const { qtyStep, marketQtyMax } = this.rules[signal];
    let latestRow = 0;
    timeExitHours.forEach((hours, k) => {
      const at = this.at(signal, k);
      if (hours === null) {
        latestRow = endRow;
        return;
      }
      const decided = Math.max(this.step[signal] + 1, stepAtOrAfter(timeline, entryMs + hours * HOUR_MS));
      const row = lowerBound(candles, timeOfStep(timeline, decided));
      latestRow = Math.max(latestRow, Math.min(row, endRow));
      times.decidedStep[at] = decided;
      const rules = this.#options.venue.rulesAt(instrumentId, timeOfStep(timeline, decided));
      times.hasOtherRules[at] = Number(rules.qtyStep !== qtyStep || rules.marketQtyMax !== marketQtyMax);
      if (row >= endRow) return;
      times.step[at] = stepAtOrAfter(timeline, candles.openTimeMs[row] + candles.intervalMs);
      times.price[at] = candles.open[row];
    });
    return latestRow;
  }

  #widest(signal: number, prices: Float64Array, direction: number): number | null {
    let widest: number | null = null;
    for (let at = signal; at < prices.length; at += this.step.length)
      if (widest === null || direction * (prices[at] - widest) > 0) widest = prices[at];
    return widest;
  }

  #addTouches(signal: number, table: TouchTable, kind: 'best' | 'worst'): void {
    const range = this.extremes(signal, kind);
    for (let at = signal; at < table.price.length; at += this.step.length) {
      const row = firstBeyond(range, table.price[at]);
      if (row === range.to) continue;
      table.step[at] = range.columns.step[row];
      table.open[at] = range.columns.open[row];
    }
  }
}

const TARGET_GATE = 'target_price';
const PLAIN_EXITS = { basis: 'price_atr', timeExitHours: null, partial: null, trailing: null } as const;

/** By time; the signals of one instant in the order in which the engine judges them. */
function orderSignals(signals: readonly Signal[], priority: EngineSettings['priority']): Signal[] {
  return inPriorityOrder(signals, priority).sort((a, b) => a.decisionTimeMs - b.decisionTimeMs);
}

function touchTable(length: number): TouchTable {
  return {
    price: new Float64Array(length).fill(Number.NaN),
    step: new Int32Array(length).fill(NEVER),
    open: new Float64Array(length).fill(Number.NaN),
    isAllowed: new Uint8Array(length),
  };
}

function timeTable(length: number): TimeTable {
  return {
    decidedStep: new Int32Array(length).fill(NEVER),
    step: new Int32Array(length).fill(NEVER),
    price: new Float64Array(length).fill(Number.NaN),
    hasOtherRules: new Uint8Array(length),
  };
}

/** Places of ascending steps in a list that contains them. */
function placesOf(steps: Int32Array, among: Int32Array): Int32Array {
  let place = 0;
  return steps.map((step) => {
    while (among[place] < step) place += 1;
    return place;
  });
}

function dayPlaces(timeline: Timeline, steps: Int32Array): Int32Array {
  const places = steps.map((_, place) => place);
  return places.filter((place) => timeOfStep(timeline, steps[place]) % DAY_MS === 0);
}

function markSteps(timeline: Timeline, steps: Int32Array): Int32Array {
  const all = new Set(steps);
  const lastMs = timeOfStep(timeline, timeline.lastStep);
  for (let dayMs = Math.ceil(timeline.firstMs / DAY_MS) * DAY_MS; dayMs <= lastMs; dayMs += DAY_MS)
    all.add(stepAtOrAfter(timeline, dayMs));
  if (timeline.lastStep >= 0) all.add(timeline.lastStep);
  return Int32Array.from(all).sort();
}
