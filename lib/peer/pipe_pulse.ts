import { PIPE_ALIVE_MS, PIPE_LATE_MS, PIPE_SILENCE_MS } from "./limits.ts";

/**
 * Whether the other end of a link for bytes is still there, and telling it that we are. No clock.
 *
 * Both say so, whatever else they have to say: the receiver's way to the sender is free even where nobody takes what
 * comes, and who is slow is not gone.
 */
export class PipePulse {
  #saidAt: number;
  #heardAt: number;
  /** Whether what comes is left lying: then nothing can be heard. */
  #isDeaf = false;

  /** @param now when the link opened */
  constructor(now: number) {
    this.#saidAt = now;
    this.#heardAt = now;
  }

  /** Something of the peer's came. */
  heard(now: number): void {
    this.#heardAt = now;
  }

  /** We leave what comes lying, or take it again. */
  deaf(isDeaf: boolean, now: number): void {
    this.#isDeaf = isDeaf;
    this.#heardAt = now;
  }

  /** When {@linkcode due} has something to say. */
  nextTimeout(): number {
    const silent = this.#isDeaf ? Infinity : this.#heardAt + PIPE_SILENCE_MS;
    return Math.min(this.#saidAt + PIPE_ALIVE_MS, silent);
  }

  /** What is due at `now`: to say that we are there, or to take the peer for gone. */
  due(now: number): "say" | "gone" | undefined {
    // We were stopped ourselves: what the peer said meanwhile is still to be read.
    if (now - this.nextTimeout() > PIPE_LATE_MS) this.#heardAt = now;
    if (!this.#isDeaf && now - this.#heardAt >= PIPE_SILENCE_MS) return "gone";
    if (now - this.#saidAt < PIPE_ALIVE_MS) return undefined;
    this.#saidAt = now;
    return "say";
  }
}
