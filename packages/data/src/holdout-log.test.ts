import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { crc32 } from 'node:zlib';
import { DAY_MS } from '@donch/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { numberedLook } from './holdout-kill-writer.ts';
import { countHoldout, readHoldoutLooks, recordHoldoutLook, type HoldoutLook } from './holdout-log.ts';
import { numberedTrial } from './ledger-kill-writer.ts';
import { TrialLedger } from './trial-ledger.ts';

let results = '';
const log = (): string => join(results, 'ledger', 'holdout.log');

beforeEach(() => {
  results = mkdtempSync(join(tmpdir(), 'donch-holdout-'));
});
afterEach(() => rmSync(results, { recursive: true, force: true }));

describe('the log of the hold-out', () => {
  it('is empty before the first look, and reading makes no file', () => {
    expect(readHoldoutLooks(results)).toEqual([]);
    expect(countHoldout([], 0)).toEqual({ looks: 0, configurations: [], lastMs: null });
    expect(existsSync(join(results, 'ledger'))).toBe(false);
  });

  it('holds every look as it was recorded, beside the trials', () => {
    new TrialLedger(results).record(numberedTrial('a', 1));
    for (let k = 0; k < 3; k += 1) recordHoldoutLook(results, numberedLook(k));
    new TrialLedger(results).record(numberedTrial('a', 2));
    expect(readHoldoutLooks(results)).toEqual([numberedLook(0), numberedLook(1), numberedLook(2)]);
    expect(new TrialLedger(results).trials().length).toBe(2);
  });

  it('counts every look, and a configuration that comes again once', () => {
    const looks = [0, 1, 0, 0].map((configuration, k) => numberedLook(k, configuration));
    expect(countHoldout(looks, looks[0].start_time)).toEqual({
      looks: 4,
      configurations: [looks[0].configuration_id, looks[1].configuration_id],
      lastMs: looks[3].time,
    });
  });

  it('counts looks at any data from a start on: a start that is moved inside does not make it untouched', () => {
    const look = (startDay: number, endDay: number): HoldoutLook => ({
      ...numberedLook(startDay),
      start_time: startDay * DAY_MS,
      end_time: endDay * DAY_MS,
    });
    const looks = [look(10, 20), look(15, 30)];
    const counts = [5, 19, 20, 29, 30].map((day) => countHoldout(looks, day * DAY_MS).looks);
    expect(counts).toEqual([2, 2, 1, 1, 0]);
  });

  it('cut off anywhere holds the whole looks before the cut, and goes on', () => {
    for (let k = 0; k < 3; k += 1) recordHoldoutLook(results, numberedLook(k));
    const whole = readFileSync(log());
    const ends = [...whole.keys()].filter((at) => whole[at] === 10).map((at) => at + 1);
    for (let cut = 0; cut < whole.length; cut += 7) {
      writeFileSync(log(), whole.subarray(0, cut));
      const lines = ends.filter((end) => end <= cut).length;
      const looks = Math.max(0, lines - 1);
      expect(readHoldoutLooks(results)).toEqual([0, 1, 2].slice(0, looks).map((k) => numberedLook(k)));
      expect(recordHoldoutLook(results, numberedLook(9))).toEqual({ tornBytes: cut - (ends[lines - 1] ?? 0) });
      expect(readHoldoutLooks(results)).toEqual([...[0, 1, 2].slice(0, looks), 9].map((k) => numberedLook(k)));
    }
  });

  it('that is damaged, or of a newer program, is refused by readers and writers and stays as it is', () => {
    for (let k = 0; k < 3; k += 1) recordHoldoutLook(results, numberedLook(k));
    const whole = readFileSync(log());
    const bad = Uint8Array.from(whole);
    bad[whole.length >> 1] ^= 1;
    writeFileSync(log(), bad);
    expect(() => readHoldoutLooks(results)).toThrow(coded('journal_damaged'));
    expect(() => recordHoldoutLook(results, numberedLook(4))).toThrow(coded('journal_damaged'));
    expect(Uint8Array.from(readFileSync(log()))).toEqual(bad);
    const header = JSON.stringify({ type: 'holdout', schema_version: 2 });
    writeFileSync(log(), `${crc32(header).toString(16).padStart(8, '0')} ${header}\n`);
    expect(() => readHoldoutLooks(results)).toThrow(coded('newer_schema'));
    expect(() => recordHoldoutLook(results, numberedLook(4))).toThrow(coded('newer_schema'));
  });

  it('refuses looks that cannot be', () => {
    const look = numberedLook(1);
    for (const wrong of [{ end_time: look.start_time }, { trial_id: 'x' }, { time: 1.5 }])
      expect(() => recordHoldoutLook(results, { ...look, ...wrong })).toThrow(/a look names a window/);
    expect(existsSync(log())).toBe(false);
  });

  it('keeps every finished look when its writer is killed', { timeout: 60_000 }, async () => {
    let next = 0;
    for (let kill = 0; kill < 5; kill += 1) {
      const last = await lastBeforeKill(next, 3 + 7 * kill);
      const looks = readHoldoutLooks(results);
      expect(looks.length).toBeGreaterThan(last);
      expect(looks).toEqual(looks.map((_, k) => numberedLook(k)));
      next = looks.length;
    }
  });
});

/** An error with this code. */
const coded = (code: string): Error => expect.objectContaining({ code }) as Error;

/** Starts a writer and kills it after `count` looks; the number of the last one that it had finished. */
function lastBeforeKill(from: number, count: number): Promise<number> {
  const script = join(import.meta.dirname, 'holdout-kill-writer.ts');
  const child = spawn(process.execPath, [script, results, String(from)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let last = from - 1;
  createInterface({ input: child.stdout }).on('line', (line) => {
    last = Number(line);
    if (last >= from + count) child.kill('SIGKILL');
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve(last));
  });
}
