import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DAY_MS, parseTimeArgument } from '@donch/core';
import { afterAll, describe, expect, it } from 'vitest';
import { saveBundle, type SavedBundle } from './bundle-folder.ts';
import { currentBundle, deployBundle, previousBundle, rollbackBundle } from './deploy-bundle.ts';
import { loadBundle } from './load-bundle.ts';
import { REGISTRY, smallContent, smallModel, temporaryFolder } from './testing/small-bundle.ts';

const root = temporaryFolder();
afterAll(() => root.remove());

const MODEL = smallModel();
const NOW_MS = parseTimeArgument('2025-11-21', 'now');
let projects = 0;

const STORED = join(root.path, 'stored');
const BUNDLES = Array.from({ length: 9 }, (_, k) => saveBundle(STORED, smallContent(`0.${k + 1}`, MODEL)));

/** A models folder of its own with the first of the bundles. */
function project(count = 3): { readonly models: string; readonly bundles: readonly SavedBundle[] } {
  projects += 1;
  const models = join(root.path, `models-${projects}`);
  const bundles = BUNDLES.slice(0, count).map((bundle) => ({ ...bundle, folder: join(models, bundle.id) }));
  for (const { folder, id } of bundles) cpSync(join(STORED, id), folder, { recursive: true });
  return { models, bundles };
}

const deployed = (models: string): string[] => readdirSync(models).filter((name) => /^\d{8}-/.test(name));

