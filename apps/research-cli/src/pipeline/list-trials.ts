/** `donch trials`: what the trial ledger of a project holds, by window of data. */
import { type CommandContext, grouped, textTable, wholeNumber } from '@donch/cli';
import { formatDay, formatMinute, numbersOf, textsOf, type Table } from '@donch/core';
import { TrialLedger } from '@donch/data';
import { openProject } from '@donch/project';
import { annualisedSharpe, sharpeOfMoments, standardDeviation } from '@donch/stats';
import { documentOf } from '../cli/documents.ts';
import type { TrialsFlags } from '../commands/trials.ts';
import { historyDocument, historyText, holdoutOf } from './holdout-history.ts';

/** `donch trials`. */
export function listTrials(flags: TrialsFlags, context: CommandContext): Promise<void> {
  const limit = wholeNumber(flags.limit, '--limit', 1);
  const project = openProject(flags, context);
  const ledger = new TrialLedger(project.resultsFolder);
  const holdout = holdoutOf(project);
  const trials = ledger.trials({ kinds: ACCOUNTS });
  const searches = ledger.trials({ kinds: ['threshold'] });
  const all = windowsOf(trials);
  const windows = all.slice(0, limit).map((window) => figuresOf(ledger, window));
  const counts = {
    trials: trials.length,
    configurations: distinct(textsOf(trials, 'configuration_id')),
    evaluations: sum(numbersOf(trials, 'evaluations')),
    thresholdSearches: searches.length,
    thresholds: sum(numbersOf(searches, 'configurations')),
  };
  const { terminal } = context;
  terminal.result([...countLines(counts), ...windowLines(windows)].join('\n'));
  if (all.length > windows.length) terminal.result(`${all.length - windows.length} older ones (--limit ${all.length})`);
  if (holdout !== null)
    terminal.result(`hold-out from ${formatMinute(holdout.startMs)} UTC: ${historyText(holdout)} (donch holdout)`);
  terminal.document(
    documentOf('trials', { ok: true, holdout: holdout === null ? null : historyDocument(holdout), ...counts, windows }),
  );
  return Promise.resolve();
}

/** Trials with an account; searches for a threshold have none. */
const ACCOUNTS = ['backtest', 'sweep'] as const;

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
const distinct = (values: readonly unknown[]): number => new Set(values).size;

interface Window {
  readonly startMs: number;
  readonly endMs: number;
}

/** Windows of the trials, that with the newest one first. */
function windowsOf(trials: Table): Window[] {
  const [starts, ends] = [numbersOf(trials, 'start_time'), numbersOf(trials, 'end_time')];
  const windows = new Map<string, Window>();
  for (let row = trials.length - 1; row >= 0; row -= 1) {
    const window = { startMs: starts[row], endMs: ends[row] };
    const name = `${window.startMs} ${window.endMs}`;
    if (!windows.has(name)) windows.set(name, window);
  }
  return [...windows.values()];
}

interface WindowFigures extends Window {
  readonly days: number;
  readonly trials: number;
  readonly overlapping: number;
  readonly sharpeSd: number;
  readonly bestSharpe: number;
  readonly bestRunId: string | null;
  readonly bestTrialId: string | null;
  readonly bestParameters: string | null;
  readonly bestTrades: number | null;
}

function figuresOf(ledger: TrialLedger, window: Window): WindowFigures {
  const trials = ledger.trials({ kinds: ACCOUNTS, window });
  const overlapping = ledger.trials({ kinds: ACCOUNTS, window, match: 'overlapping' });
  const sharpe = sharpesOf(trials);
  const known = sharpe.filter((value) => !Number.isNaN(value));
  const best = known.length === 0 ? -1 : sharpe.indexOf(known.reduce((most, value) => Math.max(most, value)));
  const cell = (name: string): string | null => (best < 0 ? null : textsOf(trials, name)[best]);
  return {
    ...window,
    days: numbersOf(trials, 'days').reduce((most, days) => Math.max(most, days), 0),
    trials: trials.length,
    overlapping: distinct(textsOf(overlapping, 'configuration_id')),
    sharpeSd: standardDeviation(known, 1),
    bestSharpe: best < 0 ? Number.NaN : sharpe[best],
    bestRunId: cell('run_id'),
    bestTrialId: cell('trial_id'),
    bestParameters: cell('parameters'),
    bestTrades: best < 0 ? null : numbersOf(trials, 'trades')[best],
  };
}

/** Per year; NaN where daily returns have no spread. */
function sharpesOf(trials: Table): Float64Array {
  const sd = numbersOf(trials, 'return_sd');
  return numbersOf(trials, 'return_mean').map((mean, row) => annualisedSharpe(sharpeOfMoments(mean, sd[row])));
}

type Counts = Readonly<
  Record<'trials' | 'configurations' | 'evaluations' | 'thresholdSearches' | 'thresholds', number>
>;

function countLines({ trials, configurations, evaluations, thresholdSearches, thresholds }: Counts): string[] {
  if (trials + thresholdSearches === 0) return ['no trial yet: donch run makes one'];
  const searches = `${grouped(thresholdSearches)} searches for a p* looked at ${grouped(thresholds)} thresholds`;
  return [
    `${grouped(trials)} trials of ${grouped(configurations)} configurations, evaluated ${grouped(evaluations)} times`,
    ...(thresholdSearches === 0 ? [] : [searches]),
  ];
}

function windowLines(windows: readonly WindowFigures[]): string[] {
  if (windows.length === 0) return [];
  const right = 'right' as const;
  const table = textTable(
    [
      { title: 'window' },
      { title: 'days', align: right },
      { title: 'trials', align: right },
      { title: 'N', align: right },
      { title: 'best Sharpe p.a.', align: right },
      { title: 'sd', align: right },
      { title: 'trades', align: right },
      { title: 'run of the best' },
    ],
    windows.map((window) => [
      `${formatDay(window.startMs)} to ${formatDay(window.endMs)}`,
      grouped(window.days),
      grouped(window.trials),
      grouped(window.overlapping),
      twoDecimals(window.bestSharpe),
      twoDecimals(window.sharpeSd),
      window.bestTrades === null ? '-' : grouped(window.bestTrades),
      window.bestRunId ?? '-',
    ]),
  );
  return ['', ...table, '', ...NOTES];
}

const twoDecimals = (value: number): string => (Number.isNaN(value) ? '-' : value.toFixed(2));

const NOTES = [
  'N: configurations that were ever evaluated on data overlapping the window. The best of N is good by luck alone;',
  'a Sharpe ratio means something only against what the best of N without any skill would show.',
];
