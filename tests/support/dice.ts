/**
 * Random input that a seed gives again.
 *
 * @module
 */

/**
 * The seed for this run: `CONFAB_SEED` where that may be read and is a number, else a new one. Who uses it
 * has to name it in what a failure says.
 */
export function seedOfRun(): number {
  const variable = "CONFAB_SEED";
  const mayRead = Deno.permissions.querySync({ name: "env", variable }).state === "granted";
  const given = mayRead ? Number(Deno.env.get(variable) ?? NaN) : NaN;
  return Number.isSafeInteger(given)
    ? given >>> 0
    : crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}

/** Draws from one seed, always the same ones: the mulberry32 generator. */
export class Dice {
  #state: number;

  /** @param seed 32 bits */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** An integer from 0 to `limit - 1`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  /** `length` bytes, each of any value. */
  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }

  /**
   * One of `choices`.
   *
   * @throws {RangeError} if there are none
   */
  pick<T>(choices: readonly T[]): T {
    const [choice] = choices.length > 0 ? choices.slice(this.below(choices.length)) : [];
    if (choice === undefined) throw new RangeError("Cannot pick: no choices");
    return choice;
  }
}
