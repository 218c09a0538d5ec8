import { niceTicks } from '../charts/ticks.ts';
/** The drawing of one trade, made in the page when somebody asks for it. Functions here are complete without imports of values but those of the script. */
import { escapeXml } from '../format/escape.ts';
import { priceText } from '../format/number-text.ts';
import type { EncodedPath } from '../paths/trade-path.ts';
import type { PageTrade } from './page-data.ts';

export interface PathCandle {
  readonly timeMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/** Candles of an encoded path, without its empty slots. */
export function decodePath([startMs, candleMs, low, high, codes]: EncodedPath): PathCandle[] {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const candles: PathCandle[] = [];
  const priceAt = (at: number): number => {
    const code = alphabet.indexOf(codes[at]) * 64 + alphabet.indexOf(codes[at + 1]);
    return low + (code / 4095) * (high - low);
  };
  for (let at = 0, timeMs = startMs; at < codes.length; timeMs += candleMs) {
    if (codes[at] === '.') {
      at += 1;
      continue;
    }
    candles.push({ timeMs, open: priceAt(at), high: priceAt(at + 2), low: priceAt(at + 4), close: priceAt(at + 6) });
    at += 8;
  }
  return candles;
}

/** `2025-01-20 12:30` in UTC. */
export function minuteText(timeMs: number): string {
  // allow(purity): formats the instant that it is given; it runs in the page, where the time functions of core are not
  return new Date(timeMs).toISOString().slice(0, 16).replace('T', ' ');
}

/** The prices of a trade that are lines, from high to low. */
export interface TradeLine {
  readonly name: string;
  readonly price: number;
  readonly tone: string;
}

export function tradeLines(trade: PageTrade): TradeLine[] {
  const lines: TradeLine[] = [
    { name: 'entry', price: trade.entry, tone: 'entry' },
    { name: 'stop', price: trade.stop, tone: 'stop' },
    { name: 'level', price: trade.level, tone: 'level' },
  ];
  if (trade.target !== null) lines.push({ name: 'target', price: trade.target, tone: 'target' });
  if (trade.firstTarget !== null) lines.push({ name: 'target 1', price: trade.firstTarget, tone: 'target' });
  if (trade.finalStop !== trade.stop) lines.push({ name: 'last stop', price: trade.finalStop, tone: 'stop' });
  return lines.sort((a, b) => b.price - a.price);
}

/** The candles around a trade with its lines and marks: an `<svg>` element of this width. */
export function tradeChart(trade: PageTrade, width: number): string {
  if (trade.path === null) return '';
  const candles = decodePath(trade.path);
  const candleMs = trade.path[1];
  const lines = tradeLines(trade);
  const plot = { left: 64, right: width - 62, top: 10, bottom: 280 };
  const prices = [...lines.map(({ price }) => price), trade.exit, ...candles.flatMap(({ low, high }) => [low, high])];
  const [low, high] = [Math.min(...prices), Math.max(...prices)];
  const fromMs = Math.min(trade.path[0], trade.entryMs);
  const toMs = Math.max(candles[candles.length - 1].timeMs + candleMs, trade.exitMs);
  const x = (timeMs: number): number => plot.left + ((timeMs - fromMs) / (toMs - fromMs)) * (plot.right - plot.left);
  const y = (price: number): number => plot.bottom - ((price - low) / (high - low || 1)) * (plot.bottom - plot.top);
  const parts = [
    tradeAxes({ low, high, fromMs, toMs }, plot, { x, y }),
    candleMarks(candles, candleMs, { x, y }),
    tradeMarks(trade, lines, plot, { x, y }),
  ];
  const name = escapeXml(
    `${trade.symbol}: ${trade.side} from ${minuteText(trade.entryMs)} to ${minuteText(trade.exitMs)} UTC`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} 310" role="img" aria-label="${name}">${parts.join('')}</svg>`;
}

export interface TradePlot {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface TradeScales {
  readonly x: (timeMs: number) => number;
  readonly y: (price: number) => number;
}

export interface TradeRange {
  readonly low: number;
  readonly high: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Grid with prices, and times below. */
export function tradeAxes({ low, high, fromMs, toMs }: TradeRange, plot: TradePlot, { x, y }: TradeScales): string {
  const grid = niceTicks(low, high, 5).map((tick) => {
    const at = y(tick).toFixed(1);
    return `<line class="c-grid" x1="${plot.left}" y1="${at}" x2="${plot.right}" y2="${at}"/><text class="c-text c-muted" x="${plot.left - 5}" y="${(y(tick) + 4).toFixed(1)}" text-anchor="end">${priceText(tick)}</text>`;
  });
  const hours = [0.25, 0.5, 1, 2, 3, 6, 12, 24, 48, 96, 168, 336, 720];
  const count = plot.right - plot.left > 400 ? 6 : 3;
  const stepMs = (hours.find((step) => (toMs - fromMs) / (step * 3_600_000) <= count) ?? 1440) * 3_600_000;
  const times: string[] = [];
  for (let timeMs = Math.ceil(fromMs / stepMs) * stepMs; timeMs <= toMs; timeMs += stepMs) {
    const text = minuteText(timeMs);
    const at = x(timeMs).toFixed(1);
    times.push(
      `<text class="c-text c-muted" x="${at}" y="${plot.bottom + 22}" text-anchor="middle">${stepMs >= 86_400_000 ? text.slice(5, 10) : text.slice(5)}</text>`,
    );
  }
  return grid.join('') + times.join('');
}

/** Candles: hollow where the price rose, filled where it fell. */
export function candleMarks(candles: readonly PathCandle[], candleMs: number, { x, y }: TradeScales): string {
  const marks = candles.map(({ timeMs, open, high, low, close }) => {
    const left = x(timeMs);
    const width = Math.max((x(timeMs + candleMs) - left) * 0.7, 0.8);
    const middle = x(timeMs + candleMs / 2).toFixed(1);
    const top = y(Math.max(open, close));
    const height = Math.max(y(Math.min(open, close)) - top, 0.8);
    const start = (Number(middle) - width / 2).toFixed(1);
    return `<line class="c-wick" x1="${middle}" y1="${y(high).toFixed(1)}" x2="${middle}" y2="${y(low).toFixed(1)}"/><rect class="${close >= open ? 'c-up' : 'c-down'}" x="${start}" y="${top.toFixed(1)}" width="${width.toFixed(1)}" height="${height.toFixed(1)}"/>`;
  });
  return marks.join('');
}

/** What was held when, its lines with their names at the right, entry (circle), exit (square) and breakout (diamond). */
export function tradeMarks(
  trade: PageTrade,
  lines: readonly TradeLine[],
  plot: TradePlot,
  { x, y }: TradeScales,
): string {
  const [from, to] = [x(trade.entryMs), Math.max(x(trade.exitMs), x(trade.entryMs) + 1)];
  const held = `<rect class="c-held" x="${from.toFixed(1)}" y="${plot.top}" width="${(to - from).toFixed(1)}" height="${plot.bottom - plot.top}"/>`;
  let lastY = Number.NEGATIVE_INFINITY;
  const drawn = lines.map(({ name, price, tone }) => {
    const at = y(price);
    const start = tone === 'level' ? plot.left : from;
    // names of lines that lie close together stand below each other
    lastY = Math.max(at + 4, lastY + 13);
    return `<line class="c-${tone}" x1="${start.toFixed(1)}" y1="${at.toFixed(1)}" x2="${plot.right}" y2="${at.toFixed(1)}"/><text class="c-text c-t${tone}" x="${plot.right + 4}" y="${lastY.toFixed(1)}">${name}</text>`;
  });
  const entry = `<circle class="c-mark" cx="${from.toFixed(1)}" cy="${y(trade.entry).toFixed(1)}" r="5"/>`;
  const exit = `<rect class="c-mark" x="${(to - 5).toFixed(1)}" y="${(y(trade.exit) - 5).toFixed(1)}" width="10" height="10"/>`;
  const broken =
    trade.breakMs === null || x(trade.breakMs) < plot.left ? '' : diamond(x(trade.breakMs), y(trade.level));
  return held + drawn.join('') + broken + entry + exit;
}

export function diamond(x: number, y: number): string {
  return `<path class="c-mark" d="M${x.toFixed(1)} ${(y - 6).toFixed(1)}l6 6l-6 6l-6 -6Z"/>`;
}
