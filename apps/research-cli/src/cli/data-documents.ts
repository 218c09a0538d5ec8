/** `--json` documents of `donch import` and `donch data`. */
import { field, list, object, OK, type DocumentSpec, type FieldSpec } from '@donch/cli';

const STRETCH: readonly FieldSpec[] = [
  field('fromMs', 'number', 'UTC ms', 'first instant, inclusive'),
  field('toMs', 'number', 'UTC ms', 'end, exclusive'),
  field('bars', 'number', 'count', 'bars in it'),
];

const SERIES: readonly FieldSpec[] = [
  field('instrumentId', 'text', 'id', 'venue:symbol'),
  field('interval', 'text', 'interval', 'bar length'),
  field('rows', 'number', 'count', 'bars'),
  field('firstMs', 'number', 'UTC ms', 'open of the first bar', 'no bar'),
  field('lastMs', 'number', 'UTC ms', 'open of the last bar', 'no bar'),
  field('contentHash', 'text', 'hash', 'over the bars, however they are stored'),
];

export const DATA_DOCUMENTS = {
  import: {
    schemaVersion: 1,
    fields: [
      OK,
      field('refusedFiles', 'number', 'count', 'files of which nothing was stored', 'with --dry-run'),
      {
        ...object('report', 'what became of every file: findings, gaps, what was stored'),
        nullMeans: 'with --dry-run',
      },
      list('plan', 'object', 'with --dry-run: what every file would be taken for'),
    ],
  },
  'data status': {
    schemaVersion: 1,
    fields: [
      OK,
      field('dataFolder', 'text', 'path', 'the store'),
      field('storeHash', 'text', 'hash', 'over the content hashes of the listed series'),
      list('series', 'object', 'sorted by instrument, then interval', [
        ...SERIES,
        field('coverageFrac', 'number', 'fraction', 'bars there / bars between first and last', 'no bar'),
        field('missingBars', 'number', 'count', 'missing between first and last'),
        list('gaps', 'object', 'each stretch without bars', STRETCH),
        field('zeroVolumeBars', 'number', 'count', 'bars without volume'),
        list('zeroVolumeRuns', 'object', 'runs of at least 12 of them', STRETCH),
        field('duplicates', 'number', 'count', '0 unless somebody else wrote to the store'),
        field('revisions', 'number', 'count', 'bars that came again with other values'),
        field('listedMs', 'number', 'UTC ms', 'first trading instant', 'not known'),
        field('delistedMs', 'number', 'UTC ms', 'last trading instant', 'still listed, or not known'),
        field('fundingEvents', 'number', 'count', 'settlements'),
        field('fundingFirstMs', 'number', 'UTC ms', 'first settlement', 'none known: funding is assumed'),
        field('fundingLastMs', 'number', 'UTC ms', 'last settlement', 'none known: funding is assumed'),
        field('openInterestValues', 'number', 'count', 'values of open interest'),
        field('openInterestFirstMs', 'number', 'UTC ms', 'first one', 'none stored'),
        field('openInterestLastMs', 'number', 'UTC ms', 'last one', 'none stored'),
      ]),
      list('tails', 'object', 'bars that wait in the tail log for `donch data compact`', [
        field('venue', 'text', 'venue', 'venue'),
        field('interval', 'text', 'interval', 'bar length'),
        field('records', 'number', 'count', 'bar sets in the log'),
      ]),
    ],
  },
  'data certificate': {
    schemaVersion: 1,
    fields: [
      OK,
      field('dataFolder', 'text', 'path', 'the store'),
      field('verified', 'boolean', '', 'every month was decoded and its hash recomputed'),
      field('storeHash', 'text', 'hash', 'over the content hashes of all series'),
      list('series', 'object', 'sorted by instrument, then interval', SERIES),
      list('problems', 'object', 'series whose bars are not those that their files claim', [
        field('instrumentId', 'text', 'id', 'venue:symbol'),
        field('interval', 'text', 'interval', 'bar length'),
        field('code', 'text', 'code', 'error code'),
        field('message', 'text', 'words', 'what was found'),
      ]),
    ],
  },
  'data compact': {
    schemaVersion: 1,
    fields: [
      OK,
      list('logs', 'object', 'one per tail log', [
        field('venue', 'text', 'venue', 'venue'),
        field('interval', 'text', 'interval', 'bar length'),
        field('instruments', 'number', 'count', 'instruments whose bars were moved'),
        field('months', 'number', 'count', 'month files written'),
        field('revised', 'number', 'count', 'bars that replaced another version'),
      ]),
    ],
  },
  'data repair': {
    schemaVersion: 1,
    fields: [
      OK,
      list('logs', 'object', 'one per tail log', [
        field('venue', 'text', 'venue', 'venue'),
        field('interval', 'text', 'interval', 'bar length'),
        field('damaged', 'boolean', '', 'the log was damaged and has been rewritten'),
        field('kept', 'number', 'count', 'intact bar sets'),
        field('lostBytes', 'number', 'bytes', 'bytes that belonged to no intact bar set'),
        list('missingMs', 'number', 'open times to fetch again, UTC ms'),
        field('movedTo', 'text', 'path', 'where the damaged file is', 'it was intact'),
      ]),
    ],
  },
} as const satisfies Readonly<Record<string, DocumentSpec>>;
