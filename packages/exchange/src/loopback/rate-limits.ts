/** Bybit's limits: requests per second of an account by kind, and requests per five seconds of an address. */

interface Limit {
  readonly perWindow: number;
  readonly windowMs: number;
}

/** First match counts. */
const KINDS: readonly (readonly [RegExp, string, number])[] = [
  [/^POST \/v5\/order\/(create|amend|cancel)/, 'order', 10],
  [/^POST \/v5\/position\//, 'position', 10],
  [/^POST \/v5\/account\//, 'account', 5],
  [/^GET \/v5\/account\/fee-rate/, 'fee', 5],
  [/^GET \/v5\/(order|execution|position|account|user)\//, 'read', 50],
];
const ADDRESS: Limit = { perWindow: 600, windowMs: 5_000 };
/** Documented: leave the address alone for ten minutes. */
const BAN_MS = 600_000;

export interface LimitVerdict {
  readonly kind: 'ok' | 'too_many' | 'banned';
  readonly headers: Readonly<Record<string, string>>;
}

export class RateLimits {
  readonly #times = new Map<string, number[]>();
  #bannedUntilMs = -Infinity;
  /** Requests that broke a limit. */
  violations = 0;

  /** Counts a request. */
  take(route: string, nowMs: number): LimitVerdict {
    if (nowMs < this.#bannedUntilMs) return { kind: 'banned', headers: {} };
    if (this.#count('address', ADDRESS, nowMs) > ADDRESS.perWindow) {
      this.#bannedUntilMs = nowMs + BAN_MS;
      this.violations += 1;
      return { kind: 'banned', headers: {} };
    }
    const found = KINDS.find(([pattern]) => pattern.test(route));
    if (found === undefined) return { kind: 'ok', headers: {} };
    const [, name, perWindow] = found;
    const used = this.#count(name, { perWindow, windowMs: 1_000 }, nowMs);
    const resetMs = (this.#times.get(name)?.[0] ?? nowMs) + 1_000;
    const headers = {
      'X-Bapi-Limit': String(perWindow),
      'X-Bapi-Limit-Status': String(Math.max(0, perWindow - used)),
      'X-Bapi-Limit-Reset-Timestamp': String(resetMs),
    };
    if (used <= perWindow) return { kind: 'ok', headers };
    this.violations += 1;
    return { kind: 'too_many', headers };
  }

  #count(name: string, { windowMs }: Limit, nowMs: number): number {
    const times = this.#times.get(name) ?? [];
    this.#times.set(name, times);
    while (times.length > 0 && times[0] <= nowMs - windowMs) times.shift();
    times.push(nowMs);
    return times.length;
  }
}
