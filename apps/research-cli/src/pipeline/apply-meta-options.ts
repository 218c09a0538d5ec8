/** The flags of `donch apply-meta` as values, and whose predictions they mean. */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { CommandContext } from '@donch/cli';
import { DonchError, parseDurationArgument, type ConfigValues } from '@donch/core';
import { resolveUserPath } from '@donch/data';
import { COVERAGE_MIN_FRAC, type PredictionJoinOptions, type WantedColumns } from '@donch/meta';
import type { SettingsContext } from '@donch/project';
import type { ApplyMetaFlags } from '../commands/apply-meta.ts';
import { numberArgument } from './training-options.ts';

/** Whose probabilities are applied. */
export type PredictionSource =
  | {
      readonly kind: 'file';
      readonly file: string;
      readonly columns: WantedColumns;
      readonly join: Omit<PredictionJoinOptions, 'intervalMs' | 'coverageMinFrac'>;
    }
  /** Out-of-fold predictions of a bundle, each with the p* that was known at its time. */
  | { readonly kind: 'walk_forward'; readonly folder: string }
  /** The model of a bundle, for what came after its training; `isInSample`: for everything. */
  | { readonly kind: 'model'; readonly folder: string; readonly isInSample: boolean };

export interface GateRequest {
  readonly source: PredictionSource;
  /** `--pstar`; null = META_PROB_THRESHOLD, else what comes with the predictions. */
  readonly pstar: number | null;
  /** Of the signals for which there could be a prediction. */
  readonly coverageMinFrac: number;
}

/** What `donch apply-meta` does without flags, on a given bundle. */
export const walkForwardOf = (folder: string): GateRequest => ({
  source: { kind: 'walk_forward', folder },
  pstar: null,
  coverageMinFrac: COVERAGE_MIN_FRAC,
});

/** Reads the flags; `bad_argument` names the first that makes no sense. */
export function gateRequest(flags: ApplyMetaFlags, settings: SettingsContext, context: CommandContext): GateRequest {
  return {
    source: sourceOf(flags, settings, context),
    pstar: flags.pstar === undefined ? null : numberArgument(flags.pstar, '--pstar', { above: 0, atMost: 1 }),
    coverageMinFrac: share(flags.minCoverage, '--min-coverage'),
  };
}

function share(text: string, flag: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value >= 0 && value <= 1) return value;
  throw new DonchError('bad_argument', `${flag} is "${text}"`, { expected: 'a number from 0 to 1' });
}

function sourceOf(
  flags: ApplyMetaFlags,
  { folder, config }: SettingsContext,
  { cwd }: CommandContext,
): PredictionSource {
  const { bundle, inSample = false, pred } = flags;
  if (bundle !== undefined || inSample) {
    if (pred === undefined) {
      const named = typeof bundle === 'string' ? resolveUserPath(cwd, bundle) : newestBundle(folder, config.values);
      return { kind: 'model', folder: named, isInSample: inSample };
    }
    throw new DonchError('bad_argument', `--pred together with ${inSample ? '--in-sample' : '--bundle'}`, {
      expected: 'one of them: predictions of a file, or those of a model',
    });
  }
  const { META_PRED_PATH: configured } = config.values;
  if (pred !== undefined) return fileSource(resolveUserPath(cwd, pred), flags, config.values);
  if (configured !== null) return fileSource(resolveUserPath(folder, configured), flags, config.values);
  return { kind: 'walk_forward', folder: newestBundle(folder, config.values) };
}

/** Where the newest bundle is shown, or the folder that the settings name. */
function newestBundle(folder: string, { WINPROB_ARTIFACT_DIR: configured }: ConfigValues): string {
  return configured === null ? join(folder, 'results', 'meta_export') : resolveUserPath(folder, configured);
}

const WALK_FORWARD_NAME = 'walk_forward.parquet';

/** The walk-forward predictions of a bundle are those of the bundle, wherever they were named. */
function fileSource(file: string, flags: ApplyMetaFlags, values: ConfigValues): PredictionSource {
  const isOurs = basename(file) === WALK_FORWARD_NAME && existsSync(join(dirname(file), 'manifest.json'));
  if (isOurs && flags.probaCol === undefined) return { kind: 'walk_forward', folder: dirname(file) };
  const { probaCol, predTs, predSym, predId, predLabel, dedup, round, tol } = flags;
  const { META_MERGE_ROUND, META_MERGE_TOL } = values;
  return {
    kind: 'file',
    file,
    columns: {
      ...(probaCol !== undefined && { probability: probaCol }),
      ...(predTs !== undefined && { time: predTs }),
      ...(predSym !== undefined && { symbol: predSym }),
      ...(predId !== undefined && { id: predId }),
    },
    join: {
      roundMs: lengthOf(round, '--round', { setting: META_MERGE_ROUND, name: 'META_MERGE_ROUND' }),
      tolMs: lengthOf(tol, '--tol', { setting: META_MERGE_TOL, name: 'META_MERGE_TOL' }),
      ...(predLabel !== undefined && { label: predLabel }),
      ...(dedup !== undefined && { dedup }),
    },
  };
}

function lengthOf(
  text: string | undefined,
  flag: string,
  { setting, name }: { readonly setting: string | null; readonly name: string },
): number {
  return text === undefined ? parseDurationArgument(setting ?? '', name) : parseDurationArgument(text, flag);
}
