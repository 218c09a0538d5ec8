import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeParity, scoreFeatures } from '@donch/meta';
import { afterAll, describe, expect, it } from 'vitest';
import { saveBundle } from './bundle-folder.ts';
import { loadBundle } from './load-bundle.ts';
import { randomSignals, REGISTRY, smallContent, smallModel, temporaryFolder } from './testing/small-bundle.ts';

const root = temporaryFolder();
afterAll(() => root.remove());

describe('a bundle', () => {
  it.each(['none', 'platt', 'isotonic'] as const)('is loaded as it was saved, calibrator %s', async (kind) => {
    const model = smallModel(kind);
    const saved = saveBundle(join(root.path, kind), smallContent('0.5', model));
    const loaded = await loadBundle(saved.folder, { registry: REGISTRY });
    expect([loaded.id, loaded.pstar, loaded.notes]).toEqual([saved.id, 0.5, []]);
    expect(loaded.manifest).toEqual(saved.manifest);
    expect(loaded.parity.rows).toBeGreaterThanOrEqual(200);
    expect(loaded.parity.onnxDifferenceMax).toBeLessThan(1e-14);
    const row = Object.fromEntries(
      model.features.map(({ name, dtype, categories }) => [name, dtype === 'category' ? categories[0] : 0.25]),
    );
    expect(scoreFeatures(loaded.model, row)).toEqual(scoreFeatures(model, row));
  });

  it('may have a calibrator so steep that the last bit of a score shows', async () => {
    const flat = smallModel('none');
    const raw = makeParity(flat, randomSignals()).map(({ pRaw }) => pRaw);
    // a step of 1 / count within 2^-49 around every probability
    const steps = [...new Set(raw)].sort((a, b) => a - b);
    const x = steps.flatMap((p) => [p - 2 ** -50, p + 2 ** -50]);
    const y = steps.flatMap((_, k) => [k / steps.length, (k + 1) / steps.length]);
    const model = { ...flat, calibrator: { kind: 'isotonic' as const, x, y } };
    const { folder } = saveBundle(join(root.path, 'steep'), smallContent('0.5', model));
    const { parity } = await loadBundle(folder, { registry: REGISTRY });
    expect(parity.onnxDifferenceMax).toBeGreaterThan(1e-6);
  });

  it('has one id for one content, and is written once', () => {
    const first = saveBundle(root.path, smallContent());
    const again = saveBundle(root.path, smallContent());
    const other = saveBundle(root.path, smallContent('0.625'));
    expect([first.isNew, again.isNew, again.id === first.id, other.id === first.id]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect(first.folder).toBe(join(root.path, first.id));
    expect(JSON.parse(readFileSync(join(first.folder, 'manifest.json'), 'utf8'))).toMatchObject({
      bundle_id: first.id,
      schema_version: 1,
      binding: { setup_hash: 'a'.repeat(64) },
      label: { mfe_k: 2 },
      files: { 'feature_names.json': expect.any(String) as string },
    });
  });
});
