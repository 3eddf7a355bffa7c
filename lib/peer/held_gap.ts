import type { Missed } from "./bookmark.ts";

/**
 * What was missed up to a REGISTER in the same run of the registry, kept back until it is known how much of it was our
 * own: a message of ours that was taken while nobody could tell us has one of those numbers.
 */
export class HeldGap {
  #missed = 0;
  #epoch = "";
  /** Counts of our messages that may be among the missed. */
  #doubtful = new Set<number>();

  /**
   * Keeps back that so many messages were missed.
   *
   * @param unanswered counts of our messages that were sent and not answered when the registry was lost
   */
  hold(missed: number, epoch: string, unanswered: Iterable<number>): void {
    this.#missed = missed;
    this.#epoch = epoch;
    this.#doubtful = new Set(unanswered);
  }

  /**
   * One of ours is answered; says whether none is open any more.
   *
   * @param before whether it had been taken before it was sent again
   */
  answered(count: number, before: boolean): boolean {
    if (this.#doubtful.delete(count) && before) this.#missed--;
    return this.#doubtful.size === 0;
  }

  /** What was missed, as far as we know now, if anything; it is not kept any longer. */
  release(): Missed | undefined {
    const missed = this.#missed;
    this.#missed = 0;
    this.#doubtful.clear();
    return missed > 0 ? { missed, epoch: this.#epoch } : undefined;
  }
}
