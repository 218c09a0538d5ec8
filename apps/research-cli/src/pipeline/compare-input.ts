/** What a run is compared by: its manifest, summary, settings, trades and equity. */
import { join } from 'node:path';
import type { Run } from '@donch/data';
import type { ComparedRun } from '@donch/report';
import { readEquity, readJson, readSettings, readTrades, requireBacktest } from './report-input.ts';
import type { SummaryFigures } from './summary-document.ts';

export interface ReadRun extends ComparedRun {
  readonly figures: SummaryFigures;
}

/** Reads everything. Throws `no_run` for a run that is no backtest, and what reading throws. */
export async function readComparedRun(run: Run): Promise<ReadRun> {
  requireBacktest(run);
  const { id, folder, manifest } = run;
  const [trades, equity] = await Promise.all([readTrades(run), readEquity(run)]);
  const summary = readJson(join(folder, 'summary.json')) as SummaryFigures;
  return {
    id,
    identity: {
      inputs: manifest.inputs,
      parameters: manifest.parameters,
      universeHash: manifest.universe_hash,
      seed: manifest.seed,
      sourceHash: manifest.source_hash,
      donchVersion: manifest.donch_version,
      nodeVersion: manifest.node_version,
    },
    // runs of early versions have no watermark
    figures: { ...summary, watermark: summary.watermark ?? '' },
    strategies: readSettings(folder),
    trades,
    equity,
  };
}
