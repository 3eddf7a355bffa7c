/** Longest wait for one thing to happen in a test, in milliseconds; on a busy machine, too. */
export const PATIENCE_MS = 15_000;

/** Values that arrive over time, to be waited for with a bound. */
export class Inbox<T> {
  readonly #label: string;
  readonly #all: T[] = [];
  #next = 0;
  #wake = Promise.withResolvers<void>();

  /** @param label what to call this in an error */
  constructor(label: string) {
    this.#label = label;
  }

  /** Everything that has arrived. */
  get all(): readonly T[] {
    return this.#all;
  }

  push(value: T): void {
    this.#all.push(value);
    this.#wake.resolve();
    this.#wake = Promise.withResolvers<void>();
  }

  /** The next value, in order, for which `wanted` holds; those before it are passed over. */
  async next(wanted: (value: T) => boolean, what = "it"): Promise<T> {
    return await this.#find(wanted, what, () => this.#next, (next) => this.#next = next);
  }

  /** A value for which `wanted` holds, whenever it arrived: for what has no fixed order. */
  async some(wanted: (value: T) => boolean, what = "it"): Promise<T> {
    let next = 0;
    return await this.#find(wanted, what, () => next, (at) => next = at);
  }

  async #find(
    wanted: (value: T) => boolean,
    what: string,
    get: () => number,
    set: (at: number) => void,
  ): Promise<T> {
    const timeout = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      const seen = this.#all.slice(-12).map((value) => JSON.stringify(value).slice(0, 200))
        .join("\n  ");
      timeout.reject(new Error(`${this.#label}: never saw ${what}; last:\n  ${seen}`));
    }, PATIENCE_MS);
    try {
      for (;;) {
        for (let at = get(); at < this.#all.length; at++) {
          set(at + 1);
          const value = this.#all[at] as T;
          if (wanted(value)) return value;
        }
        await Promise.race([this.#wake.promise, timeout.promise]);
      }
    } finally {
      clearTimeout(timer);
      timeout.promise.catch(() => {});
    }
  }
}
