import { numbersOf, rowsOf, type Trade } from '@donch/core';
import { sweepWorld, type SweepWorld } from '@donch/testkit';
import { describe, expect, it } from 'vitest';
import { labelSignals } from '../labels.ts';
import { runBacktest } from '../run-backtest.ts';
import { standaloneRules, standaloneSettings, standaloneTerms } from '../standalone.ts';
import { exitAxes } from './exit-axes.ts';
import { SignalPaths } from './signal-paths.ts';
import { StandaloneOutcomes } from './standalone-outcomes.ts';

const SHAPE = { symbols: 3, bars: 300, signals: 12 };

/** The whole history of a world, as labels see it. */
function outcomesOf(world: SweepWorld): { readonly paths: SignalPaths; readonly outcomes: StandaloneOutcomes } {
  const axes = exitAxes(world.variants.flatMap((strategies) => strategies.map(({ exits }) => exits)));
  const paths = new SignalPaths({ ...world, axes, ...wholeHistory(world) });
  return { paths, outcomes: new StandaloneOutcomes({ ...world, paths }) };
}

function wholeHistory(world: SweepWorld): { window: SweepWorld['window']; dataEndMs: number } {
  const closes = [...world.candles.values()].map(
    ({ openTimeMs, length, intervalMs }) => openTimeMs[length - 1] + intervalMs,
  );
  const dataEndMs = Math.max(...closes);
  const startMs = Math.min(...world.signals.map(({ decisionTimeMs }) => decisionTimeMs));
  return { window: { startMs, endMs: dataEndMs + 1 }, dataEndMs };
}

describe('outcomes of signals that are traded alone', () => {
  it('are those of a backtest of the one signal, every field to the bit', () => {
    const reasons = new Map<string, number>();
    for (let seed = 1; seed <= 25; seed += 1) {
      const world = sweepWorld(seed, SHAPE);
      const { paths, outcomes } = outcomesOf(world);
      const pnlR = new Float64Array(world.variants.length);
      paths.signals.forEach((signal, index) => {
        outcomes.evaluate(index, pnlR);
        const settings = standaloneSettings(world.settings);
        const venue = { ...world.venue, rulesAt: standaloneRules(signal, settings, world.venue.rulesAt) };
        world.variants.forEach((strategies, variant) => {
          const { trades } = runBacktest({
            ...world,
            ...wholeHistory(world),
            signals: [{ ...signal, riskScale: 1 }],
            strategies: strategies.map((terms) => standaloneTerms(terms)),
            settings,
            venue,
          });
          const expected: Trade | null = trades[0] ?? null;
          expect(outcomes.tradeOf(index, variant)).toStrictEqual(expected);
          expect(pnlR[variant]).toBe(expected?.pnlR ?? Number.NaN);
          const reason = expected?.exitReason ?? 'none';
          reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
        });
      });
    }
    const wanted = ['sl', 'tp', 'time', 'delisted', 'liquidation', 'none'];
    expect(wanted.filter((reason) => !((reasons.get(reason) ?? 0) >= 10))).toEqual([]);
  });

  it('are the labels of the same signals', () => {
    let labelled = 0;
    for (let seed = 101; seed <= 130; seed += 1) {
      const world = sweepWorld(seed, SHAPE);
      const { paths, outcomes } = outcomesOf(world);
      const variant = seed % world.variants.length;
      const { dataEndMs } = wholeHistory(world);
      const strategies = world.variants[variant];
      const { labels } = labelSignals({ ...world, strategies, dataEndMs, horizonHours: 1 });
      const found = new Map(paths.signals.map(({ signalId }, index) => [String(signalId), index]));
      for (const label of rowsOf(labels)) {
        const trade = outcomes.tradeOf(found.get(String(label['signal_id'])) ?? -1, variant);
        expect({
          pnl_r: trade?.pnlR,
          exit_time: trade?.exitTimeMs,
          exit_reason: trade?.exitReason,
          mfe_exit_atr: trade?.mfeAtr,
          mae_exit_atr: trade?.maeAtr,
        }).toStrictEqual({
          pnl_r: label['pnl_r'],
          exit_time: label['exit_time'],
          exit_reason: label['exit_reason'],
          mfe_exit_atr: label['mfe_exit_atr'],
          mae_exit_atr: label['mae_exit_atr'],
        });
      }
      labelled += numbersOf(labels, 'pnl_r').length;
    }
    expect(labelled).toBeGreaterThan(400);
  });
});
