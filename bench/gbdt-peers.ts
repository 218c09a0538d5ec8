/**
 * Trainers of a Python installation, timed on the same rows: the one that LIGHTGBM_PYTHON names, else python3 of the PATH; none when it
 * cannot import them. One thread, and rows in the layout that they like best.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** What a training took. */
export interface TrainingTime {
  readonly sec: number;
  /** Of all threads of the process. */
  readonly cpuSec: number;
}

export interface PeerTask {
  /** Name of the trainer. */
  readonly peer: string;
  /** Float32 by column, then the labels as float32. */
  readonly path: string;
  readonly rows: number;
  readonly features: number;
  readonly trees: number;
}

const PROGRAM = `
import importlib.util, json, sys, time
import numpy
found = [name for name in ('lightgbm', 'xgboost') if importlib.util.find_spec(name)]
for name in found: globals()[name] = __import__(name)
print(json.dumps(found), flush=True)
loaded = {}
def read(task):
    if task['path'] not in loaded:
        rows, features = task['rows'], task['features']
        values = numpy.fromfile(task['path'], dtype=numpy.float32)
        x = numpy.ascontiguousarray(values[:rows * features].reshape(features, rows).T)
        loaded.clear()
        loaded[task['path']] = (x, values[rows * features:])
    return loaded[task['path']]
def with_lightgbm(x, y, trees):
    params = dict(objective='binary', num_leaves=31, learning_rate=0.05, max_bin=255, num_threads=1, verbose=-1)
    lightgbm.train(params, lightgbm.Dataset(x, y), num_boost_round=trees)
def with_xgboost(x, y, trees):
    params = dict(objective='binary:logistic', tree_method='hist', grow_policy='lossguide', max_leaves=31, max_depth=0,
                  max_bin=256, eta=0.05, nthread=1, verbosity=0)
    xgboost.train(params, xgboost.DMatrix(x, y, nthread=1), num_boost_round=trees)
for line in sys.stdin:
    task = json.loads(line)
    x, y = read(task)
    train = dict(lightgbm=with_lightgbm, xgboost=with_xgboost)[task['peer']]
    start, cpu = time.perf_counter(), time.process_time()
    train(x, y, task['trees'])
    print(json.dumps(dict(sec=time.perf_counter() - start, cpuSec=time.process_time() - cpu)), flush=True)
`;

type Python = ChildProcessByStdio<Writable, Readable, null>;

export class Peers {
  /** Trainers that were found. */
  readonly names: readonly string[];
  readonly #process: Python;
  readonly #lines: AsyncIterator<string>;

  private constructor(names: readonly string[], process: Python, lines: AsyncIterator<string>) {
    this.names = names;
    this.#process = process;
    this.#lines = lines;
  }

  static async start(): Promise<Peers> {
    const python = process.env['LIGHTGBM_PYTHON'] ?? 'python3';
    const child = spawn(python, ['-c', PROGRAM], {
      env: { ...process.env, OMP_NUM_THREADS: '1' },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    // An installation that is not there has no trainers: its output ends at once.
    child.on('error', () => child.stdout.destroy());
    child.stdin.on('error', () => child.stdout.destroy());
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const first = await lines.next();
    return new Peers(first.done === true ? [] : (JSON.parse(first.value) as string[]), child, lines);
  }

  async train(task: PeerTask): Promise<TrainingTime> {
    this.#process.stdin.write(`${JSON.stringify(task)}\n`);
    const line = await this.#lines.next();
    if (line.done === true) throw new Error(`${task.peer} ended without an answer`);
    return JSON.parse(line.value) as TrainingTime;
  }

  async stop(): Promise<void> {
    if (this.names.length === 0) return;
    this.#process.stdin.end();
    await once(this.#process, 'close');
  }
}
