/** `ev_curve.csv`: what notebooks read first, then bands, improvement and stability. */
import { tableFromRows, type ColumnShape, type Row, type Table } from '@donch/core';
import type { EvCurve } from '@donch/meta';
import type { Banded } from '@donch/report';
import type { ClusterInterval, Refusal } from '@donch/stats';

const FLOATS = [
  'ev_R_low',
  'ev_R_high',
  'coverage',
  'total_R',
  'win_rate',
  'improvement_R',
  'improvement_R_low',
  'improvement_R_high',
] as const;

/** One row per threshold. */
export function evTable({ all, points }: EvCurve): Table {
  const parts = (kind: string, count: number): ColumnShape[] =>
    Array.from({ length: count }, (_, k) => ({ name: `ev_R_${kind}_${k}`, type: 'float' }));
  return tableFromRows(
    'ev_curve',
    [
      { name: 'threshold', type: 'float' },
      { name: 'n', type: 'float' },
      { name: 'ev_R', type: 'float' },
      ...FLOATS.map((name): ColumnShape => ({ name, type: 'float' })),
      ...parts('group', all.groupEvR.length),
      ...parts('path', all.pathEvR.length),
    ],
    points.map((point): Row => {
      const [ev, improvement] = [banded(point.ev, point.evR), banded(point.improvement, point.evR - all.evR)];
      return {
        threshold: point.threshold,
        n: point.n,
        ev_R: point.evR,
        ev_R_low: ev.low,
        ev_R_high: ev.high,
        coverage: point.coverageFrac,
        total_R: point.totalR,
        win_rate: point.winRateFrac,
        improvement_R: improvement.estimate,
        improvement_R_low: improvement.low,
        improvement_R_high: improvement.high,
        ...Object.fromEntries(point.groupEvR.map((value, k) => [`ev_R_group_${k}`, value])),
        ...Object.fromEntries(point.pathEvR.map((value, k) => [`ev_R_path_${k}`, value])),
      };
    }),
  );
}

/** A figure with its interval; without one the ends are NaN. */
export function banded(interval: ClusterInterval | Refusal, estimate: number): Banded {
  return interval.kind === 'interval'
    ? { estimate, low: interval.low, high: interval.high }
    : { estimate, low: Number.NaN, high: Number.NaN };
}
