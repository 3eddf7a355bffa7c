import { badMessage } from "../protocol/fields.ts";
import { SEEN_AFTER_MS, SEEN_AFTER_TEXTS } from "./limits.ts";

/** The peer's texts in one session: each once, in order; and when the peer is to be told that they are here. No clock. */
export class IncomingTexts {
  #last = 0;
  #told = 0;
  #due: number | undefined;

  /** The number of the last one that is here; 0 if none is. */
  get last(): number {
    return this.#last;
  }

  /**
   * A text has come.
   *
   * @returns whether for the first time
   * @throws {ProtocolError} `bad-message` if one before it is missing
   */
  take(number: number, now: number): boolean {
    if (number > this.#last + 1) throw badMessage("a text before it is missing");
    this.#due ??= now + SEEN_AFTER_MS;
    if (number <= this.#last) return false;
    this.#last = number;
    if (number - this.#told >= SEEN_AFTER_TEXTS) this.#due = now;
    return true;
  }

  /** When the peer is to be told. */
  get due(): number | undefined {
    return this.#due;
  }

  /** It is told now; gives the number. */
  tell(): number {
    this.#due = undefined;
    this.#told = this.#last;
    return this.#last;
  }
}
