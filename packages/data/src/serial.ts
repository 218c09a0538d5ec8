/** Runs asynchronous work one after the other, in the order it was asked for. */
export class Serial {
  #last: Promise<unknown> = Promise.resolve();

  /** Starts `work` when everything asked for before has ended, well or not. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work, work);
    this.#last = next.catch(() => undefined);
    return next;
  }
}
