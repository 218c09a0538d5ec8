import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { saveBundle, type SavedBundle } from './bundle-folder.ts';
import { loadBundle } from './load-bundle.ts';
import { publishBundle } from './publish-bundle.ts';
import { REGISTRY, smallContent, smallModel, temporaryFolder } from './testing/small-bundle.ts';

const root = temporaryFolder();
afterAll(() => root.remove());

const MODEL = smallModel();
let projects = 0;

/** A project's folders, with two bundles. */
function project(): { readonly outdir: string; readonly first: SavedBundle; readonly second: SavedBundle } {
  projects += 1;
  const folder = join(root.path, `project-${projects}`);
  mkdirSync(join(folder, 'results'), { recursive: true });
  const [first, second] = ['0.5', '0.625'].map((pstar) =>
    saveBundle(join(folder, 'models'), smallContent(pstar, MODEL)),
  );
  return { outdir: join(folder, 'results', 'meta_export'), first, second };
}

const shown = async (outdir: string): Promise<string> => (await loadBundle(outdir, { registry: REGISTRY })).id;

describe('the view of a bundle', () => {
  it('is a whole copy, and nothing is left beside it', async () => {
    const { outdir, first } = project();
    expect(publishBundle(first.folder, outdir)).toEqual({ carriedOver: [], movedTo: null });
    expect(await shown(outdir)).toBe(first.id);
    expect(readdirSync(outdir).sort()).toEqual(readdirSync(first.folder).sort());
    expect(readdirSync(dirname(outdir))).toEqual(['meta_export']);
  });

  it('shows the newest, and keeps what users put there', async () => {
    const { outdir, first, second } = project();
    publishBundle(first.folder, outdir);
    mkdirSync(join(outdir, 'notebooks'));
    for (const name of ['notes.txt', 'notebooks/a.ipynb', 'shap_importance_oos.csv', 'my.tmp'])
      writeFileSync(join(outdir, name), name);
    writeFileSync(join(outdir, '.pstar.txt.1234-1.tmp'), 'cut off');
    writeFileSync(join(outdir, 'ev_curve.csv'), 'of the first model');
    const carriedOver = ['my.tmp', 'notebooks', 'notes.txt', 'shap_importance_oos.csv'];
    expect(publishBundle(second.folder, outdir)).toEqual({ carriedOver, movedTo: null });
    expect(await shown(outdir)).toBe(second.id);
    expect(readFileSync(join(outdir, 'notebooks', 'a.ipynb'), 'utf8')).toBe('notebooks/a.ipynb');
    expect(readFileSync(join(outdir, 'ev_curve.csv'), 'utf8')).toMatch(/^threshold,n,ev_R/);
    expect(readdirSync(dirname(outdir))).toEqual(['meta_export']);
    expect(readdirSync(outdir).length).toBe(readdirSync(second.folder).length + carriedOver.length);
  });

  it('replaces an empty folder, and one that was published before', async () => {
    const { outdir, first } = project();
    mkdirSync(outdir);
    publishBundle(first.folder, outdir);
    publishBundle(first.folder, outdir);
    expect(await shown(outdir)).toBe(first.id);
  });

  it('moves a pack of the earlier system aside instead of writing over it', async () => {
    const { outdir, first } = project();
    mkdirSync(outdir);
    for (const name of ['donch_meta_lgbm.joblib', 'pstar.txt']) writeFileSync(join(outdir, name), '0.60');
    mkdirSync(`${outdir}.before-1`);
    expect(publishBundle(first.folder, outdir).movedTo).toBe(`${outdir}.before-2`);
    expect(readdirSync(`${outdir}.before-2`)).toEqual(['donch_meta_lgbm.joblib', 'pstar.txt']);
    expect(await shown(outdir)).toBe(first.id);
  });

  it.each([
    ['a folder with folders', (outdir: string) => mkdirSync(join(outdir, 'runs'), { recursive: true })],
    ['a project', (outdir: string) => write(outdir, 'config.yaml', 'VENUE: bybit')],
    ['a run', (outdir: string) => write(outdir, 'manifest.json', '{"run_id":"backtest-0123456789abcdef"}')],
    ['a file', (outdir: string) => writeFileSync(outdir, 'x')],
  ])('never replaces %s', (_, make) => {
    const { outdir, first } = project();
    make(outdir);
    const content = (): unknown => (statSync(outdir).isFile() ? readFileSync(outdir, 'utf8') : readdirSync(outdir));
    const before = content();
    expect(() => publishBundle(first.folder, outdir)).toThrow('cannot show the bundle');
    expect(content()).toEqual(before);
    expect(readdirSync(dirname(outdir))).toEqual(['meta_export']);
  });

  it('never replaces stored bundles, or a folder that they lie in', async () => {
    const { outdir, first, second } = project();
    const models = dirname(first.folder);
    for (const place of [first.folder, second.folder, models, dirname(models), join(models, 'mine')])
      expect(() => publishBundle(first.folder, place)).toThrow('cannot show the bundle');
    expect([await shown(first.folder), await shown(second.folder)]).toEqual([first.id, second.id]);
    expect(existsSync(outdir)).toBe(false);
  });

  it('is not taken from a bundle that is damaged', async () => {
    const { outdir, first, second } = project();
    publishBundle(first.folder, outdir);
    truncateSync(join(second.folder, 'model.txt'), 100);
    expect(() => publishBundle(second.folder, outdir)).toThrow('SHA-256');
    expect(await shown(outdir)).toBe(first.id);
  });

  it('comes back when the process was killed between the two renames', async () => {
    const { outdir, first, second } = project();
    publishBundle(first.folder, outdir);
    writeFileSync(join(outdir, 'notes.txt'), 'mine');
    renameSync(outdir, join(dirname(outdir), '.meta_export.donch-previous'));
    expect(publishBundle(second.folder, outdir).carriedOver).toEqual(['notes.txt']);
    expect(await shown(outdir)).toBe(second.id);
    expect(readdirSync(dirname(outdir))).toEqual(['meta_export']);
  });
});

function write(folder: string, name: string, text: string): void {
  mkdirSync(folder);
  writeFileSync(join(folder, name), text);
}
