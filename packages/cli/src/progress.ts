/** One line on stderr that is written over: done of total, rate, time left. Silent when stderr is no terminal. */

export interface ProgressOptions {
  readonly label: string;
  readonly total: number;
  readonly unit: string;
  readonly enabled: boolean;
  readonly write: (text: string) => void;
}

const REDRAW_MS = 100;
const CLEAR_LINE = '\r\u001b[2K';

export class Progress {
  readonly #options: ProgressOptions;
  readonly #startMs = performance.now();
  #done = 0;
  #work = 0;
  #workUnit = '';
  #drawnMs = 0;
  #drawn = false;

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  /** Counts finished items; `work` (e.g. bars) drives the rate that is shown. */
  advance(items: number, work = 0, workUnit = ''): void {
    this.#done += items;
    this.#work += work;
    this.#workUnit = workUnit;
    this.#draw();
  }

  /** Sets the finished share of the whole, 0..1. */
  set(frac: number): void {
    this.#done = frac * this.#options.total;
    this.#draw();
  }

  #draw(): void {
    const nowMs = performance.now();
    if (!this.#options.enabled || nowMs - this.#drawnMs < REDRAW_MS) return;
    this.#drawnMs = nowMs;
    this.#drawn = true;
    this.#options.write(CLEAR_LINE + progressLine(this.#options, this.#state(nowMs)));
  }

  #state(nowMs: number): ProgressState {
    return {
      done: this.#done,
      work: this.#work,
      workUnit: this.#workUnit,
      seconds: (nowMs - this.#startMs) / 1_000,
    };
  }

  /** Takes the line away so that another text can be printed. */
  clear(): void {
    if (!this.#drawn) return;
    this.#options.write(CLEAR_LINE);
    this.#drawn = false;
  }

  /** Ends the line. */
  done(): void {
    this.clear();
  }
}

export interface ProgressState {
  readonly done: number;
  readonly work: number;
  readonly workUnit: string;
  readonly seconds: number;
}

/** `scanning 12/540 symbols  1.24 M bars/s  0:35 left`; no rate before there is work, no time before anything is done. */
export function progressLine(
  { label, total, unit }: Pick<ProgressOptions, 'label' | 'total' | 'unit'>,
  { done, work, workUnit, seconds }: ProgressState,
): string {
  const rate = work > 0 && seconds > 0 ? `  ${(work / seconds / 1e6).toFixed(2)} M ${workUnit}/s` : '';
  const left = done > 0 ? `  ${clock((seconds * (total - done)) / done)} left` : '';
  return `${label} ${Math.floor(done)}/${total} ${unit}${rate}${left}`;
}

function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const minutes = Math.floor(whole / 60) % 60;
  const text = `${minutes}:${String(whole % 60).padStart(2, '0')}`;
  return whole < 3_600 ? text : `${Math.floor(whole / 3_600)}:${text.padStart(5, '0')}`;
}
