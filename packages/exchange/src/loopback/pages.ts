/** Paging by cursor: newest rows first, the cursor names how many have been given. */
import type { EndpointParams } from './wire.ts';

export interface PageLimits {
  readonly limit: number;
  readonly limitMax: number;
}

export interface Page {
  readonly list: readonly unknown[];
  /** '' = this was the last one. */
  readonly nextPageCursor: string;
}

/** Cursors look as Bybit's do: with characters that a client must give back as they came. */
export function pageOf(rows: readonly unknown[], params: EndpointParams, { limit, limitMax }: PageLimits): Page {
  const asked = Number(params['limit'] ?? limit);
  const size = Math.max(1, Math.min(limitMax, Number.isFinite(asked) ? asked : limit));
  const { cursor } = params;
  const offset = offsetIn(typeof cursor === 'string' ? cursor : '');
  const next = offset + size;
  return {
    list: rows.slice(offset, next),
    nextPageCursor: next < rows.length ? `lastid%3D${next}%26lasttime%3D0` : '',
  };
}

function offsetIn(cursor: string): number {
  const found = /lastid(?:%3D|=)(\d+)/.exec(cursor);
  return found === null ? 0 : Number(found[1]);
}
