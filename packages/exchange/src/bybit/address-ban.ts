/** A refusal of this address (HTTP 403, "access too frequent") concerns everybody who asks from here: one ban for all clients. */
export class AddressBan {
  #untilMs = -Infinity;

  /** Bybit wants ten minutes without any request (documented). */
  static readonly LENGTH_MS = 10 * 60_000;

  isActive(nowMs: number): boolean {
    return nowMs < this.#untilMs;
  }

  /** @returns true when it is news. */
  begin(nowMs: number): boolean {
    const isNews = !this.isActive(nowMs);
    this.#untilMs = nowMs + AddressBan.LENGTH_MS;
    return isNews;
  }
}
