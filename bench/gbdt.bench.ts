/**
 * Training of the win-probability model, binning included: the kernels in WebAssembly against those in plain JavaScript, and against
 * LightGBM and xgboost where a Python installation has them (LIGHTGBM_PYTHON names the interpreter). All on one thread, in turn, on the
 * same rows. CPU time stands beside wall time: it is what counts on a busy machine, although Node's includes its compiler and collector.
 * GBDT_ROUNDS asks for fewer rounds of the large size than of the small one.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Booster,
  createJsKernels,
  GBDT_DEFAULTS,
  marginOf,
  marginsOf,
  trainGbdt,
  type TrainingRows,
} from '@donch/meta';
import { gbdtRows } from './gbdt-data.ts';
import { Peers, type TrainingTime } from './gbdt-peers.ts';
import { type BenchReport, median } from './harness.ts';

const FEATURES = 40;
const ROUNDS = 7;
const LARGE_ROUNDS = Number(process.env['GBDT_ROUNDS'] ?? ROUNDS);
const MB = 1e6;
/** WebAssembly took 0.42 of the plain kernels' time when this was written. */
const LIMIT = 0.7;
const SCORED_ROWS = 10_000;

interface Size {
  readonly name: string;
  readonly rows: number;
  readonly trees: number;
  readonly rounds: number;
}
const SMALL: Size = { name: '20k', rows: 20_000, trees: 300, rounds: ROUNDS };
const LARGE: Size = { name: '500k', rows: 500_000, trees: 100, rounds: LARGE_ROUNDS };

export async function run(): Promise<BenchReport> {
  const peers = await Peers.start();
  try {
    const small = await timesOf(SMALL, peers);
    const large = await timesOf(LARGE, peers);
    const [wasm, plain] = [medianOf(small, 'wasm', 'sec'), medianOf(small, 'js', 'sec')];
    return {
      name: 'gbdt',
      medianMs: wasm * 1_000,
      referenceMedianMs: plain * 1_000,
      ratio: wasm / plain,
      rounds: SMALL.rounds,
      limit: LIMIT,
      figures: {
        ...figuresOf(SMALL, small),
        ...figuresOf(LARGE, large),
        ...scoring(),
        memoryBeyondInputMb: memoryMb(),
      },
    };
  } finally {
    await peers.stop();
  }
}

/** By trainer, one time per round. */
type Times = ReadonlyMap<string, TrainingTime[]>;

async function timesOf({ rows, trees, rounds, name }: Size, peers: Peers): Promise<Times> {
  const folder = mkdtempSync(join(tmpdir(), 'donch-bench-'));
  const path = join(folder, 'rows');
  const training = gbdtRows(rows, FEATURES);
  const labels = Float32Array.from(training.y);
  writeFileSync(path, Buffer.concat([Buffer.from(training.values.buffer), Buffer.from(labels.buffer)]));
  const trainers = new Map<string, () => TrainingTime | Promise<TrainingTime>>([
    ['wasm', () => timed(() => train(training, trees))],
    ['js', () => timed(() => train(training, trees, true))],
    ...peers.names.map((peer) => [peer, () => peers.train({ peer, path, rows, features: FEATURES, trees })] as const),
  ]);
  const times = new Map([...trainers.keys()].map((trainer) => [trainer, [] as TrainingTime[]]));
  try {
    for (let round = 0; round < rounds; round += 1) {
      const inTurn = round % 2 === 0 ? [...trainers] : [...trainers].reverse();
      for (const [trainer, work] of inTurn) {
        const time = await work();
        times.get(trainer)?.push(time);
        console.error(`${name} ${trainer}: ${time.sec.toFixed(2)} s, ${time.cpuSec.toFixed(2)} s of CPU`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return times;
}

function train(training: TrainingRows, trees: number, isPlain = false): Booster {
  const params = { ...GBDT_DEFAULTS, trees, learningRate: 0.05 };
  return trainGbdt(training, params, isPlain ? { kernels: createJsKernels } : {});
}

function timed(work: () => unknown): TrainingTime {
  const startMs = performance.now();
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return { sec: (performance.now() - startMs) / 1_000, cpuSec: (user + system) / 1e6 };
}

const medianOf = (times: Times, trainer: string, key: keyof TrainingTime): number =>
  median((times.get(trainer) ?? []).map((time) => time[key]));

/** Seconds of each trainer, and what WebAssembly takes of the time of the others. */
function figuresOf({ name }: Size, times: Times): Record<string, number> {
  const figures: Record<string, number> = {};
  for (const trainer of times.keys()) {
    figures[`${name}.${trainer}Sec`] = medianOf(times, trainer, 'sec');
    figures[`${name}.${trainer}CpuSec`] = medianOf(times, trainer, 'cpuSec');
    if (trainer === 'wasm') continue;
    for (const [key, label] of [
      ['sec', 'Ratio'],
      ['cpuSec', 'CpuRatio'],
    ] as const)
      figures[`${name}.wasmTo_${trainer}${label}`] = medianOf(times, 'wasm', key) / medianOf(times, trainer, key);
  }
  return figures;
}

/** Margins of rows with a model of 300 trees: one by one, and 10,000 of them. */
function scoring(): Record<string, number> {
  const training = gbdtRows(SMALL.rows, FEATURES);
  const model = train(training, SMALL.trees);
  const row = (k: number): Float32Array => Float32Array.from(training.features.columns, (column) => column[k]);
  const rows = Array.from({ length: SCORED_ROWS }, (_, k) => row(k));
  const all = (): number[] => rows.map((values) => timed(() => marginOf(model, values)).sec);
  all();
  const together = Array.from({ length: ROUNDS }, () => timed(() => marginsOf(model, rows)).sec);
  return { marginP50Us: median(all()) * 1e6, margin10kRowsMs: median(together) * 1_000 };
}

function memoryMb(): number {
  const output = execFileSync(process.execPath, [join(import.meta.dirname, 'gbdt-memory.ts')], { encoding: 'utf8' });
  return Number(output) / MB;
}
