/** The model of a session: found and proven before it starts, named in its first record, found again for a replay. */
import { join } from 'node:path';
import type { Terminal } from '@donch/cli';
import { DonchError, formatDay, type Signal, type Universe } from '@donch/core';
import { namesIn } from '@donch/data';
import { resolveUserPath } from '@donch/data';
import { checkBinding, scoreFeatures } from '@donch/meta';
import {
  currentBundle,
  hasManifest,
  loadBundle,
  readManifest,
  registeredFeatures,
  type LoadedBundle,
} from '@donch/model-store';
import type { ProjectContext, StrategyInput } from '@donch/project';
import { compileStrategy, type CompiledStrategy } from '@donch/strategy';
import type { SessionStart } from '@donch/trader';

/** What the start record says about the model. */
export type SessionModelIdentity = NonNullable<SessionStart['model']>;

/** Calibrated probability of a signal. */
export type ScoreSignal = (signal: Signal) => number;

interface ModelRequest {
  readonly project: ProjectContext;
  readonly strategies: readonly CompiledStrategy[];
  readonly universe: Universe;
  /** First decision. */
  readonly startMs: number;
  readonly terminal: Terminal;
}

/**
 * The bundle that META: required asks for, or null. Throws `no_bundle` when there is none, what loading and binding throw, `no_threshold`
 * when nobody names a p*, and `in_sample` for a session over outcomes that the model has learned.
 */
export async function requiredModel(request: ModelRequest): Promise<SessionModelIdentity | null> {
  const { project, strategies, startMs, terminal } = request;
  if (strategies.every(({ settings }) => settings.META !== 'required')) return null;
  const folder = bundleFolder(project);
  const bundle = await boundBundle(folder, request);
  const { labelEndMs } = bundle.manifest.training;
  if (startMs < labelEndMs) {
    throw new DonchError('in_sample', `the session begins on ${formatDay(startMs)}`, {
      expected: `a start at or after ${formatDay(labelEndMs)}: until then the model has learned the outcomes`,
      remedy:
        'Take a later --start, or trade without the gate: --set META=off. donch apply-meta --rebt shows the past honestly.',
    });
  }
  const [{ settings }] = strategies;
  const own = settings.META_PROB_THRESHOLD;
  if (own === null && Number.isNaN(bundle.pstar)) {
    throw new DonchError(
      'no_threshold',
      `META is required and the bundle ${bundle.id} names no p*: ${bundle.manifest.pstar.note}`,
      {
        expected: 'META_PROB_THRESHOLD, or a bundle with a p*',
        remedy: 'set META: off to trade without the win-probability gate',
      },
    );
  }
  const used = own ?? bundle.pstar;
  const differs = own !== null && own !== bundle.pstar;
  terminal.info(
    `WinProb ready: bundle ${bundle.id}, ${bundle.manifest.features.length} features, ${bundle.parity.rows} parity rows, p* ${used}${differs ? ` (META_PROB_THRESHOLD; the bundle says ${Number.isNaN(bundle.pstar) ? 'none' : bundle.pstar})` : ''}`,
  );
  return { bundleId: bundle.id, pstar: used };
}

/** The configured bundle, else the deployed one. */
function bundleFolder({ config, folder, modelsFolder }: ProjectContext): string {
  const configured = config.values.WINPROB_ARTIFACT_DIR;
  const found = configured === null ? currentBundle(modelsFolder) : resolveUserPath(folder, configured);
  if (found !== null) return found;
  throw new DonchError('no_bundle', 'META is required and no model is deployed', {
    expected: 'a deployed bundle, or one that WINPROB_ARTIFACT_DIR names',
    remedy: 'donch train, then donch deploy-model; or set META: off to trade without the gate',
  });
}

async function boundBundle(
  folder: string,
  { project, strategies, universe, terminal }: Omit<ModelRequest, 'startMs'>,
): Promise<LoadedBundle> {
  const { manifest } = readManifest(folder);
  const universeMismatch = project.config.values.UNIVERSE_MISMATCH;
  for (const { strategyId, setupHash, filterHash, exitHash, settings } of strategies) {
    const here = {
      strategyId,
      setupHash,
      filterHash,
      exitHash,
      universeHash: universe.universeHash,
      venue: universe.venue,
      interval: settings.TIMEFRAME,
    };
    for (const warning of checkBinding(manifest.binding, here, { universeMismatch })) terminal.warn(warning);
  }
  const bundle = await loadBundle(folder, { registry: registeredFeatures(strategies[0]) });
  for (const note of bundle.notes) terminal.warn(note);
  return bundle;
}

/** The strategies with the bundle's p* where the settings name none: what a session is compiled from. */
export function withThreshold(inputs: readonly StrategyInput[], model: SessionModelIdentity | null): StrategyInput[] {
  if (model === null) return [...inputs];
  const layer = {
    layer: 'set',
    source: `bundle ${model.bundleId}`,
    values: { META_PROB_THRESHOLD: model.pstar },
  } as const;
  return inputs.map((input) =>
    compileStrategy(input).settings.META_PROB_THRESHOLD === null
      ? { ...input, layers: [...input.layers, layer] }
      : input,
  );
}

/** Scores signals with the bundle that a start record names. Throws `no_bundle` when it is gone. */
export async function scorerOf(
  model: SessionModelIdentity | null,
  { modelsFolder, strategies }: { readonly modelsFolder: string; readonly strategies: readonly CompiledStrategy[] },
): Promise<ScoreSignal | null> {
  if (model === null) return null;
  const folder = namesIn(modelsFolder)
    .map((name) => join(modelsFolder, name))
    .find((path) => hasManifest(path) && readManifest(path).id === model.bundleId);
  if (folder === undefined) {
    throw new DonchError('no_bundle', `the bundle ${model.bundleId} is not in ${modelsFolder}`, {
      expected: 'the bundle that the session was begun with',
    });
  }
  const bundle = await loadBundle(folder, { registry: registeredFeatures(strategies[0]) });
  return ({ features }) => scoreFeatures(bundle.model, features).p;
}
