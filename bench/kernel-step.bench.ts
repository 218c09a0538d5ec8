/**
 * What the kernel interface costs: indicators stepped bar by bar through their classes against hand-written loops over the same
 * columns, with all state in local variables and the same arithmetic; that the bits are the same is checked first. The report
 * covers all of them, each stepped where its class is known at the call (as an entry machine holds its kernels). The figures of
 * each, and of all through one list of kernels (as a pipeline of features holds them), go to stderr.
 */
import { CandleBuffer, createPrng, DAY_MS, MINUTE_MS, type Candles } from '@donch/core';
import { Atr, DonchianDays, Ema, type Kernel, Macd, Rsi } from '@donch/indicators';
import { type BenchReport, compare } from './harness.ts';

/** Quarters of a year of 5-minute bars: the loops are entered often, so that they do not stay in code compiled half-way. */
const SERIES = 8;
const BARS_PER_SERIES = 26_280;
const BARS = SERIES * BARS_PER_SERIES;
const INTERVAL_MS = 5 * MINUTE_MS;
/** A kernel may cost three times the loop that a person would write for it alone. */
const LIMIT = 3;
const ROUNDS = 15;
/** Until both sides run as compiled code; on a busy machine that takes a while. */
const WARMUPS = 20;

/** Writes one value per row. */
type Loop = (candles: Candles, out: Float64Array) => void;

interface KernelCase {
  readonly name: string;
  /** A run over all bars with a fresh kernel. */
  readonly stepped: Loop;
  readonly inline: Loop;
}

/** Kernels are made outside of the loop that steps them, as everywhere. */
function kernelCase<K extends Kernel>(
  create: () => K,
  stepAll: (kernel: K, candles: Candles, out: Float64Array) => void,
  inline: Loop,
): KernelCase {
  return { name: create().constructor.name, stepped: (candles, out) => stepAll(create(), candles, out), inline };
}

const createEma = () => new Ema(21);
const createAtr = () => new Atr(14);
const createRsi = () => new Rsi(14);
const createMacd = () => new Macd();
const createDonchian = () => new DonchianDays({ days: 20, intervalMs: INTERVAL_MS });

/** Each with a loop of its own: the call in it knows its class. */
const CASES: readonly KernelCase[] = [
  kernelCase(
    createEma,
    (kernel, candles, out) => {
      for (let i = 0; i < out.length; i += 1) out[i] = kernel.step(candles, i);
    },
    emaLoop,
  ),
  kernelCase(
    createAtr,
    (kernel, candles, out) => {
      for (let i = 0; i < out.length; i += 1) out[i] = kernel.step(candles, i);
    },
    atrLoop,
  ),
  kernelCase(
    createRsi,
    (kernel, candles, out) => {
      for (let i = 0; i < out.length; i += 1) out[i] = kernel.step(candles, i);
    },
    rsiLoop,
  ),
  kernelCase(
    createMacd,
    (kernel, candles, out) => {
      for (let i = 0; i < out.length; i += 1) out[i] = kernel.step(candles, i);
    },
    macdLoop,
  ),
  kernelCase(
    createDonchian,
    (kernel, candles, out) => {
      for (let i = 0; i < out.length; i += 1) out[i] = kernel.step(candles, i);
    },
    donchianDaysLoop,
  ),
];

const KNOWN: KernelCase = {
  name: 'all, classes known',
  stepped: (candles, out) => {
    for (const { stepped } of CASES) stepped(candles, out);
  },
  inline: (candles, out) => {
    for (const { inline } of CASES) inline(candles, out);
  },
};

/** One call that has seen every class: it is not inlined and its result is boxed. */
const INTERFACE: KernelCase = {
  name: 'all through one interface',
  stepped: (candles, out) => {
    const kernels: readonly Kernel[] = [createEma(), createAtr(), createRsi(), createMacd(), createDonchian()];
    for (const kernel of kernels) for (let i = 0; i < out.length; i += 1) out[i] = kernel.step(candles, i);
  },
  inline: KNOWN.inline,
};

export async function run(): Promise<BenchReport> {
  const market = Array.from({ length: SERIES }, (_, k) => randomWalk(k));
  for (const one of [...CASES, INTERFACE]) checkBits(one, market[0]);
  for (const one of CASES) await measure(one, market);
  const report = await measure(KNOWN, market);
  await measure(INTERFACE, market);
  return report;
}

function checkBits({ name, stepped, inline }: KernelCase, candles: Candles): void {
  const [found, expected] = [new Float64Array(BARS_PER_SERIES), new Float64Array(BARS_PER_SERIES)];
  stepped(candles, found);
  inline(candles, expected);
  const row = found.findIndex((value, i) => !Object.is(value, expected[i]));
  if (row >= 0) throw new Error(`${name}: found ${found[row]} at row ${row}, expected ${expected[row]}`);
}

