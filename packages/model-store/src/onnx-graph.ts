/**
 * An ONNX file that scores rows: our own graphs (parity with the predictor that decides) and graphs that others trained. What is
 * not understood is refused with the file's name; nothing is guessed.
 */
import { readFileSync, statSync } from 'node:fs';
import { DonchError, invariant } from '@donch/core';
import { withIoErrors } from '@donch/data';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { foreignLayout, ownLayout, type GraphLayout } from './graph-layout.ts';
import { loadOnnxLibrary, type OnnxLibrary } from './onnx-library.ts';
import { readOnnxOutline } from './onnx-outline.ts';
import { foreignScores, ownScores, type OnnxScores } from './onnx-scores.ts';

/** Largest file that is taken for a model; 300 trees of 31 leaves are 0.8 MB. */
export const ONNX_BYTES_MAX = 256 * 2 ** 20;

/** Rows that are handed over at once: bounds the memory of what the graph holds in between. */
const BATCH_ROWS = 8_192;

/** `producer_name` of the graphs that `formatOnnx` writes. */
const OWN_PRODUCER = 'donch';

export interface OnnxSource {
  /** Named in errors. */
  readonly file: string;
  /** How many features a row has. */
  readonly featureCount: number;
}

export class OnnxGraph {
  /** Own graphs give margin, p_raw and p; foreign ones a probability. */
  readonly kind: 'own' | 'foreign';
  /** Texts that were written with the graph. */
  readonly metadata: ReadonlyMap<string, string>;
  readonly #source: OnnxSource;
  readonly #library: OnnxLibrary;
  readonly #session: InferenceSession;
  readonly #layout: GraphLayout;

  private constructor(parts: GraphParts) {
    this.kind = parts.layout.kind;
    this.metadata = parts.metadata;
    this.#source = parts.source;
    this.#library = parts.library;
    this.#session = parts.session;
    this.#layout = parts.layout;
  }

  /** Reads a file. Throws `bad_model`, or what the disk says (`no_such_file`, ...). */
  static async read(source: OnnxSource): Promise<OnnxGraph> {
    const { file } = source;
    const { size } = withIoErrors(file, 'read the model', () => statSync(file));
    checkSize(size, file);
    const bytes = withIoErrors(file, 'read the model', () => readFileSync(file));
    return await OnnxGraph.open(bytes, source);
  }

  /** Takes bytes that were read (and whose hash was compared) by the caller. Throws `bad_model`. */
  static async open(bytes: Uint8Array, source: OnnxSource): Promise<OnnxGraph> {
    const { file, featureCount } = source;
    invariant(Number.isInteger(featureCount) && featureCount > 0, 'a row has features');
    checkSize(bytes.length, file);
    const { producer, metadata } = readOnnxOutline(bytes, file);
    const library = await loadOnnxLibrary(file);
    const session = await createSession(library, bytes, file);
    try {
      const layout = producer === OWN_PRODUCER ? ownLayout(session, source) : foreignLayout(session, source);
      return new OnnxGraph({ layout, metadata, source, library, session });
    } catch (error) {
      await session.release();
      throw error;
    }
  }

  /**
   * Scores rows that lie one after the other, float32, NaN = missing. Of foreign graphs `margin` is NaN and `p` is `pRaw`.
   * Throws `bad_model` when the graph fails or gives something else than probabilities.
   */
  async score(rows: Float32Array, rowCount: number): Promise<OnnxScores> {
    const { featureCount } = this.#source;
    invariant(rows.length === rowCount * featureCount, 'there are as many values as rows x features');
    const scores: OnnxScores = {
      margin: new Float64Array(rowCount).fill(Number.NaN),
      pRaw: new Float64Array(rowCount),
      p: new Float64Array(rowCount),
    };
    for (let from = 0; from < rowCount; from += BATCH_ROWS) {
      const to = Math.min(rowCount, from + BATCH_ROWS);
      const values = await this.#run(rows.slice(from * featureCount, to * featureCount), to - from);
      const target = { scores, from, to, file: this.#source.file };
      if (this.#layout.kind === 'own') ownScores(values, target);
      else foreignScores(values[0], target);
    }
    return scores;
  }

  /** Frees the library's memory; the graph cannot score afterwards. */
  async close(): Promise<void> {
    await this.#session.release();
  }

  async #run(rows: Float32Array, rowCount: number): Promise<readonly Tensor[]> {
    const { input, inputType, outputs } = this.#layout;
    const { Tensor } = this.#library;
    const shape = [rowCount, this.#source.featureCount];
    const tensor =
      inputType === 'float32'
        ? new Tensor('float32', rows, shape)
        : new Tensor('float64', Float64Array.from(rows), shape);
    try {
      const found = await this.#session.run({ [input]: tensor }, outputs);
      return outputs.map((name) => found[name]);
    } catch (cause) {
      throw libraryError('the graph cannot score', { cause, file: this.#source.file });
    }
  }
}

interface GraphParts {
  readonly layout: GraphLayout;
  readonly metadata: ReadonlyMap<string, string>;
  readonly source: OnnxSource;
  readonly library: OnnxLibrary;
  readonly session: InferenceSession;
}

function checkSize(size: number, file: string): void {
  if (size <= ONNX_BYTES_MAX) return;
  throw new DonchError('bad_model', `the file has ${size} bytes`, {
    file,
    expected: `at most ${ONNX_BYTES_MAX}`,
    remedy: 'Train with fewer trees or leaves.',
  });
}

/** One thread: sums are made in one order, and single rows are faster. */
async function createSession(library: OnnxLibrary, bytes: Uint8Array, file: string): Promise<InferenceSession> {
  try {
    return await library.InferenceSession.create(bytes, {
      executionProviders: ['cpu'],
      executionMode: 'sequential',
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      logSeverityLevel: 4,
    });
  } catch (cause) {
    throw libraryError('the graph cannot be loaded', { cause, file });
  }
}

const REASON_CHARACTERS_MAX = 300;

/** The library's messages go on with places in its sources. */
function libraryError(found: string, { cause, file }: { readonly cause: unknown; readonly file: string }): DonchError {
  const reason = (cause instanceof Error ? cause.message : String(cause)).replaceAll(/\s+/g, ' ');
  return new DonchError('bad_model', `${found}: ${reason.slice(0, REASON_CHARACTERS_MAX)}`, {
    file,
    expected: 'a graph that onnxruntime 1.30 runs',
    remedy: 'Copy the model again, or export it with operator sets up to 21 of ai.onnx and 5 of ai.onnx.ml.',
    cause,
  });
}
