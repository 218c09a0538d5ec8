/** Numbers as the decimal texts that Bybit wants: exact multiples of a step, never `1e-7`. */
import { ceilToStep, decimalsOf, floorToStep, roundToStep, type Side } from '@donch/core';

/** A quantity that is a multiple of its step. */
export function qtyText(qty: number, qtyStep: number): string {
  return textOf(roundToStep(qty, qtyStep), qtyStep);
}

/** The nearest price on the grid. */
export function priceText(price: number, tickSize: number): string {
  return textOf(roundToStep(price, tickSize), tickSize);
}

/** A stop on the grid; one that lies between two ticks goes to the one that loses less. */
export function stopText(stopPrice: number, side: Side, tickSize: number): string {
  const rounded = side === 'long' ? ceilToStep(stopPrice, tickSize) : floorToStep(stopPrice, tickSize);
  return textOf(rounded, tickSize);
}

/** True for a positive multiple of the step, as far as floats can tell. */
export function isTradableQty(qty: number, qtyStep: number): boolean {
  return qty > 0 && Math.abs(roundToStep(qty, qtyStep) - qty) <= 1e-9 * qty;
}

function textOf(value: number, step: number): string {
  return value.toFixed(decimalsOf(step));
}
