/** A thousand chaos runs with processes, sockets, ccxt and SIGKILL: about two hours. */
import { compileStrategy } from '@donch/strategy';
import { expect, it } from 'vitest';
import { runSeeds } from './chaos/chaos-seeds.ts';
import { chaosTrading } from './chaos/chaos-trading.ts';

const SEEDS = Number(process.env['CHAOS_SEEDS'] ?? 1_000);

it(
  `${SEEDS} runs lose nothing, double nothing and are never wrong about an order`,
  { timeout: 6 * 3_600_000 },
  async () => {
    const strategy = compileStrategy({
      text: JSON.stringify({
        strategy: { name: 'Chaos', side: 'long' },
        entry: {
          donchian: { length_days: 20 },
          pullback: { window_hours: 24, entry_window_hours: 48, eps_frac: 0.002 },
          volume: null,
          regime_gate: null,
        },
        filters: { rs_percentile_min: null, liquidity_median_24h_usd_min: null },
        exits: {
          sl_atr_mult: 2,
          final_tp_atr_mult: 4,
          time_exit_hours: 0.2,
          partial: { ratio: 0.5, atr_mult: 1.5, break_even: true },
          trailing: { start: 'entry', atr_mult: 2.5, reference: 'close' },
        },
      }),
      file: 'chaos.yaml',
      layers: [{ layer: 'config', source: 'test', values: { TIMEFRAME: '1m', META: 'off', RISK_USD: 20 } }],
      universeHash: 'none',
    });
    const sum = await runSeeds({
      ...chaosTrading([strategy]),
      firstSeed: 1,
      seeds: SEEDS,
      minutes: 6,
      processes: true,
      signal: new AbortController().signal,
      onRun: ({ seed, ok, problems }) => {
        if (!ok) console.log(`seed ${seed}: ${problems.join('; ')}`);
      },
    });
    console.log(JSON.stringify({ ...sum, bad: sum.bad.length }));
    expect(sum.bad).toEqual([]);
  },
);
