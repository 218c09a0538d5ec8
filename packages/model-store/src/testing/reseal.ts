/** Changes a bundle as somebody would who knows how manifests are made: hashes and id are right afterwards. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUNDLE_FILES, type BundleFile, type BundleManifest } from '@donch/meta';
import { readManifest } from '../bundle-folder.ts';
import { formatManifest, identifyManifest } from '../manifest-json.ts';

export type BundleChange = {
  readonly manifest?: (manifest: BundleManifest) => BundleManifest;
  readonly files?: Readonly<Partial<Record<BundleFile, (text: string) => string | Uint8Array>>>;
};

export function reseal(folder: string, { manifest: change = (same) => same, files = {} }: BundleChange): void {
  const { manifest } = readManifest(folder);
  const hashes: Partial<Record<BundleFile, string>> = { ...manifest.files };
  for (const name of BUNDLE_FILES) {
    const path = join(folder, name);
    const changed = files[name]?.(readFileSync(path, 'utf8'));
    if (changed === undefined) continue;
    writeFileSync(path, changed);
    hashes[name] = createHash('sha256').update(changed).digest('hex');
  }
  const sealed = identifyManifest(change({ ...manifest, files: hashes }));
  writeFileSync(join(folder, 'manifest.json'), formatManifest(sealed));
}
