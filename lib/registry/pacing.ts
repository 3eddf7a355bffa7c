import { earliest } from "../protocol/earliest.ts";
import type { ClassicSender } from "./classic_sender.ts";

/** Wakes those {@linkcode ClassicSender}s that need time between their writes. */
export class Pacing {
  readonly #waiting = new Set<ClassicSender>();
  /** The earliest of their times, or before it. */
  #at: number | undefined;

  /** Sends whole lines through `sender`. */
  send(sender: ClassicSender, bytes: Uint8Array, now: number): void {
    sender.send(bytes, now);
    const next = sender.nextTimeout();
    if (next === undefined) return;
    this.#waiting.add(sender);
    this.#at = earliest([this.#at, next]);
  }

  /** `sender` is not written to any more. */
  forget(sender: ClassicSender): void {
    this.#waiting.delete(sender);
  }

  /** When {@linkcode timeout} wants to be called. */
  nextTimeout(): number | undefined {
    return this.#at;
  }

  /** Writes what it is time for. */
  timeout(now: number): void {
    if (this.#at === undefined || this.#at > now) return;
    this.#at = undefined;
    for (const sender of this.#waiting) {
      sender.timeout(now);
      const next = sender.nextTimeout();
      if (next === undefined) this.#waiting.delete(sender);
      else this.#at = earliest([this.#at, next]);
    }
  }
}
