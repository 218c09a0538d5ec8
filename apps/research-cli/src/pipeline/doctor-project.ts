/** Checks of the project: secrets, lock, runs, strategies. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandContext, isExpected } from '@donch/cli';
import { DonchError, formatMinute } from '@donch/core';
import { lockStore, resolveUserPath, RunStore } from '@donch/data';
import { type ProjectContext, strategyInputs } from '@donch/project';
import { compileStrategy } from '@donch/strategy';
import { failed, ok, warning, type Check } from './doctor-check.ts';
import { historyText, holdoutOf } from './holdout-history.ts';

const GROUP_AND_OTHERS = 0o077;

/** `.env` holds secrets: nobody but its owner reads it. Windows has no such bits. */
export function secretsCheck({ folder }: ProjectContext): Check {
  const stat = statSync(join(folder, '.env'), { throwIfNoEntry: false });
  if (stat === undefined) return ok('secrets', 'there is no .env (research needs none)');
  if (process.platform === 'win32' || (stat.mode & GROUP_AND_OTHERS) === 0)
    return ok('secrets', '.env is readable by its owner only');
  return warning(
    'secrets',
    `.env is readable by others (mode ${(stat.mode & 0o777).toString(8)})`,
    `chmod 600 ${join(folder, '.env')}`,
  );
}

/** Takes the write lock and gives it back; that of a process that has died is thrown away on the way. */
export function lockCheck({ dataFolder }: ProjectContext): Check {
  if (!existsSync(dataFolder)) return ok('store lock', 'there is no store yet');
  try {
    lockStore(dataFolder).release();
    return ok('store lock', 'free');
  } catch (error) {
    if (error instanceof DonchError && error.code === 'store_locked') {
      return warning('store lock', error.found, 'reading goes on beside it; writing (donch import) waits for it');
    }
    return failed('store lock', error);
  }
}

/** Says that there is a hold-out, and how untouched it is; nothing where none is set. */
export function holdoutChecks(project: ProjectContext): Check[] {
  try {
    const history = holdoutOf(project);
    if (history === null) return [];
    const found = `from ${formatMinute(history.startMs)} UTC: ${historyText(history)}`;
    if (history.otherConfigurations.length === 0) return [ok('hold-out', found)];
    return [
      warning('hold-out', found, 'only data that nothing has seen are a hold-out: move HOLDOUT_START behind them'),
    ];
  } catch (error) {
    return [failed('hold-out', error)];
  }
}

/** The run that results/ shows is whole. */
export function runsCheck({ resultsFolder }: ProjectContext): Check {
  const runs = new RunStore(resultsFolder);
  try {
    const latest = runs.latest();
    const whole = runs.list().map(({ id }) => id);
    if (latest === null || whole.includes(latest))
      return ok('runs', `${whole.length} runs, results/ shows ${latest ?? 'none'}`);
    return warning('runs', `the run that results/ shows, ${latest}, is missing or damaged`, 'donch run makes it again');
  } catch (error) {
    return failed('runs', error);
  }
}

/** The active strategy has to compile; the other files of the folder ought to. */
export function strategyChecks(project: ProjectContext, { cwd }: CommandContext): Check[] {
  const active = resolveUserPath(project.folder, project.config.values.STRATEGY_SPEC_PATH);
  const folder = join(project.folder, 'strategies');
  const others = (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => join(folder, name))
    .filter((path) => path !== active);
  return [
    strategyCheck(project, cwd, undefined),
    ...others.map((path) => asWarning(strategyCheck(project, cwd, path))),
  ];
}

function strategyCheck(project: ProjectContext, cwd: string, file: string | undefined): Check {
  try {
    const [input] = strategyInputs(project, { files: file === undefined ? undefined : [file], cwd, universeHash: '' });
    const { name, filters, notes } = compileStrategy(input);
    const noted = notes.map((note) => `\nnote: ${note}`).join('');
    return ok('strategy', `${name} (${input.file}): ${filters.length} filters${noted}`);
  } catch (error) {
    if (!isExpected(error)) throw error;
    return failed('strategy', error);
  }
}

function asWarning(check: Check): Check {
  return check.result === 'failure' ? { ...check, result: 'warning' } : check;
}
