/** A session that a model gates: proven before it starts, the same probabilities in its replay. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT } from '@donch/cli';
import { readJournal } from '@donch/data';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { liveBot } from './testing/run-live-bot.ts';
import { deploySessionModel } from './testing/session-model.ts';
import { makeSessionProject, SESSION_WINDOW, type SessionProject } from './testing/session-project.ts';

const BEFORE_MS = Date.UTC(2024, 1, 9);
const GATED = ['live', '--offline', ...SESSION_WINDOW, '--set', 'META=required'];
let project: SessionProject;

beforeAll(async () => {
  project = await makeSessionProject();
});
afterEach(() => rmSync(join(project.folder, 'models'), { recursive: true, force: true }));
afterAll(() => project.remove());

async function run(args: readonly string[], code: number = EXIT.ok): Promise<Record<string, unknown>> {
  const ended = await liveBot([...args, '--json'], project.folder);
  expect([ended.code, ended.code === code ? '' : ended.stderr]).toEqual([code, '']);
  return JSON.parse(ended.stdout) as Record<string, unknown>;
}

interface SignalRecord {
  readonly signal: { readonly signalId: string; readonly p: number | string };
}

const signalsIn = (folder: unknown): SignalRecord['signal'][] =>
  readJournal(join(String(folder), 'journal.log'))
    .records.filter((record) => record.startsWith('{"type":"signal"'))
    .map((record) => (JSON.parse(record) as SignalRecord).signal);

describe('a session with META: required', () => {
  it('does not start without a deployed model, nor without a p*, nor over what the model has learned', async () => {
    const code = async (): Promise<unknown> => {
      const { error } = await run(GATED, EXIT.usage);
      return (error as { code: string }).code;
    };
    expect(await code()).toBe('no_bundle');
    deploySessionModel(project.folder, { labelEndMs: BEFORE_MS, pstar: null });
    expect(await code()).toBe('no_threshold');
    deploySessionModel(project.folder, { labelEndMs: Date.UTC(2024, 1, 20), pstar: 0.5 });
    expect(await run(GATED, EXIT.data)).toMatchObject({ error: { code: 'in_sample' } });
  });

  it('judges every signal by the model, trades fewer, and replays byte by byte', async () => {
    const free = await run([...GATED.slice(0, -2), '--set', 'META=off']);
    deploySessionModel(project.folder, { labelEndMs: BEFORE_MS, pstar: 0.5 });
    const gated = await run(GATED);
    expect(gated).toMatchObject({ replay: { differences: 0 } });
    expect(gated['trades']).toBeGreaterThan(3);
    expect(gated['trades']).toBeLessThan(Number(free['trades']));
    const probabilities = signalsIn(gated['folder']).map(({ p }) => Number(p));
    expect(probabilities.length).toBeGreaterThan(20);
    expect(probabilities.every((p) => p > 0 && p < 1)).toBe(true);
    expect(new Set(probabilities).size).toBeGreaterThan(10);
    expect(signalsIn(free['folder']).every(({ p }) => p === 'NaN')).toBe(true);
    expect(await run(['replay', String(gated['sessionId'])])).toMatchObject({ differences: 0 });
  });

  it('is another session with another model or threshold, and cannot be replayed without its own', async () => {
    deploySessionModel(project.folder, { labelEndMs: BEFORE_MS, pstar: 0.5 });
    const first = await run(GATED);
    deploySessionModel(project.folder, { labelEndMs: BEFORE_MS, pstar: 0.6 });
    const second = await run(GATED);
    expect(second['sessionId']).not.toBe(first['sessionId']);
    expect((await run([...GATED, '--set', 'META_PROB_THRESHOLD=0.5']))['trades']).toBe(first['trades']);
    rmSync(join(project.folder, 'models'), { recursive: true });
    const { error } = await run(['replay', String(first['sessionId'])], EXIT.usage);
    expect(error).toMatchObject({ code: 'no_bundle' });
  });

  it('does not start with a bundle that was changed', async () => {
    deploySessionModel(project.folder, { labelEndMs: BEFORE_MS, pstar: 0.5 });
    const [name] = readFileSync(join(project.folder, 'models', 'current'), 'utf8').split('\n');
    writeFileSync(join(project.folder, 'models', name, 'calibrator.json'), '{"kind":"platt","a":-2,"b":0}\n');
    expect(await run(GATED, EXIT.data)).toMatchObject({ error: { code: 'bad_bundle' } });
  });
});
