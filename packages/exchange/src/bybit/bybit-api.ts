/**
 * Bybit's V5 API as the client sees it: one clean answer, or the word that there was none. Nothing throws: what a failed call means
 * for an order is decided by `verdict.ts`, from these values alone and never from the class of an exception.
 */
export type Params = Readonly<Record<string, string | number | boolean | undefined>>;

export type Reply =
  /** A complete envelope with retCode 0. */
  | { readonly kind: 'ok'; readonly result: Readonly<Record<string, unknown>>; readonly timeMs: number }
  /** A complete envelope with another retCode: the venue has read the request. */
  | {
      readonly kind: 'refused';
      readonly retCode: number;
      readonly retMsg: string;
      /** From `X-Bapi-Limit-Reset-Timestamp`; null = not sent. */
      readonly resetMs: number | null;
    }
  /** A status other than 2xx, with the start of its text. */
  | { readonly kind: 'http'; readonly status: number; readonly text: string }
  /** No answer, or one that is none: deadline, reset, cut off, not JSON, no envelope, a list that is missing. */
  | { readonly kind: 'unclear'; readonly reason: string };

/** Paths without a leading slash, e.g. `v5/order/create`. Undefined parameters are not sent. */
export interface BybitApi {
  get(path: string, params: Params): Promise<Reply>;
  post(path: string, params: Params): Promise<Reply>;
}
