/** `donch replay`: says whether recorded decisions come out again, and if not, what differs first. */
import { EXIT, type CommandContext, type ProjectFlags } from '@donch/cli';
import { DonchError, formatMinute, formatDay, parseTimeArgument } from '@donch/core';
import { openStore } from '@donch/data';
import { openProject } from '@donch/project';
import { documentOf } from '../cli/documents.ts';
import { replayDocument, replaySession, type SessionReplay } from './replay-session.ts';
import { findSession, isSessionId } from './session-folder.ts';

const DAY = /^\d{4}-\d{2}-\d{2}$/;
/** Differences that are printed for people. */
const PRINTED = 10;

export async function runReplay(
  what: string | undefined,
  flags: ProjectFlags,
  context: CommandContext,
): Promise<number> {
  const { terminal } = context;
  const { sessionId, dayMs } = whatToReplay(what);
  const project = openProject(flags, context);
  const session = findSession(project.folder, sessionId);
  const places = { store: openStore(project.dataFolder), modelsFolder: project.modelsFolder };
  const found = await replaySession(session, places, context, dayMs === null ? {} : { dayMs });
  terminal.result(lines(found).join('\n'));
  terminal.document(
    documentOf('replay', {
      ok: found.isSame,
      sessionId: session.sessionId,
      day: dayMs === null ? null : formatDay(dayMs),
      barSets: found.replay.barSets,
      decisions: found.replay.decisions,
      trades: found.replay.trades,
      tornBytes: found.tornBytes,
      ...replayDocument(found),
      stoppedBecause: found.replay.stoppedBecause,
      revisedBars: found.revisions.length,
      firstRevisions: found.revisions.slice(0, PRINTED),
      revisedHistory: found.revisedHistory,
      changedCode: found.changedCode,
    }),
  );
  return found.isSame ? EXIT.ok : EXIT.finding;
}

function whatToReplay(what: string | undefined): { readonly sessionId: string | null; readonly dayMs: number | null } {
  if (what === undefined) return { sessionId: null, dayMs: null };
  if (DAY.test(what)) return { sessionId: null, dayMs: parseTimeArgument(what, 'the day') };
  if (isSessionId(what)) return { sessionId: what, dayMs: null };
  throw new DonchError('bad_argument', `"${what}" is neither a session nor a day`, {
    expected: 'the id of a session (16 hexadecimal digits) or a day (2025-10-05)',
  });
}

function lines(found: SessionReplay): string[] {
  const { replay, differences, revisions, revisedHistory, changedCode, tornBytes } = found;
  const said = `${replay.barSets} bar sets, ${replay.decisions} decisions, ${replay.trades} trades`;
  return [
    ...(tornBytes > 0 ? [`the journal ends in an unfinished record of ${tornBytes} bytes`] : []),
    ...(changedCode.length > 0 ? [`the program is not the one that traded: ${changedCode.join(', ')} differ`] : []),
    differences.length === 0
      ? `${said}: every record byte by byte the same`
      : `${said}: ${replay.differenceCount} records came out differently, the first of them:`,
    ...differences
      .slice(0, PRINTED)
      .map(
        ({ timeMs, record, subject, path, recorded, replayed }) =>
          `  ${formatMinute(timeMs)}  ${record} ${subject} ${path === '' ? '(as a whole)' : path}: recorded ${word(recorded)}, replayed ${word(replayed)}`,
      ),
    ...(replay.stoppedBecause === null ? [] : [`stopped there: ${replay.stoppedBecause}`]),
    ...revisedHistory
      .slice(0, PRINTED)
      .map(({ instrumentId, part }) => `what the session began with was revised later: ${instrumentId} ${part}`),
    ...(revisions.length === 0
      ? []
      : [`${revisions.length} bars were revised later, which is no difference of logic:`]),
    ...revisions
      .slice(0, PRINTED)
      .map(
        ({ instrumentId, openTimeMs, column, recorded, stored }) =>
          `  ${formatMinute(openTimeMs)}  ${instrumentId} ${column}: traded on ${recorded}, stored ${Number.isNaN(stored) ? 'none' : stored}`,
      ),
  ];
}

function word(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length <= 60 ? text : `${text.slice(0, 60)}...`;
}
