/** What a look at the hold-out would test: which configuration, on which window of which data. Nothing is computed here. */
import {
  canonicalJson,
  decidingSettings,
  DonchError,
  formatMinute,
  intervalMs,
  resolveConfig,
  type ConfigLayer,
  type InstrumentId,
} from '@donch/core';
import { tableHash, type Run, type TrialIdentity } from '@donch/data';
import { pinData, researchWindow, scannedInstruments, scanWindow, type OpenSpan } from '@donch/project';
import { compileStrategy, type CompiledStrategy } from '@donch/strategy';
import { readSignals, scanOfSignals } from './foreign-signals.ts';
import { configurationHashes } from './record-trials.ts';
import { readSettings, type StrategySettings } from './report-input.ts';
import { withSettings, type ResearchSetup } from './research.ts';
import { storedStrategies } from './stored-market.ts';

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

/**
 * The configuration of a stored backtest, on the data of now: from its own copies of strategies and settings. Throws `holdout_run` for a run
 * that cannot be tested: no plain backtest of a scan, one that has seen the hold-out, or of another universe than that of now; and what
 * `storedStrategies` throws.
 */
export function configuredAs(setup: ResearchSetup, run: Run): ResearchSetup {
  refuseUnfit(setup, run);
  const { START_DATE, END_DATE } = setup.project.config.values;
  const window: ConfigLayer = { layer: 'flag', source: 'the settings', values: { START_DATE, END_DATE } };
  const inputs = storedStrategies(run).map((input) => ({ ...input, layers: [...input.layers, window] }));
  const strategies = inputs.map((input) => compileStrategy(input));
  const kept = readSettings(run.folder);
  for (const [k, strategy] of strategies.entries()) refuseChanged(run, strategy, kept[k]);
  return { ...setup, inputs, strategies, seed: run.manifest.seed ?? setup.seed };
}

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

/** What this version reads from them has to be what the run was made with. */
function refuseChanged(run: Run, { specHash, settings }: CompiledStrategy, kept: StrategySettings): void {
  const now = decidingSettings(settings);
  const other = Object.keys(kept.settings).filter(
    (key) =>
      !WINDOW_KEYS.includes(key) && canonicalJson(now[key] ?? null) !== canonicalJson(kept.settings[key] ?? null),
  );
  if (specHash === kept.hashes['specHash'] && other.length === 0) return;
  const what = other.length > 0 ? other.join(', ') : `strategy ${kept.strategyId}`;
  throw unfit(run, `${what} means something else to this version`, 'Make the run again with this version.');
}

function unfit({ id }: Run, why: string, remedy: string): DonchError {
  return new DonchError('holdout_run', `run ${id} cannot be tested on the hold-out: ${why}`, { remedy });
}
