/** `donch deploy-model` and `donch rollback-model`: which bundle is the current one. */
import { basename } from 'node:path';
import type { CommandContext } from '@donch/cli';
import { DonchError } from '@donch/core';
import { deployBundle, previousBundle, readManifest, rollbackBundle, type Deployment } from '@donch/model-store';
import { openProject, type ProjectContext } from '@donch/project';
import { documentOf } from '../cli/documents.ts';
import type { ModelFlags } from '../commands/model.ts';
import {
  checkedFields,
  surroundingsOf,
  undeployedBundle,
  verifiedBundle,
  type VerifiedBundle,
} from './model-folder.ts';
import { verifiedLines } from './model-verify.ts';
import { whilePublishing } from './publish-lock.ts';

/** `donch deploy-model [path]`. */
export async function deployModel(path: string | undefined, flags: ModelFlags, context: CommandContext): Promise<void> {
  const project = openProject(flags, context);
  const folder = undeployedBundle(path, project, context);
  const bundle = await verified(folder, { project, flags, context });
  const deployment = whilePublishing(project.modelsFolder, () =>
    deployBundle(project.modelsFolder, folder, Date.now()),
  );
  tell('deploy-model', { bundle, deployment }, context);
}

/** `donch rollback-model`. Throws `no_bundle` when nothing was deployed before. */
export async function rollbackModel(flags: ModelFlags, context: CommandContext): Promise<void> {
  const project = openProject(flags, context);
  const folder = previousBundle(project.modelsFolder);
  const bundle = folder === null ? null : await verified(folder, { project, flags, context });
  const deployment = whilePublishing(project.modelsFolder, () => {
    if (previousBundle(project.modelsFolder) !== folder)
      throw new DonchError('no_bundle', 'another bundle was deployed meanwhile', {
        remedy: 'start the command again to go back to the one before',
      });
    return rollbackBundle(project.modelsFolder);
  });
  if (bundle !== null) tell('rollback-model', { bundle, deployment }, context);
}

interface Request {
  readonly project: ProjectContext;
  readonly flags: ModelFlags;
  readonly context: CommandContext;
}

async function verified(folder: string, { project, flags, context }: Request): Promise<VerifiedBundle> {
  const { manifest } = readManifest(folder);
  const surroundings = await surroundingsOf(project, flags, context);
  return verifiedBundle(folder, manifest, { project, surroundings });
}

interface Done {
  readonly bundle: VerifiedBundle;
  readonly deployment: Deployment;
}

function tell(command: 'deploy-model' | 'rollback-model', { bundle, deployment }: Done, context: CommandContext): void {
  const { terminal } = context;
  const { name, folder, previous, removed } = deployment;
  for (const warning of bundle.warnings) terminal.warn(warning);
  terminal.result(
    [
      ...verifiedLines({ ...bundle, folder }),
      `current: models/${basename(folder)}; before it: ${previous === null ? 'none' : `models/${previous}`}`,
      ...removed.map((old) => `deleted: models/${old}`),
    ].join('\n'),
  );
  terminal.document(
    documentOf(command, { ok: true, ...checkedFields({ ...bundle, folder }), name, previous, removed }),
  );
}
