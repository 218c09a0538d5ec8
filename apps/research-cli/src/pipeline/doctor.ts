/** `donch doctor`: is everything in order here? Every check says what it found and, unless all is well, what to do. */
import { type CommandContext, EXIT, type ProjectFlags, throwIfInterrupted } from '@donch/cli';
import { openProject, type ProjectContext } from '@donch/project';
import { documentOf } from '../cli/documents.ts';
import { failed, ok, type Check, type CheckResult } from './doctor-check.ts';
import { dataChecks } from './doctor-data.ts';
import { installCheck, memoryCheck, nodeCheck, spaceCheck, writableChecks } from './doctor-machine.ts';
import { holdoutChecks, lockCheck, runsCheck, secretsCheck, strategyChecks } from './doctor-project.ts';

/** Runs every check; exit code 4 when one fails. */
export async function runDoctor(flags: ProjectFlags, context: CommandContext): Promise<number> {
  const { terminal } = context;
  const checks: Check[] = [];
  const tell = (made: readonly Check[]): void => {
    throwIfInterrupted(context.signal);
    for (const check of made) terminal.result(checkLines(check).join('\n'));
    checks.push(...made);
  };
  tell([nodeCheck(), installCheck(), memoryCheck()]);
  const project = openedProject(flags, context);
  if ('result' in project) {
    tell([project]);
  } else {
    tell([ok('project', project.configPath)]);
    tell(await projectChecks(project));
    tell(await dataChecks(project, context));
    tell(strategyChecks(project, context));
  }
  const count = (result: CheckResult): number => checks.filter((check) => check.result === result).length;
  const failures = count('failure');
  terminal.result(`${count('ok')} ok, ${count('warning')} warnings, ${failures} failures`);
  terminal.document(documentOf('doctor', { ok: failures === 0, checks }));
  return failures === 0 ? EXIT.ok : EXIT.finding;
}

async function projectChecks(project: ProjectContext): Promise<Check[]> {
  return [
    ...writableChecks([project.folder, project.dataFolder, project.resultsFolder, project.signalsFolder]),
    await spaceCheck(project.folder),
    secretsCheck(project),
    lockCheck(project),
    runsCheck(project),
    ...holdoutChecks(project),
  ];
}

function openedProject(flags: ProjectFlags, context: CommandContext): ProjectContext | Check {
  try {
    return openProject(flags, context);
  } catch (error) {
    return failed('project', error);
  }
}

const MARKS: Readonly<Record<CheckResult, string>> = { ok: 'ok  ', warning: 'WARN', failure: 'FAIL', skipped: 'skip' };

function checkLines({ name, result, found, remedy }: Check): string[] {
  const [first, ...rest] = found.split('\n');
  const indent = ' '.repeat(5 + NAME_WIDTH);
  return [
    `${MARKS[result]} ${name.padEnd(NAME_WIDTH)}${first}`,
    ...rest.map((line) => `${indent}${line}`),
    ...(remedy === null ? [] : [`${indent}-> ${remedy}`]),
  ];
}

const NAME_WIDTH = 16;
