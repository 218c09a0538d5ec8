import { type CommandContext, isExpected } from '@donch/cli';
/** `donch config`: the effective value of every key, and where it comes from. */
import {
  CONFIG_SECTIONS,
  keySpec,
  parseYaml,
  type ConfigKey,
  type ConfigNote,
  type Origin,
  type ResolvedConfig,
} from '@donch/core';
import { openStore } from '@donch/data';
import { openProject, type ProjectContext, readText, resolveUniverse, strategyInputs } from '@donch/project';
import { compileStrategy, type CompiledStrategy } from '@donch/strategy';
import { documentOf } from '../cli/documents.ts';
import type { ConfigFlags } from '../commands/config.ts';
import { keyLines, strategyLines, type KeyRow } from './config-text.ts';

/** `donch config`. Without `--strategy` a strategy file that cannot be read is told and left out. */
export async function showConfig(flags: ConfigFlags, context: CommandContext): Promise<void> {
  const { terminal } = context;
  const { strategy: strategyFlag, ...projectFlags } = flags;
  const project = openProject(projectFlags, context);
  const universeHash = await universeHashOf(project, context);
  const files = typeof strategyFlag === 'string' ? [strategyFlag] : undefined;
  const compile = (): CompiledStrategy =>
    compileStrategy(strategyInputs(project, { files, cwd: context.cwd, universeHash: universeHash ?? '' })[0]);
  const strategy = strategyFlag === undefined ? compiledOrTold(compile, context) : compile();
  const config = strategy?.config ?? project.config;
  const rows = keyRows(config, project, strategy);
  if (strategy !== null && strategyFlag !== undefined) {
    terminal.result(
      strategyLines(strategy, { rows, folder: project.folder, hasUniverse: universeHash !== null }).join('\n'),
    );
  } else terminal.result(keyLines({ rows, folder: project.folder, all: flags.all === true }).join('\n'));
  for (const text of overrides(config.notes)) terminal.result(`override: ${text}`);
  terminal.result(`config hash ${config.configHash}`);
  terminal.document(
    documentOf('config', {
      ok: true,
      configPath: project.configPath,
      configHash: config.configHash,
      keys: rows,
      notes: config.notes,
      strategies: strategy === null ? [] : [strategyDocument(strategy)],
    }),
  );
}

/** Hash of the universe that a run would have; null while there are no candles or symbols.txt does not fit them. */
async function universeHashOf(project: ProjectContext, { terminal, cwd }: CommandContext): Promise<string | null> {
  const store = openStore(project.dataFolder);
  const interval = project.config.values.TIMEFRAME;
  try {
    const universe = await resolveUniverse({ project, store, interval, symbols: undefined, cwd, terminal });
    return universe.universeHash;
  } catch (error) {
    if (isExpected(error)) return null;
    throw error;
  }
}

function compiledOrTold(compile: () => CompiledStrategy, { terminal }: CommandContext): CompiledStrategy | null {
  try {
    return compile();
  } catch (error) {
    if (!isExpected(error)) throw error;
    terminal.warn(`without the strategy file: ${error.message}`);
    return null;
  }
}

/** Aliases and obsolete keys were told when the project was opened. */
function overrides(notes: readonly ConfigNote[]): string[] {
  return notes.filter(({ kind }) => kind === 'override').map(({ text }) => text);
}

function keyRows(config: ResolvedConfig, project: ProjectContext, strategy: CompiledStrategy | null): KeyRow[] {
  const lineOf = lineFinder(project, strategy);
  return Object.entries(CONFIG_SECTIONS).flatMap(([section, keys]) =>
    (Object.keys(keys) as ConfigKey[]).map((key): KeyRow => {
      const { fallback, unit, actsIn = 'both', meaning } = keySpec(key);
      const { layer, source, written } = config.origins[key];
      const value = config.values[key];
      const line = lineOf(key, config.origins[key]);
      return { key, section, value, default: fallback, unit, layer, source, line, written, actsIn, meaning };
    }),
  );
}

/** Line of a value in its file; null for values that are not from a file. */
function lineFinder(
  project: ProjectContext,
  strategy: CompiledStrategy | null,
): (key: ConfigKey, origin: Origin) => number | null {
  const strategyFile = strategy === null ? null : parseYaml(readText(strategy.file), strategy.file);
  return (key, { layer, source, written }) => {
    if (layer === 'strategy') return strategyFile?.lineOf(pathOf(key)) ?? null;
    return project.layers.find((known) => known.source === source)?.lines?.[written] ?? null;
  };
}

function pathOf(key: ConfigKey): string[] {
  return keySpec(key).strategyPath?.split('.') ?? [];
}

function strategyDocument({
  name,
  strategyId,
  side,
  file,
  filters,
  features,
  notes,
  ...hashes
}: CompiledStrategy): object {
  const { setupHash, filterHash, exitHash, specHash } = hashes;
  return {
    name,
    strategyId,
    side,
    file,
    hashes: { setupHash, filterHash, exitHash, specHash },
    filters: filters.map((filter) => ({ name: filter.name, ...filter.description })),
    features: features.map((def) => def.name),
    notes,
  };
}
