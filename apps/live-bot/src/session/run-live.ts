/** `donch live --offline`: the live session on stored candles, journaled, recoverable, replayed at its end. */
import { existsSync, renameSync } from 'node:fs';
import { isAbsolute, relative } from 'node:path';
import { firstDecisionMs, Rehearsal, type Arrival, type OperatorAct, type ScanWindow } from '@donch/backtester';
import { EXIT, listenForInterrupt, wholeNumber, type CommandContext } from '@donch/cli';
import { createPrng, DAY_MS, DonchError, formatMinute, type InstrumentId } from '@donch/core';
import { lockStore, openStore, resolveUserPath, withIoErrors, type Store } from '@donch/data';
import {
  codeIdentity,
  compileStrategies,
  marketOf,
  minuteBarsOf,
  minuteSeries,
  openProject,
  prepareRegimes,
  resolveUniverse,
  scannedInstruments,
  scanWindow,
  strategyInputs,
  tellHoldout,
  type StrategyInput,
} from '@donch/project';
import { BarVenue } from '@donch/sim';
import { mean } from '@donch/stats';
import { encodeInput, encodeOutput, encodeStart, type Session, type SessionStart } from '@donch/trader';
import { documentOf } from '../cli/documents.ts';
import type { LiveFlags } from '../commands/live.ts';
import { readOperatorFile } from './operator-file.ts';
import { replayDocument, replaySession, type SessionReplay } from './replay-session.ts';
import { sessionFolder, type SessionFolder } from './session-folder.ts';
import { SessionJournal } from './session-journal.ts';
import { requiredModel, withThreshold } from './session-model.ts';
import { createSession, sessionIdOf, sessionParts, warmUp, windowCandles, type SessionParts } from './session-start.ts';

/** Bar sets between looks at Ctrl-C and at the progress line. */
const TURN_BAR_SETS = 64;

interface OfflineSetup {
  readonly store: Store;
  readonly modelsFolder: string;
  /** All but the history, which is known when it has been read. */
  readonly start: Omit<SessionStart, 'history'>;
  readonly parts: SessionParts;
  readonly place: SessionFolder;
  readonly arrivalOf: (instrumentId: InstrumentId, closeTimeMs: number) => Arrival;
  readonly operator: readonly OperatorAct[];
}

export async function runLive(flags: LiveFlags, context: CommandContext): Promise<number> {
  if (flags.offline !== true) {
    throw new DonchError('bad_argument', 'live without --offline', {
      expected: '--offline: this version has no connection to an exchange',
      remedy: 'donch live --offline trades the stored candles bar by bar',
    });
  }
  const { terminal } = context;
  const setup = await setUp(flags, context);
  const lock = lockStore(setup.place.folder);
  try {
    const played = await play(setup, context);
    const replay = await replaySession(setup.place, setup, context);
    const ok = replay.isSame;
    terminal.result(summary(setup, played, replay).join('\n'));
    terminal.document(
      documentOf('live', {
        ok,
        sessionId: setup.place.sessionId,
        folder: setup.place.folder,
        barSets: played.rehearsal.barSets,
        decisions: played.decisions,
        trades: played.tradesR.length,
        openTrades: played.session.state.trades.length,
        late: played.rehearsal.late,
        absent: played.rehearsal.absent,
        finalEquityUsd: played.session.state.equityUsd,
        meanR: mean(Float64Array.from(played.tradesR)),
        recoveredRecords: played.recoveredRecords,
        replay: replayDocument(replay),
      }),
    );
    return ok ? EXIT.ok : EXIT.finding;
  } finally {
    lock.release();
  }
}

