import { RECONNECT_FIRST_MS, RECONNECT_LONGEST_MS, SETTLED_MS } from "./limits.ts";

/**
 * When to try a lost registry again: after a random part of a time that doubles with each failure in a row, so
 * that those who have lost it together do not come back together. No clock.
 */
export class Backoff {
  readonly #random: () => number;
  #failures = 0;
  #enteredAt: number | undefined;
  #notBefore = 0;

  /** @param random a number from 0 (included) to 1 (not) */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** The registry has let us in. */
  entered(now: number): void {
    this.#enteredAt = now;
  }

  /** The registry has asked not to be tried again for so long, from `now`. */
  notFor(seconds: number, now: number): void {
    this.#notBefore = now + seconds * 1_000;
  }

  /** The connection is lost, or could not be made: when to try again. */
  next(now: number): number {
    const entered = this.#enteredAt;
    this.#enteredAt = undefined;
    // One that lets us in only to end it at once is no success.
    if (entered !== undefined && now - entered >= SETTLED_MS) this.#failures = 0;
    const longest = Math.min(RECONNECT_LONGEST_MS, RECONNECT_FIRST_MS * 2 ** this.#failures++);
    return Math.max(now, this.#notBefore) + this.#random() * longest;
  }
}
