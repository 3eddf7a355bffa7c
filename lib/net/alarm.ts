/** A machine that wants to be woken at times of its own choosing. */
export interface Timed {
  /** When it wants to be woken next, in milliseconds of {@linkcode steadyNow}; `undefined`: not at all. */
  nextTimeout(): number | undefined;
  /** Called at that time or later. */
  timeout(now: number): void;
}

/** Milliseconds of a clock that never jumps, from any origin. */
export function steadyNow(): number {
  return performance.now();
}

/** Longest delay that `setTimeout` can hold, in milliseconds. */
const MAX_DELAY = 2 ** 31 - 1;

/** Wakes one {@linkcode Timed} by one timer. */
export class Alarm {
  readonly #timed: Timed;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #at: number | undefined;

  constructor(timed: Timed) {
    this.#timed = timed;
  }

  /** Asks the machine anew; call it after each thing done to it. Cheap if nothing changed. */
  update(): void {
    const at = this.#timed.nextTimeout();
    if (at === this.#at) return;
    this.cancel();
    if (at === undefined) return;
    this.#at = at;
    // Rounded up, or the machine would be asked a fraction of a millisecond too early, in vain.
    const delay = Math.min(MAX_DELAY, Math.max(0, Math.ceil(at - steadyNow())));
    this.#timer = setTimeout(() => {
      this.#at = undefined;
      this.#timed.timeout(steadyNow());
      this.update();
    }, delay);
  }

  /** Forgets the timer. */
  cancel(): void {
    clearTimeout(this.#timer);
    this.#at = undefined;
  }
}
