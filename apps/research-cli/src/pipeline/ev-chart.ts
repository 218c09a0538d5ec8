/** The drawing of `donch ev`: EV by threshold, all signals and those that were traded. */
import { standaloneSvg, xyChart, type XySeries } from '@donch/report';
import { evBand } from './ev-figures.ts';
import type { EvJudgement, Judged } from './ev-judge.ts';

/** Fewer signals than this say nothing: their EV would stretch the axis. */
const N_MIN = 10;

/** SVG text; the same judgement gives the same bytes. Null when no threshold has enough signals above it. */
export function evChart({ all, traded, pstar }: EvJudgement, whose: string): string | null {
  const series: XySeries[] = [
    { name: 'EV of p >= threshold', form: 'first', points: pointsOf(all, true) },
    ...(traded === null
      ? []
      : [{ name: 'of the traded ones', form: 'second', points: pointsOf(traded, false) } as const]),
  ];
  if (series[0].points.length === 0) return null;
  const level = all.curve.all.evR;
  return standaloneSvg(
    xyChart({
      id: 'ev-by-threshold',
      title: `EV by threshold: ${whose}`,
      description: `Mean result in R of the signals whose probability is at or above a threshold, with its 95 % interval; all ${all.rows} signals: ${level.toFixed(3)} R.`,
      xUnit: 'probability threshold',
      yUnit: 'EV in R',
      series,
      bandName: '95 % interval',
      level: { y: level, name: 'all signals' },
      ...(!Number.isNaN(pstar) && { mark: { x: pstar, name: `p* ${pstar.toFixed(3)}` } }),
    }),
  );
}

function pointsOf({ curve }: Judged, hasBand: boolean): XySeries['points'] {
  return curve.points
    .filter(({ n }) => n >= N_MIN)
    .map((point) => {
      const { estimate, low, high } = evBand(point);
      return { x: point.threshold, y: estimate, weight: point.n, ...(hasBand && { low, high }) };
    });
}
