/** `donch model verify`: a bundle against its manifest, the features of now, its parity rows and its graph. */
import type { CommandContext } from '@donch/cli';
import { readManifest } from '@donch/model-store';
import { openProject } from '@donch/project';
import { documentOf } from '../cli/documents.ts';
import type { ModelFlags } from '../commands/model.ts';
import { bundleFolder, checkedFields, surroundingsOf, verifiedBundle, type VerifiedBundle } from './model-folder.ts';

/** `donch model verify [path]`. Throws the first difference. */
export async function verifyModel(path: string | undefined, flags: ModelFlags, context: CommandContext): Promise<void> {
  const project = openProject(flags, context);
  const folder = bundleFolder(path, project, context);
  const { manifest } = readManifest(folder);
  const surroundings = await surroundingsOf(project, flags, context);
  const bundle = await verifiedBundle(folder, manifest, { project, surroundings });
  for (const warning of bundle.warnings) context.terminal.warn(warning);
  context.terminal.result(verifiedLines(bundle).join('\n'));
  context.terminal.document(documentOf('model verify', { ok: true, ...checkedFields(bundle) }));
}

/** What was found to be as it was. */
export function verifiedLines({ id, folder, manifest, parity }: VerifiedBundle): string[] {
  const { strategyId, venue, interval } = manifest.binding;
  return [
    `bundle ${id} (${manifest.origin}): ${folder}`,
    `  files     ${Object.keys(manifest.files).length} with the hashes of the manifest`,
    `  features  ${manifest.features.length} computed as they were, in their order`,
    `  parity    ${parity.rows} rows: the predictor to the bit, onnxruntime within ${parity.onnxDifferenceMax.toExponential(1)}`,
    `  bound to  ${strategyId}, ${venue} ${interval}`,
  ];
}
