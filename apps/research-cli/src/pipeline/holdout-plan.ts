/** What a look at the hold-out would test: which configuration, on which window of which data. Nothing is computed here. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  canonicalJson,
  decidingSettings,
  DonchError,
  formatMinute,
  intervalMs,
  isConfigKey,
  resolveConfig,
  type ConfigLayer,
  type InstrumentId,
} from '@donch/core';
import { tableHash, type Run, type TrialIdentity } from '@donch/data';
import { pinData, researchWindow, scannedInstruments, scanWindow, type OpenSpan } from '@donch/project';
import { compileStrategy, type CompiledStrategy } from '@donch/strategy';
import { readSignals, scanOfSignals } from './foreign-signals.ts';
import { configurationHashes } from './record-trials.ts';
import { withSettings, type ResearchSetup } from './research.ts';

/** The same configuration with the hold-out as its window, and the trial that it would be. */
export interface HoldoutPlan {
  readonly setup: ResearchSetup;
  readonly identity: TrialIdentity;
}

const SOURCE = 'the hold-out';

/** Plans a look. Throws `bad_time` when the hold-out holds no data, and what `scanOfSignals` throws for signals of a file. */
export async function planHoldout(tested: ResearchSetup, signalsFile: string | undefined): Promise<HoldoutPlan> {
  const setup = openedSetup(tested);
  const { strategies, universe, store, interval, context } = setup;
  const configuration = configurationHashes(strategies);
  if (signalsFile !== undefined) {
    const { signals, window, data } = await scanOfSignals(setup, await readSignals(signalsFile, context.cwd));
    const parameters = { signals: tableHash(signals) };
    return { setup, identity: { ...configuration, universeHash: null, dataHash: data.hash, ...window, parameters } };
  }
  const members = universe.members.map((member) => member.instrumentId);
  const window = scanWindow(setup, await spansOf(setup, members));
  const instruments = scannedInstruments(universe, strategies, store, interval);
  const data = await pinData(
    store,
    instruments.map((instrumentId) => ({ instrumentId, interval })),
  );
  const { universeHash } = universe;
  return { setup, identity: { ...configuration, universeHash, dataHash: data.hash, ...window, parameters: null } };
}

async function spansOf({ store, interval }: ResearchSetup, ids: readonly InstrumentId[]): Promise<OpenSpan[]> {
  const spans: OpenSpan[] = [];
  for (const id of ids) {
    const { rows, firstMs, lastMs } = await store.certifier.certify(id, interval);
    if (rows > 0) spans.push({ firstOpenMs: firstMs, lastOpenMs: lastMs });
  }
  return spans;
}

/** The one place where a hold-out becomes a window: from its start up to END_DATE or the end of the data. */
function openedSetup(setup: ResearchSetup): ResearchSetup {
  const { project } = setup;
  const { holdoutMs, isCut } = researchWindow(project.config.values);
  const { HOLDOUT_START: start, END_DATE: end } = project.config.values;
  if (holdoutMs === null) throw noHoldout(project.configPath);
  if (!isCut)
    throw new DonchError('bad_time', `END_DATE ${end} lies before the hold-out`, {
      expected: `an end after ${formatMinute(holdoutMs)} UTC, or none`,
    });
  const values = { START_DATE: start, HOLDOUT_START: null };
  const layers: readonly ConfigLayer[] = [...project.layers, { layer: 'flag', source: SOURCE, values }];
  return {
    ...withSettings(setup, SOURCE, values),
    project: { ...project, layers, config: resolveConfig(layers) },
  };
}

const noHoldout = (file: string): DonchError =>
  new DonchError('no_holdout', 'no hold-out is set', {
    file,
    expected: 'HOLDOUT_START: a date from which on no research command looks at data',
    remedy: 'Set it before the first run, and leave enough days behind it to say something.',
  });

/** Keys that say which part of time is looked at, not what is done there. */
const WINDOW_KEYS: readonly string[] = ['START_DATE', 'END_DATE', 'HOLDOUT_START'];

