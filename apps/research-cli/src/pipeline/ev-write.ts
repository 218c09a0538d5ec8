/** `donch ev --write`: p* into a new version of the bundle. */
import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { DonchError } from '@donch/core';
import { encodeTable } from '@donch/data';
import { formatThreshold, type BundleManifest } from '@donch/meta';
import { loadBundle, publishBundle, readManifest, saveBundle, withThreshold } from '@donch/model-store';
import { withNotice } from '@donch/report';
import type { EvJudgement } from './ev-judge.ts';
import type { EvSource, SourceBundle } from './ev-source.ts';
import { banded, evTable } from './ev-table.ts';
import { noThresholdText } from './model-figures.ts';

export interface WrittenBundle {
  readonly id: string;
  readonly folder: string;
  /** Null: the old one is a deployed or a stored bundle, which is never replaced. */
  readonly shownAt: string | null;
  /** False: the bundle has this p* already, nothing was written. */
  readonly isNew: boolean;
}

export interface WriteRequest {
  readonly source: EvSource;
  readonly judgement: EvJudgement;
  /** The user's own threshold; null = the chosen one. */
  readonly userPstar: number | null;
  readonly modelsFolder: string;
}

/** Throws `bad_argument` when there is no bundle to write into: checked before anything is computed. */
export function checkWritable({ bundle, file }: Pick<EvSource, 'bundle' | 'file'>): SourceBundle {
  if (bundle !== null) return bundle;
  throw new DonchError('bad_argument', '--write with predictions that belong to no bundle', {
    file,
    expected: 'the out-of-fold predictions of a bundle: without --pred, those of results/meta_export',
    remedy:
      'A threshold holds for the model that made the probabilities: note it, or give it to the training: donch train --pstar',
  });
}

/**
 * Stores the bundle with the new p* under its own id, checks it as a loader does and shows it where the old one was shown. The old one
 * stays under models/. Throws `no_threshold` without a p*, `no_bundle` when the old one would be lost, and what saving throws; nothing
 * that is in use has changed then.
 */
export async function writeThreshold({
  source,
  judgement,
  userPstar,
  modelsFolder,
}: WriteRequest): Promise<WrittenBundle> {
  const bundle = checkWritable(source);
  const pstar = newPstar(judgement, { userPstar, bundleId: bundle.id });
  const { manifest } = readManifest(bundle.folder);
  if (manifest.pstar.value === pstar.value && manifest.pstar.source === pstar.source)
    return { ...bundle, shownAt: null, isNew: false };
  const way = relative(modelsFolder, bundle.folder);
  const isView = way.startsWith('..') || isAbsolute(way);
  if (isView && !existsSync(join(modelsFolder, bundle.id))) throw notStored(bundle, modelsFolder);
  const evCurve = encodeTable(evTable(judgement.all.curve), 'csv');
  const { calibrator } = judgement.all.choice;
  const {
    id,
    folder,
    manifest: stored,
  } = saveBundle(
    modelsFolder,
    withThreshold(bundle.folder, {
      pstar,
      evCurve,
      calibrator,
      report: (html) => withNotice(html, reportNotice(pstar)),
    }),
  );
  // every check of a loader but that of the features of now: the model is the old one
  await loadBundle(folder, { registry: stored.features });
  if (isView) publishBundle(folder, bundle.folder);
  return { id, folder, shownAt: isView ? bundle.folder : null, isNew: true };
}

const reportNotice = ({ value, source, note }: BundleManifest['pstar']): string =>
  `p* of this bundle is ${Number(value).toFixed(4)} (${source === 'user' ? 'your own' : source}), set after this page was made, which shows the training. ${note}`;

interface Origin {
  readonly userPstar: number | null;
  readonly bundleId: string;
}

function newPstar({ all: { choice } }: EvJudgement, { userPstar, bundleId }: Origin): BundleManifest['pstar'] {
  const from = `donch ev --write, from bundle ${bundleId}`;
  if (userPstar !== null) {
    const evidence =
      choice.kind === 'named'
        ? `the evidence names ${choice.pstar.toFixed(4)}`
        : 'there is no evidence for any threshold';
    return { value: formatThreshold(userPstar), source: 'user', note: `the user's own choice; ${evidence}; ${from}` };
  }
  if (choice.kind === 'named') {
    const { evidence } = choice;
    const { estimate, low, high } = banded(evidence.improvement, evidence.improvementR);
    const figures = `EV(p >= p*) - EV(all) ${estimate.toFixed(3)} R, ${low.toFixed(3)} to ${high.toFixed(3)} (95 %, cross-fitted)`;
    return { value: formatThreshold(choice.pstar), source: 'chosen', note: `${figures}; ${from}` };
  }
  throw new DonchError('no_threshold', `there is no p* to write: ${noThresholdText(choice)}`, {
    expected: 'evidence for a threshold, or your own: --pstar',
    remedy: 'The bundle is as it was.',
  });
}

const notStored = ({ id, folder }: SourceBundle, modelsFolder: string): DonchError =>
  new DonchError('no_bundle', `the bundle ${id} is not stored under ${modelsFolder}, and would be lost`, {
    file: folder,
    expected: `a copy of it in ${join(modelsFolder, id)}`,
    remedy: `Copy the folder there first; ${dirname(folder)} then shows the new one.`,
  });
