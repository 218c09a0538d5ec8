/** SVG as text: elements, frames, axes. Attributes are names and numbers of ours; text is escaped here. */
import type { Chart } from '../blocks.ts';
import { escapeXml } from '../format/escape.ts';
import { chartRules, LIGHT } from './palette.ts';
import type { TimeTick } from './ticks.ts';

/** A number with at most one digit after the point: a tenth of a pixel. */
export function pixel(value: number): string {
  return String(Math.round(value * 10) / 10);
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Where the data of a chart are drawn. */
export interface Plot {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export const WIDE_WIDTH = 760;
/** The width of a small phone without margins, so that text keeps its size. */
export const NARROW_WIDTH = 340;

export type Range = readonly [number, number];

/** Linear map of `[from, to]` onto `[start, end]`; an empty range maps onto the middle. */
export function linear([from, to]: Range, [start, end]: Range): (value: number) => number {
  const span = to - from;
  return (value) => (span === 0 ? (start + end) / 2 : start + ((value - from) / span) * (end - start));
}

export interface Label {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly tone?: string;
}

export function label({ x, y, text, anchor = 'start', tone = '' }: Label): string {
  const name = tone === '' ? 'c-text' : `c-text ${tone}`;
  return `<text class="${name}" x="${pixel(x)}" y="${pixel(y)}" text-anchor="${anchor}">${escapeXml(text)}</text>`;
}

/** Width of a letter, a little more than the average. */
export const LETTER_WIDTH = 6.8;

/** The text, or its begin where it is wider than its place. */
export function cutText(text: string, width: number): string {
  const letters = Math.floor(width / LETTER_WIDTH);
  return text.length <= letters ? text : `${text.slice(0, Math.max(letters - 1, 1))}\u2026`;
}

export function line(name: string, from: Range, to: Range): string {
  return `<line class="${name}" x1="${pixel(from[0])}" y1="${pixel(from[1])}" x2="${pixel(to[0])}" y2="${pixel(to[1])}"/>`;
}

export interface Box extends Size {
  readonly x: number;
  readonly y: number;
}

export function rect(name: string, { x, y, width, height }: Box): string {
  return `<rect class="${name}" x="${pixel(x)}" y="${pixel(y)}" width="${pixel(width)}" height="${pixel(height)}"/>`;
}

interface Circle {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

export function circle(name: string, { x, y, radius }: Circle): string {
  return `<circle class="${name}" cx="${pixel(x)}" cy="${pixel(y)}" r="${pixel(radius)}"/>`;
}

/** A whole drawing with its title and description; `data` are `data-` attributes for the page's script. */
export interface Drawing {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly size: Size;
  readonly parts: readonly string[];
  readonly data?: Readonly<Record<string, number>>;
}

export function drawing({ id, title, description, size, parts, data = {} }: Drawing): string {
  const attributes = Object.entries(data).map(([name, value]) => ` data-${name}="${value}"`);
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" role="img" aria-labelledby="${id}-t ${id}-d"${attributes.join('')}>`;
  const words = `<title id="${id}-t">${escapeXml(title)}</title><desc id="${id}-d">${escapeXml(description)}</desc>`;
  return `${head}${words}${parts.join('')}</svg>`;
}

/** The wide form of a chart as a file of its own: light colours on a ground, title on top. */
export function standaloneSvg({ wide, title }: Chart): string {
  const [, width = '0', height = '0'] = /viewBox="0 0 (\d+) (\d+)"/.exec(wide) ?? [];
  const head = 36;
  const total = Number(height) + head;
  const style = `<style>${chartRules(LIGHT)}</style>`;
  const ground = `<rect width="${width}" height="${total}" fill="${LIGHT.ground}"/>`;
  const heading = label({ x: 12, y: 23, text: title, tone: 'c-strong' });
  return wide
    .replace(`viewBox="0 0 ${width} ${height}"`, `viewBox="0 0 ${width} ${total}" width="${width}" height="${total}"`)
    .replace(/<\/desc>/, `</desc>${style}${ground}${heading}<g transform="translate(0 ${head})">`)
    .replace(/<\/svg>$/, '</g></svg>\n');
}

interface Axes {
  readonly plot: Plot;
  readonly y: (value: number) => number;
  readonly ticks: readonly number[];
  readonly tickText: (value: number) => string;
}

/** Horizontal grid lines with their numbers left of the plot. */
export function valueAxis({ plot, y, ticks, tickText }: Axes): string[] {
  return ticks.flatMap((tick) => [
    line('c-grid', [plot.left, y(tick)], [plot.right, y(tick)]),
    label({ x: plot.left - 6, y: y(tick) + 4, text: tickText(tick), anchor: 'end', tone: 'c-muted' }),
  ]);
}

/** Marks with their times below the plot; those whose text would leave the drawing are left out. */
export function timeAxis(plot: Plot, x: (timeMs: number) => number, ticks: readonly TimeTick[]): string[] {
  return ticks
    .filter(({ timeMs, text }) => x(timeMs) + text.length * 3.4 <= plot.right + 8)
    .flatMap(({ timeMs, text }) => [
      line('c-grid', [x(timeMs), plot.bottom], [x(timeMs), plot.bottom + 4]),
      label({ x: x(timeMs), y: plot.bottom + 18, text, anchor: 'middle', tone: 'c-muted' }),
    ]);
}
