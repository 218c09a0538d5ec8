/** pnpm test:long onnx-parity: 100,000 random and 20,000 adversarial rows on every model and calibrator. SEED chooses them. */
import { globSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseLightGbm } from '@donch/meta';
import { describeWithShared, sharedDir } from '@donch/testkit';
import { expect, it } from 'vitest';
import { adversarialRows, allowedDifference, calibratorsFor, parityOf, randomRows } from './testing/onnx-parity.ts';

const seed = Number(process.env['SEED'] ?? 1);

describeWithShared('our predictor and onnxruntime', () => {
  const folder = sharedDir('vectors', 'gbdt', 'oracle_lgbm41');

  it.each(globSync('*/model.txt', { cwd: folder }).map(dirname))('%s', async (name) => {
    const booster = parseLightGbm(readFileSync(`${folder}/${name}/model.txt`, 'utf8'), name);
    for (const calibrator of calibratorsFor(booster, seed))
      for (const rows of [randomRows(booster, 100_000, seed), adversarialRows(booster, 20_000, seed)]) {
        const { margin, pRaw, p, calibratorAlone } = await parityOf(booster, calibrator, rows);
        console.log(
          `${name} ${calibrator.kind} ${rows.rowCount}: margin ${margin}, p_raw ${pRaw}, p ${p} (${calibratorAlone})`,
        );
        expect(Math.max(margin, pRaw, calibratorAlone)).toBeLessThanOrEqual(1e-12);
        expect(p).toBeLessThanOrEqual(allowedDifference(calibrator, pRaw));
      }
  });
});
