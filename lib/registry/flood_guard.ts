import { TokenBucket } from "../protocol/token_bucket.ts";
import {
  BYTES_BURST,
  BYTES_PER_SECOND,
  FLOOD_CUT_REFUSALS,
  FLOOD_CUT_WINDOW_MS,
  FLOOD_TELL_MS,
  MIN_MESSAGES_BURST,
} from "./limits.ts";

/** What to do with a message: take it, refuse it silently, refuse and tell, cut its sender. */
export type Verdict = "take" | "refuse" | "tell" | "cut";

/** Holds one client to its message rate. */
export class FloodGuard {
  readonly #messages: TokenBucket;
  readonly #bytes = new TokenBucket(BYTES_PER_SECOND, BYTES_BURST);
  #told = -Infinity;
  #windowStart = -Infinity;
  #refused = 0;

  /** @param messageRate messages per second, bursts of twice that and of 5 at least; more than 0 */
  constructor(messageRate: number) {
    const burst = Math.max(MIN_MESSAGES_BURST, 2 * messageRate);
    this.#messages = new TokenBucket(messageRate, burst);
  }

  /** Judges one message of `bytes` bytes at `now`, in milliseconds. */
  judge(bytes: number, now: number): Verdict {
    if (this.#messages.take(1, now) && this.#bytes.take(bytes, now)) return "take";
    if (now - this.#windowStart > FLOOD_CUT_WINDOW_MS) {
      this.#windowStart = now;
      this.#refused = 0;
    }
    if (++this.#refused >= FLOOD_CUT_REFUSALS) return "cut";
    if (now - this.#told < FLOOD_TELL_MS) return "refuse";
    this.#told = now;
    return "tell";
  }
}
