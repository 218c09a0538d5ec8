/** What differs between runs: settings, strategies, data, universe, program. Only what differs is told. */
import type { ComparedRun, ComparedStrategy } from './compared-run.ts';

export type DifferenceGroup = 'run' | 'data' | 'strategy' | 'setting';

export interface RunDifference {
  readonly group: DifferenceGroup;
  readonly key: string;
  /** Text by run; '' = the run does not have it. */
  readonly values: readonly string[];
}

type Facts = ReadonlyMap<string, string>;

/** Everything that differs between any two of the runs, in the order of groups. */
export function runDifferences(runs: readonly ComparedRun[]): RunDifference[] {
  return [
    ...differing('run', runs.map(runFacts)),
    ...dataDifferences(runs),
    ...differing('strategy', runs.map(strategyFacts)),
    ...differing('setting', settingFacts(runs)),
  ];
}

function differing(group: DifferenceGroup, facts: readonly Facts[]): RunDifference[] {
  const keys = new Set(facts.flatMap((map) => [...map.keys()]));
  return Array.from(keys, (key) => ({ group, key, values: facts.map((map) => map.get(key) ?? '') })).filter(
    ({ values }) => new Set(values).size > 1,
  );
}

/** Parameters that say nothing of their own: the window stands in the figures, the scan is told by its settings and data. */
const DERIVED = new Set(['start_ms', 'end_ms', 'scout_run', 'gate.judged']);

function runFacts({ identity, figures }: ComparedRun): Facts {
  const { parameters, universeHash, seed, sourceHash, donchVersion, nodeVersion } = identity;
  return new Map([
    ...flattened(parameters).filter(([name]) => !DERIVED.has(name)),
    ['universe', universeHash === null ? 'none' : shortHash(universeHash)],
    ['members', figures.survivorship],
    ['seed', valueText(seed)],
    ['DONCH', donchVersion],
    ['program', shortHash(sourceHash)],
    ['Node', nodeVersion],
  ]);
}

/** `{ gate: { bundle: 'x' } }` as `gate.bundle`. */
function flattened(parameters: Readonly<Record<string, unknown>>, before = ''): [string, string][] {
  return Object.entries(parameters).flatMap(([name, value]): [string, string][] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? flattened(value as Readonly<Record<string, unknown>>, `${before}${name}.`)
      : [[`${before}${name}`, valueText(value)]],
  );
}

/** Inputs that are the market itself. Funding and rules are those of the instruments with signals: other signals, other hashes. */
const MARKET = ['candles', 'minutes'];
const OF_SIGNALS = ['funding', 'instruments'];

function dataDifferences(runs: readonly ComparedRun[]): RunDifference[] {
  const inputs = runs.map(({ identity }) => identity.inputs);
  const isSameSignals = new Set(inputs.map(({ signals }) => signals)).size === 1;
  const names = isSameSignals ? [...MARKET, ...OF_SIGNALS] : MARKET;
  return differing(
    'data',
    inputs.map(
      (hashes) =>
        new Map(
          Object.entries(hashes).flatMap(([name, value]): [string, string][] =>
            names.includes(name) ? [[name, shortHash(value)]] : [],
          ),
        ),
    ),
  );
}

const HASH_WORDS: Readonly<Record<string, string>> = {
  setupHash: 'set-up',
  filterHash: 'filters',
  exitHash: 'exits',
};

function strategyFacts({ strategies }: ComparedRun): Facts {
  const facts = strategies.map(({ name, side }) => `${name} (${side})`).sort();
  const hashes = Object.entries(HASH_WORDS).flatMap(([name, words]): [string, string][] =>
    strategies.length === 0
      ? []
      : [[words, strategies.map((strategy) => shortHash(strategy.hashes[name] ?? '')).join(', ')]],
  );
  return new Map([['strategy', facts.join(', ')], ...hashes]);
}

/** Settings by key. Where a run has several strategies a key carries the name of its strategy. */
function settingFacts(runs: readonly ComparedRun[]): Facts[] {
  const isSingle = runs.every(({ strategies }) => strategies.length <= 1);
  const has = ({ strategies }: ComparedRun, id: string): boolean =>
    strategies.some(({ strategyId }) => strategyId === id);
  return runs.map(({ strategies }) => {
    const compared = isSingle
      ? strategies
      : strategies.filter(({ strategyId }) => runs.every((run) => has(run, strategyId)));
    return new Map(compared.flatMap((strategy) => settingsOf(strategy, isSingle)));
  });
}

/** The window stands in the figures. */
const WINDOW_KEYS = new Set(['START_DATE', 'END_DATE']);

function settingsOf({ strategyId, settings }: ComparedStrategy, isSingle: boolean): [string, string][] {
  const told = Object.entries(settings).filter(([key]) => !WINDOW_KEYS.has(key));
  return told.map(([key, value]) => [isSingle ? key : `${strategyId}: ${key}`, valueText(value)]);
}

/** A value as a person writes it; a key without one is off. */
function valueText(value: unknown): string {
  if (value === null || value === undefined) return 'off';
  if (typeof value === 'string') return value === '' ? 'empty' : value;
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(valueText).join(', ');
  return JSON.stringify(value);
}

const HASH_DIGITS = 12;

function shortHash(hash: string): string {
  return hash.slice(0, HASH_DIGITS);
}
