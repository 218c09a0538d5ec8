/** Fields of the document of `donch compare`. */
import { field, figureFields, list, object, OK, type FieldSpec } from '@donch/cli';

export function compareFields(): FieldSpec[] {
  return [
    OK,
    list('runs', 'object', 'in the order in which they were named', [
      field('label', 'text', 'letter', 'A, B, ...'),
      field('runId', 'text', 'id', 'run'),
      list('strategies', 'text', 'names; empty = not recorded'),
      object('figures', 'as its own summary has them', figureFields()),
    ]),
    list('differences', 'object', 'what is not the same; everything else is', [
      field('group', 'text', 'run | data | strategy | setting', 'kind'),
      field('key', 'text', 'name', 'what differs'),
      list('values', 'text', "by run; '' = the run does not have it"),
    ]),
    list('pairs', 'object', 'each other run against A; differences are other - A', pairFields()),
    field('commonFromMs', 'number', 'UTC ms', 'start of the time that all runs have', 'there is none'),
    field('commonToMs', 'number', 'UTC ms', 'end of it', 'there is none'),
    list('warnings', 'text', 'why the comparison may not say what it seems to'),
    list('files', 'object', 'files that --html has written', [
      field('format', 'text', 'html | svg', 'format'),
      field('path', 'text', 'path', 'file'),
      field('bytes', 'number', 'bytes', 'size'),
    ]),
  ];
}

function pairFields(): FieldSpec[] {
  return [
    field('base', 'text', 'letter', 'A'),
    field('other', 'text', 'letter', 'the other run'),
    field('differenceR', 'number', 'R', 'mean R of all its trades - mean R of all trades of A', 'no trade'),
    ...intervalFields(),
    object('common', 'trades of the same signal', [
      field('trades', 'number', 'count', 'trades'),
      field('differenceR', 'number', 'R', 'mean of their differences', 'no common trade'),
      ...intervalFields(),
      field('sameResult', 'number', 'count', 'trades with the same result'),
      field('movedStops', 'number', 'count', 'trades with another initial stop: one R is another move of the price'),
    ]),
    object('commonBase', 'the common trades as A had them', groupFields()),
    object('commonOther', 'the common trades as the other run had them', groupFields()),
    object('onlyBase', 'trades that only A has', groupFields()),
    object('onlyOther', 'trades that only the other run has', groupFields()),
    field('hasOtherSetup', 'boolean', '', 'the set-ups differ, so no signal can be the same'),
  ];
}

function intervalFields(): FieldSpec[] {
  const none = 'fewer than 12 weeks';
  return [
    field('lowR', 'number', 'R', '95 % interval of the difference, whole weeks resampled: low', none),
    field('highR', 'number', 'R', 'the same: high', none),
    field('weeks', 'number', 'count', 'weeks that were drawn, or how many there are where they are too few'),
  ];
}

function groupFields(): FieldSpec[] {
  return [
    field('trades', 'number', 'count', 'trades'),
    field('meanR', 'number', 'R', 'mean result', 'no trade'),
    field('totalR', 'number', 'R', 'sum of results'),
    field('totalUsd', 'number', 'USD', 'sum of results'),
  ];
}
