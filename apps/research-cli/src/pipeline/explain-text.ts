/** Decision records and standings as text for people. */
import { formatMinute, type GateCheck, type Row } from '@donch/core';
import type { DecisionRecord } from './decision-records.ts';
import type { Standing } from './standing.ts';

const EVENT_TEXT: Readonly<Record<string, string>> = {
  broken: 'breakout',
  replaced: 'a higher breakout takes over',
  touched: 'pullback to the level',
  entry: 'trigger',
  expired: 'window over',
  invalidated: 'fell too far',
  rearmed: 'armed again',
  judged: 'account',
};

/** One set-up: every record with its gates. */
export function setupLines(symbol: string, setup: readonly DecisionRecord[]): string[] {
  const lines = [`${symbol}  ${setup[0].strategyId}`];
  for (const record of setup) {
    lines.push(`  ${formatMinute(record.timeMs)}  ${EVENT_TEXT[record.event] ?? record.event}${verdictText(record)}`);
    for (const gate of record.gates) lines.push(`      ${gateLine(gate)}`);
  }
  return lines;
}

function verdictText({ verdict, reason, event }: DecisionRecord): string {
  if (verdict === 'state') return '';
  if (verdict === 'signal') return ': SIGNAL, all filters passed';
  if (verdict === 'accepted') return ': ENTERED';
  return `: ${event === 'judged' ? 'not entered' : 'no signal'}, stopped by ${reason ?? '?'}`;
}

const PHASE_TEXT: Readonly<Record<Standing['phase'], string>> = {
  idle: 'no set-up; waits for a breakout on volume',
  broken: 'broken out; waits for the pullback to the level',
  touched: 'pulled back; waits for the trigger',
  disarmed: 'the last set-up is over; armed again by a close back at its level or by a higher level',
};

/** Where the symbol stands: numbers, then what the next step asks for, then the filters as they would judge now. */
export function standingLines(symbol: string, standing: Standing): string[] {
  const { timeMs, strategyId, phase, close, levelPrice, frozenLevelPrice, distanceAtr, atr, volumeMultiple } = standing;
  const frozen = Number.isNaN(frozenLevelPrice) ? '' : `, level of the set-up ${short(frozenLevelPrice)}`;
  return [
    `${symbol}  ${strategyId} at ${formatMinute(timeMs)} UTC: ${PHASE_TEXT[phase]}`,
    `  close ${short(close)}, level ${short(levelPrice)}${frozen}, distance ${short(distanceAtr)} ATR of ${short(atr)}, volume ${short(volumeMultiple)} x median`,
    ...standing.gates.map((gate) => `      ${gateLine(gate)}`),
  ];
}

/** What stood where at that bar, over all symbols. */
export function funnelLine(row: Row): string {
  const counts = ['not_ready', 'idle', 'broken', 'touched', 'entries', 'signals']
    .map((name) => `${String(row[name])} ${name.replace('_', ' ')}`)
    .join(', ');
  const failed = row['failed_by_gate'] === null ? '' : `; stopped by ${String(row['failed_by_gate'])}`;
  return `all symbols at that bar (${String(row['strategy_id'])}): ${String(row['present'])} of ${String(row['symbols'])} with a bar, ${counts}${failed}`;
}

const MARKS: Readonly<Record<GateCheck['result'], string>> = { pass: 'pass', fail: 'FAIL', not_ready: 'NOT READY' };

function gateLine({ gate, result, value, comparison, threshold, thresholdHigh, detail }: GateCheck): string {
  const high = Number.isNaN(thresholdHigh) ? '' : ` .. ${short(thresholdHigh)}`;
  const words = detail === '' ? '' : `  (${detail})`;
  return `${gate.padEnd(22)} ${MARKS[result].padEnd(9)} ${short(value).padStart(12)} ${comparison} ${short(threshold)}${high}${words}`;
}

/** Six significant digits, thousands in full. */
function short(value: number): string {
  if (Number.isNaN(value)) return '-';
  return Number.isInteger(value) || Math.abs(value) >= 1e6
    ? String(Math.round(value))
    : String(Number(value.toPrecision(6)));
}
