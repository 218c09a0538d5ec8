/** Random markets, signals, exits and costs for tests that compare simulations or check what must hold in every one of them. */
import {
  CandleBuffer,
  createPrng,
  HOUR_MS,
  type Candles,
  type ExitRules,
  type FundingEvents,
  type InstrumentId,
  type InstrumentRules,
  type Prng,
  type Signal,
} from '@donch/core';
import type { EngineSettings, StrategyTerms } from '@donch/engine';
import type { BarVenueOptions, CostSettings } from '@donch/sim';
import type { ReferenceInput } from './reference-simulator.ts';
import {
  TEST_INTERVAL_MS,
  TEST_START_MS,
  testInstrument,
  testRules,
  testSettings,
  testSignal,
  testTerms,
} from './trading-fixtures.ts';

export interface RandomBacktestOptions {
  readonly symbols: number;
  readonly bars: number;
  /** Signals per instrument. */
  readonly signals: number;
  readonly settings?: EngineSettings;
  readonly disturbance?: BarVenueOptions['disturbance'];
}

/** Everything `runBacktest` takes, and the same for the reference simulator. */
export interface RandomBacktest {
  readonly signals: readonly Signal[];
  readonly strategies: readonly StrategyTerms[];
  readonly settings: EngineSettings;
  readonly venue: BarVenueOptions;
  readonly candles: ReadonlyMap<InstrumentId, Candles>;
  readonly candlesOf: (instrumentId: InstrumentId) => Candles;
  readonly intervalMs: number;
  readonly window: { readonly startMs: number; readonly endMs: number };
  readonly funding: FundingEvents | null;
  readonly references: readonly ReferenceInput[];
}

const RISK_USD = 100;
/** 02:35 on the start day: funding falls due inside most cases. */
const FIRST_OPEN_MS = TEST_START_MS + 31 * TEST_INTERVAL_MS;

/** One random world; the same seed gives the same. Prices lie on coarse ticks, so that levels are often touched exactly. */
export function randomBacktest(seed: number, options: RandomBacktestOptions): RandomBacktest {
  const prng = createPrng(seed, 'random backtest');
  const pick = pickFrom(prng);
  const rules = testRules({
    tickSize: pick([0.01, 0.1, 0.25]),
    qtyStep: pick([0.001, 0.1, 1]),
    qtyMin: pick([0, 0, 5]),
    notionalMinUsd: pick([0, 5, 1_000]),
  });
  const ids = Array.from({ length: options.symbols }, (_, k) => testInstrument(`S${k}`));
  const candles = new Map(ids.map((id) => [id, randomBars(prng, options.bars, rules.tickSize)]));
  const lastMs = FIRST_OPEN_MS + options.bars * TEST_INTERVAL_MS;
  const window = {
    startMs: FIRST_OPEN_MS + pick([1, 1, 20]) * TEST_INTERVAL_MS - pick([0, 0, 1_000]),
    endMs: lastMs + pick([1, 1, -5 * TEST_INTERVAL_MS, -5 * TEST_INTERVAL_MS + 1_000]),
  };
  const exits = randomExits(prng);
  const funding = pick([null, randomFunding(prng, lastMs), randomFunding(prng, lastMs)]);
  const settings = options.settings ?? randomSettings(prng);
  const venue = randomVenue(prng, { rules, funding, disturbance: options.disturbance ?? null });
  const signals = ids.flatMap((id) => randomSignals(prng, id, { bars: candles.get(id), count: options.signals }));
  const common = { settings, venue, funding, exits, rules, window };
  return {
    signals,
    strategies: [testTerms(exits)],
    settings,
    venue,
    candles,
    candlesOf: (id) => candles.get(id) ?? new CandleBuffer(TEST_INTERVAL_MS),
    intervalMs: TEST_INTERVAL_MS,
    window,
    funding,
    references: ids.map((id) => referenceOf(id, { ...common, candles, signals })),
  };
}

function pickFrom(prng: Prng): <T>(values: readonly T[]) => T {
  return (values) => values[prng.below(values.length)];
}

/** A random walk on the tick with jumps between bars, missing bars, bars without volume, and sometimes an early end. */
function randomBars(prng: Prng, count: number, tickSize: number): Candles {
  const buffer = new CandleBuffer(TEST_INTERVAL_MS, count);
  const onTick = (price: number): number => Number((Math.max(1, Math.round(price / tickSize)) * tickSize).toFixed(8));
  const gapFrac = prng.next() < 0.5 ? 0 : 0.1;
  const length = prng.next() < 0.2 ? Math.ceil(count * (0.3 + 0.7 * prng.next())) : count;
  let close = 100;
  for (let k = 0; k < length; k += 1) {
    const open = prng.next() < 0.2 ? onTick(close + 2 * prng.normal()) : close;
    const path = [open];
    for (let step = 0; step < 4; step += 1) path.push(onTick(path[step] + 0.4 * prng.normal()));
    close = path[4];
    const volume = prng.next() < 0.05 ? 0 : 10 + 2_000 * prng.next();
    if (k > 0 && prng.next() < gapFrac) continue;
    const openTimeMs = FIRST_OPEN_MS + k * TEST_INTERVAL_MS;
    buffer.append({
      openTimeMs,
      open,
      high: Math.max(...path),
      low: Math.min(...path),
      close,
      volume,
      turnover: Number.NaN,
    });
  }
  return buffer;
}

