/** Candles as Bybit answers them, checked: an answer is clean as a whole or it is none. */
import { DAY_MS, MINUTE_MS, type Bar } from '@donch/core';
import type { Reply } from './bybit-api.ts';

/** Bybit's name of a bar length. */
export function klineInterval(intervalMs: number): string {
  return intervalMs === DAY_MS ? 'D' : String(intervalMs / MINUTE_MS);
}

export type KlineAnswer =
  /** Bars that had closed by the venue's own clock, ascending, each once. */
  { readonly kind: 'bars'; readonly bars: readonly Bar[] } | { readonly kind: 'unclean'; readonly reason: string };

/** Never throws. The venue's clock decides which bars have closed: ours may be ahead. */
export function readKlines(
  { result, timeMs }: Extract<Reply, { readonly kind: 'ok' }>,
  { symbol, intervalMs }: { readonly symbol: string; readonly intervalMs: number },
): KlineAnswer {
  const { list, symbol: named } = result as { readonly list?: unknown; readonly symbol?: unknown };
  if (!Array.isArray(list)) return unclean('an answer without its list');
  if (named !== symbol) return unclean(`an answer about ${String(named)}`);
  const byOpen = new Map<number, Bar>();
  for (const cells of list as readonly unknown[]) {
    const bar = barOf(cells);
    if (bar === null || bar.openTimeMs % intervalMs !== 0) return unclean(`a row that is no bar: ${String(cells)}`);
    if (!(bar.openTimeMs + intervalMs <= timeMs)) continue;
    const twin = byOpen.get(bar.openTimeMs);
    if (twin !== undefined && !isSameBar(twin, bar)) return unclean(`two bars that open at ${bar.openTimeMs}`);
    byOpen.set(bar.openTimeMs, bar);
  }
  return { kind: 'bars', bars: [...byOpen.values()].sort((a, b) => a.openTimeMs - b.openTimeMs) };
}

function unclean(reason: string): KlineAnswer {
  return { kind: 'unclean', reason };
}

function barOf(cells: unknown): Bar | null {
  if (!Array.isArray(cells) || cells.length < 7 || cells.some((cell) => cell === '')) return null;
  const [openTimeMs, open, high, low, close, volume, turnover] = cells.map(Number);
  const isBar =
    low > 0 && low <= Math.min(open, close) && high >= Math.max(open, close) && volume >= 0 && turnover >= 0;
  return isBar && Number.isFinite(high + volume + turnover)
    ? { openTimeMs, open, high, low, close, volume, turnover }
    : null;
}

export function isSameBar(a: Bar, b: Bar): boolean {
  return (
    a.open === b.open &&
    a.high === b.high &&
    a.low === b.low &&
    a.close === b.close &&
    a.volume === b.volume &&
    a.turnover === b.turnover
  );
}
