import type { Dice } from "../support/dice.ts";

/**
 * Until it is disposed of, how long the product's clients wait before they come back is told by dice, which a seed gives
 * again, and is a part of what it would be: tests wait for it.
 */
export class Jitter implements Disposable {
  readonly #before = Math.random;

  constructor(dice: Dice, part = 0.1) {
    Math.random = () => part * dice.below(1_000) / 1_000;
  }

  [Symbol.dispose](): void {
    Math.random = this.#before;
  }
}
