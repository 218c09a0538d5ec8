import type { FieldSpec } from '@donch/cli';
/** Holds a `--json` document against its declaration: what docs/CLI.md promises is what programs get. */
import { DOCUMENTS, type DocumentName } from '../cli/documents.ts';

/** Everything in which a document differs from its declaration; empty = nothing. */
export function documentProblems(name: DocumentName, document: Readonly<Record<string, unknown>>): string[] {
  const { schema_version: version, command, ...fields } = document;
  const spec = DOCUMENTS[name];
  const problems = objectProblems(name, spec.fields, fields);
  if (version !== spec.schemaVersion) problems.push(`schema_version is ${String(version)}`);
  if (command !== name) problems.push(`command is ${String(command)}`);
  return problems;
}

function objectProblems(
  place: string,
  fields: readonly FieldSpec[],
  value: Readonly<Record<string, unknown>>,
): string[] {
  const known = new Set(fields.map((field) => field.name));
  return [
    ...fields.flatMap((field) =>
      field.name in value
        ? valueProblems(`${place}.${field.name}`, field, value[field.name])
        : [`${place}.${field.name} is missing`],
    ),
    ...Object.keys(value)
      .filter((name) => !known.has(name))
      .map((name) => `${place}.${name} is not declared`),
  ];
}

function valueProblems(place: string, field: FieldSpec, value: unknown): string[] {
  if (value === null) return field.nullMeans === '' ? [`${place} is null and may not be`] : [];
  const { type, fields, items } = field;
  if (!hasType(type, value)) return [`${place} is ${JSON.stringify(value)}, declared as ${type}`];
  if (type === 'object' && fields !== undefined) return objectProblems(place, fields, value as Record<string, unknown>);
  if (type !== 'list') return [];
  return (value as unknown[]).flatMap((item, k) => itemProblems(`${place}[${k}]`, { item, items, fields }));
}

interface Item {
  readonly item: unknown;
  readonly items: FieldSpec['items'];
  readonly fields: FieldSpec['fields'];
}

/** Lists of numbers may hold null (a number without a value); in a list of lists the fields belong to the inner objects. */
function itemProblems(place: string, { item, items = 'any', fields }: Item): string[] {
  if (items === 'number' && item === null) return [];
  if (!hasType(items, item)) return [`${place} is ${JSON.stringify(item)}, declared as ${items}`];
  if (fields === undefined) return [];
  const objects = items === 'list' ? (item as unknown[]) : [item];
  return objects.flatMap((inner) => objectProblems(place, fields, inner as Record<string, unknown>));
}

function hasType(type: NonNullable<FieldSpec['items']>, value: unknown): boolean {
  switch (type) {
    case 'any':
      return true;
    case 'text':
      return typeof value === 'string';
    case 'number':
    case 'boolean':
      return typeof value === type;
    case 'list':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
  }
}
