/** The project that a command works on: its folder, its configuration layers, its places. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseEnv } from 'node:util';
import { type CommandContext, flagLayer, type RunFlags } from '@donch/cli';
import {
  CONFIG_KEYS,
  DonchError,
  isConfigKey,
  keySpec,
  parseYaml,
  resolveConfig,
  type ConfigKey,
  type ConfigLayer,
  type ResolvedConfig,
} from '@donch/core';
import { findProject, resolveUserPath, withIoErrors } from '@donch/data';

/** Settings without a project: where relative paths count from, and the layers. */
export interface SettingsContext {
  readonly folder: string;
  /** config.yaml, environment and command line; strategy files add their own. */
  readonly layers: readonly ConfigLayer[];
  /** Resolved without a strategy file: what belongs to the account and the run. */
  readonly config: ResolvedConfig;
}

export interface ProjectContext extends SettingsContext {
  readonly configPath: string;
  readonly dataFolder: string;
  readonly resultsFolder: string;
  readonly signalsFolder: string;
  /** Bundles by their id, and those that are deployed. */
  readonly modelsFolder: string;
}

/** Opens the project of `--config`, or the one that the current folder lies in. Throws `no_project`, `bad_config`, `bad_yaml`. */
export function openProject(flags: RunFlags, context: CommandContext): ProjectContext {
  const configPath = findConfig(flags.config, context.cwd);
  if (configPath !== null) return projectAt(configPath, flags, context);
  throw new DonchError('no_project', `there is no config.yaml in ${context.cwd} or in a folder above it`, {
    remedy: 'make a project with `donch init .`, or name one with --config',
  });
}

/** The settings of the project that the current folder lies in; without one those of environment and command line alone. */
export function openSettings(flags: RunFlags, context: CommandContext): SettingsContext {
  const configPath = findConfig(flags.config, context.cwd);
  if (configPath !== null) return projectAt(configPath, flags, context);
  const layers = [environmentLayer(context.cwd, context), flagLayer(flags)];
  return { folder: context.cwd, layers, config: resolved(layers, context) };
}

function findConfig(flag: string | undefined, cwd: string): string | null {
  return flag === undefined ? (findProject(cwd)?.configPath ?? null) : resolveUserPath(cwd, flag);
}

function projectAt(configPath: string, flags: RunFlags, context: CommandContext): ProjectContext {
  const folder = dirname(configPath);
  const layers = [configFileLayer(configPath), environmentLayer(folder, context), flagLayer(flags)];
  return {
    folder,
    configPath,
    layers,
    config: resolved(layers, context),
    dataFolder: join(folder, 'data'),
    resultsFolder: join(folder, 'results'),
    signalsFolder: join(folder, 'signals'),
    modelsFolder: join(folder, 'models'),
  };
}

/** Other spellings and keys without effect are told; what overrides what is told by who resolves the strategy. */
function resolved(layers: readonly ConfigLayer[], { terminal }: CommandContext): ResolvedConfig {
  const config = resolveConfig(layers);
  for (const note of config.notes) if (note.kind !== 'override') terminal.info(`note: ${note.text}`);
  return config;
}

function configFileLayer(path: string): ConfigLayer {
  const yaml = parseYaml(readText(path), path);
  const { value } = yaml;
  if (value === null || value === undefined) return { layer: 'config', source: path, values: {} };
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new DonchError('bad_config', 'the file is no list of keys', {
      file: path,
      expected: 'KEY: value, one per line',
    });
  }
  const values = { ...(value as Record<string, unknown>) };
  checkSchemaVersion(values, path);
  const lines = Object.fromEntries(Object.keys(values).map((key) => [key, yaml.lineOf([key]) ?? 0]));
  return { layer: 'config', source: path, values, lines };
}

/** Version of config.yaml's format; a newer one is refused. */
const CONFIG_SCHEMA_VERSION = 1;

function checkSchemaVersion(values: Record<string, unknown>, file: string): void {
  const { schema_version: version } = values;
  delete values['schema_version'];
  if (version === undefined) return;
  if (typeof version === 'number' && version >= 1 && version <= CONFIG_SCHEMA_VERSION) return;
  throw new DonchError('newer_schema', `schema_version is ${JSON.stringify(version)}`, {
    file,
    expected: `a number from 1 to ${CONFIG_SCHEMA_VERSION}`,
    remedy: 'If a newer DONCH wrote this file, update the program.',
  });
}

const PREFIX = 'DONCH_';

/** `DONCH_<KEY>` of the process and of `.env` (the process wins). Other variables with the prefix are named, not guessed at. */
function environmentLayer(folder: string, { env, terminal }: CommandContext): ConfigLayer {
  const variables = { ...dotEnv(join(folder, '.env')), ...env };
  const values: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(variables)) {
    if (!name.startsWith(PREFIX) || value === undefined) continue;
    const key = name.slice(PREFIX.length);
    if (isKnownName(key)) values[key] = value;
    else if (!OTHER_VARIABLES.has(name))
      terminal.warn(`environment variable ${name} is no configuration key and has no effect`);
  }
  return { layer: 'environment', source: 'environment', values };
}

/** Variables with the prefix that are no configuration: folders of tests. */
const OTHER_VARIABLES = new Set(['DONCH_SHARED']);

function isKnownName(name: string): boolean {
  if (isConfigKey(name)) return true;
  return (Object.keys(CONFIG_KEYS) as ConfigKey[]).some((key) => {
    const { aliases = [], scaledAliases = {} } = keySpec(key);
    return aliases.includes(name) || Object.hasOwn(scaledAliases, name);
  });
}

function dotEnv(path: string): NodeJS.Dict<string> {
  try {
    return parseEnv(readText(path));
  } catch (error) {
    if (error instanceof DonchError && error.code === 'no_such_file') return {};
    throw error;
  }
}

/** Text of a user's file. Throws `no_such_file` and the other errors of the disk, with the full path. */
export function readText(path: string): string {
  return withIoErrors(path, 'read the file', () => readFileSync(path, 'utf8'));
}