async function measure({ name, stepped, inline }: KernelCase, market: readonly Candles[]): Promise<BenchReport> {
  const out = new Float64Array(BARS_PER_SERIES);
  const overMarket = (loop: Loop) => () => {
    for (const candles of market) loop(candles, out);
  };
  for (let warmup = 0; warmup < WARMUPS; warmup += 1) {
    overMarket(stepped)();
    overMarket(inline)();
    // Gives the compiler's thread a turn on a busy machine.
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const report = await compare({
    name: 'kernel-step',
    candidate: overMarket(stepped),
    reference: overMarket(inline),
    rounds: ROUNDS,
    limit: LIMIT,
  });
  const nsPerBar = (ms: number): string => ((ms * 1e6) / BARS).toFixed(1);
  const [found, reference] = [nsPerBar(report.medianMs), nsPerBar(report.referenceMedianMs)];
  console.error(`${name}: ${found} ns per bar, by hand ${reference} ns, ratio ${report.ratio.toFixed(2)}`);
  return report;
}

function emaLoop({ close, length }: Candles, out: Float64Array): void {
  const alpha = 2 / 22;
  let average = close[0];
  out[0] = average;
  for (let i = 1; i < length; i += 1) {
    average += alpha * (close[i] - average);
    out[i] = average;
  }
}

function atrLoop({ high, low, close, length }: Candles, out: Float64Array): void {
  let sum = 0;
  let average = Number.NaN;
  out[0] = average;
  for (let i = 1; i < length; i += 1) {
    const previous = close[i - 1];
    const range = Math.max(high[i] - low[i], Math.abs(high[i] - previous), Math.abs(low[i] - previous));
    if (i > 14) average += (range - average) / 14;
    else {
      sum += range;
      if (i === 14) average = sum / 14;
    }
    out[i] = average;
  }
}

function rsiLoop({ close, length }: Candles, out: Float64Array): void {
  let gainSum = 0;
  let lossSum = 0;
  let gain = Number.NaN;
  let loss = Number.NaN;
  out[0] = Number.NaN;
  for (let i = 1; i < length; i += 1) {
    const change = close[i] - close[i - 1];
    const up = change > 0 ? change : 0;
    const down = change < 0 ? -change : 0;
    if (i > 14) {
      gain += (up - gain) / 14;
      loss += (down - loss) / 14;
    } else {
      gainSum += up;
      lossSum += down;
      if (i === 14) {
        gain = gainSum / 14;
        loss = lossSum / 14;
      }
    }
    out[i] = gain + loss === 0 ? 50 : (100 * gain) / (gain + loss);
  }
}

function macdLoop({ close, length }: Candles, out: Float64Array): void {
  const fastAlpha = 2 / 13;
  const slowAlpha = 2 / 27;
  const signalAlpha = 2 / 10;
  let fast = close[0];
  let slow = close[0];
  let signal = 0;
  for (let i = 0; i < length; i += 1) {
    fast += fastAlpha * (close[i] - fast);
    slow += slowAlpha * (close[i] - slow);
    const line = fast - slow;
    signal += signalAlpha * (line - signal);
    out[i] = line - signal;
  }
}

function donchianDaysLoop({ openTimeMs, high, low, length }: Candles, out: Float64Array): void {
  const highs = new Float64Array(20);
  const lows = new Float64Array(20);
  let daysEnded = -1;
  let dayEndMs = Number.NEGATIVE_INFINITY;
  let dayHigh = Number.NEGATIVE_INFINITY;
  let dayLow = Number.POSITIVE_INFINITY;
  let upper = Number.NaN;
  let lowerSum = 0;
  for (let i = 0; i < length; i += 1) {
    if (!(openTimeMs[i] < dayEndMs)) {
      if (daysEnded >= 0) {
        highs[daysEnded % 20] = dayHigh;
        lows[daysEnded % 20] = dayLow;
      }
      daysEnded += 1;
      if (daysEnded >= 20) {
        upper = Math.max(...highs);
        // The lower level is part of the work of the kernel.
        lowerSum += Math.min(...lows);
      }
      dayEndMs = (Math.floor(openTimeMs[i] / DAY_MS) + 1) * DAY_MS;
      dayHigh = Number.NEGATIVE_INFINITY;
      dayLow = Number.POSITIVE_INFINITY;
    }
    if (high[i] > dayHigh) dayHigh = high[i];
    if (low[i] < dayLow) dayLow = low[i];
    out[i] = upper;
  }
  if (lowerSum === 0) throw new Error('there is a lower level');
}

function randomWalk(seed: number): Candles {
  const prng = createPrng(seed, 'bench/kernel-step');
  const buffer = new CandleBuffer(INTERVAL_MS, BARS_PER_SERIES);
  let close = 100;
  for (let i = 0; i < BARS_PER_SERIES; i += 1) {
    const open = close;
    close = open * Math.exp(0.001 * prng.normal());
    const [high, low] = [Math.max(open, close) * 1.0005, Math.min(open, close) * 0.9995];
    const volume = Math.exp(8 + prng.normal());
    buffer.append({ openTimeMs: i * INTERVAL_MS, open, high, low, close, volume, turnover: Number.NaN });
  }
  return buffer;
}
