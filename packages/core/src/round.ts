/**
 * Rounding to an exchange's steps. Money is float64 inside and is rounded once, at the order.
 * A step is a decimal number such as 0.001 or 5; results are exact multiples in decimal, not 0.30000000000000004.
 */
import { invariant } from './invariant.ts';

/** How far below a multiple a quotient may lie and still count as that multiple: 0.3 / 0.1 is 2.9999999999999996. */
const STEP_TOLERANCE = 1e-9;
/** The same in proportion to the quotient, three roundings of 2^-53: 1234567.89 / 0.01 is 123456788.99999999. */
const STEP_TOLERANCE_FRAC = 5e-16;

/** Number of decimals of a step: 0.001 -> 3, 5 -> 0, 1e-7 -> 7. */
export function decimalsOf(step: number): number {
  invariant(step > 0 && Number.isFinite(step), 'a step is a positive number');
  const text = String(step);
  const exponent = text.indexOf('e-');
  if (exponent >= 0) {
    const point = text.indexOf('.');
    return Number(text.slice(exponent + 2)) + (point < 0 ? 0 : exponent - point - 1);
  }
  const point = text.indexOf('.');
  return point < 0 ? 0 : text.length - point - 1;
}

/** A step as a fraction of whole numbers: `units / scale`. */
interface StepGrid {
  readonly units: number;
  readonly scale: number;
}

/** Steps seen so far: there are as many as instruments have, and each is read from its text once. */
const grids = new Map<number, StepGrid>();
const GRIDS_MAX = 10_000;
/** Powers of ten are exact up to this one. */
const EXACT_DECIMALS_MAX = 22;
/** Below it the product of steps and step misses the decimal by less than half of its last digit. */
const EXACT_UNITS_MAX = 2 ** 51;

/** The step asked for last: most quantities come in rows of one instrument. */
let lastStep = Number.NaN;
let lastGrid: StepGrid = { units: Number.NaN, scale: Number.NaN };

function gridOf(step: number): StepGrid {
  if (step === lastStep) return lastGrid;
  let grid = grids.get(step);
  if (grid === undefined) {
    const decimals = decimalsOf(step);
    const scale = decimals <= EXACT_DECIMALS_MAX ? Number(`1e${decimals}`) : Infinity;
    grid = { scale, units: Math.round(step * scale) };
    if (grids.size >= GRIDS_MAX) grids.clear();
    grids.set(step, grid);
  }
  lastStep = step;
  lastGrid = grid;
  return grid;
}

/** `steps x step` in decimal. The quotient of two whole numbers is rounded once: the double that the decimal text stands for. */
function exact(steps: number, step: number): number {
  const { units, scale } = gridOf(step);
  const whole = steps * units;
  // + 0: minus zero is none
  if (Math.abs(whole) < EXACT_UNITS_MAX) return whole / scale + 0;
  return Number((steps * step).toFixed(Math.min(decimalsOf(step), 100)));
}

const toleranceOf = (quotient: number): number => STEP_TOLERANCE + STEP_TOLERANCE_FRAC * Math.abs(quotient);

/**
 * More steps than this are beyond the resolution of a quotient. Quantities of very cheap coins get there where an instrument's step is
 * not known and assumed to be tiny.
 */
const PLAIN_STEPS_MAX = 1e13;

/**
 * The same where a step is about as fine as the numbers themselves: what lies on the grid stays as it is, to the bit, and so does
 * everything where doubles are too coarse to tell steps apart.
 */
function onFineGrid(value: number, step: number, choose: (quotient: number) => number): number {
  const { units, scale } = gridOf(step);
  // scale and units are whole: one rounding less than value / step
  const quotient = (value * scale) / units;
  if (!(Math.abs(quotient) < EXACT_UNITS_MAX)) return value;
  return exact(Math.round(quotient), step) === value ? value : exact(choose(quotient), step);
}

/** Largest multiple of `step` that is <= value (quantities: never padded up); a result is its own result. Exact up to 10^13 steps. */
export function floorToStep(value: number, step: number): number {
  const quotient = value / step;
  if (!(Math.abs(quotient) < PLAIN_STEPS_MAX)) return onFineGrid(value, step, Math.floor);
  return exact(Math.floor(quotient + toleranceOf(quotient)), step);
}

/** Smallest multiple of `step` that is >= value; a result is its own result. Exact up to 10^13 steps. */
export function ceilToStep(value: number, step: number): number {
  const quotient = value / step;
  if (!(Math.abs(quotient) < PLAIN_STEPS_MAX)) return onFineGrid(value, step, Math.ceil);
  return exact(Math.ceil(quotient - toleranceOf(quotient)), step);
}

/** Nearest multiple of `step`, halves away from zero; a result is its own result. Exact up to 10^13 steps. */
export function roundToStep(value: number, step: number): number {
  const quotient = Math.abs(value) / step;
  if (!(quotient < PLAIN_STEPS_MAX)) return onFineGrid(value, step, Math.round);
  return exact(Math.sign(value) * Math.floor(quotient + 0.5 + toleranceOf(quotient)), step);
}

/** Clamps to [low, high]. */
export function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value;
}
