/** What `donch report` was asked for. */
import { wholeNumber } from '@donch/cli';
import { DonchError } from '@donch/core';
import type { SelectionOptions } from '@donch/stats';
import type { ReportFlags } from '../commands/report.ts';
import { REPORT_FORMATS, type ReportFormat } from './report-files.ts';

export interface ReportOptions {
  readonly formats: readonly ReportFormat[];
  /** Everything, however long it takes: stress by simulation, a search of thousands of trials. */
  readonly isComplete: boolean;
  /** The search however many trials there are. */
  readonly hasSearch: boolean;
  /** As it was written. */
  readonly returnsColumn: string;
  readonly variantColumns: readonly string[];
  readonly selection: SelectionOptions;
}

/** Groups of days of CPCV are combined: a hundred thousand splits is more than anybody waits for. */
const BLOCKS_MAX = 20;

/** Throws `bad_argument`. */
export function reportOptions(flags: ReportFlags): ReportOptions {
  const isComplete = flags.runAll === true;
  const groups = wholeNumber(flags.blocks, '--blocks', 3);
  const testGroups = wholeNumber(flags.kTest, '--k-test', 1);
  if (groups > BLOCKS_MAX || testGroups >= groups) {
    throw new DonchError('bad_argument', `--blocks is ${groups} and --k-test ${testGroups}`, {
      expected: `3 to ${BLOCKS_MAX} blocks, and fewer to test than there are`,
    });
  }
  const variantColumns = (flags.variantCols ?? []).flatMap((text) => text.split(',')).map((name) => name.trim());
  const twice = variantColumns.find((name, k) => name === '' || variantColumns.indexOf(name) < k);
  if (twice !== undefined) {
    throw new DonchError('bad_argument', `--variant-cols names "${twice}" ${twice === '' ? '' : 'twice'}`.trimEnd(), {
      expected: 'different columns of the trades',
    });
  }
  return {
    formats: formatsOf(flags.format ?? (isComplete ? REPORT_FORMATS.join(',') : 'html')),
    isComplete,
    hasSearch: isComplete || flags.cpcv === true,
    returnsColumn: flags.returnsCol,
    variantColumns,
    selection: {
      cpcvGroups: groups,
      cpcvTestGroups: testGroups,
      embargoDays: wholeNumber(flags.embargo, '--embargo', 0),
    },
  };
}

/** The formats of `--format`. Throws `bad_argument`. */
function formatsOf(text: string): ReportFormat[] {
  const names = text.split(',').map((name) => name.trim().toLowerCase());
  const formats = REPORT_FORMATS.filter((format) => names.includes(format));
  const unknown = names.find((name) => !(REPORT_FORMATS as readonly string[]).includes(name));
  if (unknown === undefined) return formats;
  throw new DonchError('bad_argument', `--format names "${unknown}"`, { expected: REPORT_FORMATS.join(', ') });
}
