/** The strategies of a run: files found, compiled with all configuration layers, announced. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PRODUCT_FOLDER, type Terminal } from '@donch/cli';
import { DonchError, type ConfigLayer } from '@donch/core';
import { CONFIG_NAME, readSymbolsFile, resolveUserPath } from '@donch/data';
import { compileStrategy, parseStrategyFile, type CompiledStrategy, type CompileInput } from '@donch/strategy';
import { readText, type SettingsContext } from './project-context.ts';

/** The strategies that come with the program. */
export const SHIPPED_STRATEGIES = join(PRODUCT_FOLDER, 'strategies');

/** Path of the default strategy that comes with the program. */
export function shippedStrategy(): string {
  return join(SHIPPED_STRATEGIES, 'donch_pullback_long.yaml');
}

/** What compiles a strategy, as plain data: workers compile it again from this. */
export type StrategyInput = CompileInput;

export interface StrategyChoice {
  /** `--strategy`: paths from the current folder. */
  readonly files: readonly string[] | undefined;
  readonly cwd: string;
  readonly universeHash: string;
}

/** Inputs of `--strategy` or of STRATEGY_SPEC_PATH (a path from the project). Throws `no_strategy_file`. */
export function strategyInputs(
  settings: SettingsContext,
  { files, cwd, universeHash }: StrategyChoice,
): StrategyInput[] {
  const { folder, config } = settings;
  const active = config.values.STRATEGY_SPEC_PATH;
  const paths =
    files === undefined || files.length === 0
      ? [existing(resolveUserPath(folder, active), active, folder)]
      : files.map((file) => existing(resolveUserPath(cwd, file), file, folder));
  return paths.map((path) => {
    const text = readText(path);
    return { text, file: path, universeHash, layers: [...settings.layers, ...blacklistLayer(settings, text, path)] };
  });
}

function existing(path: string, written: string, projectFolder: string): string {
  if (existsSync(path)) return path;
  const fromProject = resolveUserPath(projectFolder, written);
  if (existsSync(fromProject)) return fromProject;
  const folders = new Set([dirname(path), join(projectFolder, 'strategies')]);
  const there = [...folders].flatMap((folder) => strategyFilesIn(folder));
  throw new DonchError('no_strategy_file', `strategy file "${written}" does not exist`, {
    expected: `${path}${fromProject === path ? '' : ` or ${fromProject}`}`,
    remedy:
      there.length === 0
        ? `there are no strategy files in ${[...folders].join(', ')}`
        : `there are: ${there.join(', ')}`,
  });
}

function strategyFilesIn(folder: string): string[] {
  const names = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(folder) : [];
  return names.filter((name) => /\.ya?ml$/.test(name) && name !== CONFIG_NAME).map((name) => join(folder, name));
}

/** blacklist.txt joins the strategy's own list and the configured one; it never replaces them. */
function blacklistLayer({ folder, config }: SettingsContext, text: string, file: string): ConfigLayer[] {
  const path = join(folder, 'blacklist.txt');
  if (!existsSync(path)) return [];
  const own = parseStrategyFile(text, file).filters?.blacklist ?? [];
  const listed = readSymbolsFile(path).symbols.map(({ symbol }) => symbol);
  const all = new Set([...own, ...config.values.BLACKLIST, ...listed]);
  return [{ layer: 'config', source: path, values: { BLACKLIST: [...all].sort() } }];
}

/** Compiles and announces what differs from the file. */
export function compileStrategies(inputs: readonly StrategyInput[], terminal: Terminal): CompiledStrategy[] {
  const strategies = inputs.map((input) => compileStrategy(input));
  const names = new Set(strategies.map(({ strategyId }) => strategyId));
  if (names.size !== strategies.length) {
    throw new DonchError('bad_strategy', 'two strategies have the same name', {
      expected: 'a different strategy.name in each file',
    });
  }
  for (const { config, notes, name } of strategies) {
    for (const note of config.notes) if (note.kind === 'override') terminal.info(`override: ${note.text}`);
    for (const note of notes) terminal.info(`note: ${name}: ${note}`);
  }
  return strategies;
}
