/** Whether a pass and the engine say the same of a variant: asked of a sample of every sweep. */
import { numbersOf } from '@donch/core';
import type { BacktestResult } from '../run-backtest.ts';
import { passRows } from './pass-rows.ts';
import type { PassResult } from './portfolio-pass.ts';
import type { SignalPaths } from './signal-paths.ts';

/** Where a pass and a backtest of the same variant differ first, bit by bit, with both values; '' = nowhere. */
export function passDifference(
  pass: PassResult,
  paths: SignalPaths,
  result: Pick<BacktestResult, 'trades' | 'openAtEnd' | 'abortReason' | 'equity'>,
): string {
  const rows = passRows(pass, paths);
  return (
    firstDifference(rows.trades, result.trades, 'trades') ||
    firstDifference(rows.openAtEnd, result.openAtEnd, 'openAtEnd') ||
    firstDifference(outlineOf(pass), outlineOfRows(result), 'outline') ||
    firstDifference(pass.abortReason, result.abortReason, 'abortReason') ||
    equityDifference(pass, result)
  );
}

/** What a sweep reads of the pass itself. */
function outlineOf({ trades, openAtEnd, feesUsd, fundingUsd, slippageUsd }: PassResult): unknown {
  return {
    entryTimeMs: [trades, openAtEnd].map(({ entryTimeMs }) => [...entryTimeMs]),
    pnlR: [trades, openAtEnd].map(({ pnlR }) => [...pnlR]),
    costsUsd: [feesUsd, fundingUsd, slippageUsd],
  };
}

function outlineOfRows({ trades, openAtEnd }: Pick<BacktestResult, 'trades' | 'openAtEnd'>): unknown {
  const sumOf = (name: 'feesUsd' | 'fundingUsd' | 'slippageUsd'): number =>
    [...trades, ...openAtEnd].reduce((sum, trade) => sum + trade[name], 0);
  return {
    entryTimeMs: [trades, openAtEnd].map((of) => of.map(({ entryTimeMs }) => entryTimeMs)),
    pnlR: [trades, openAtEnd].map((of) => of.map(({ pnlR }) => pnlR)),
    costsUsd: [sumOf('feesUsd'), sumOf('fundingUsd'), sumOf('slippageUsd')],
  };
}

function equityDifference({ timesMs, equityUsd }: PassResult, { equity }: Pick<BacktestResult, 'equity'>): string {
  const times = numbersOf(equity, 'time');
  const values = numbersOf(equity, 'equity_usd');
  const byTime = new Map(Array.from(times, (timeMs, row) => [timeMs, values[row]]));
  const endMs = times[times.length - 1];
  return (
    firstDifference(timesMs[timesMs.length - 1], endMs, 'end of the run') ||
    firstDifference(
      Array.from(equityUsd),
      Array.from(timesMs, (timeMs) => byTime.get(timeMs)),
      'equity',
    )
  );
}

function firstDifference(found: unknown, expected: unknown, path: string): string {
  if (Object.is(found, expected)) return '';
  if (typeof found !== 'object' || typeof expected !== 'object' || found === null || expected === null)
    return `${path}: found ${String(found)}, expected ${String(expected)}`;
  for (const name of new Set([...Object.keys(expected), ...Object.keys(found)])) {
    const difference = firstDifference(Reflect.get(found, name), Reflect.get(expected, name), `${path}.${name}`);
    if (difference !== '') return difference;
  }
  return '';
}
