/** The page about a sweep. */
import { join } from 'node:path';
import type { SweepVariant } from '@donch/backtester';
import { DAY_MS, decidingSettings, numbersOf, textsOf, type ConfigKey, type Table } from '@donch/core';
import { survivorshipLine } from '@donch/project';
import { renderSweepReport, type SelectionFindings, type SweepCurve, type SweepReportInput } from '@donch/report';
import { encodeReport, type ReportFile } from './report-files.ts';
import type { ResearchSetup } from './research.ts';
import { readReturns } from './sweep-chunks.ts';
import type { SweepOptions } from './sweep-options.ts';
import type { SweepRun } from './sweep-run.ts';

export interface SweepPage {
  readonly setup: ResearchSetup;
  readonly options: SweepOptions;
  readonly sweep: SweepRun;
  /** With `dsr`. */
  readonly leaderboard: Table;
  readonly selection: SelectionFindings;
}

/** Page, Markdown and charts. */
export async function sweepFiles(page: SweepPage): Promise<readonly ReportFile[]> {
  return encodeReport(renderSweepReport(await reportInput(page)), ['html', 'md', 'svg']);
}

async function reportInput({ setup, options, sweep, leaderboard, selection }: SweepPage): Promise<SweepReportInput> {
  const { run, window, checked } = sweep;
  const { strategies, interval, universe } = setup;
  const [{ settings }] = strategies;
  return {
    sweep: {
      id: run.id,
      donchVersion: run.manifest.donch_version,
      nodeVersion: run.manifest.node_version,
      seed: options.seed,
      specHash: run.manifest.spec_hash,
      configHash: run.manifest.config_hash,
      universeHash: run.manifest.universe_hash,
      sourceHash: run.manifest.source_hash,
      inputs: run.manifest.inputs,
      isSynthetic: settings.VENUE === 'synthetic',
      interval,
      ...window,
      strategies: strategies.map(({ name, side }) => ({ name, side })),
      survivorship: survivorshipLine(universe),
      watermark: '',
      gridSize: options.grid.size,
      settings: sharedSettings(settings, options),
      leaderboardFile: 'leaderboard.csv',
    },
    leaderboard,
    axes: options.grid.axes.map(({ key, values }) => ({ key: key.toLowerCase(), values: values.map(plainValue) })),
    selection,
    curves: await curvesOf(sweep, leaderboard),
    agreement: {
      checked,
      agreed: checked,
      byEngine: textsOf(leaderboard, 'engine_reason').filter((reason) => reason !== '').length,
    },
  };
}

type AxisValue = SweepReportInput['axes'][number]['values'][number];
type SettingValue = SweepVariant['values'][ConfigKey];

function plainValue(value: SettingValue): AxisValue {
  return value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : JSON.stringify(value);
}

/** What all variants share, without the window, which stands above. */
function sharedSettings(settings: object, { grid }: SweepOptions): Record<string, string> {
  const varied = new Set<string>(['START_DATE', 'END_DATE', ...grid.axes.map(({ key }) => key)]);
  return Object.fromEntries(
    Object.entries(decidingSettings(settings))
      .filter(([key]) => !varied.has(key))
      .map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}

const CURVES_MAX = 5;

/** Accounts of the best without a guard. */
async function curvesOf({ run }: SweepRun, leaderboard: Table): Promise<SweepCurve[]> {
  const guards = textsOf(leaderboard, 'guard');
  const ids = textsOf(leaderboard, 'variant_id').flatMap((id, row) => (guards[row] === '' && id !== null ? [id] : []));
  const best = ids.slice(0, CURVES_MAX);
  const returns = await readReturns(join(run.folder, 'returns.parquet'), new Set(best));
  const [final, growth] = [numbersOf(leaderboard, 'final_equity_usd'), numbersOf(leaderboard, 'total_return_frac')];
  const rows = new Map(textsOf(leaderboard, 'variant_id').map((id, row) => [id, row]));
  return best.flatMap((variantId): SweepCurve[] => {
    const series = returns.get(variantId);
    if (series === undefined) return [];
    const row = rows.get(variantId) ?? 0;
    const equityUsd = [final[row] / (1 + growth[row])];
    for (const value of series.values) equityUsd.push(equityUsd[equityUsd.length - 1] * (1 + value));
    return [{ variantId, timesMs: equityUsd.map((_, day) => series.firstDayMs + day * DAY_MS), equityUsd }];
  });
}
