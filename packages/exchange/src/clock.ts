/** Time at the edge: the system's clock, or one that a test or a chaos run drives. */
export interface Clock {
  nowMs(): number;
  /** Resolves when `ms` have passed on this clock, at once for ms <= 0. */
  sleep(ms: number): Promise<void>;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  sleep: (ms) => new Promise((resolve) => void setTimeout(resolve, ms)),
};
