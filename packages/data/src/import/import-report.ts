/** What an import says about itself: one report per file and one for the whole. Plain data; `render-report.ts` prints it. */

import type { DonchError, InstrumentId, Interval } from '@donch/core';
import type { Gap } from './check-neighbours.ts';
import type { CellRole } from './column-names.ts';
import type { RuleCount } from './finding-log.ts';
import type { ImportKind } from './import-options.ts';
import type { FileTotals } from './read-file.ts';

/** What the store did with a file's rows. */
export interface StoreEffect {
  readonly added: number;
  /** Rows that were there already with the same values. */
  readonly unchanged: number;
  /** Rows that were there with other values: kept or replaced as the option `revisions` says. */
  readonly revisions: number;
  readonly revisionsTaken: boolean;
  /** Rows whose turnover was unknown to the store and is known now. */
  readonly turnoverAdded: number;
  /** The instrument in the store after this file. */
  readonly after: Coverage;
}

/** How far rows reach and what is missing between them. */
export interface Coverage {
  readonly rows: number;
  /** First and last open (or settlement) time, UTC ms; NaN without rows. */
  readonly firstMs: number;
  readonly lastMs: number;
  readonly gaps: number;
  readonly missing: number;
}

/** Tick size and quantity step read off the data, and whether they were written. */
export interface InferredSteps {
  readonly tickSize: number;
  readonly qtyStep: number;
  readonly outcome: 'written' | 'unchanged' | 'venue row kept';
}

export interface FileReport {
  readonly file: string;
  /** `refused`: nothing of it was stored, `refusal` says why. */
  readonly status: 'imported' | 'refused';
  readonly refusal: DonchError | null;
  /** Null where the file could not even be recognised. */
  readonly content: FileContent | null;
  readonly findings: readonly RuleCount[];
  readonly errors: number;
  readonly warnings: number;
  readonly stored: StoreEffect | null;
  readonly steps: InferredSteps | null;
}

export interface FileContent {
  readonly kind: ImportKind;
  readonly instrumentId: InstrumentId;
  readonly venue: string;
  readonly symbol: string;
  readonly interval: Interval | null;
  readonly columns: readonly { readonly name: string; readonly role: CellRole }[];
  readonly assumptions: readonly string[];
  readonly totals: FileTotals;
  /** Of the accepted rows of this file. */
  readonly coverage: Coverage;
  readonly gaps: readonly Gap[];
}

export interface ImportReport {
  readonly files: readonly FileReport[];
  /** Files that are none of the importable kinds, with the reason. */
  readonly skipped: readonly { readonly file: string; readonly reason: string }[];
  /** Files that were not begun because the import was stopped. */
  readonly notStarted: readonly string[];
  /** Why it was stopped: null = it was not; `aborted` = by the caller; else an error of the store. */
  readonly stopped: 'aborted' | DonchError | null;
  /** Venue and bar length when all imported candles agree, else null: what an empty project writes to its config.yaml. */
  readonly venue: string | null;
  readonly interval: Interval | null;
  readonly acceptedRows: number;
  readonly elapsedMs: number;
  /** Files with all findings and all rejected rows; null when there were none. */
  readonly findingsFile: string | null;
  readonly rejectsFile: string | null;
}
