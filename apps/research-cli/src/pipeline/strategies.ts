/** The strategies of a run: files found, compiled with all configuration layers, announced. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DonchError, type ConfigLayer } from '@donch/core';
import { readSymbolsFile, resolveUserPath } from '@donch/data';
import { compileStrategy, parseStrategyFile, type CompiledStrategy, type CompileInput } from '@donch/strategy';
import type { Terminal } from '../cli/terminal.ts';
import { readText, type ProjectContext } from './project-context.ts';

/** What compiles a strategy, as plain data: workers compile it again from this. */
export type StrategyInput = CompileInput;

/** Inputs of `--strategy` (paths from the current folder) or of STRATEGY_SPEC_PATH (from the project). Throws `no_strategy_file`. */
export function strategyInputs(
  project: ProjectContext,
  files: readonly string[] | undefined,
  universeHash: string,
): StrategyInput[] {
  const paths =
    files === undefined || files.length === 0
      ? [
          existing(
            resolveUserPath(project.folder, project.config.values.STRATEGY_SPEC_PATH),
            project.config.values.STRATEGY_SPEC_PATH,
            project.folder,
          ),
        ]
      : files.map((file) => existing(resolveUserPath(process.cwd(), file), file, project.folder));
  return paths.map((path) => {
    const text = readText(path);
    return { text, file: path, universeHash, layers: [...project.layers, ...blacklistLayer(project, text, path)] };
  });
}

function existing(path: string, written: string, projectFolder: string): string {
  if (existsSync(path)) return path;
  const fromProject = resolveUserPath(projectFolder, written);
  if (existsSync(fromProject)) return fromProject;
  const folder = existsSync(dirname(path)) ? dirname(path) : join(projectFolder, 'strategies');
  const there = existsSync(folder) ? readdirSync(folder).filter((name) => /\.ya?ml$/.test(name)) : [];
  throw new DonchError('no_strategy_file', `strategy file "${written}" does not exist`, {
    expected: `${path}${fromProject === path ? '' : ` or ${fromProject}`}`,
    remedy: there.length === 0 ? `there are no strategy files in ${folder}` : `${folder} holds: ${there.join(', ')}`,
  });
}

/** blacklist.txt joins the strategy's own list and the configured one; it never replaces them. */
function blacklistLayer(project: ProjectContext, text: string, file: string): ConfigLayer[] {
  const path = join(project.folder, 'blacklist.txt');
  if (!existsSync(path)) return [];
  const own = parseStrategyFile(text, file).filters?.blacklist ?? [];
  const listed = readSymbolsFile(path).symbols.map(({ symbol }) => symbol);
  const all = new Set([...own, ...project.config.values.BLACKLIST, ...listed]);
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
