/** Which bundle a command means, and what it is held against: the features, settings and universe of the project as they are now. */
import { join } from 'node:path';
import type { CommandContext } from '@donch/cli';
import { DonchError, type Universe } from '@donch/core';
import { openStore, resolveUserPath } from '@donch/data';
import { checkBinding, type BundleBinding } from '@donch/meta';
import { currentBundle, hasManifest, loadBundle, registeredFeatures, type LoadedBundle } from '@donch/model-store';
import { compileStrategies, resolveUniverse, strategyInputs, type ProjectContext } from '@donch/project';
import type { CompiledStrategy } from '@donch/strategy';
import type { ModelFlags } from '../commands/model.ts';

/** Id of a stored bundle, or name of a deployed one. */
const NAME = /^(\d{8}-)?[0-9a-f]{16}$/;

/** The folder that a path or an id names; without one `shownBundle`, else the deployed bundle. Throws `no_bundle`. */
export function bundleFolder(path: string | undefined, project: ProjectContext, { cwd }: CommandContext): string {
  const folder = shownBundle(path, project, cwd) ?? currentBundle(project.modelsFolder);
  if (folder !== null) return folder;
  throw noBundle(project);
}

/** As `bundleFolder`, for what is to be deployed: the deployed one is none. */
export function undeployedBundle(path: string | undefined, project: ProjectContext, { cwd }: CommandContext): string {
  const folder = shownBundle(path, project, cwd);
  if (folder !== null) return folder;
  throw noBundle(project);
}

const noBundle = ({ resultsFolder }: ProjectContext): DonchError =>
  new DonchError('no_bundle', 'there is no model bundle', {
    expected: `one that WINPROB_ARTIFACT_DIR names, or one in ${join(resultsFolder, 'meta_export')}`,
    remedy: 'Train one (donch train), import one (donch model import), or name its folder.',
  });

/** The named bundle, the configured one, the one that results/meta_export shows; null = none of them. */
function shownBundle(path: string | undefined, project: ProjectContext, cwd: string): string | null {
  const { config, folder, modelsFolder, resultsFolder } = project;
  if (path === 'current' && !hasManifest(resolveUserPath(cwd, path))) return currentBundle(modelsFolder);
  if (path !== undefined) {
    const stored = join(modelsFolder, path);
    return NAME.test(path) && hasManifest(stored) ? stored : resolveUserPath(cwd, path);
  }
  const configured = config.values.WINPROB_ARTIFACT_DIR;
  if (configured !== null) return resolveUserPath(folder, configured);
  const shown = join(resultsFolder, 'meta_export');
  return hasManifest(shown) ? shown : null;
}

/** What is here and now. */
export interface Surroundings {
  readonly strategies: readonly CompiledStrategy[];
  /** Null: the store has no candles to tell it from. */
  readonly universe: Universe | null;
}

/** Compiles the strategies of the project, with the universe where the store tells it. */
export async function surroundingsOf(
  project: ProjectContext,
  flags: ModelFlags,
  context: CommandContext,
): Promise<Surroundings> {
  const { cwd, terminal } = context;
  const interval = project.config.values.TIMEFRAME;
  const store = openStore(project.dataFolder);
  const venues = store.candles.venues();
  const venue = project.config.values.VENUE ?? (venues.length === 1 ? venues[0] : null);
  const isKnown = venue !== null && store.candles.instruments(venue, interval).length > 0;
  const universe = isKnown
    ? await resolveUniverse({ project, store, interval, symbols: undefined, cwd, terminal })
    : null;
  const universeHash = universe?.universeHash ?? '';
  const inputs = strategyInputs(project, { files: flags.strategy, cwd, universeHash });
  return { strategies: compileStrategies(inputs, terminal), universe };
}

/** The strategy that a bundle is bound to: by set-up, else by name, else the first one (which is then refused by its set-up). */
function strategyOf({ binding }: { readonly binding: BundleBinding }, { strategies }: Surroundings): CompiledStrategy {
  return (
    strategies.find(({ setupHash }) => setupHash === binding.setupHash) ??
    strategies.find(({ strategyId }) => strategyId === binding.strategyId) ??
    strategies[0]
  );
}

export interface VerifiedBundle extends LoadedBundle {
  /** What is told and not refused: about files, and about what the bundle is bound to. */
  readonly warnings: readonly string[];
}

/** Loads a bundle for the project. Throws as `loadBundle` and `checkBinding`. */
export async function verifiedBundle(
  folder: string,
  manifest: { readonly binding: BundleBinding },
  { project, surroundings }: { readonly project: ProjectContext; readonly surroundings: Surroundings },
): Promise<VerifiedBundle> {
  const { binding } = manifest;
  const strategy = strategyOf(manifest, surroundings);
  const venue = venueHere(project, surroundings) ?? binding.venue;
  const here = bindingOf(strategy, { universe: surroundings.universe, venue });
  const universeMismatch = project.config.values.UNIVERSE_MISMATCH;
  // first: another set-up also changes features, and says more
  const bound = checkBinding(binding, here, { universeMismatch });
  const bundle = await loadBundle(folder, { registry: registeredFeatures(strategy) });
  const warnings = [...bundle.notes, ...bound];
  return { ...bundle, warnings };
}

/** The venue of the universe or of the settings; null = neither names one. */
export function venueHere(project: ProjectContext, { universe }: Surroundings): string | null {
  return universe?.venue ?? project.config.values.VENUE;
}

/** What a bundle of this strategy is bound to here. */
export function bindingOf(
  strategy: CompiledStrategy,
  { universe, venue }: { readonly universe: Universe | null; readonly venue: string },
): BundleBinding {
  const { strategyId, setupHash, filterHash, exitHash, settings } = strategy;
  const universeHash = universe?.universeHash ?? null;
  return { strategyId, setupHash, filterHash, exitHash, universeHash, venue, interval: settings.TIMEFRAME };
}

/** The fields that documents say about a bundle that was verified. */
export function checkedFields({ id, folder, manifest, parity, warnings }: VerifiedBundle): Record<string, unknown> {
  return {
    bundleId: id,
    folder,
    files: Object.keys(manifest.files).length,
    features: manifest.features.length,
    parityRows: parity.rows,
    onnxMaxAbsDiff: parity.onnxDifferenceMax,
    warnings,
  };
}