/** What a run keeps of a strategy, as `settings.json` has it. */
interface KeptStrategy {
  readonly strategyId: string;
  readonly hashes: Pick<CompiledStrategy, 'specHash'>;
  readonly settings: Readonly<Record<string, unknown>>;
}

/**
 * The configuration of a stored backtest, on the data of now. Throws `holdout_run` for a run that cannot be tested: one that is no plain
 * backtest of a scan, that has seen the hold-out, or whose strategy or universe is not there any more.
 */
export function configuredAs(setup: ResearchSetup, run: Run): ResearchSetup {
  const { id, folder, manifest } = run;
  refuseUnfit(setup, run);
  const kept = JSON.parse(readFileSync(join(folder, 'settings.json'), 'utf8')) as readonly KeptStrategy[];
  if (kept.length !== setup.inputs.length)
    throw unfit(run, `it has ${kept.length} strategies, and ${setup.inputs.length} are named`, NAME_STRATEGIES);
  const inputs = setup.inputs.map((input, k) => {
    const own = Object.entries(kept[k].settings).filter(([key]) => isConfigKey(key) && !WINDOW_KEYS.includes(key));
    const layer: ConfigLayer = { layer: 'flag', source: `run ${id}`, values: Object.fromEntries(own) };
    return { ...input, layers: [...input.layers, layer] };
  });
  const strategies = inputs.map((input) => compileStrategy(input));
  for (const [k, strategy] of strategies.entries()) refuseChanged(run, strategy, kept[k]);
  return { ...setup, inputs, strategies, seed: manifest.seed ?? setup.seed };
}

const NAME_STRATEGIES = 'Name its strategy files with --strategy, as they were then and in the same order.';

function refuseUnfit({ project, universe, interval }: ResearchSetup, run: Run): void {
  const { command, parameters, universe_hash: universeHash } = run.manifest;
  const { holdoutMs } = researchWindow(project.config.values);
  if (holdoutMs === null) throw noHoldout(project.configPath);
  const barMs = intervalMs(interval);
  const hasSeen = Number(parameters['end_ms']) > Math.ceil(holdoutMs / barMs) * barMs;
  const PLAIN = 'Test the configuration of a plain donch run or donch backtest.';
  if (command !== 'backtest') throw unfit(run, `it was made by ${command}`, PLAIN);
  if (parameters['gate'] !== undefined) throw unfit(run, 'a model chose its signals', PLAIN);
  if (parameters['scout_run'] === null)
    throw unfit(run, 'its signals come from a file', 'Name the file with --signals, and no run.');
  if (parameters['holdout'] === true || hasSeen)
    throw unfit(run, 'it has looked at the hold-out', 'Take a run that ends before HOLDOUT_START.');
  if (parameters['interval'] !== interval) {
    const own = JSON.stringify(parameters['interval']);
    throw unfit(run, `its bars are ${own}, those of the settings "${interval}"`, `Set TIMEFRAME=${own}.`);
  }
  if (universeHash !== universe.universeHash)
    throw unfit(
      run,
      'its universe is another one',
      'Name its symbols with --symbols; a universe that has changed since makes it another trial.',
    );
}

function refuseChanged(run: Run, { strategyId, specHash, settings }: CompiledStrategy, kept: KeptStrategy): void {
  const now = decidingSettings(settings);
  const other = Object.keys(kept.settings).filter(
    (key) =>
      !WINDOW_KEYS.includes(key) && canonicalJson(now[key] ?? null) !== canonicalJson(kept.settings[key] ?? null),
  );
  const isSame = strategyId === kept.strategyId && specHash === kept.hashes.specHash;
  if (isSame && other.length === 0) return;
  const found =
    other.length > 0
      ? `${other.join(', ')} cannot be set as they were`
      : `strategy ${kept.strategyId} has changed since`;
  throw unfit(run, found, NAME_STRATEGIES);
}

function unfit({ id }: Run, why: string, remedy: string): DonchError {
  return new DonchError('holdout_run', `run ${id} cannot be tested on the hold-out: ${why}`, { remedy });
}
