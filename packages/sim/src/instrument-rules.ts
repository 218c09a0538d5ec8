/** Instrument rules as of a date. */
import type { InstrumentId, InstrumentRules } from '@donch/core';

/** Rules where nothing is known: steps too fine to matter, the usual least order value. */
export function defaultRules(instrumentId: InstrumentId): InstrumentRules {
  return {
    instrumentId,
    validFromMs: null,
    tickSize: 1e-10,
    qtyStep: 1e-9,
    qtyMin: 0,
    notionalMinUsd: 5,
    marketQtyMax: null,
    leverageMax: null,
    source: 'default',
  };
}

export type RulesAt = (instrumentId: InstrumentId, timeMs: number) => InstrumentRules;

/** Looks rules up: the latest that hold at the instant, else the earliest known, else the default. */
export function ruleBook(rows: readonly InstrumentRules[]): RulesAt {
  const byInstrument = new Map<InstrumentId, InstrumentRules[]>();
  for (const row of rows) {
    const known = byInstrument.get(row.instrumentId);
    if (known === undefined) byInstrument.set(row.instrumentId, [row]);
    else known.push(row);
  }
  for (const known of byInstrument.values())
    known.sort((a, b) => (a.validFromMs ?? -Infinity) - (b.validFromMs ?? -Infinity));
  const defaults = new Map<InstrumentId, InstrumentRules>();
  return (instrumentId, timeMs) => {
    const known = byInstrument.get(instrumentId);
    if (known !== undefined)
      return known.findLast(({ validFromMs }) => validFromMs === null || validFromMs <= timeMs) ?? known[0];
    let rules = defaults.get(instrumentId);
    if (rules === undefined) {
      rules = defaultRules(instrumentId);
      defaults.set(instrumentId, rules);
    }
    return rules;
  };
}
