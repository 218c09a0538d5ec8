/** `donch lookahead`: the look-ahead test on the user's own strategies and data. */
import { LEAK_TEXT, type LeakName, type LookaheadResult } from '@donch/backtester';
import { type CommandContext, EXIT, wholeNumber } from '@donch/cli';
import { createPrng, DonchError, formatMinute, instrumentId, symbolOf, type InstrumentId } from '@donch/core';
import { marketOf, researchWindow } from '@donch/project';
import { createTracks } from '@donch/strategy';
import { documentOf } from '../cli/documents.ts';
import type { LookaheadFlags } from '../commands/lookahead.ts';
import type { look as lookTask, LookaheadTask } from '../workers/lookahead-worker.ts';
import { drawWhile, sharedProgress } from '../workers/shared-progress.ts';
import { TaskPool } from '../workers/task-pool.ts';
import { plantOf, withPlant } from './planted-leak.ts';
import { setUpResearch, type ResearchSetup } from './research.ts';

/** Runs the look-ahead test on a sample of the store, one strategy after the other; exit code 4 when something leaks. */
export async function runLookahead(flags: LookaheadFlags, context: CommandContext): Promise<number> {
  const cuts = wholeNumber(flags.cuts, '--cuts', 1);
  const sample = wholeNumber(flags.sample, '--sample', 1);
  const leak = plantOf(flags);
  const setup = await setUpResearch(flags, context);
  const instruments = sampleOf(setup, sample);
  const results = await lookAll(setup, { cuts, leak, instruments });
  reportLookahead(results, { instruments, leak, context });
  return results.every(({ result }) => result.leaks.length === 0) ? EXIT.ok : EXIT.finding;
}

interface LookInput {
  readonly cuts: number;
  readonly leak: LeakName | null;
  readonly instruments: readonly InstrumentId[];
}

interface StrategyLook {
  readonly strategyId: string;
  readonly result: LookaheadResult;
}

async function lookAll(setup: ResearchSetup, { cuts, leak, instruments }: LookInput): Promise<StrategyLook[]> {
  const { context, project, universe, store, interval, seed, inputs, strategies } = setup;
  const { startMs, endMs } = researchWindow(project.config.values);
  const { funding, rules } = await marketOf(store, instruments);
  const listed = universe.members.map(({ instrumentId: id, fromMs }) => [id, fromMs ?? Number.NaN] as const);
  const pool = new TaskPool('./lookahead-worker.ts', { workers: 1, signal: context.signal });
  const looks: StrategyLook[] = [];
  try {
    for (const [k, { strategyId }] of strategies.entries()) {
      const progress = sharedProgress();
      const task: LookaheadTask = {
        dataFolder: store.folder,
        interval,
        strategy: withPlant(inputs[k], leak),
        instruments,
        listedMs: new Map(listed),
        funding,
        rules,
        startMs,
        endMs,
        cuts,
        seed,
        leak,
        progress,
      };
      const line = context.terminal.progress(`poisoning the future of ${strategyId}`, 100, '%');
      const result = await drawWhile(progress, line, () => pool.one<typeof lookTask>('look', task));
      refuseEmpty(result);
      looks.push({ strategyId, result });
    }
  } finally {
    await pool.close();
  }
  return looks;
}

/** A test that compared nothing has not passed. */
function refuseEmpty({ comparedFeatureValues }: LookaheadResult): void {
  if (comparedFeatureValues > 0) return;
  throw new DonchError('nothing_to_compare', 'not one value lay before the instants that were tried', {
    expected: 'a window with enough history',
    remedy: 'leave --start and --end out, or take more symbols with --sample',
  });
}

/** Benchmarks, and a seeded draw of members: ranks are made among them. */
function sampleOf({ store, universe, interval, seed, strategies }: ResearchSetup, sample: number): InstrumentId[] {
  const there = new Set(store.candles.instruments(universe.venue, interval));
  const chosen = new Set<InstrumentId>();
  for (const { settings } of strategies) {
    for (const { symbol } of Object.values(createTracks(settings))) {
      const id = instrumentId(universe.venue, symbol);
      if (there.has(id)) chosen.add(id);
    }
  }
  const pool = universe.members.map((member) => member.instrumentId).filter((id) => !chosen.has(id));
  const prng = createPrng(seed, 'lookahead sample');
  for (let k = 0; k < sample && pool.length > 0; k += 1) chosen.add(pool.splice(prng.below(pool.length), 1)[0]);
  return [...chosen].sort();
}

interface ReportInput {
  readonly instruments: readonly InstrumentId[];
  readonly leak: LeakName | null;
  readonly context: CommandContext;
}

function reportLookahead(
  looks: readonly StrategyLook[],
  { instruments, leak, context: { terminal } }: ReportInput,
): void {
  if (leak !== null) terminal.result(`planted: ${leak} - ${LEAK_TEXT[leak]}`);
  for (const look of looks) terminal.result(lookLines(look, instruments.length).join('\n'));
  const sum = (count: (result: LookaheadResult) => number): number =>
    looks.reduce((total, { result }) => total + count(result), 0);
  terminal.document(
    documentOf('lookahead', {
      ok: sum(({ leaks }) => leaks.length) === 0,
      plant: leak,
      features: sum(({ features }) => features),
      symbols: instruments.length,
      cutsMs: looks.flatMap(({ result }) => result.cuts),
      comparedFeatureValues: sum(({ comparedFeatureValues }) => comparedFeatureValues),
      comparedDecisions: sum(({ comparedDecisions }) => comparedDecisions),
      comparedTrades: sum(({ comparedTrades }) => comparedTrades),
      comparedExits: sum(({ comparedExits }) => comparedExits),
      leaks: looks.flatMap(({ strategyId, result }) => result.leaks.map((found) => ({ strategyId, ...found }))),
    }),
  );
}

function lookLines({ strategyId, result }: StrategyLook, symbols: number): string[] {
  const { leaks, cuts, features, comparedFeatureValues, comparedDecisions, comparedTrades, comparedExits } = result;
  const lines = [
    `${strategyId}: ${symbols} symbols, ${cuts.length} instants; compared ${comparedFeatureValues} values of ${features} features, ` +
      `${comparedDecisions} decision rows, ${comparedTrades} trades, ${comparedExits} exits`,
  ];
  if (comparedTrades === 0) lines.push('no trade was compared: more symbols (--sample) or more data would say more');
  if (leaks.length === 0) lines.push('nothing looked ahead');
  for (const found of leaks) {
    const where = found.instrumentId === '' ? '' : `${symbolOf(found.instrumentId as InstrumentId)} `;
    lines.push(
      `LEAK ${found.kind} ${found.name}: ${found.count} times, first ${where}${formatMinute(found.timeMs)} UTC: ` +
        `${shown(found.name, found.value)} became ${shown(found.name, found.changed)} when data after ${formatMinute(found.cutMs)} were changed`,
    );
  }
  return lines;
}

/** A value for people: times as times. */
function shown(name: string, value: unknown): string {
  return typeof value === 'number' && /(?:_time|TimeMs)$/.test(name) ? `${formatMinute(value)} UTC` : String(value);
}
