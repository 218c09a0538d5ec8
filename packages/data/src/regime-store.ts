/**
 * Fitted parameters of the regimes: one file per benchmark, model and interval at `regimes/<venue>/<SYMBOL>/<model>_<interval>.json`.
 * Research adds what is missing; the live bot reads and never fits. A fit is a function of its returns alone, so writers need no
 * lock: two that meet write the same fits.
 */
import { readFileSync } from 'node:fs';
import {
  DonchError,
  formatDay,
  hashJson,
  type InstrumentId,
  type Interval,
  type RegimeFit,
  type SwitchingModel,
} from '@donch/core';
import { z } from 'zod';
import { writeFileAtomic } from './atomic-file.ts';
import { withIoErrors } from './io-error.ts';
import { errorCode } from './platform.ts';
import type { StorePaths } from './store-paths.ts';

export interface RegimeSeriesKey {
  readonly instrumentId: InstrumentId;
  readonly model: SwitchingModel;
  readonly interval: Interval;
}

const SCHEMA_VERSION = 1;
const PAIR = z.tuple([z.number(), z.number()]).readonly();
const FIT = z.strictObject({
  /** For people; `refit_ms` counts. */
  refit: z.string(),
  refit_ms: z.int(),
  observations: z.int().nonnegative(),
  input_hash: z.string().regex(/^[0-9a-f]{64}$/),
  parameters: z.strictObject({ p00: z.number(), p10: z.number(), means: PAIR, variances: PAIR }).nullable(),
  log_likelihood: z.number().nullable(),
  separation_se: z.number().nullable(),
});
const FILE = z.strictObject({
  schema_version: z.literal(SCHEMA_VERSION),
  instrument_id: z.string(),
  model: z.string(),
  interval: z.string(),
  fits: z.array(FIT),
  /** SHA-256 of the canonical JSON of all the other members. */
  content_hash: z.string(),
});

export class RegimeStore {
  readonly #paths: StorePaths;

  constructor(paths: StorePaths) {
    this.#paths = paths;
  }

  /** Place of the fits of a series. */
  path({ instrumentId, model, interval }: RegimeSeriesKey): string {
    return this.#paths.regimes(instrumentId, `${model}_${interval}`);
  }

  /** Stored fits, ascending by refit date; none when there is no file. Throws `regimes_damaged`, `newer_schema`, `wrong_file`. */
  read(key: RegimeSeriesKey): RegimeFit[] {
    const path = this.path(key);
    const text = withIoErrors(path, 'read the file', () => textIfThere(path));
    return text === null ? [] : parse(text, path, key);
  }

  /** Adds fits to the stored ones; those of the same refit dates take the place of the old ones. Returns whether anything changed. */
  add(key: RegimeSeriesKey, fits: readonly RegimeFit[]): boolean {
    const before = this.read(key);
    const byDate = new Map([...before, ...fits].map((fit) => [fit.refitMs, fit]));
    const after = [...byDate.values()].sort((a, b) => a.refitMs - b.refitMs);
    if (hashJson(after) === hashJson(before)) return false;
    writeFileAtomic(this.path(key), format(key, after));
    return true;
  }
}

function textIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return null;
    throw cause;
  }
}

function format({ instrumentId, model, interval }: RegimeSeriesKey, fits: readonly RegimeFit[]): string {
  const body = {
    schema_version: SCHEMA_VERSION,
    instrument_id: instrumentId,
    model,
    interval,
    fits: fits.map((fit) => ({
      refit: formatDay(fit.refitMs),
      refit_ms: fit.refitMs,
      observations: fit.observations,
      input_hash: fit.inputHash,
      parameters: fit.parameters,
      log_likelihood: fit.logLikelihood,
      separation_se: fit.separationSe,
    })),
  };
  return `${JSON.stringify({ ...body, content_hash: hashJson(body) }, null, 2)}\n`;
}

function parse(text: string, path: string, { instrumentId, model, interval }: RegimeSeriesKey): RegimeFit[] {
  const json = jsonOf(text, path);
  const version = typeof json === 'object' && json !== null && 'schema_version' in json ? json.schema_version : null;
  if (typeof version === 'number' && version > SCHEMA_VERSION) {
    throw new DonchError('newer_schema', `the file has schema version ${version}`, {
      file: path,
      expected: `at most ${SCHEMA_VERSION}`,
      remedy: 'A newer DONCH wrote this file: update the program.',
    });
  }
  const parsed = FILE.safeParse(json);
  if (!parsed.success) throw damaged(path, 'the file does not have the form of one');
  const { content_hash: claimed, ...body } = parsed.data;
  if (hashJson(body) !== claimed) throw damaged(path, 'the fits do not match their hash');
  if (body.instrument_id !== instrumentId || body.model !== model || body.interval !== interval) {
    throw new DonchError('wrong_file', `the file holds ${body.model} ${body.interval} of ${body.instrument_id}`, {
      file: path,
      expected: `${model} ${interval} of ${instrumentId}`,
    });
  }
  return body.fits.map((fit) => ({
    refitMs: fit.refit_ms,
    observations: fit.observations,
    inputHash: fit.input_hash,
    parameters: fit.parameters,
    logLikelihood: fit.log_likelihood,
    separationSe: fit.separation_se,
  }));
}

function jsonOf(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw damaged(path, 'the file is not JSON', cause);
  }
}

function damaged(file: string, found: string, cause?: unknown): DonchError {
  return new DonchError('regimes_damaged', found, {
    file,
    expected: 'fits as they were written',
    remedy: 'Delete the file: research fits it again from the same candles.',
    cause,
  });
}
