/** Every `--json` document of the live bot, as those of the research CLI. */
import { documentMaker, field, list, object, OK, type DocumentSpec } from '@donch/cli';

const REPLAY_FIELDS = [
  field('differences', 'number', 'count', 'records that came out differently'),
  list('firstDifferences', 'object', 'the first ones, by time', [
    field('timeMs', 'number', 'UTC ms', 'decision time'),
    field('record', 'text', 'word', 'decision, signal, funnel, command, trade, alert, account'),
    field('subject', 'text', 'id', "instrument; '' = the account"),
    field('path', 'text', 'path', "first differing field; '' = the record as a whole"),
    field('recorded', 'any', 'as the field', 'value in the journal', 'not recorded'),
    field('replayed', 'any', 'as the field', 'value of the replay', 'not said'),
  ]),
];

export const DOCUMENTS = {
  live: {
    schemaVersion: 1,
    fields: [
      OK,
      field('sessionId', 'text', 'id', 'session: live/<id>'),
      field('folder', 'text', 'path', 'its folder'),
      field('barSets', 'number', 'count', 'bar sets that were decided on'),
      field('decisions', 'number', 'count', 'decision records'),
      field('trades', 'number', 'count', 'finished trades'),
      field('openTrades', 'number', 'count', 'positions that are still open'),
      field('late', 'number', 'count', 'bars that came late'),
      field('absent', 'number', 'count', 'bars that never came'),
      field('finalEquityUsd', 'number', 'USD', 'equity at the last bar set'),
      field('meanR', 'number', 'R', 'mean net result of the finished trades', 'no trade'),
      field('recoveredRecords', 'number', 'count', 'records that were there from a run that had been cut off'),
      object('replay', 'the session replayed from its journal', REPLAY_FIELDS),
    ],
  },
  replay: {
    schemaVersion: 1,
    fields: [
      OK,
      field('sessionId', 'text', 'id', 'session: live/<id>'),
      field('day', 'text', 'date', 'the only day whose differences count', 'the whole session'),
      field('barSets', 'number', 'count', 'bar sets that were replayed'),
      field('decisions', 'number', 'count', 'recorded decisions'),
      field('trades', 'number', 'count', 'recorded trades'),
      field('tornBytes', 'number', 'bytes', 'end of the journal that a crash left unfinished'),
      ...REPLAY_FIELDS,
      field('stoppedBecause', 'text', 'words', 'why the replay could not go on behind the differences', 'it did'),
      field('revisedBars', 'number', 'count', 'bars whose stored values are not those that were traded on'),
      list('firstRevisions', 'object', 'the first ones', [
        field('instrumentId', 'text', 'id', 'instrument'),
        field('openTimeMs', 'number', 'UTC ms', 'open of the bar'),
        field('column', 'text', 'name', 'column'),
        field('recorded', 'number', 'as the column', 'value in the journal', 'none'),
        field('stored', 'number', 'as the column', 'value in the store', 'the store has no such bar'),
      ]),
      list('revisedHistory', 'object', 'stored data from before the session that are not those it began with', [
        field('instrumentId', 'text', 'id', 'instrument'),
        field('part', 'text', 'YYYY-MM or events', 'month of candles, or funding and open interest'),
      ]),
      list('changedCode', 'text', 'what of the program differs from the one that traded'),
    ],
  },
  chaos: {
    schemaVersion: 1,
    fields: [
      OK,
      field('seeds', 'number', 'count', 'runs'),
      field('faults', 'number', 'count', 'faults that happened'),
      field('kills', 'number', 'count', 'kills of the trader'),
      field('orders', 'number', 'count', 'orders that the exchange took'),
      field('fills', 'number', 'count', 'executions and funding that it booked'),
      field('trades', 'number', 'count', 'finished trades'),
      field('duplicateOrders', 'number', 'count', 'entry orders beyond one per trade, positions larger than ordered'),
      field('lostFills', 'number', 'count', 'executions that the journal does not know'),
      field('doubledFills', 'number', 'count', 'runs whose account is not the wallet although no execution is missing'),
      field('wrongVerdicts', 'number', 'count', 'orders said to be refused or never taken, and that exist'),
      field(
        'unprotectedSecondsMax',
        'number',
        'seconds',
        'longest time that a position had no stop, downtime included',
      ),
      field('rateLimitViolations', 'number', 'count', "requests above the exchange's limits"),
      field('ledgerDifferenceUsdMax', 'number', 'USD', 'largest difference between account and wallet'),
      list('firstProblems', 'object', 'the first ones', [
        field('seed', 'number', '', 'seed of the run'),
        field('text', 'text', 'words', 'what is wrong'),
      ]),
    ],
  },
} as const satisfies Readonly<Record<string, DocumentSpec>>;

export type DocumentName = keyof typeof DOCUMENTS;

/** A document of a command. */
export const documentOf = documentMaker<DocumentName>(DOCUMENTS);