describe('deployed bundles', () => {
  it('are none at first', () => {
    const { models } = project();
    expect([currentBundle(models), previousBundle(models)]).toEqual([null, null]);
    expect([currentBundle(join(models, 'none')), previousBundle(join(models, 'none'))]).toEqual([null, null]);
    expect(() => rollbackBundle(models)).toThrow('no bundle was deployed before');
  });

  it('are dated copies that load, and a pointer whose first line names the current one', async () => {
    const { models, bundles } = project();
    const [a] = bundles;
    const deployment = deployBundle(models, a.folder, NOW_MS);
    expect(deployment).toEqual({
      name: `20251121-${a.id}`,
      folder: join(models, `20251121-${a.id}`),
      previous: null,
      removed: [],
    });
    expect(readFileSync(join(models, 'current'), 'utf8')).toBe(`20251121-${a.id}\n`);
    const current = await loadBundle(currentBundle(models) ?? '', { registry: REGISTRY });
    expect(current.id).toBe(a.id);
    rmSync(a.folder, { recursive: true });
    expect((await loadBundle(deployment.folder, { registry: REGISTRY })).id).toBe(a.id);
  });

  it('go back one after the other, and forth again', () => {
    const { models, bundles } = project();
    const [a, b, c] = bundles.map(({ folder }) => deployBundle(models, folder, NOW_MS));
    expect(currentBundle(models)).toBe(c.folder);
    expect(rollbackBundle(models)).toEqual({ name: b.name, folder: b.folder, previous: a.name, removed: [] });
    expect([currentBundle(models), previousBundle(models)]).toEqual([b.folder, a.folder]);
    expect(rollbackBundle(models).previous).toBeNull();
    expect(() => rollbackBundle(models)).toThrow('at least two deployments');
    expect(currentBundle(models)).toBe(a.folder);
    expect(deployBundle(models, bundles[2].folder, NOW_MS + DAY_MS).previous).toBe(a.name);
  });

  it('are kept as they are when the current one is deployed again', () => {
    const { models, bundles } = project();
    deployBundle(models, bundles[0].folder, NOW_MS);
    const first = deployBundle(models, bundles[1].folder, NOW_MS);
    expect(deployBundle(models, bundles[1].folder, NOW_MS + 3 * DAY_MS)).toEqual(first);
    expect(deployed(models).length).toBe(2);
  });

  it('are the last six: the oldest go, the current and the one before never', () => {
    const { models, bundles } = project(9);
    const names = bundles.map(({ folder }, day) => deployBundle(models, folder, NOW_MS + day * DAY_MS));
    expect(names.map(({ removed }) => removed.length)).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1]);
    expect(deployed(models)).toEqual(names.slice(3).map(({ name }) => name));
    for (let back = 7; back >= 3; back -= 1) expect(rollbackBundle(models).name).toBe(names[back].name);
    expect(() => rollbackBundle(models)).toThrow('at least two');
    // five newer ones were rolled back; the sixth place is for the current one
    const again = deployBundle(models, bundles[0].folder, NOW_MS + 20 * DAY_MS);
    expect(again.removed).toEqual([names[4].name]);
    expect(deployed(models)).toContain(names[3].name);
    expect(rollbackBundle(models).name).toBe(names[3].name);
  });

  it('stay where they are when the clock goes back', () => {
    const { models, bundles } = project(9);
    const names = bundles.map(({ folder }, day) => deployBundle(models, folder, NOW_MS - day * DAY_MS).name);
    expect(deployed(models)).toEqual(names.slice(3).toReversed());
    expect(rollbackBundle(models).name).toBe(names[7]);
  });

  it('are the old ones when a copy cannot be made', () => {
    const { models, bundles } = project();
    const [a, b] = bundles;
    deployBundle(models, a.folder, NOW_MS);
    rmSync(join(b.folder, 'model.onnx'));
    expect(() => deployBundle(models, b.folder, NOW_MS)).toThrow('the file is missing');
    expect(currentBundle(models)).toBe(join(models, `20251121-${a.id}`));
    expect(deployed(models).length).toBe(1);
  });

  it('are copied anew when the copy of that day is damaged', async () => {
    const { models, bundles } = project();
    const { folder } = deployBundle(models, bundles[0].folder, NOW_MS);
    writeFileSync(join(folder, 'model.txt'), 'x');
    deployBundle(models, bundles[0].folder, NOW_MS);
    expect((await loadBundle(folder, { registry: REGISTRY })).id).toBe(bundles[0].id);
  });

  it('are not gone back to when the one before is damaged', () => {
    const { models, bundles } = project();
    const a = deployBundle(models, bundles[0].folder, NOW_MS);
    const b = deployBundle(models, bundles[1].folder, NOW_MS);
    rmSync(join(a.folder, 'pstar.txt'));
    expect(() => rollbackBundle(models)).toThrow('the file is missing');
    expect(currentBundle(models)).toBe(b.folder);
  });

  it.each([
    ['', 'the file is empty'],
    ['../../etc\n', 'the line is "../../etc"'],
    ['20251121-0123456789abcdef\nx', 'line 2'],
  ])('are refused when the pointer is %j', (text, words) => {
    const { models } = project();
    writeFileSync(join(models, 'current'), text);
    expect(() => currentBundle(models)).toThrow(words);
    expect(() => rollbackBundle(models)).toThrow(words);
  });

  it('may have been written on Windows', () => {
    const { models, bundles } = project();
    const { folder, name } = deployBundle(models, bundles[0].folder, NOW_MS);
    writeFileSync(join(models, 'current'), `${name}\r\n`);
    expect(currentBundle(models)).toBe(folder);
  });
});

describe('stored bundles', () => {
  it('are written anew when one is damaged, which is moved aside', async () => {
    const { models, bundles } = project();
    const [{ folder, id }] = bundles;
    writeFileSync(join(folder, 'metrics.csv'), 'x');
    expect(saveBundle(models, smallContent('0.1', MODEL)).isNew).toBe(true);
    expect((await loadBundle(folder, { registry: REGISTRY })).id).toBe(id);
    expect(readFileSync(join(`${folder}.damaged-1`, 'metrics.csv'), 'utf8')).toBe('x');
  });

  it('leave no draft, and drafts of killed processes go', () => {
    const { models } = project();
    mkdirSync(join(models, '.draft-999999999-1'));
    cpSync(join(models, '.draft-999999999-1'), join(models, 'notes'), { recursive: true });
    saveBundle(models, smallContent('0.95', MODEL));
    expect(readdirSync(models).filter((name) => name.startsWith('.'))).toEqual([]);
    expect(existsSync(join(models, 'notes'))).toBe(true);
  });
});
