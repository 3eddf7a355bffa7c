import { TokenBucket } from "../protocol/token_bucket.ts";
import { BYTES_BURST, BYTES_PER_SECOND, PACE_SHARE } from "./limits.ts";

/** How fast we send, so that a registry takes all of it. No clock. */
export class Pace {
  readonly #rate: number;
  readonly #messages: TokenBucket;
  readonly #bytes = new TokenBucket(BYTES_PER_SECOND, BYTES_BURST);
  /** Messages that had to go out at once, and have not been made up for. */
  #owed = 0;

  /** @param rate messages a second that the registry takes, with bursts of twice that; 0: as many as come */
  constructor(rate: number) {
    this.#rate = rate;
    this.#messages = new TokenBucket(rate * PACE_SHARE, rate);
  }

  /** The one for another rate: this one if it is the same, as what was sent counts. */
  at(rate: number): Pace {
    return rate === this.#rate ? this : new Pace(rate);
  }

  /** So many messages went out without asking. */
  spent(messages: number, now: number): void {
    if (this.#rate === 0) return;
    this.#owed += messages;
    this.#makeUp(now);
  }

  /** Takes a message of `bytes` if it may go out at `now`: 0; else milliseconds until it may. */
  take(bytes: number, now: number): number {
    if (this.#rate === 0) return 0;
    this.#makeUp(now);
    const wait = Math.max(this.#messages.wait(1, now), this.#bytes.wait(bytes, now));
    if (wait > 0) return wait;
    this.#messages.take(1, now);
    this.#bytes.take(bytes, now);
    return 0;
  }

  #makeUp(now: number): void {
    while (this.#owed > 0 && this.#messages.take(1, now)) this.#owed--;
  }
}
