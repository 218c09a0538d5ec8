/** How often each gate passes: what research leaves behind, so that live can be told apart from it gate by gate. */
import { invariant, numbersOf, TABLES, TableBuilder, textsOf, weekIndex, type Row, type Table } from '@donch/core';
import { mean, standardDeviation } from '@donch/stats';

/** Gates of a breakout in their order. Their failures are counted in the funnel; only what passed is a decision record. */
const BREAKOUT_GATES = ['confirm_close', 'volume'] as const;

type Stage = 'breakout' | 'entry' | 'engine';

/** A comparison in one ISO week. */
interface WeekCount {
  asked: number;
  passed: number;
}

interface Tally {
  readonly strategyId: string;
  readonly stage: Stage;
  readonly gate: string;
  /** Place in its decision, the first one seen. */
  readonly position: number;
  passed: number;
  failed: number;
  notReady: number;
  readonly weeks: Map<number, WeekCount>;
}

interface Answers {
  readonly week: number;
  readonly result: string | null;
  readonly count: number;
}

/**
 * The gate_profile table of a run, from its decision records and its funnel (null: the signals came from a file). Passed shares are
 * of all that asked: a gate that was not ready did not pass. Weeks are ISO weeks of the decision; a week in which nobody asked has
 * no share.
 */
export function gateProfile(decisions: Table, funnel: Table | null): Table {
  const profile = new Profile();
  profile.addDecisions(decisions);
  if (funnel !== null) profile.addFunnel(funnel);
  return profile.toTable();
}

class Profile {
  readonly #tallies = new Map<string, Tally>();

  addDecisions(decisions: Table): void {
    const times = numbersOf(decisions, 'decision_time');
    const positions = numbersOf(decisions, 'gate_index');
    const [strategies, events, gates, results] = ['strategy_id', 'event', 'gate', 'result'].map((name) =>
      textsOf(decisions, name),
    );
    for (let row = 0; row < decisions.length; row += 1) {
      const gate = gates[row];
      const stage = stageOf(events[row], gate);
      if (gate === null || stage === null) continue;
      const tally = this.#tally({
        strategyId: strategies[row] ?? '',
        stage,
        gate,
        position: positions[row],
      });
      count(tally, { week: weekIndex(times[row]), result: results[row], count: 1 });
    }
  }

  /** Breakouts that a gate stopped leave a count and no record. Whoever failed by volume had confirmed its close before. */
  addFunnel(funnel: Table): void {
    const times = numbersOf(funnel, 'decision_time');
    const strategies = textsOf(funnel, 'strategy_id');
    const failed = textsOf(funnel, 'failed_by_gate');
    const confirms = new Set<string>();
    for (const { strategyId, gate } of this.#tallies.values()) if (gate === 'confirm_close') confirms.add(strategyId);
    for (let row = 0; row < funnel.length; row += 1) {
      const text = failed[row];
      if (text === null) continue;
      const counts = JSON.parse(text) as Readonly<Record<string, number>>;
      const strategyId = strategies[row] ?? '';
      const week = weekIndex(times[row]);
      for (const gate of BREAKOUT_GATES) {
        const stopped = counts[gate] ?? 0;
        if (stopped === 0) continue;
        const position = 1 + BREAKOUT_GATES.indexOf(gate);
        count(this.#tally({ strategyId, stage: 'breakout', gate, position }), { week, result: 'fail', count: stopped });
        if (gate === 'volume' && confirms.has(strategyId))
          count(this.#tally({ strategyId, stage: 'breakout', gate: 'confirm_close', position: 1 }), {
            week,
            result: 'pass',
            count: stopped,
          });
      }
    }
  }

  #tally({ strategyId, stage, gate, position }: Pick<Tally, 'strategyId' | 'stage' | 'gate' | 'position'>): Tally {
    const key = `${strategyId}|${stage}|${gate}`;
    let tally = this.#tallies.get(key);
    if (tally === undefined) {
      tally = { strategyId, stage, gate, position, passed: 0, failed: 0, notReady: 0, weeks: new Map() };
      this.#tallies.set(key, tally);
    }
    return tally;
  }

  toTable(): Table {
    const rows = [...this.#tallies.values()].sort(
      (a, b) =>
        compare(a.strategyId, b.strategyId) ||
        STAGES.indexOf(a.stage) - STAGES.indexOf(b.stage) ||
        a.position - b.position ||
        compare(a.gate, b.gate),
    );
    const builder = new TableBuilder('gate_profile', TABLES.gate_profile.columns, rows.length + 1);
    rows.forEach((tally, order) => builder.append(rowOf(tally, order)));
    return builder.finish();
  }
}

const STAGES: readonly Stage[] = ['breakout', 'entry', 'engine'];

const compare = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);

/** Where a gate was asked; null = the record of a state change, whose condition is always the one that made it. */
function stageOf(event: string | null, gate: string | null): Stage | null {
  if (event === 'judged') return 'engine';
  if (event === 'entry') return gate === 'trigger' ? null : 'entry';
  const isBreakout = event === 'broken' || event === 'replaced';
  return isBreakout && BREAKOUT_GATES.some((name) => name === gate) ? 'breakout' : null;
}

function count(tally: Tally, { week, result, count: times }: Answers): void {
  let counted = tally.weeks.get(week);
  if (counted === undefined) {
    counted = { asked: 0, passed: 0 };
    tally.weeks.set(week, counted);
  }
  counted.asked += times;
  if (result === 'pass') {
    counted.passed += times;
    tally.passed += times;
  } else if (result === 'fail') tally.failed += times;
  else {
    invariant(result === 'not_ready', 'a gate passes, fails or is not ready');
    tally.notReady += times;
  }
}

function rowOf({ strategyId, stage, gate, passed, failed, notReady, weeks }: Tally, order: number): Row {
  const shares = [...weeks].sort(([a], [b]) => a - b).map(([, week]) => week.passed / week.asked);
  const asked = passed + failed + notReady;
  return {
    strategy_id: strategyId,
    stage,
    gate,
    gate_order: order,
    asked,
    passed,
    failed,
    not_ready: notReady,
    pass_share: passed / asked,
    weeks: shares.length,
    week_share_mean: mean(shares),
    week_share_sd: standardDeviation(shares, 1),
  };
}
