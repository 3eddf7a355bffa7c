/** Less than any unit, more than what sums of products lose. */
const EPSILON = 1e-6;

/**
 * A limit of so many units a second, with bursts. Time is passed in; nothing is counted in between.
 */
export class TokenBucket {
  readonly #perMs: number;
  readonly #burst: number;
  #tokens: number;
  #at = 0;

  /**
   * @param perSecond units that come back each second
   * @param burst units at most, also at the start
   */
  constructor(perSecond: number, burst: number) {
    this.#perMs = perSecond / 1_000;
    this.#burst = burst;
    this.#tokens = burst;
  }

  /** Takes `units` if they are there at `now` (milliseconds of any steady clock); says whether. */
  take(units: number, now: number): boolean {
    this.#refill(now);
    // What `wait` answered is enough, whatever floating point makes of it.
    if (units > this.#tokens + EPSILON) return false;
    this.#tokens = Math.max(0, this.#tokens - units);
    return true;
  }

  /**
   * Milliseconds from `now` until `units` are there; 0 if they are. More than the burst can never be
   * there: then until the bucket is full.
   */
  wait(units: number, now: number): number {
    this.#refill(now);
    const missing = Math.min(units, this.#burst) - this.#tokens;
    return missing <= EPSILON ? 0 : Math.ceil(missing / this.#perMs);
  }

  #refill(now: number): void {
    const passed = Math.max(0, now - this.#at);
    this.#tokens = Math.min(this.#burst, this.#tokens + passed * this.#perMs);
    this.#at = Math.max(this.#at, now);
  }
}
