import { intervalMs, resolveConfig } from '@donch/core';
import { FEATURES, type FeatureDef } from '@donch/strategy';
import { code, markdownDocument, markdownTable } from './markdown.ts';

const SETTINGS = resolveConfig([]).values;

/** docs/FEATURES.md: the registry. */
export function featuresDocument(): string {
  const rows = (defs: readonly FeatureDef[]): string[][] =>
    defs.map((def) => [
      code(def.name),
      def.dtype === 'category' ? (def.categories ?? []).join(', ') : def.dtype,
      def.unit,
      def.interval === 'base' ? 'base bars' : def.interval,
      def.meaning,
      missingMeans(def),
      def.inputs.join('; '),
      def.settings.map(code).join(', '),
      String(def.version),
    ]);
  const head = ['name', 'type', 'unit', 'bars', 'meaning', 'missing means', 'made of', 'settings', 'version'];
  return markdownDocument('Features', [
    'Everything that training, rules (`rules.all`, `any`, `veto` of the [strategy file](STRATEGY.md)), sizing scalers and the live bot can read about a decision. The name is the column in `signals`; a changed definition raises the version, a renamed feature is a new one. All are read at the close of the decision bar, from bars that had closed by then; a higher-interval bar that is missing, cut or less than 90 % complete makes the value missing, never an older one.',
    '## Features',
    markdownTable(head, rows(FEATURES.filter(({ role }) => role === 'feature'))),
    '## Context',
    'Stand in the signal row and are never training features.',
    markdownTable(head, rows(FEATURES.filter(({ role }) => role === 'context'))),
  ]);
}

function missingMeans(def: FeatureDef): string {
  if (def.noneMeans !== '') return def.noneMeans;
  const needsHistory = def.create(SETTINGS).settleMs > intervalMs(SETTINGS.TIMEFRAME);
  return needsHistory ? 'not enough history' : 'never missing';
}
