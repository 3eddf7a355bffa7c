/**
 * The classic dialect's lines: UTF-8, ended by CR LF, at most 8 KiB.
 *
 * @module
 */
import { ProtocolError } from "./error.ts";
import { MAX_LINE_BYTES } from "./limits.ts";
import { encodeUtf8 } from "./utf8.ts";

const CR = 0x0d;
const LF = 0x0a;
const EMPTY = new Uint8Array(0);

/**
 * `text` as one line.
 *
 * @throws {RangeError} if it holds a CR LF, which would make it two
 */
export function encodeLine(text: string): Uint8Array<ArrayBuffer> {
  if (text.includes("\r\n")) throw new RangeError("Cannot encode a line that holds CR LF");
  return encodeUtf8(text + "\r\n");
}

/**
 * Takes a stream in chunks of any size and gives back its lines as bytes, without CR LF: a character
 * split across chunks is whole again. Same rules of use as `FrameDecoder`.
 */
export class LineDecoder {
  #chunk: Uint8Array = EMPTY;
  #at = 0;
  #partial: Uint8Array = EMPTY;

  /**
   * Hands over the next chunk.
   *
   * @throws {RangeError} if {@linkcode next} has not yet answered `undefined` for the last one
   */
  push(chunk: Uint8Array): void {
    if (this.#at < this.#chunk.length) throw new RangeError("Cannot push: the last chunk has more");
    this.#chunk = chunk;
    this.#at = 0;
  }

  /**
   * The next whole line, 0 to 8,192 bytes; `undefined` when the chunk holds no more.
   *
   * @throws {ProtocolError} `bad-frame` if a line is longer
   */
  next(): Uint8Array | undefined {
    const end = this.#endOfLine();
    if (end === undefined) {
      this.#keep(this.#chunk.subarray(this.#at));
      this.#at = this.#chunk.length;
      // A trailing CR may be half of the ending of a line of just the limit.
      if (this.#partial.length > MAX_LINE_BYTES + 1) throw tooLong();
      return undefined;
    }
    this.#keep(this.#chunk.subarray(this.#at, end));
    const line = this.#partial.subarray(0, this.#partial.length - 2);
    this.#partial = EMPTY;
    this.#at = end;
    if (line.length > MAX_LINE_BYTES) throw tooLong();
    return line;
  }

  /** Where in the chunk the byte after the next CR LF is. */
  #endOfLine(): number | undefined {
    for (
      let lf = this.#chunk.indexOf(LF, this.#at);
      lf >= 0;
      lf = this.#chunk.indexOf(LF, lf + 1)
    ) {
      const before = lf > this.#at ? this.#chunk[lf - 1] : this.#partial.at(-1);
      if (before === CR) return lf + 1;
    }
    return undefined;
  }

  #keep(bytes: Uint8Array): void {
    if (this.#partial.length === 0) {
      // A copy: the caller may reuse the chunk's memory.
      this.#partial = bytes.slice();
      return;
    }
    const joined = new Uint8Array(this.#partial.length + bytes.length);
    joined.set(this.#partial);
    joined.set(bytes, this.#partial.length);
    this.#partial = joined;
  }
}

function tooLong(): ProtocolError {
  return new ProtocolError("bad-frame", `a line over ${MAX_LINE_BYTES} bytes`);
}
