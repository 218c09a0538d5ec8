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

/** A clock that runs `speed` times as fast as the system's, from `startMs` at the system's `wallStartMs`: the same in every process. */
export function scaledClock({
  startMs,
  wallStartMs,
  speed,
}: {
  startMs: number;
  wallStartMs: number;
  speed: number;
}): Clock {
  return {
    nowMs: () => startMs + (Date.now() - wallStartMs) * speed,
    sleep: (ms) => systemClock.sleep(ms / speed),
  };
}
