import { DEAD_AFTER_MS, HEARTBEAT_SWEEP_MS, PING_AFTER_MS } from "./limits.ts";

/** What is listened to. */
export interface Beating {
  /** When it was last heard, or began. */
  heardAt: number;
}

/** Who has to say something now and then: asked after each 15 s of silence, dead after 45 s. */
export class Heartbeats<T extends Beating> {
  /** When each was last asked. */
  readonly #asked = new Map<T, number>();
  /** When somebody may be due, or before it. */
  #at: number | undefined;

  /** `each` is listened to from now on. */
  add(each: T): void {
    this.#asked.set(each, -Infinity);
    const due = each.heardAt + PING_AFTER_MS;
    this.#at = Math.min(this.#at ?? due, due);
  }

  /** `each` is not listened to any more. */
  delete(each: T): void {
    if (this.#asked.delete(each) && this.#asked.size === 0) this.#at = undefined;
  }

  /** When {@linkcode Heartbeats.sweep} wants to be called: once a second at most. */
  nextTimeout(): number | undefined {
    return this.#at;
  }

  /** Looks at everybody. Returns whom to ask for a sign, and who is dead. */
  sweep(now: number): { readonly silent: readonly T[]; readonly dead: readonly T[] } {
    const [silent, dead]: [T[], T[]] = [[], []];
    if (this.#at === undefined || this.#at > now) return { silent, dead };
    let next = Infinity;
    for (const [each, asked] of this.#asked) {
      const deadAt = each.heardAt + DEAD_AFTER_MS;
      const askAt = Math.max(each.heardAt, asked) + PING_AFTER_MS;
      if (deadAt <= now) dead.push(each);
      else if (askAt <= now) {
        silent.push(each);
        this.#asked.set(each, now);
        next = Math.min(next, deadAt, now + PING_AFTER_MS);
      } else next = Math.min(next, deadAt, askAt);
    }
    this.#at = this.#asked.size === 0 ? undefined : Math.max(next, now + HEARTBEAT_SWEEP_MS);
    return { silent, dead };
  }
}
