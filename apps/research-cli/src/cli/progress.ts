/** One line on stderr that is written over: done of total, rate, time left. Silent when stderr is no terminal. */

export interface ProgressOptions {
  readonly label: string;
  readonly total: number;
  readonly unit: string;
  readonly enabled: boolean;
}

const REDRAW_MS = 100;

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
    process.stderr.write(`\r\u001b[2K${this.#line(nowMs)}`);
  }

  #line(nowMs: number): string {
    const { label, total, unit } = this.#options;
    const seconds = (nowMs - this.#startMs) / 1000;
    const leftSec = this.#done > 0 ? (seconds * (total - this.#done)) / this.#done : Number.NaN;
    const rate = this.#work > 0 ? `  ${(this.#work / seconds / 1e6).toFixed(2)} M ${this.#workUnit}/s` : '';
    const left = Number.isNaN(leftSec) ? '' : `  ${clock(leftSec)} left`;
    return `${label} ${Math.floor(this.#done)}/${total} ${unit}${rate}${left}`;
  }

  /** Takes the line away so that another text can be printed. */
  clear(): void {
    if (!this.#drawn) return;
    process.stderr.write('\r\u001b[2K');
    this.#drawn = false;
  }

  /** Ends the line. */
  done(): void {
    this.clear();
  }
}

function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
