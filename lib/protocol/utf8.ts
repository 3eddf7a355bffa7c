import { ProtocolError } from "./error.ts";

const encoder = new TextEncoder();
// A byte order mark is a character like any other here: dropping it would change a text's length.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The UTF-8 bytes of `text`; a lone surrogate becomes U+FFFD. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/** Writes the UTF-8 bytes of `text` to `bytes`, from its start; says whether they fit, to the last. */
export function fillUtf8(text: string, bytes: Uint8Array<ArrayBuffer>): boolean {
  const { read, written } = encoder.encodeInto(text, bytes);
  return read === text.length && written === bytes.length;
}

/**
 * The text in `bytes`.
 *
 * @throws {ProtocolError} `bad-frame` if they are not valid UTF-8
 */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    if (cause instanceof TypeError) throw new ProtocolError("bad-frame", "invalid UTF-8");
    throw cause;
  }
}

/** Half of a code point that takes two UTF-16 units. A search that is free where text is ASCII: its units have a byte. */
const SURROGATE = /[\ud800-\udfff]/;

/** The number of Unicode code points in `text`. */
export function codePoints(text: string): number {
  let count = text.length;
  if (!SURROGATE.test(text)) return count;
  for (let i = 1; i < text.length; i++) {
    if (isLow(text.charCodeAt(i)) && isHigh(text.charCodeAt(i - 1))) count--;
  }
  return count;
}

/**
 * `text` in pieces of at most `maxBytes` bytes of UTF-8 each, cut between code points; the pieces
 * joined are `text`. An empty text is one empty piece.
 *
 * @throws {RangeError} if `maxBytes` is under 4, the longest code point
 */
export function splitByBytes(text: string, maxBytes: number): string[] {
  if (maxBytes < 4) throw new RangeError(`Cannot split by ${maxBytes} bytes: under 4`);
  const pieces: string[] = [];
  let from = 0;
  let size = 0;
  for (let at = 0; at < text.length;) {
    const point = text.codePointAt(at) ?? 0;
    const bytes = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    if (size + bytes > maxBytes) {
      pieces.push(text.slice(from, at));
      from = at;
      size = 0;
    }
    size += bytes;
    at += bytes === 4 ? 2 : 1;
  }
  pieces.push(text.slice(from));
  return pieces;
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