function randomExits(prng: Prng): ExitRules {
  const pick = pickFrom(prng);
  return {
    basis: 'price_atr',
    slAtrMult: pick([0.4, 0.5, 1, 2, 3]),
    tpAtrMult: pick([null, 1, 2, 4, 8]),
    timeExitHours: pick([null, null, 0.25, 1, 4]),
    partial: pick([
      null,
      { ratioFrac: pick([0.1, 0.34, 0.5, 0.9]), atrMult: pick([0.5, 1, 2, 5]), breakEvenAfter: pick([true, false]) },
    ]),
    trailing: pick([
      null,
      {
        atrMult: pick([0.3, 1, 2]),
        start: pick(['entry', 'after_tp1']),
        reference: pick(['close', 'extreme']),
        moveMinFrac: pick([0, 0.001, 0.01]),
      },
    ]),
  };
}

/** Settlements every 1, 4 or 8 hours, on the hour or a few milliseconds late, with holes and an end. */
function randomFunding(prng: Prng, endMs: number): FundingEvents {
  const pick = pickFrom(prng);
  const everyMs = pick([1, 4, 8]) * HOUR_MS;
  const lateMs = pick([0, 0, 7]);
  const timeMs: number[] = [];
  for (let at = TEST_START_MS; at < endMs; at += everyMs) {
    if (prng.next() < 0.15) continue;
    if (prng.next() < 0.02) break;
    timeMs.push(at + lateMs);
  }
  return { timeMs: Float64Array.from(timeMs), rate: Float64Array.from(timeMs, () => 0.002 * prng.normal()) };
}

function randomSettings(prng: Prng): EngineSettings {
  const pick = pickFrom(prng);
  return testSettings({
    protectionAnchor: pick(['reference', 'reference', 'fill']),
    stopAtrMin: 0.5,
    sizing: {
      risk: { mode: 'fixed', riskUsd: RISK_USD },
      grossExposureCapMult: 1e6,
      notionalCapFrac: 1e6,
      leverageMax: 1,
    },
    initialCapitalUsd: 1e9,
  });
}

interface VenueInput {
  readonly rules: InstrumentRules;
  readonly funding: FundingEvents | null;
  readonly disturbance: BarVenueOptions['disturbance'];
}

function randomVenue(prng: Prng, { rules, funding, disturbance }: VenueInput): BarVenueOptions {
  const pick = pickFrom(prng);
  const costs: CostSettings = {
    feeFrac: pick([0, 0.00055]),
    slippageFrac: pick([0, 0.0003]),
    stopSlippageFrac: pick([0, 0.0005]),
    impactFrac: pick([0, 0, 0.01]),
    assumedFundingFrac: pick([0, 0.0001]),
  };
  return {
    costs,
    rulesAt: (instrumentId) => ({ ...rules, instrumentId }),
    fundingOf: () => funding,
    entryFill: pick(['next_open', 'next_open', 'next_open', 'signal_close']),
    disturbance,
  };
}

interface SignalInput {
  readonly bars: Candles | undefined;
  readonly count: number;
}

/** Signals at closes of existing bars, in random order. */
function randomSignals(prng: Prng, instrumentId: InstrumentId, { bars, count }: SignalInput): Signal[] {
  if (bars === undefined || bars.length === 0) return [];
  const rows = new Set(Array.from({ length: count }, () => prng.below(bars.length)));
  return [...rows].map((row) =>
    testSignal({
      instrumentId,
      side: prng.next() < 0.5 ? 'long' : 'short',
      decisionTimeMs: bars.openTimeMs[row] + TEST_INTERVAL_MS,
      referencePrice: bars.close[row],
      atr: 0.2 + 1.5 * prng.next(),
      features: { rs_percentile: 100 * prng.next(), missing: Number.NaN, word: '' },
      p: prng.next(),
    }),
  );
}

interface ReferenceParts extends Pick<
  RandomBacktest,
  'settings' | 'venue' | 'candles' | 'signals' | 'window' | 'funding'
> {
  readonly exits: ExitRules;
  readonly rules: InstrumentRules;
}

function referenceOf(id: InstrumentId, parts: ReferenceParts): ReferenceInput {
  const { settings, venue, candles, signals, window, exits, rules, funding } = parts;
  const { costs } = venue;
  const bars = candles.get(id) ?? new CandleBuffer(TEST_INTERVAL_MS);
  return {
    bars: Array.from({ length: bars.length }, (_, row) => ({
      openTimeMs: bars.openTimeMs[row],
      open: bars.open[row],
      high: bars.high[row],
      low: bars.low[row],
      close: bars.close[row],
      volume: bars.volume[row],
      turnover: Number.NaN,
    })),
    intervalMs: TEST_INTERVAL_MS,
    signals: signals.filter(({ instrumentId }) => instrumentId === id),
    exits,
    riskUsd: RISK_USD,
    stopAtrMin: settings.stopAtrMin,
    anchor: settings.protectionAnchor,
    entryFill: venue.entryFill,
    rules: { tick: rules.tickSize, lot: rules.qtyStep, qtyMin: rules.qtyMin, notionalMin: rules.notionalMinUsd },
    costs: {
      fee: costs.feeFrac,
      slippage: costs.slippageFrac,
      stopSlippage: costs.stopSlippageFrac,
      impact: costs.impactFrac,
      assumedFunding: costs.assumedFundingFrac,
    },
    funding: funding === null ? null : Array.from(funding.timeMs, (timeMs, k) => ({ timeMs, rate: funding.rate[k] })),
    ...window,
  };
}
