import { DEAD_MS, SILENCE_MS } from "./limits.ts";

/** Finds out that nobody is at the other end any more: `docs/PROTOCOL.md` 10.11. No clock. */
export class Heartbeat {
  /** `undefined` while nobody has to be heard. */
  #heardAt: number | undefined;
  /** How often we have asked in this silence. */
  #asked = 0;

  /** From `now` on the other side has to be heard. */
  begin(now: number): void {
    this.#heardAt = now;
    this.#asked = 0;
  }

  /** The connection is over. */
  stop(): void {
    this.#heardAt = undefined;
  }

  /** Something has arrived. */
  heard(now: number): void {
    if (this.#heardAt !== undefined) this.begin(now);
  }

  /** When {@linkcode due} has something to say. */
  nextTimeout(): number | undefined {
    if (this.#heardAt === undefined) return undefined;
    return this.#heardAt + Math.min(DEAD_MS, this.#asked * SILENCE_MS + SILENCE_MS);
  }

  /** What is due at `now`: to ask whether the other side is there, or to take it for dead. */
  due(now: number): "ask" | "dead" | undefined {
    if (this.#heardAt === undefined) return undefined;
    if (now >= this.#heardAt + DEAD_MS) return "dead";
    const silences = Math.floor((now - this.#heardAt) / SILENCE_MS);
    if (silences <= this.#asked) return undefined;
    this.#asked = silences;
    return "ask";
  }
}
