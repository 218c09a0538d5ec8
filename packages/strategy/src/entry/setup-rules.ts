/** The entry set-up of a strategy as plain values: what `setupHash` covers and the entry machine obeys. */
import type { Side } from '@donch/core';

export type VolumeCondition =
  | { readonly kind: 'multiple'; readonly multiple: number }
  | { readonly kind: 'quantile'; readonly q: number }
  | { readonly kind: 'none' };

export type PullbackRules =
  | { readonly type: 'retest'; readonly epsFrac: number }
  | { readonly type: 'mean'; readonly emaBars: number; readonly bandAtr: number };

export interface SetupRules {
  readonly side: Side;
  readonly intervalMs: number;
  readonly level: { readonly basis: 'days' | 'bars'; readonly length: number };
  readonly confirmClose: boolean;
  readonly trigger: 'close_above_break' | 'rebreak_high';
  readonly volume: VolumeCondition;
  readonly volumeLookbackMs: number;
  readonly pullback: PullbackRules;
  /** From the close of the breakout bar to the close of the touch bar. */
  readonly touchWindowMs: number;
  /** From the close of the touch bar to the close of the trigger bar. */
  readonly entryWindowMs: number;
  readonly invalidateAtr: number | null;
  readonly atr: { readonly intervalMs: number; readonly length: number };
}
