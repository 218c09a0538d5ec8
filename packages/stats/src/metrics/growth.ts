/** Growth of capital over a calendar time. */

/** A year of 365 days: crypto markets have no others. */
export const YEAR_DAYS = 365;

export interface Growth {
  readonly start: number;
  readonly end: number;
  /** Calendar days between the two. */
  readonly days: number;
}

/** end / start - 1. */
export function totalReturnFrac({ start, end }: Growth): number {
  return end / start - 1;
}

/**
 * (end / start)^(365 / days) - 1, for any number of days: a rate per year, which over a short time says what nobody will
 * earn. -1 when the capital is gone (a ruin stays visible). For reports use `cagrFrac`.
 */
export function annualisedFrac({ start, end, days }: Growth): number {
  return end > 0 ? (end / start) ** (YEAR_DAYS / days) - 1 : -1;
}

/** Compound annual growth rate; NaN below one year: then the total return is the figure to show. */
export function cagrFrac(growth: Growth): number {
  return growth.days >= YEAR_DAYS ? annualisedFrac(growth) : Number.NaN;
}
