/** Makes a project folder. Nothing that exists is changed. */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { writeFileAtomic } from '@donch/data';
import { APP_FOLDER } from './version.ts';

/** The strategies that come with the program. */
const SHIPPED_STRATEGIES = join(APP_FOLDER, '..', '..', 'strategies');

const CONFIG_TEXT = `# Settings of this project. Every key, its range and its default: donch config --all.
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
  readonly made: readonly string[];
  readonly kept: readonly string[];
}

/** Makes config.yaml, symbols.txt and the shipped strategies where they are missing. */
export function initProject(folder: string): InitResult {
  const root = resolve(folder);
  const files = new Map<string, string>([
    ['config.yaml', CONFIG_TEXT],
    ['symbols.txt', SYMBOLS_TEXT],
  ]);
  for (const name of readdirSync(SHIPPED_STRATEGIES)) {
    if (name.endsWith('.yaml'))
      files.set(join('strategies', name), readFileSync(join(SHIPPED_STRATEGIES, name), 'utf8'));
  }
  mkdirSync(join(root, 'strategies'), { recursive: true });
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