async function setUp(flags: LiveFlags, context: CommandContext): Promise<OfflineSetup> {
  const { terminal, cwd } = context;
  const seed = wholeNumber(flags.seed ?? '1', '--seed');
  const lateFrac = fraction(flags.lateFrac, '--late-frac');
  const absentFrac = fraction(flags.absentFrac, '--absent-frac');
  const project = openProject(flags, context);
  tellHoldout(project.config.values, terminal);
  const store = openStore(project.dataFolder);
  const interval = project.config.values.TIMEFRAME;
  const universe = await resolveUniverse({ project, store, interval, symbols: flags.symbols, cwd, terminal });
  const inputs = strategyInputs(project, { files: flags.strategy, cwd, universeHash: universe.universeHash });
  const strategies = compileStrategies(inputs, terminal);
  const instruments = scannedInstruments(universe, strategies, store, interval);
  const window = await storedWindow(instruments);
  const market = await marketOf(store, instruments);
  // nothing behind the window decides about parameters either
  const regimes = await prepareRegimes(
    { store, venue: universe.venue, interval, untilMs: window.endMs, terminal },
    strategies,
  );
  const model = await requiredModel({ project, strategies, universe, startMs: window.startMs, terminal });
  const content = {
    ...(model !== null && { model }),
    strategies: withThreshold(inputs, model).map((input) => withoutFolder(input, project.folder)),
    universe,
    instruments,
    rules: market.rules,
    regimes: Object.fromEntries(
      strategies.map(({ strategyId }, k) => [strategyId, regimes[k].parameters]),
    ) as SessionStart['regimes'],
    startMs: window.startMs,
    endMs: window.endMs,
  };
  const code = { ...codeIdentity('live-bot') };
  const operator =
    flags.operator === undefined ? [] : readOperatorFile(resolveUserPath(cwd, flags.operator), universe.venue);
  const sessionId = sessionIdOf(content, { seed, lateFrac, absentFrac, operator });
  const place = sessionFolder(project.folder, sessionId);
  if (flags.fresh === true) setAside(place);
  return {
    store,
    modelsFolder: project.modelsFolder,
    start: { sessionId, ...content, code },
    parts: await sessionParts(content, { store, modelsFolder: project.modelsFolder }),
    place,
    arrivalOf: arrivals(seed, lateFrac, absentFrac),
    operator,
  };

  async function storedWindow(ids: readonly InstrumentId[]): Promise<ScanWindow> {
    const spans = await Promise.all(ids.map((id) => store.certifier.certify(id, interval)));
    return scanWindow(
      { project, interval },
      spans.map(({ firstMs, lastMs }) => ({ firstOpenMs: firstMs, lastOpenMs: lastMs })),
    );
  }
}

/** Names files from the project's folder on: a session does not depend on where the project lies. */
function withoutFolder({ text, file, layers, universeHash }: StrategyInput, folder: string): StrategyInput {
  const short = (path: string): string =>
    isAbsolute(path) && !relative(folder, path).startsWith('..') ? relative(folder, path).replaceAll('\\', '/') : path;
  return {
    text,
    file: short(file),
    layers: layers.map((layer) => ({ ...layer, source: short(layer.source) })),
    universeHash,
  };
}

function fraction(text: string, flag: string): number {
  const value = Number(text);
  if (value >= 0 && value < 1) return value;
  throw new DonchError('bad_argument', `${flag} is "${text}"`, { expected: 'a share from 0 to below 1, e.g. 0.01' });
}

/** Whether a bar is late or absent is a function of seed, instrument and time alone: a session that starts again has the same feed. */
function arrivals(seed: number, lateFrac: number, absentFrac: number): OfflineSetup['arrivalOf'] {
  if (lateFrac === 0 && absentFrac === 0) return () => 'present';
  return (instrumentId, closeTimeMs) => {
    const draw = createPrng(seed, `arrival ${instrumentId} ${closeTimeMs}`).next();
    return draw < absentFrac ? 'absent' : draw < absentFrac + lateFrac ? 'late' : 'present';
  };
}

/** A session that is begun anew keeps the old one under another name. */
function setAside({ folder }: SessionFolder): void {
  if (!existsSync(folder)) return;
  let count = 1;
  while (existsSync(`${folder}.old-${count}`)) count += 1;
  withIoErrors(folder, 'set the old session aside', () => renameSync(folder, `${folder}.old-${count}`));
}

interface Played {
  readonly session: Session;
  readonly rehearsal: Rehearsal;
  readonly decisions: number;
  readonly tradesR: readonly number[];
  readonly recoveredRecords: number;
}

