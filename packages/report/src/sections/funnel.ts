/** From bars to trades: how many came how far, and what stopped the others. */
import { columnOf, numbersOf, textsOf, type Table } from '@donch/core';
import {
  numberCell,
  numberColumn,
  textBlock,
  textCell,
  textColumn,
  type Block,
  type Cell,
  type Section,
} from '../blocks.ts';
import { barChart, type Bar } from '../charts/bar-chart.ts';
import { countText, percentText } from '../format/number-text.ts';
import { gateWords } from '../format/words.ts';
import type { ReportInput } from '../report-input.ts';

/** Counts of the decisions table (one record counts once) and of the funnel table. */
interface FunnelCounts {
  /** Bars of all symbols; NaN where nobody scanned. */
  readonly symbolBars: number;
  readonly readyBars: number;
  readonly breakouts: number;
  readonly touches: number;
  readonly entries: number;
  readonly signals: number;
  readonly accepted: number;
  readonly trades: number;
  /** Stopped by the strategy at the breakout, at the entry, and by the account: gate -> count. */
  readonly stoppedBreakouts: ReadonlyMap<string, number>;
  readonly stoppedEntries: ReadonlyMap<string, number>;
  readonly stoppedSignals: ReadonlyMap<string, number>;
}

type Counter = Map<string, number>;
const add = (counter: Counter, name: string, count = 1): Counter => counter.set(name, (counter.get(name) ?? 0) + count);

export function funnelCounts({ decisions, funnel, trades }: ReportInput): FunnelCounts {
  const records: Counter = new Map();
  const stoppedEntries: Counter = new Map();
  const stoppedSignals: Counter = new Map();
  const [events, verdicts, reasons] = ['event', 'verdict', 'reason'].map((name) => textsOf(decisions, name));
  const gateIndex = numbersOf(decisions, 'gate_index');
  for (let row = 0; row < decisions.length; row += 1) {
    if (gateIndex[row] !== 0) continue;
    const [event, verdict] = [events[row] ?? '', verdicts[row] ?? ''];
    add(records, event);
    add(records, `${event} ${verdict}`);
    if (verdict === 'blocked') add(stoppedEntries, reasons[row] ?? '');
    if (verdict === 'skipped') add(stoppedSignals, reasons[row] ?? '');
  }
  const of = (name: string): number => records.get(name) ?? 0;
  const { symbolBars, readyBars, failed } = scanned(funnel);
  for (const [gate, count] of stoppedEntries) add(failed, gate, -count);
  return {
    symbolBars,
    readyBars,
    breakouts: of('broken') + of('replaced'),
    touches: of('touched'),
    entries: of('entry'),
    signals: funnel === null ? of('judged') : of('entry signal'),
    accepted: of('judged accepted'),
    trades: trades.length,
    stoppedBreakouts: new Map([...failed].filter(([, count]) => count > 0)),
    stoppedEntries,
    stoppedSignals,
  };
}

function scanned(funnel: Table | null): { symbolBars: number; readyBars: number; failed: Counter } {
  if (funnel === null) return { symbolBars: Number.NaN, readyBars: Number.NaN, failed: new Map() };
  const sum = (name: string): number => numbersOf(funnel, name).reduce((total, value) => total + value, 0);
  const failed: Counter = new Map();
  for (const text of textsOf(funnel, 'failed_by_gate')) {
    if (text === null) continue;
    for (const [gate, count] of Object.entries(JSON.parse(text) as Record<string, number>)) add(failed, gate, count);
  }
  return { symbolBars: sum('present'), readyBars: sum('present') - sum('not_ready'), failed };
}

interface Step {
  readonly name: string;
  readonly count: number;
  readonly words: string;
}

export function funnelSection(input: ReportInput): Section {
  const counts = funnelCounts(input);
  const steps = stepsOf(counts, input.funnel !== null);
  const blocks: Block[] = [];
  if (input.funnel === null) {
    blocks.push(
      textBlock('The signals of this run came from a file, so nothing is known about what came before them.'),
    );
  } else {
    blocks.push(
      textBlock(
        `${countText(counts.symbolBars)} bars of all symbols were looked at, ${countText(counts.readyBars)} of them with enough history for a breakout level.`,
      ),
    );
  }
  blocks.push(funnelChart(steps), stepTable(steps), gateTable(counts));
  return {
    id: 'funnel',
    title: 'From breakout to trade',
    lead: 'How many set-ups came how far, and which condition (gate) stopped the others. Each is counted at the first gate that it did not pass.',
    blocks,
  };
}

