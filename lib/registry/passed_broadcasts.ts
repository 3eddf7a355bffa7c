import { FrameDecoder } from "../protocol/frame.ts";
import { parseClientMessage } from "../protocol/message.ts";
import { decodeUtf8 } from "../protocol/utf8.ts";
import { HISTORY_BYTES, HISTORY_MESSAGES } from "./limits.ts";

/** One broadcast of those that were told as they came. */
export interface PassedBroadcast {
  readonly number: number;
  /** How many joins and leaves came before it. */
  readonly presence: number;
  /** When it was said: milliseconds of the registry's clock. */
  readonly at: number;
  readonly username: string;
  readonly text: string;
}

/** Broadcasts that were told at once, as the frames in which they came. */
interface Passed {
  /** The number of the first. */
  readonly first: number;
  readonly count: number;
  readonly presence: number;
  readonly at: number;
  readonly frames: Uint8Array;
}

/**
 * Broadcasts that were told in the bytes in which they came, kept as that until somebody comes who could ask for them: to read
 * each one would cost a room of plain clients the fast way. The last ones only, in the bounds of the history.
 */
export class PassedBroadcasts {
  #passed: Passed[] = [];
  #count = 0;
  #bytes = 0;

  /** Adds so many; the frames are copied. */
  add(passed: Passed): void {
    const frames = passed.frames.slice();
    this.#passed.push({ ...passed, frames });
    this.#count += passed.count;
    this.#bytes += frames.length;
    for (let [oldest] = this.#passed; oldest !== undefined; [oldest] = this.#passed) {
      const isSpare = this.#count - oldest.count >= HISTORY_MESSAGES ||
        (this.#bytes > HISTORY_BYTES && this.#passed.length > 1);
      if (!isSpare) return;
      this.#passed.shift();
      this.#count -= oldest.count;
      this.#bytes -= oldest.frames.length;
    }
  }

  /** All of them, in order and without a gap; none are left. */
  take(): PassedBroadcast[] {
    const passed = this.#passed;
    this.clear();
    return passed.flatMap(({ first, presence, at, frames }) => {
      const decoder = new FrameDecoder();
      decoder.push(frames);
      const broadcasts: PassedBroadcast[] = [];
      for (let bytes = decoder.next(); bytes; bytes = decoder.next()) {
        const message = parseClientMessage(decodeUtf8(bytes));
        if (message.verb !== "BROADCAST") {
          throw new TypeError("Cannot remember what is no BROADCAST");
        }
        const { username, text } = message;
        broadcasts.push({ number: first + broadcasts.length, presence, at, username, text });
      }
      return broadcasts;
    });
  }

  /** Forgets them. */
  clear(): void {
    this.#passed = [];
    this.#count = 0;
    this.#bytes = 0;
  }
}
