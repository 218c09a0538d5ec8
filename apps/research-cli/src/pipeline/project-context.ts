/** The project that a command works on: its folder, its configuration layers, its places. */
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import {
  DonchError,
  isConfigKey,
  keySpec,
  parseYaml,
  resolveConfig,
  type ConfigKey,
  type ConfigLayer,
  type ResolvedConfig,
} from '@donch/core';
import { CONFIG_KEYS } from '@donch/core';
import { findProject, resolveUserPath } from '@donch/data';
import { flagLayer, type RunFlags } from '../cli/flags.ts';
import type { Terminal } from '../cli/terminal.ts';

export interface ProjectContext {
  readonly folder: string;
  readonly configPath: string;
  /** config.yaml, environment and command line; strategy files add their own. */
  readonly layers: readonly ConfigLayer[];
  /** Resolved without a strategy file: what belongs to the account and the run. */
  readonly config: ResolvedConfig;
  readonly dataFolder: string;
  readonly resultsFolder: string;
  readonly signalsFolder: string;
}

/** Opens the project of `--config`, or the one that the current folder lies in. Throws `no_project`, `bad_config`, `bad_yaml`. */
export function openProject(flags: RunFlags, terminal: Terminal): ProjectContext {
  const configPath = findConfig(flags.config);
  const folder = dirname(configPath);
  const layers = [configFileLayer(configPath), environmentLayer(folder, terminal), flagLayer(flags)];
  const config = resolveConfig(layers);
  for (const note of config.notes) if (note.kind !== 'override') terminal.info(`note: ${note.text}`);
  return {
    folder,
    configPath,
    layers,
    config,
    dataFolder: join(folder, 'data'),
    resultsFolder: join(folder, 'results'),
    signalsFolder: join(folder, 'signals'),
  };
}

function findConfig(flag: string | undefined): string {
  if (flag !== undefined) return resolveUserPath(process.cwd(), flag);
  const project = findProject(process.cwd());
  if (project !== null) return project.configPath;
  throw new DonchError('no_project', `there is no config.yaml in ${process.cwd()} or in a folder above it`, {
    remedy: 'make a project with `donch init .`, or name one with --config',
  });
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
  if (version === undefined || (typeof version === 'number' && version >= 1 && version <= CONFIG_SCHEMA_VERSION))
    return;
  throw new DonchError('newer_schema', `schema_version is ${JSON.stringify(version)}`, {
    file,
    expected: `${CONFIG_SCHEMA_VERSION} or less`,
    remedy: 'A newer DONCH wrote this file: update the program.',
  });
}

const PREFIX = 'DONCH_';

/** `DONCH_<KEY>` of the process and of `.env` (the process wins). Other variables with the prefix are named, not guessed at. */
function environmentLayer(folder: string, terminal: Terminal): ConfigLayer {
  const variables = { ...dotEnv(join(folder, '.env')), ...process.env };
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
    return parseEnv(readFileSync(path, 'utf8'));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new DonchError('bad_config', 'the file cannot be read', { file: path, cause });
  }
}

/** Text of a user's file. Throws `no_such_file` with the full path. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new DonchError(
      'no_such_file',
      `cannot read ${resolve(path)}: ${(cause as NodeJS.ErrnoException).code ?? 'unknown error'}`,
      { cause },
    );
  }
}