function stepsOf(counts: FunnelCounts, isScanned: boolean): Step[] {
  const stopped = [...counts.stoppedBreakouts.values()].reduce((sum, count) => sum + count, 0);
  const setup: Step[] = [
    {
      name: 'beyond the level',
      count: counts.breakouts + stopped,
      words: 'a bar went beyond the breakout level',
    },
    { name: 'breakouts', count: counts.breakouts, words: 'the close and the volume confirmed it' },
    { name: 'pullbacks', count: counts.touches, words: 'the price came back to the level in time' },
    { name: 'entries', count: counts.entries, words: 'the trigger came in time' },
  ];
  return [
    ...(isScanned ? setup : []),
    { name: 'signals', count: counts.signals, words: 'all filters of the strategy let it pass' },
    { name: 'accepted', count: counts.accepted, words: 'the account had room for it' },
    {
      name: 'finished trades',
      count: counts.trades,
      words: 'entered and closed; the rest was not filled or was open at the end',
    },
  ];
}

function funnelChart(steps: readonly Step[]): Block {
  const bars = steps.map(({ name, count }): Bar => ({
    label: name,
    value: count,
    text: countText(count),
    tone: 'gain',
  }));
  return {
    kind: 'chart',
    hasReadout: false,
    chart: barChart({
      id: 'funnel-chart',
      title: 'From breakout to trade',
      description: steps.map(({ name, count }) => `${name} ${countText(count)}`).join(', '),
      bars,
    }),
  };
}

function stepTable(steps: readonly Step[]): Block {
  return {
    kind: 'table',
    id: 'funnel-steps',
    caption: 'Steps of the way',
    columns: [
      textColumn('step'),
      numberColumn('count', 'how many came this far'),
      numberColumn('of the step before', 'share of those that had come to the step before'),
    ],
    rows: steps.map(({ name, count, words }, k) => {
      const share = k === 0 ? Number.NaN : count / steps[k - 1].count;
      return [
        textCell(name, words),
        numberCell(countText(count), count),
        numberCell(k === 0 ? '·' : percentText(share), share),
      ];
    }),
    note: '',
  };
}

function gateTable({ stoppedBreakouts, stoppedEntries, stoppedSignals }: FunnelCounts): Block {
  const rows = [
    ...gateRows('breakout', stoppedBreakouts),
    ...gateRows('entry', stoppedEntries),
    ...gateRows('account', stoppedSignals),
  ];
  if (rows.length === 0) return textBlock('No gate stopped anything.');
  return {
    kind: 'table',
    id: 'gates',
    caption: 'What the gates stopped',
    columns: [
      textColumn('gate', 'name of the condition, as in decision records'),
      textColumn('at', 'breakout and entry: the strategy; account: the portfolio, after the signal'),
      numberColumn('stopped', 'how many it stopped as the first gate that did not pass'),
    ],
    rows,
    note: '',
  };
}

function gateRows(stage: string, stopped: ReadonlyMap<string, number>): Cell[][] {
  return [...stopped]
    .toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .map(([gate, count]) => [
      textCell(gate, gateWords(gate) || 'a rule of the strategy file'),
      textCell(stage),
      numberCell(countText(count), count),
    ]);
}

/**
 * Close of the breakout bar of each trade, by row of trades; NaN when the records do not tell (signals of a file). The last breakout
 * of the instrument and strategy at or before the decision is the trade's: a set-up ends with its entry.
 */
export function breakTimesOf(trades: Table, decisions: Table): Float64Array {
  const [events, instruments, strategies] = ['event', 'instrument_id', 'strategy_id'].map((name) =>
    textsOf(decisions, name),
  );
  const times = numbersOf(decisions, 'decision_time');
  const byKey = new Map<string, number[]>();
  for (let row = 0; row < decisions.length; row += 1) {
    if (events[row] !== 'broken' && events[row] !== 'replaced') continue;
    const key = `${strategies[row] ?? ''}|${instruments[row] ?? ''}`;
    const known = byKey.get(key);
    if (known === undefined) byKey.set(key, [times[row]]);
    else if (known[known.length - 1] !== times[row]) known.push(times[row]);
  }
  const decided = numbersOf(trades, 'decision_time');
  const [instrumentIds, strategyIds] = [columnOf(trades, 'instrument_id'), columnOf(trades, 'strategy_id')];
  return Float64Array.from(decided, (timeMs, row) => {
    const key = `${String(strategyIds.values[row])}|${String(instrumentIds.values[row])}`;
    return (byKey.get(key) ?? []).findLast((breakMs) => breakMs <= timeMs) ?? Number.NaN;
  });
}
