/** strategies/config.schema.json: what editors check and complete in config.yaml. Every name under which a key is accepted is in it. */
import { CONFIG_SECTIONS, OBSOLETE_KEYS, type KeySpec } from '@donch/core';

type JsonSchema = Readonly<Record<string, unknown>>;

/** JSON Schema, draft 2020-12. */
export function configJsonSchema(): JsonSchema {
  const properties: Record<string, JsonSchema> = {
    schema_version: { type: 'integer', const: 1, description: "version of this file's format" },
  };
  for (const [section, keys] of Object.entries(CONFIG_SECTIONS)) {
    for (const [key, spec] of Object.entries<KeySpec>(keys)) {
      properties[key] = keySchema(spec, section);
      for (const alias of spec.aliases ?? [])
        properties[alias] = { ...keySchema(spec, section), description: `the same as ${key}`, deprecated: true };
      for (const alias of Object.keys(spec.scaledAliases ?? {}))
        properties[alias] = { type: ['number', 'string'], description: `${key} in another unit`, deprecated: true };
    }
  }
  for (const [key, instead] of Object.entries(OBSOLETE_KEYS))
    if (/^\w+$/.test(key)) properties[key] = { description: `without effect: ${instead}`, deprecated: true };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'DONCH config.yaml',
    type: 'object',
    properties,
    additionalProperties: false,
  };
}

function keySchema(spec: KeySpec, section: string): JsonSchema {
  return {
    ...valueSchema(spec),
    default: spec.fallback,
    description: `${spec.meaning} (${spec.unit}; ${section})`,
  };
}

function valueSchema(spec: KeySpec): JsonSchema {
  const { kind, nullable, words } = spec;
  if (words !== undefined)
    return { enum: [...words, ...Object.keys(spec.wordAliases ?? {}), ...(nullable ? [null] : [])] };
  if (kind === 'number')
    return { type: orNull(spec.integer === true ? 'integer' : 'number', nullable), ...bounds(spec) };
  if (kind === 'boolean') return { type: orNull('boolean', nullable) };
  // a list may also be written as one text with commas
  if (kind === 'list') return { type: ['array', 'string'] };
  return { type: orNull('string', nullable) };
}

function orNull(type: string, nullable: boolean): string | string[] {
  return nullable ? [type, 'null'] : type;
}

function bounds({ min, max, exclusive }: KeySpec): JsonSchema {
  return {
    ...(min !== undefined && { [exclusive === undefined ? 'minimum' : 'exclusiveMinimum']: min }),
    ...(max !== undefined && { [exclusive === 'both' ? 'exclusiveMaximum' : 'maximum']: max }),
  };
}
