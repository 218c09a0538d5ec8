/** `donch model inspect`: what a bundle says about itself. */
import { grouped, textTable, type CommandContext, type ProjectFlags } from '@donch/cli';
import { formatDay } from '@donch/core';
import { encodedNames, type BundleManifest, type EncodedFeature } from '@donch/meta';
import { readManifest } from '@donch/model-store';
import { openProject } from '@donch/project';
import { documentOf } from '../cli/documents.ts';
import { bundleFolder } from './model-folder.ts';

/** `donch model inspect [path]`. Files are not looked at: `donch model verify` does. */
export function inspectModel(path: string | undefined, flags: ProjectFlags, context: CommandContext): void {
  const project = openProject(flags, context);
  const { id, folder, manifest } = readManifest(bundleFolder(path, project, context));
  const { terminal } = context;
  terminal.result([`bundle ${id} (${manifest.origin}): ${folder}`, ...manifestLines(manifest)].join('\n'));
  const { label, training, binding, versions, origin, features, pstar, files } = manifest;
  terminal.document(
    documentOf('model inspect', {
      ok: true,
      bundleId: id,
      folder,
      origin,
      features,
      label,
      training,
      pstar: { ...pstar, value: pstar.value === null ? null : Number(pstar.value) },
      binding,
      versions,
      files: Object.entries(files).map(([name, sha256]) => ({ name, sha256 })),
    }),
  );
}

function manifestLines(manifest: BundleManifest): string[] {
  const { pstar, binding, versions, files, features } = manifest;
  return [
    `  label     ${labelText(manifest)}`,
    `  training  ${trainingText(manifest)}`,
    `  p*        ${pstar.value === null ? 'none' : String(Number(pstar.value))} (${pstar.source}${pstar.note === '' ? '' : `: ${pstar.note}`})`,
    `  bound to  ${binding.strategyId}, ${binding.venue} ${binding.interval}; set-up ${short(binding.setupHash)}, universe ${short(binding.universeHash)}`,
    `            made with filters ${short(binding.filterHash)}, exits ${short(binding.exitHash)}`,
    `  made by   donch ${versions.donch}, Node ${versions.node}`,
    `  files     ${Object.keys(files).join(', ')}`,
    '',
    ...textTable(
      [{ title: 'feature' }, { title: 'type' }, { title: 'unit' }, { title: 'definition' }],
      features.map((feature) => [feature.name, typeText(feature), feature.unit, short(feature.hash)]),
    ),
    `${features.length} features, ${encodedNames(features).length} columns`,
  ];
}

const short = (hash: string | null): string => (hash === null ? 'not known' : hash.slice(0, 12));

const typeText = ({ dtype, categories }: EncodedFeature): string =>
  dtype === 'category' ? categories.join(' | ') : dtype;

function labelText({ label: { target, mfeK, rThreshold, baseRateFrac } }: BundleManifest): string {
  const detail = target.startsWith('mfe_k') ? `, k = ${mfeK}` : target === 'pnl_pos' ? `, ${rThreshold} R or more` : '';
  const base = Number.isNaN(baseRateFrac) ? 'base rate not known' : `base rate ${(100 * baseRateFrac).toFixed(1)} %`;
  return `${target}${detail}; ${base}`;
}

function trainingText({ training: { rows, fromMs, toMs, labelEndMs } }: BundleManifest): string {
  const span = Number.isNaN(fromMs) ? 'window not known' : `${formatDay(fromMs)} to ${formatDay(toMs)}`;
  const count = Number.isNaN(rows) ? '' : `${grouped(rows)} signals, `;
  return `${count}${span}; outcomes known until ${formatDay(labelEndMs)}`;
}
