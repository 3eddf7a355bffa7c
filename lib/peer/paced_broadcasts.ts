import { encodeFrame } from "../protocol/frame.ts";
import { formatMessage } from "../protocol/message.ts";
import { TokenBucket } from "../protocol/token_bucket.ts";
import {
  BROADCAST_BYTES_BURST,
  BROADCAST_BYTES_PER_SECOND,
  BROADCASTS_BURST,
  BROADCASTS_PER_SECOND,
  MAX_QUEUED_BROADCASTS,
} from "./limits.ts";
import type { Self } from "./self.ts";

/** Our broadcasts, sent no faster than a registry takes them. No sockets, no clock. */
export class PacedBroadcasts {
  readonly #self: Self;
  readonly #send: (bytes: Uint8Array) => void;
  readonly #messages = new TokenBucket(BROADCASTS_PER_SECOND, BROADCASTS_BURST);
  readonly #bytes = new TokenBucket(BROADCAST_BYTES_PER_SECOND, BROADCAST_BYTES_BURST);
  #queue: string[] = [];
  #next: number | undefined;

  constructor(self: Self, send: (bytes: Uint8Array) => void) {
    this.#self = self;
    this.#send = send;
  }

  /** How many wait for their turn. */
  get pending(): number {
    return this.#queue.length;
  }

  /** Queues a text; says whether there was room. */
  push(text: string): boolean {
    if (this.#queue.length >= MAX_QUEUED_BROADCASTS) return false;
    this.#queue.push(text);
    return true;
  }

  /** Sends what may be sent at `now`. */
  sendDue(now: number): void {
    this.#next = undefined;
    const { username } = this.#self;
    for (let [text] = this.#queue; text !== undefined; [text] = this.#queue) {
      // The name may be another one since it was said.
      const frame = encodeFrame(formatMessage({ verb: "BROADCAST", username, text }));
      const wait = Math.max(this.#messages.wait(1, now), this.#bytes.wait(frame.length, now));
      if (wait > 0) {
        this.#next = now + wait;
        return;
      }
      this.#messages.take(1, now);
      this.#bytes.take(frame.length, now);
      this.#send(frame);
      this.#queue.shift();
    }
  }

  /** There is nobody to send to: what waits is kept. */
  pause(): void {
    this.#next = undefined;
  }

  /** When {@linkcode sendDue} has something to do. */
  nextTimeout(): number | undefined {
    return this.#next;
  }
}
