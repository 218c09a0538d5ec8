/** A stress report as text and back: JSON, in which typed series and numbers that JSON does not have are marked. */
import type { StressReport } from '@donch/backtester';

const NAMED: Readonly<Record<string, number>> = { NaN: Number.NaN, Infinity, '-Infinity': -Infinity };

export function encodeStress(report: StressReport): string {
  const text = JSON.stringify(
    report,
    (_, value: unknown) => {
      if (value instanceof Float64Array) return { float64: Array.from(value) };
      return typeof value === 'number' && !Number.isFinite(value) ? { number: String(value) } : value;
    },
    2,
  );
  return `${text}\n`;
}

/** What `encodeStress` wrote, every bit of it. */
export function decodeStress(text: string): StressReport {
  return JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    if ('number' in value && typeof value.number === 'string') return NAMED[value.number];
    return 'float64' in value && Array.isArray(value.float64) ? Float64Array.from(value.float64) : value;
  }) as StressReport;
}
