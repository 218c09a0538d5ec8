/** What an operator does in a rehearsal, from a file: one act per line, `<time> <command> [argument]`. */
import { readFileSync } from 'node:fs';
import type { OperatorAct } from '@donch/backtester';
import { DonchError, DonchErrors, instrumentId, parseTimeArgument } from '@donch/core';
import { withIoErrors } from '@donch/data';

/** What the commands need: `pause <reason>`, `close <symbol>`, `set <KEY=VALUE>`. */
const COMMANDS = 'pause, resume, kill, rearm, close, set';

/** Reads the acts, by time. Throws `bad_argument` with every bad line, and the errors of the disk. */
export function readOperatorFile(path: string, venue: string): OperatorAct[] {
  const text = withIoErrors(path, 'read the file', () => readFileSync(path, 'utf8'));
  const acts: OperatorAct[] = [];
  const problems: DonchError[] = [];
  text.split(/\r?\n/).forEach((line, k) => {
    const words = line.replace(/#.*$/, '').trim();
    if (words === '') return;
    try {
      acts.push(actOf(words, venue));
    } catch (error) {
      if (!(error instanceof DonchError)) throw error;
      problems.push(new DonchError('bad_argument', error.found, { ...error.detail, file: path, line: k + 1 }));
    }
  });
  if (problems.length > 0) throw new DonchErrors('bad_argument', path, problems);
  return acts.sort((a, b) => a.timeMs - b.timeMs);
}

function actOf(line: string, venue: string): OperatorAct {
  const [time, command = '', ...rest] = line.split(/\s+/);
  const argument = rest.join(' ');
  const timeMs = parseTimeArgument(time, 'the time');
  switch (command.toLowerCase()) {
    case 'pause':
    case 'kill':
      return {
        timeMs,
        act: { kind: 'command', command: { kind: command.toLowerCase() as 'pause', reason: argument } },
      };
    case 'resume':
    case 'rearm':
      return { timeMs, act: { kind: 'command', command: { kind: command.toLowerCase() as 'resume' } } };
    case 'close':
      return {
        timeMs,
        act: { kind: 'command', command: { kind: 'close', instrumentId: instrumentId(venue, argument) } },
      };
    case 'set':
      return { timeMs, act: { kind: 'settings', values: assignment(argument) } };
    default:
      throw new DonchError('bad_argument', `the command "${command}"`, { expected: `one of ${COMMANDS}` });
  }
}

function assignment(text: string): Record<string, string> {
  const at = text.indexOf('=');
  if (at <= 0) throw new DonchError('bad_argument', `"${text}"`, { expected: 'KEY=VALUE, e.g. RISK_USD=15' });
  return { [text.slice(0, at).trim()]: text.slice(at + 1).trim() };
}
