import { ProtocolError } from "../protocol/error.ts";
import { badMessage } from "../protocol/fields.ts";
import type { Text } from "../protocol/private.ts";
import { encodeUtf8 } from "../protocol/utf8.ts";
import { MAX_UNSEEN_BYTES, MAX_UNSEEN_TEXTS } from "./limits.ts";

/** Our texts in one session: each has a number, and is kept until its reader has told that it is there. */
export class OutgoingTexts {
  /** The texts from {@linkcode #seen} + 1 on, after as many as {@linkcode #dropped} that are not needed any more. */
  #texts: string[] = [];
  #dropped = 0;
  #seen = 0;
  #bytes = 0;

  /** How many are not known to be there. */
  get count(): number {
    return this.#texts.length - this.#dropped;
  }

  /** Bytes of these. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Gives a text its number.
   *
   * @throws {ProtocolError} `slow` if too many are not known to be there
   */
  say(text: string): Text {
    const bytes = encodeUtf8(text).length;
    if (this.count >= MAX_UNSEEN_TEXTS || this.#bytes + bytes > MAX_UNSEEN_BYTES) {
      throw new ProtocolError("slow", "what was said before has not been taken yet");
    }
    this.#texts.push(text);
    this.#bytes += bytes;
    return { verb: "TEXT", number: this.#seen + this.count, text };
  }

  /**
   * The reader has all up to that number. An earlier number than before is no news: links overtake each other.
   *
   * @throws {ProtocolError} `bad-message` if there is no such number yet
   */
  seen(number: number): void {
    if (number > this.#seen + this.count) throw badMessage("none of ours has that number");
    for (; this.#seen < number; this.#seen++) {
      this.#bytes -= encodeUtf8(this.#texts[this.#dropped] ?? "").length;
      this.#texts[this.#dropped++] = "";
    }
    // Now and then, as it costs as much as there are.
    if (this.#dropped <= this.count) return;
    this.#texts = this.#texts.slice(this.#dropped);
    this.#dropped = 0;
  }

  /** What the reader may lack, in order. */
  *unseen(): Iterable<Text> {
    const texts = this.#texts.slice(this.#dropped);
    let number = this.#seen;
    for (const text of texts) yield { verb: "TEXT", number: ++number, text };
  }
}
