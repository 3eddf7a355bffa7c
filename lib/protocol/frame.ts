/**
 * The framed dialect: `u32 big-endian N | N bytes`, N from 1 to 65,536.
 *
 * @module
 */
import { ProtocolError } from "./error.ts";
import { MAX_FRAME_BYTES } from "./limits.ts";
import { encodeUtf8 } from "./utf8.ts";

/** Bytes of the length before each payload. */
export const FRAME_HEADER_BYTES = 4;

const EMPTY = new Uint8Array(0);

/**
 * One frame around `payload`, text as UTF-8.
 *
 * @throws {RangeError} if the payload is empty or over {@linkcode MAX_FRAME_BYTES}
 */
export function encodeFrame(payload: string | Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = typeof payload === "string" ? encodeUtf8(payload) : payload;
  if (bytes.length === 0 || bytes.length > MAX_FRAME_BYTES) {
    throw new RangeError(`Cannot frame ${bytes.length} bytes: 1 to ${MAX_FRAME_BYTES}`);
  }
  const frame = new Uint8Array(FRAME_HEADER_BYTES + bytes.length);
  new DataView(frame.buffer).setUint32(0, bytes.length);
  frame.set(bytes, FRAME_HEADER_BYTES);
  return frame;
}

/**
 * Takes a stream in chunks of any size and gives back the payloads in it.
 *
 * Call {@linkcode push} with a chunk, then {@linkcode next} until it answers `undefined`. A payload
 * is a view: into the chunk, or into this decoder's own memory. It is valid until the next call.
 * After a throw the stream is lost and the decoder must not be used again.
 */
export class FrameDecoder {
  #chunk: Uint8Array = EMPTY;
  #at = 0;
  /** The start of a frame whose end has not arrived; grows with what arrives, not with what is promised. */
  #partial: Uint8Array = EMPTY;
  #have = 0;

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
   * The next whole payload, 1 to 65,536 bytes; `undefined` when the chunk holds no more.
   *
   * @throws {ProtocolError} `bad-frame` if the length is 0 or over the limit
   */
  next(): Uint8Array | undefined {
    if (this.#have > 0) return this.#finishPartial();
    const left = this.#chunk.length - this.#at;
    if (left >= FRAME_HEADER_BYTES) {
      const end = this.#at + FRAME_HEADER_BYTES + payloadLength(this.#chunk, this.#at);
      if (end <= this.#chunk.length) {
        const payload = this.#chunk.subarray(this.#at + FRAME_HEADER_BYTES, end);
        this.#at = end;
        return payload;
      }
    }
    if (left > 0) this.#take(left);
    return undefined;
  }

  #finishPartial(): Uint8Array | undefined {
    if (this.#have < FRAME_HEADER_BYTES) {
      this.#take(FRAME_HEADER_BYTES - this.#have);
      if (this.#have < FRAME_HEADER_BYTES) return undefined;
    }
    const total = FRAME_HEADER_BYTES + payloadLength(this.#partial, 0);
    this.#take(total - this.#have);
    if (this.#have < total) return undefined;
    const payload = this.#partial.subarray(FRAME_HEADER_BYTES, total);
    // Handed out, so the next frame must not be written over it.
    this.#partial = EMPTY;
    this.#have = 0;
    return payload;
  }

  /** Moves up to `want` bytes of the chunk behind the partial frame. */
  #take(want: number): void {
    const count = Math.min(want, this.#chunk.length - this.#at);
    const need = this.#have + count;
    if (need > this.#partial.length) {
      const grown = new Uint8Array(Math.max(need, this.#partial.length * 2, 64));
      grown.set(this.#partial.subarray(0, this.#have));
      this.#partial = grown;
    }
    this.#partial.set(this.#chunk.subarray(this.#at, this.#at + count), this.#have);
    this.#have = need;
    this.#at += count;
  }
}

function payloadLength(bytes: Uint8Array, at: number): number {
  const length = new DataView(bytes.buffer, bytes.byteOffset + at, FRAME_HEADER_BYTES).getUint32(0);
  if (length === 0) throw new ProtocolError("bad-frame", "a frame of length 0");
  if (length > MAX_FRAME_BYTES) {
    throw new ProtocolError("bad-frame", `a frame over ${MAX_FRAME_BYTES} bytes`);
  }
  return length;
}
