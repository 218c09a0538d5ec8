/**
 * The files of a bundle that the model is made of, as text and bytes, both ways. Each says its part on its own, so that notebooks can
 * read it; the loader demands that all of them tell the same.
 */
import { DonchError } from '@donch/core';
import {
  encodedNames,
  formatLightGbm,
  formatOnnx,
  type BundleFile,
  type BundleManifest,
  type Calibrator,
  type EncodedFeature,
  type Model,
  type ParityRow,
} from '@donch/meta';
import { z } from 'zod';
import { parseJson } from './manifest-json.ts';

/** Without these there is no bundle. */
export const MODEL_FILES = [
  'feature_names.json',
  'ohe.json',
  'model.txt',
  'calibrator.json',
  'pstar.txt',
  'parity.json',
  'model.onnx',
] as const satisfies readonly BundleFile[];

export interface ModelParts {
  readonly model: Model;
  readonly pstar: BundleManifest['pstar'];
  readonly parity: readonly ParityRow[];
}

/** The files of a model; the same parts, the same bytes. */
export function modelFiles({ model, pstar, parity }: ModelParts): Map<BundleFile, string | Uint8Array> {
  const { features, booster, calibrator } = model;
  return new Map<BundleFile, string | Uint8Array>([
    ['model.onnx', formatOnnx(booster, calibrator, graphMetadata(features))],
    ['model.txt', formatLightGbm(booster)],
    ['feature_names.json', jsonText(encodedNames(features))],
    ['ohe.json', jsonText(categoryMap(features))],
    ['calibrator.json', jsonText(calibrator)],
    ['pstar.txt', pstarText(pstar)],
    ['parity.json', parityText(parity)],
  ]);
}

/** Names of the inputs stand in the graph too: it is the file that travels alone. */
export function graphMetadata(features: readonly EncodedFeature[]): ReadonlyMap<string, string> {
  return new Map([['feature_names', JSON.stringify(encodedNames(features))]]);
}

/** Known values by category feature: `ohe.json`, and what `donch model import --categories` reads. */
export type CategoryMap = Readonly<Record<string, readonly string[]>>;

export function categoryMap(features: readonly EncodedFeature[]): CategoryMap {
  return Object.fromEntries(
    features.filter(({ dtype }) => dtype === 'category').map(({ name, categories }) => [name, categories]),
  );
}

/** The threshold as text; a bundle without p* says so in a word that no program takes for a number. */
export function pstarText({ value }: BundleManifest['pstar']): string {
  return `${value ?? 'none'}\n`;
}

const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** A row per line. */
function parityText(rows: readonly ParityRow[]): string {
  const lines = rows.map(({ features, margin, pRaw, p }) => JSON.stringify({ features, margin, p_raw: pRaw, p }));
  return `{"rows":[\n${lines.join(',\n')}\n]}\n`;
}

const FEATURE_NAMES = z.array(z.string()).min(1);
const CATEGORIES = z.record(z.string(), z.array(z.string()));
const CALIBRATOR = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('platt'), a: z.number(), b: z.number() }),
  z
    .strictObject({ kind: z.literal('isotonic'), x: z.array(z.number()).min(1), y: z.array(z.number().min(0).max(1)) })
    .refine(({ x, y }) => x.length === y.length, { path: ['y'], error: 'expected as many values as thresholds' })
    .refine(({ x }) => x.every((value, at) => at === 0 || value > x[at - 1]), {
      path: ['x'],
      error: 'expected thresholds that ascend',
    }),
]);
const PARITY = z.strictObject({
  rows: z.array(
    z.strictObject({
      features: z.record(z.string(), z.union([z.number(), z.string(), z.null()])),
      margin: z.number(),
      p_raw: z.number(),
      p: z.number(),
    }),
  ),
});

/** Names of the encoded row. Throws `bad_bundle`, also for a name that stands twice. */
export function parseFeatureNames(text: string, file: string): string[] {
  const names = parsed(FEATURE_NAMES, text, file);
  const seen = new Set<string>();
  for (const [at, name] of names.entries()) {
    if (seen.has(name))
      throw new DonchError('bad_bundle', `the feature name "${name}" stands twice`, {
        file,
        path: String(at),
        expected: 'each once: which column a doubled name means cannot be told',
      });
    seen.add(name);
  }
  return names;
}

/** Throws `bad_bundle`. */
export function parseCategoryMap(text: string, file: string): CategoryMap {
  return parsed(CATEGORIES, text, file);
}

/** Throws `bad_bundle` for anything that is no calibrator, thresholds that do not ascend included. */
export function parseCalibrator(text: string, file: string): Calibrator {
  return parsed(CALIBRATOR, text, file);
}

/** Throws `bad_bundle`. */
export function parseParity(text: string, file: string): ParityRow[] {
  return parsed(PARITY, text, file).rows.map(({ p_raw: pRaw, ...row }) => ({ ...row, pRaw }));
}

function parsed<T>(schema: z.ZodType<T>, text: string, file: string): T {
  const result = schema.safeParse(parseJson(text, file));
  if (result.success) return result.data;
  const [{ path, message }] = result.error.issues;
  throw new DonchError('bad_bundle', message, {
    file,
    ...(path.length > 0 && { path: path.map(String).join('.') }),
    remedy: 'The file is damaged or of another kind: take it from where it was made.',
  });
}
