import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT } from '@donch/cli';
import { readJournal } from '@donch/data';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DOCUMENTS, type DocumentName } from './cli/documents.ts';
import { liveBot } from './testing/run-live-bot.ts';
import {
  HISTORY_DAY,
  makeSessionProject,
  SESSION_DAY,
  SESSION_WINDOW,
  type SessionProject,
} from './testing/session-project.ts';

let project: SessionProject;
const LIVE = ['live', '--offline', ...SESSION_WINDOW];
const TROUBLED = [...LIVE, '--late-frac', '0.02', '--absent-frac', '0.005'];

beforeAll(async () => {
  project = await makeSessionProject();
});
afterAll(() => project.remove());

/** Runs with --json; the document has the fields that docs/CLI.md promises. */
async function run(args: readonly string[], code: number = EXIT.ok): Promise<Record<string, unknown>> {
  const ended = await liveBot([...args, '--json'], project.folder);
  expect(ended.stderr).not.toMatch(/\n {4}at |This is a bug/);
  expect([ended.code, ended.code === code ? '' : ended.stderr]).toEqual([code, '']);
  const document = JSON.parse(ended.stdout) as Record<string, unknown>;
  const promised: readonly string[] = DOCUMENTS[args[0] as DocumentName].fields.map(({ name }) => name);
  expect('error' in document ? promised : Object.keys(document).slice(2)).toEqual(promised);
  return document;
}

const journalOf = (folder: unknown): string => join(String(folder), 'journal.log');

describe('donch live --offline', () => {
  it('trades, replays itself, and does the same when asked again', async () => {
    const first = await run(LIVE);
    expect(first).toMatchObject({ late: 0, absent: 0, recoveredRecords: 0, replay: { differences: 0 } });
    expect(first['trades']).toBeGreaterThan(10);
    const bytes = readFileSync(journalOf(first['folder']));
    const again = await run(LIVE);
    expect(again).toEqual({ ...first, recoveredRecords: readJournal(journalOf(first['folder'])).records.length });
    expect(readFileSync(journalOf(first['folder'])).equals(bytes)).toBe(true);
  });

  it('meets late and absent bars, another feed being another session', async () => {
    const punctual = await run(LIVE);
    const troubled = await run(TROUBLED);
    expect(troubled['sessionId']).not.toBe(punctual['sessionId']);
    expect(troubled['late']).toBeGreaterThan(100);
    expect(troubled['absent']).toBeGreaterThan(30);
    expect(troubled).toMatchObject({ replay: { differences: 0 } });
    expect((await run([...TROUBLED, '--seed', '2']))['late']).not.toBe(troubled['late']);
  });

  it('ends where the hold-out begins, as END_DATE ends it', async () => {
    const start = SESSION_WINDOW.slice(0, 2);
    const end = '2024-02-28';
    const held = await run([...LIVE, '--set', `HOLDOUT_START=${end}`]);
    const ended = await run(['live', '--offline', ...start, '--end', end]);
    for (const name of ['barSets', 'decisions', 'trades', 'openTrades', 'finalEquityUsd', 'meanR'])
      expect([name, held[name]]).toEqual([name, ended[name]]);
    expect(held['trades']).toBeGreaterThan(0);
    expect(held['trades']).toBeLessThan(Number((await run(LIVE))['trades']));
    const late = await run([...LIVE, '--set', 'HOLDOUT_START=2024-02-10'], EXIT.usage);
    expect(late).toMatchObject({ error: { code: 'in_holdout' } });
  });

  it('does what the operator file says, and refuses what a session cannot change', async () => {
    const file = join(project.folder, 'operator.txt');
    writeFileSync(
      file,
      '# a quiet week\n2024-02-20 pause holiday\n2024-02-27T12:00 resume\n2024-02-28 set RISK_USD=20\n',
    );
    const operated = await run([...LIVE, '--operator', file]);
    expect(operated).toMatchObject({ replay: { differences: 0 } });
    expect(operated['trades']).toBeLessThan(Number((await run(LIVE))['trades']));
    writeFileSync(file, '2024-02-20 dance\nyesterday pause\n2024-02-21 set RISK_USD\n');
    const refused = await run([...LIVE, '--operator', file], EXIT.usage);
    expect((refused['error'] as { problems: unknown[] }).problems).toHaveLength(3);
    writeFileSync(file, '2024-02-20 set RETEST_EPS_PCT=0.01\n');
    expect(await run([...LIVE, '--operator', file], EXIT.usage)).toMatchObject({ error: { code: 'bad_argument' } });
  });

  it('cut off anywhere goes on to the same bytes', async () => {
    const { folder } = await run(TROUBLED);
    const path = journalOf(folder);
    const whole = readFileSync(path);
    for (const share of [0, 0.01, 0.37, 0.8, 0.999]) {
      truncateSync(path, Math.floor(whole.length * share));
      await run(TROUBLED);
      expect(readFileSync(path).equals(whole)).toBe(true);
    }
  });

  it('does not go on with a journal that says something else', async () => {
    const { folder } = await run(TROUBLED);
    const path = journalOf(folder);
    const whole = readFileSync(path, 'utf8');
    const lines = whole.split('\n');
    writeFileSync(path, lines.toSpliced(400, 1).join('\n'));
    expect(await run(TROUBLED, EXIT.data)).toMatchObject({ error: { code: 'journal_differs' } });
    writeFileSync(path, lines.with(400, lines[400].replace(/.$/, '?')).join('\n'));
    expect(await run(TROUBLED, EXIT.data)).toMatchObject({ error: { code: 'journal_damaged' } });
    expect((await run([...TROUBLED, '--fresh']))['recoveredRecords']).toBe(0);
    expect(readFileSync(path, 'utf8')).toBe(whole);
  });

  it.each([
    [['live'], 'bad_argument'],
    [['live', '--offline', '--late-frac', '2'], 'bad_argument'],
    [['live', '--offline', '--absent-frac', 'x'], 'bad_argument'],
    [['live', '--offline', '--start', '2030-01-01'], 'bad_time'],
    [['replay', 'nonsense'], 'bad_argument'],
    [['replay', '0123456789abcdef'], 'no_session'],
  ])('%j is refused', async (args, code) => {
    const ended = await liveBot([...args, '--json'], project.folder);
    expect(JSON.parse(ended.stdout)).toMatchObject({ ok: false, error: { code } });
    expect([EXIT.usage, EXIT.data]).toContain(ended.code);
  });
});

