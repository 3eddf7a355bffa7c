import { isAscii } from "node:buffer";
import { MAX_TEXT_CODE_POINTS } from "../protocol/limits.ts";
import { encodeUtf8 } from "../protocol/utf8.ts";

const COLON = 0x3a;
const ZERO = 0x30;
const NINE = 0x39;
/** Of the longest text. */
const MAX_LENGTH_DIGITS = String(MAX_TEXT_CODE_POINTS).length;

/**
 * Knows the broadcasts of one member that all framed clients are told in the very bytes in which it has sent them:
 * those of good form, under its name as it is shown, in ASCII. Making a text of the bytes, checking it
 * and encoding it again would give the same bytes, and is most of what a broadcast costs in a small room.
 */
export class Verbatim {
  /** `BROADCAST:<username>:` */
  readonly #head: Uint8Array;

  /** @param username in ASCII, as the room shows it */
  constructor(username: string) {
    this.#head = encodeUtf8(`BROADCAST:${username}:`);
  }

  /** Whether the payload in `chunk` from `start` to before `end` is such a broadcast, if it is ASCII at all. */
  has(chunk: Uint8Array, start: number, end: number): boolean {
    const head = this.#head;
    for (let at = 0; at < head.length; at++) {
      if (chunk[start + at] !== head[at]) return false;
    }
    const digits = start + head.length;
    let [colon, length] = [digits, 0];
    for (; colon - digits <= MAX_LENGTH_DIGITS; colon++) {
      const byte = chunk[colon];
      if (byte === undefined || byte < ZERO || byte > NINE) break;
      length = 10 * length + byte - ZERO;
    }
    if (chunk[colon] !== COLON || colon === digits) return false;
    // No sign, and no zero in front of others.
    if (chunk[digits] === ZERO && colon > digits + 1) return false;
    // As many code points as bytes: with one that takes more, the length would be wrong, or the text invalid.
    return length <= MAX_TEXT_CODE_POINTS && length === end - colon - 1;
  }
}

/** That of a member; `undefined` for a name beyond ASCII. */
export function verbatimOf(username: string): Verbatim | undefined {
  return isAscii(encodeUtf8(username)) ? new Verbatim(username) : undefined;
}
