/** `donch chaos`: the settings of a project against the loopback exchange, and the oracle's verdict. */
import { EXIT, wholeNumber, type CommandContext } from '@donch/cli';
import { DonchError } from '@donch/core';
import { FAULTS } from '@donch/exchange';
import { compileStrategies, openProject, strategyInputs } from '@donch/project';
import { documentOf } from '../cli/documents.ts';
import type { ChaosFlags } from '../commands/chaos.ts';
import { runSeeds, type ChaosSum } from './chaos-seeds.ts';
import { chaosTrading } from './chaos-trading.ts';

export async function runChaosCommand(flags: ChaosFlags, context: CommandContext): Promise<number> {
  const { terminal, cwd, signal } = context;
  const project = openProject(flags, context);
  const inputs = strategyInputs(project, { files: flags.strategy, cwd, universeHash: 'chaos' });
  const seeds = wholeNumber(flags.seeds, '--seeds');
  const progress = terminal.progress('chaos', seeds, 'runs');
  const sum = await runSeeds({
    ...chaosTrading(compileStrategies(inputs, terminal)),
    firstSeed: wholeNumber(flags.firstSeed, '--first-seed'),
    seeds,
    ...(flags.minutes === undefined ? {} : { minutes: wholeNumber(flags.minutes, '--minutes') }),
    ...(flags.scenario === undefined ? {} : { faultIds: flags.scenario.map(knownFault) }),
    processes: flags.processes === true,
    signal,
    onRun: () => {
      progress.advance(1);
    },
  });
  progress.done();
  const { bad, ...figures } = sum;
  terminal.result(verdictLines(sum).join('\n'));
  terminal.document(
    documentOf('chaos', {
      ...figures,
      firstProblems: bad.slice(0, 20).flatMap(({ seed, problems }) => problems.map((text) => ({ seed, text }))),
    }),
  );
  return sum.ok ? EXIT.ok : EXIT.finding;
}

function knownFault(id: string): string {
  const upper = id.toUpperCase();
  if (upper in FAULTS) return upper;
  throw new DonchError('bad_argument', `--scenario ${id}`, { expected: `one of ${Object.keys(FAULTS).join(', ')}` });
}

function verdictLines(sum: ChaosSum): string[] {
  const rows: readonly (readonly [string, string])[] = [
    [
      'runs',
      `${sum.seeds} with ${sum.faults} faults and ${sum.kills} kills: ${sum.orders} orders, ${sum.fills} executions, ${sum.trades} trades`,
    ],
    ['duplicate orders', String(sum.duplicateOrders)],
    ['executions lost', String(sum.lostFills)],
    [
      'executions doubled',
      `${sum.doubledFills} (account and wallet differ by at most ${sum.ledgerDifferenceUsdMax.toExponential(1)} USD)`,
    ],
    ['wrong verdicts', `${sum.wrongVerdicts} (orders said to be refused or never taken, and that exist)`],
    ['without a stop', `at most ${sum.unprotectedSecondsMax.toFixed(1)} s, downtime included`],
    ['above the limits', `${sum.rateLimitViolations} requests`],
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  return [
    ...rows.map(([label, text]) => `${label.padEnd(width)}  ${text}`),
    ...sum.bad.slice(0, 10).map(({ seed, problems }) => `seed ${seed}: ${problems.slice(0, 3).join('; ')}`),
    sum.ok
      ? 'nothing lost, nothing doubled, no verdict wrong'
      : `${sum.bad.length} runs went wrong: the same --first-seed shows each again`,
  ];
}
