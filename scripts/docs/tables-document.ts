import { TABLES, type TableSpec } from '@donch/core';
import { code, markdownDocument, markdownTable } from './markdown.ts';

/** docs/TABLES.md: every table that the product reads or writes. */
export function tablesDocument(): string {
  return markdownDocument('Tables', [
    'Every table that DONCH reads or writes, as Parquet and as CSV. Instants are UTC: timestamps in Parquet, ISO text with offset in CSV. A missing cell is null; what null means stands beside the column. `bool` is true or false, `int` a whole number, `text` UTF-8.',
    'A newer `schema_version` than the program knows is refused. Files at the places that notebooks know (`signals/signals.parquet`, `results/*.csv`) carry the names of the earlier system plus `signal_id`.',
    ...Object.values(TABLES).flatMap(tableParts),
  ]);
}

const FOLLOWING: Readonly<Record<TableSpec['followedBy'], readonly string[]>> = {
  nothing: [],
  features: ['The columns of all features follow ([FEATURES.md](FEATURES.md)); null means missing.'],
  'varied keys': ['The varied keys follow as columns, under their names in lower case.'],
};

function tableParts({ name, schemaVersion, meaning, columns, followedBy, key, order }: TableSpec): string[] {
  const rows = columns.map((column) => [
    code(column.name),
    column.type,
    column.unit,
    column.meaning,
    column.nullMeans === '' ? 'never null' : column.nullMeans,
  ]);
  return [
    `## ${name}`,
    meaning,
    `Version ${schemaVersion}. Key: ${key.map(code).join(', ')}. Order of rows: ${order.map(code).join(', ')}.`,
    markdownTable(['column', 'type', 'unit', 'meaning', 'null'], rows),
    ...FOLLOWING[followedBy],
  ];
}
