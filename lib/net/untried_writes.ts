/** A moment in which no write ended, in milliseconds: the event loop gets round in about as much. */
const STANDSTILL_MS = 1;
/**
 * So many of these in a row, and no write that is left waits for its turn any more. One could be spent
 * before the event loop came to the sockets at all.
 */
const STANDSTILLS = 3;

/** Which writes one was begun among. */
export type WriteRound = number;

/**
 * The writes of many connections that were begun, and that the system may not have been asked for yet.
 *
 * The runtime performs 128 socket operations each time its event loop gets round, and puts off the others, with
 * reads in between. A fan-out to a thousand members takes eight rounds: if what was read meanwhile were fanned out at
 * once, it would be cut into eight as well, and a small write costs 5 us however little is in it. So
 * a fan-out waits with {@linkcode whenNone} until the one before was tried, and then takes all that came meanwhile.
 *
 * A write to somebody who does not read ends late or never. Nobody waits for it: once no write has ended for a
 * moment, those left were all tried.
 */
export class UntriedWrites {
  #round: WriteRound = 0;
  #count = 0;
  #waiting: (() => void)[] = [];
  #watch: ReturnType<typeof setTimeout> | undefined;

  /** A write was begun on a connection that had none in flight; to be handed to {@linkcode tried} at its end. */
  begun(): WriteRound {
    this.#count++;
    return this.#round;
  }

  /** A write has ended: the system took some of it, or it failed. */
  tried(round: WriteRound): void {
    // Else it is one that nobody waits for any more.
    if (round !== this.#round) return;
    this.#count--;
    if (this.#count === 0) this.#over();
  }

  /** Runs `then` as soon as all writes begun so far were tried, but never before the microtasks of now. */
  whenNone(then: () => void): void {
    if (this.#count === 0) return queueMicrotask(then);
    this.#waiting.push(then);
    if (this.#watch === undefined) this.#watchFrom(this.#count, 0);
  }

  #watchFrom(count: number, standstills: number): void {
    this.#watch = setTimeout(() => {
      if (this.#count !== count) return this.#watchFrom(this.#count, 0);
      if (standstills + 1 < STANDSTILLS) return this.#watchFrom(count, standstills + 1);
      this.#round++;
      this.#count = 0;
      this.#over();
    }, STANDSTILL_MS);
  }

  #over(): void {
    clearTimeout(this.#watch);
    this.#watch = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const then of waiting) queueMicrotask(then);
  }
}