async function play(setup: OfflineSetup, context: CommandContext): Promise<Played> {
  const { store, start, parts, place } = setup;
  const { terminal, signal } = context;
  const { instruments } = start;
  const journal = new SessionJournal(place.journalPath);
  if (journal.tornBytes > 0)
    terminal.info(`the journal ended in an unfinished record of ${journal.tornBytes} bytes: cut off`);
  if (journal.recoveredRecords > 0) terminal.info(`going on behind ${journal.recoveredRecords} records of the journal`);
  try {
    let decisions = 0;
    const tradesR: number[] = [];
    /** Something that must not be lost has been said since the last wait for the disk. */
    let isUrgent = false;
    const session = createSession(start, parts, (output) => {
      journal.write(encodeOutput(output));
      if (output.kind !== 'funnel' && output.kind !== 'account') isUrgent = true;
      if (output.kind === 'decision') decisions += 1;
      if (output.kind === 'trade') tradesR.push(output.trade.pnlR);
    });
    const warming = terminal.progress('reading history', instruments.length, 'symbols');
    const request = { instruments, interval: parts.interval, startMs: start.startMs };
    const history = await warmUp(session, store, request, async () => {
      warming.advance(1);
      await listenForInterrupt(signal);
    });
    warming.done();
    journal.write(encodeStart({ ...start, history }));
    const [{ settings }] = parts.strategies;
    const minutes = await minuteBarsOf(store.candles, minuteSeries(store, settings, instruments), {
      fromMs: start.startMs - DAY_MS,
      toMs: start.endMs,
    });
    const rehearsal = new Rehearsal({
      session,
      venue: new BarVenue({ ...parts.trading.venue, minuteBarsOf: minutes }),
      instruments,
      candles: await windowCandles(store, request, start),
      intervalMs: parts.strategies[0].setup.intervalMs,
      window: start,
      dataEndMs: Infinity,
      operator: setup.operator,
      arrivalOf: (index, closeTimeMs) => setup.arrivalOf(instruments[index], closeTimeMs),
      onInput: (input) => {
        journal.write(encodeInput(input));
        if (input.kind !== 'bars') isUrgent = true;
      },
      beforeActing: () => {
        journal.flush(true);
        isUrgent = false;
      },
      onInstant: () => {
        journal.flush(isUrgent);
        isUrgent = false;
      },
    });
    await run(rehearsal, context);
    return { session, rehearsal, decisions, tradesR, recoveredRecords: journal.recoveredRecords };
  } finally {
    journal.close();
  }
}

async function run(rehearsal: Rehearsal, { terminal, signal }: CommandContext): Promise<void> {
  const { firstMs, endMs, intervalMs } = rehearsal;
  const progress = terminal.progress('trading', Math.ceil((endMs - firstMs) / intervalMs), 'bar sets');
  while (!rehearsal.isOver) {
    for (let k = 0; k < TURN_BAR_SETS && !rehearsal.isOver; k += 1) rehearsal.step();
    progress.advance(TURN_BAR_SETS);
    await listenForInterrupt(signal);
  }
  progress.done();
}

function summary({ start, place }: OfflineSetup, played: Played, replay: SessionReplay): string[] {
  const { session, rehearsal, decisions, tradesR } = played;
  const { equityUsd, trades } = session.state;
  const meanR = tradesR.length === 0 ? 'none' : `${mean(Float64Array.from(tradesR)).toFixed(3)} R each`;
  return [
    `${formatMinute(firstDecisionMs(start, rehearsal.intervalMs))} to ${formatMinute(rehearsal.timeMs - rehearsal.intervalMs)} UTC, ${start.instruments.length} symbols`,
    `${rehearsal.barSets} bar sets, ${rehearsal.late} bars late, ${rehearsal.absent} never came`,
    `${decisions} decisions, ${tradesR.length} trades (${meanR}), ${trades.length} positions open, equity ${equityUsd.toFixed(2)} USD`,
    replay.isSame
      ? `replay: ${replay.replay.barSets} bar sets, every record byte by byte the same`
      : `replay: ${replay.replay.differenceCount} records differ (donch replay ${place.sessionId})`,
    `session ${place.sessionId}: ${place.folder}`,
  ];
}