describe('donch replay', () => {
  it('finds nothing, for a session, the latest one, and a day', async () => {
    const { sessionId, barSets, decisions } = await run(TROUBLED);
    const nothing = { ok: true, sessionId, barSets, decisions, differences: 0, revisedBars: 0, revisedHistory: [] };
    expect(await run(['replay', String(sessionId)])).toMatchObject(nothing);
    expect(await run(['replay'])).toMatchObject(nothing);
    expect(await run(['replay', '2024-03-01'])).toMatchObject({ ...nothing, day: '2024-03-01' });
  });

  it('says that a crash left the end of the journal', async () => {
    const { folder } = await run(TROUBLED);
    const path = journalOf(folder);
    const whole = readFileSync(path);
    appendFileSync(path, '0123abcd {"type":"bars"');
    expect(await run(['replay'])).toMatchObject({ ok: true, tornBytes: 23 });
    writeFileSync(path, whole);
  });

  it('tells a bar that was revised later from other logic, and names both', async () => {
    const { sessionId } = await run(TROUBLED);
    const [id] = project.instruments;
    await project.revise(id, SESSION_DAY);
    const revised = await run(['replay', String(sessionId)], EXIT.finding);
    expect(revised).toMatchObject({
      differences: 0,
      revisedBars: 1,
      firstRevisions: [{ instrumentId: id, column: 'close' }],
      revisedHistory: [],
    });
    await project.revise(id, HISTORY_DAY);
    expect(await run(['replay', String(sessionId)], EXIT.finding)).toMatchObject({
      revisedHistory: [{ instrumentId: id, part: '2024-01' }],
    });
    expect(await run(TROUBLED, EXIT.data)).toMatchObject({ error: { code: 'journal_differs' } });
  });
});
