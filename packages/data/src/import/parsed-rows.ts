/** What every format's parser hands on: rows with places, counts of lines, and the way back to a row's text. */

import type { CellRole } from './column-names.ts';
import type { FindingLog } from './finding-log.ts';
import type { RowReader } from './row-reader.ts';

export interface LineCounts {
  /** Physical lines; JSON and Parquet: rows. */
  readonly lines: number;
  /** Header (0 or 1) and lines before it. */
  readonly headers: number;
  readonly preamble: number;
  readonly blank: number;
  readonly repeatedHeaders: number;
}

export interface ParsedRows {
  readonly reader: RowReader;
  readonly log: FindingLog;
  readonly counts: LineCounts;
  /** Column names of the file with their roles, for the report. */
  readonly columns: readonly { readonly name: string; readonly role: CellRole }[];
  readonly assumptions: readonly string[];
  /** Original text of a row by its place. */
  readonly textAt: (place: number) => string;
  /** Venue and symbol that the content itself names (not the file name), or null. */
  readonly venue: string | null;
  readonly symbol: string | null;
}
