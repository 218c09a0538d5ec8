/** `donch init`: makes a project folder. Nothing that exists is changed. */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandContext } from '@donch/cli';
import { resolveUserPath, withIoErrors, writeFileAtomic } from '@donch/data';
import { SHIPPED_STRATEGIES } from '@donch/project';
import { documentOf } from '../cli/documents.ts';

/** `donch init <folder>`. */
export function runInit(folder: string, { terminal, cwd }: CommandContext): void {
  const { made, kept, folder: path } = initProject(resolveUserPath(cwd, folder));
  for (const file of made) terminal.result(`made ${file}`);
  for (const file of kept) terminal.result(`kept ${file}`);
  terminal.result('next: donch import <files> --venue <venue> --interval <interval>, then donch run');
  terminal.document(documentOf('init', { ok: true, folder: path, made, kept }));
}

const CONFIG_TEXT = `# yaml-language-server: $schema=./strategies/config.schema.json
# Settings of this project. Every key, its range and its default: donch config --all.
# What the strategy file says (stops, filters, regime, ...) is not repeated here; a key written here overrides it.
schema_version: 1

# VENUE and TIMEFRAME are written by the first donch import.

RISK_MODE: fixed        # or percent (RISK_EQUITY_PCT of equity)
RISK_USD: 10
INITIAL_CAPITAL: 1000

# Size factors of the live example; each is reported per trade. Remove them to size by risk alone.
ETH_BAROMETER_ENABLED: true
VWAP_STACK_SIZING_ENABLED: true
`;

const SYMBOLS_TEXT = `# One symbol per line (BTCUSDT); # starts a comment. Empty: every symbol of the store.
`;

export interface InitResult {
  readonly folder: string;
  /** Paths inside the folder, with `/`. */
  readonly made: readonly string[];
  readonly kept: readonly string[];
}

/**
 * Makes config.yaml (with further lines), symbols.txt, the shipped strategies and the schema with which editors check them, where
 * they are missing. `root` is absolute.
 */
export function initProject(root: string, configLines = ''): InitResult {
  const files = new Map<string, string>([
    ['config.yaml', CONFIG_TEXT + configLines],
    ['symbols.txt', SYMBOLS_TEXT],
  ]);
  for (const name of readdirSync(SHIPPED_STRATEGIES)) {
    if (/\.(?:yaml|schema\.json)$/.test(name))
      files.set(`strategies/${name}`, readFileSync(join(SHIPPED_STRATEGIES, name), 'utf8'));
  }
  withIoErrors(root, 'make the folder', () => mkdirSync(join(root, 'strategies'), { recursive: true }));
  const made: string[] = [];
  const kept: string[] = [];
  for (const [name, text] of files) {
    const path = join(root, name);
    if (existsSync(path)) {
      kept.push(name);
      continue;
    }
    writeFileAtomic(path, text);
    made.push(name);
  }
  return { folder: root, made, kept };
}
