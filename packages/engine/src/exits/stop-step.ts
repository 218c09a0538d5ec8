/** What a closed bar makes of a stop. `exit`: it would lie beyond the price already, so the position is closed at market. */
export type StopStep =
  | { readonly kind: 'hold' }
  | { readonly kind: 'move'; readonly stopPrice: number }
  | { readonly kind: 'exit' };

export const HOLD: StopStep = { kind: 'hold' };
