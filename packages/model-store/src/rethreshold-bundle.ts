/** The same model with another threshold: a new version of a bundle. */
import { join } from 'node:path';
import { DonchError, hashJson } from '@donch/core';
import type { BundleFile, BundleManifest, Calibrator } from '@donch/meta';
import { readBundle, type BundleContent } from './bundle-folder.ts';
import { parseCalibrator, pstarText } from './model-files.ts';

export interface NewThreshold {
  readonly pstar: BundleManifest['pstar'];
  /** `ev_curve.csv`. */
  readonly evCurve: Uint8Array;
  /** The calibrator on whose probabilities the threshold stands. */
  readonly calibrator: Calibrator;
  /** `report.html` as it is now, told that the threshold is another one. */
  readonly report: (html: string) => string;
}

/**
 * Content of the bundle with the threshold in place of its own: manifest, `pstar.txt`, `ev_curve.csv` and the
 * notice in `report.html` change, every other byte stays.
 * Throws as `readBundle`, and `bad_argument` when the threshold stands on the probabilities of another calibrator: the model would be
 * gated on another scale.
 */
export function withThreshold(folder: string, { pstar, evCurve, calibrator, report }: NewThreshold): BundleContent {
  const { files, manifest: before } = readBundle(folder);
  const file = join(folder, 'calibrator.json');
  const text = (name: BundleFile): string => new TextDecoder().decode(files.get(name));
  const own = parseCalibrator(text('calibrator.json'), file);
  if (hashJson(own) !== hashJson(calibrator))
    throw new DonchError('bad_argument', 'these settings give another calibrator than the bundle has', {
      file,
      expected: 'the probabilities that the model answers with',
      remedy: 'Leave --groups and --embargo as they were in the training.',
    });
  const { files: _, ...manifest } = before;
  return {
    manifest: { ...manifest, pstar },
    files: new Map<BundleFile, string | Uint8Array>([
      ...files,
      ['pstar.txt', pstarText(pstar)],
      ['ev_curve.csv', evCurve],
      ...(files.has('report.html') ? [['report.html', report(text('report.html'))] as const] : []),
    ]),
  };
}
