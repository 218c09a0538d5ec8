/** What the store accepts as bars. Importers use the same rule, so that what they pass is taken. */
import { DonchError, barAt, bucketStartMs, formatMinute, type Bar, type Candles } from '@donch/core';

/** What is wrong with a bar, or null: it opens on the interval, prices are finite, positive, inside high and low, volumes >= 0. */
export function barProblem(bar: Bar, intervalMs: number): string | null {
  const { openTimeMs, open, high, low, close, volume, turnover } = bar;
  if (!Number.isSafeInteger(openTimeMs)) return `opens at ${openTimeMs}`;
  if (bucketStartMs(openTimeMs, intervalMs) !== openTimeMs)
    return `opens at ${formatMinute(openTimeMs)}, off the interval`;
  if (!(low > 0 && high < Infinity)) return `has low ${low} and high ${high}`;
  if (!(low <= open && open <= high)) return `has open ${open} outside of low ${low} and high ${high}`;
  if (!(low <= close && close <= high)) return `has close ${close} outside of low ${low} and high ${high}`;
  if (!(volume >= 0 && volume < Infinity)) return `has volume ${volume}`;
  const isTurnover = Number.isNaN(turnover) || (turnover >= 0 && turnover < Infinity);
  return isTurnover ? null : `has turnover ${turnover}`;
}

export interface BarCheck {
  /** What the bars are, for the message. */
  readonly what: string;
  readonly intervalMs: number;
  /** Bars that close after this instant are still in progress and refused. */
  readonly nowMs: number;
}

/** Throws `bad_bar`, or `bar_in_progress` for a bar that has not closed. */
export function checkBar(bar: Bar, { what, intervalMs, nowMs }: BarCheck): void {
  const problem = barProblem(bar, intervalMs);
  if (problem !== null) throw new DonchError('bad_bar', `${what}: a bar ${problem}`, { expected: 'a closed bar' });
  if (bar.openTimeMs + intervalMs <= nowMs) return;
  throw new DonchError('bar_in_progress', `${what}: the bar of ${formatMinute(bar.openTimeMs)} has not closed`, {
    expected: `bars that closed by ${formatMinute(nowMs)} UTC`,
    remedy: 'Leave the last bar out, or correct the clock of this machine.',
  });
}

/** Throws as `checkBar` for the first row that is no closed bar or does not follow the one before it. */
export function checkCandles(candles: Candles, check: Omit<BarCheck, 'intervalMs'>): void {
  const { intervalMs, openTimeMs } = candles;
  for (let i = 0; i < candles.length; i += 1) {
    checkBar(barAt(candles, i), { ...check, intervalMs });
    if (i === 0 || openTimeMs[i] > openTimeMs[i - 1]) continue;
    const found = `${check.what}: row ${i} opens at ${formatMinute(openTimeMs[i])}, not after the row before it`;
    throw new DonchError('bad_bar', found, { expected: 'ascending open times' });
  }
}
