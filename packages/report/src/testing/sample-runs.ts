/** Invented runs that are compared in tests and in the check in a browser: two settings on the same signals, names as hostile as wanted. */
import { numbersOf, takeRows, type Column, type Table } from '@donch/core';
import { equityStatistics, tradeStatistics } from '@donch/stats';
import type { ComparedRun } from '../compare/compared-run.ts';
import { sampleInput, type SampleOptions } from './sample-input.ts';

export interface SampleRunOptions extends SampleOptions {
  readonly id?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Result of a trade in place of the sample's, by row. */
  readonly resultR?: (pnlR: number, row: number) => number;
  /** Rows that the run has; all without it. */
  readonly keeps?: (row: number) => boolean;
  readonly parts?: Partial<ComparedRun['identity']>;
  readonly setupHash?: string;
}

/** A run of the sample's trades. */
export function sampleRun(options: SampleRunOptions): ComparedRun {
  const { run, strategies, trades: all, equity } = sampleInput(options);
  const { id = run.id, settings = {}, resultR = (pnlR) => pnlR, keeps = () => true } = options;
  const trades = changedTrades(all, resultR, keeps);
  const times = numbersOf(equity, 'time');
  const { drawdownFrac, totalReturnFrac, dailySharpe } = equityStatistics(times, numbersOf(equity, 'equity_usd'));
  const { expectancy, winRateFrac, profitFactor } = tradeStatistics(numbersOf(trades, 'pnl_r'));
  const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
  return {
    id,
    identity: {
      inputs: { signals: '5'.repeat(64), candles: 'd'.repeat(64), funding: 'f'.repeat(64) },
      parameters: { start_ms: times[0], scout_run: 'scout-0123456789abcdef', interval: '5m' },
      universeHash: 'e'.repeat(64),
      seed: 1,
      sourceHash: 'c'.repeat(64),
      donchVersion: '0.1.0',
      nodeVersion: 'v24.21.0',
      ...options.parts,
    },
    figures: {
      signals: trades.length,
      trades: trades.length,
      meanR: finite(expectancy),
      ciLowR: null,
      ciHighR: null,
      ciNote: 'none',
      winRateFrac: finite(winRateFrac),
      profitFactor: finite(profitFactor),
      maxDrawdownFrac: -drawdownFrac,
      initialCapitalUsd: 1_000,
      finalEquityUsd: 1_000 * (1 + totalReturnFrac),
      totalReturnFrac,
      dailySharpe: finite(dailySharpe),
      feesUsd: 1,
      slippageUsd: 2,
      fundingUsd: -3,
      openAtEnd: 0,
      startMs: times[0],
      endMs: times[times.length - 1],
      interval: '5m',
      survivorship: 'universe: 3 instruments',
      watermark: '',
      abortReason: '',
    },
    strategies: strategies.map(({ name, strategyId, side }) => ({
      name,
      strategyId,
      side,
      hashes: { setupHash: options.setupHash ?? 'setup', filterHash: 'filters', exitHash: 'exits' },
      settings,
    })),
    trades,
    equity,
  };
}

/** The kept rows with other results; 10 USD are one R. */
function changedTrades(
  all: Table,
  resultR: (pnlR: number, row: number) => number,
  keeps: (row: number) => boolean,
): Table {
  const pnlR = Float64Array.from(numbersOf(all, 'pnl_r'), resultR);
  const columns = new Map<string, Column>(all.columns)
    .set('pnl_r', { type: 'float', values: pnlR })
    .set('pnl_usd', { type: 'float', values: pnlR.map((value) => value * 10) });
  return takeRows({ ...all, columns }, Array.from({ length: all.length }, (_, row) => row).filter(keeps));
}
