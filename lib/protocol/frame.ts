/**
 * The framed dialect: `u32 big-endian N | N bytes`, N from 1 to 65,536.
 *
 * @module
 */
import { ProtocolError } from "./error.ts";
import { MAX_FRAME_BYTES } from "./limits.ts";
import { encodeUtf8, fillUtf8 } from "./utf8.ts";

/** Bytes of the length before each payload. */
export const FRAME_HEADER_BYTES = 4;

const EMPTY = new Uint8Array(0);

/**
 * One frame around `payload`, text as UTF-8.
 *
 * @throws {RangeError} if the payload is empty or over {@linkcode MAX_FRAME_BYTES}
 */
export function encodeFrame(payload: string | Uint8Array): Uint8Array<ArrayBuffer> {
  if (payload.length === 0 || payload.length > MAX_FRAME_BYTES) {
    throw new RangeError(`Cannot frame ${payload.length} bytes: 1 to ${MAX_FRAME_BYTES}`);
  }
  const frame = new Uint8Array(FRAME_HEADER_BYTES + payload.length);
  if (typeof payload !== "string") frame.set(payload, FRAME_HEADER_BYTES);
  // Most text is ASCII, and written into its frame at once: memory is what framing costs.
  else if (!fillUtf8(payload, frame.subarray(FRAME_HEADER_BYTES))) {
    return encodeFrame(encodeUtf8(payload));
  }
  new DataView(frame.buffer).setUint32(0, payload.length);
  return frame;
}

/**
 * A frame whose payload, of `length` bytes from `start` on, is still to be filled in.
 *
 * @throws {RangeError} if that is 0 or over {@linkcode MAX_FRAME_BYTES}
 */
export function newFrame(length: number): { frame: Uint8Array<ArrayBuffer>; start: number } {
  if (length === 0 || length > MAX_FRAME_BYTES) {
    throw new RangeError(`Cannot frame ${length} bytes: 1 to ${MAX_FRAME_BYTES}`);
  }
  const frame = new Uint8Array(FRAME_HEADER_BYTES + length);
  new DataView(frame.buffer).setUint32(0, length);
  return { frame, start: FRAME_HEADER_BYTES };
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
  readonly #keepsMemory: boolean;

  /**
   * @param keepsMemory whether to keep what the longest frame takes, from the beginning on: for one that has few streams,
   * of long frames
   */
  constructor({ keepsMemory = false }: { readonly keepsMemory?: boolean } = {}) {
    this.#keepsMemory = keepsMemory;
    if (keepsMemory) this.#partial = new Uint8Array(FRAME_HEADER_BYTES + MAX_FRAME_BYTES);
  }

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

  /**
   * The frames that come next, headers included, as long as each is whole in the chunk and `accepts` says so of its
   * payload, which is the bytes of `chunk` from `start` to before `end`; but no more once they are `enough` bytes. They
   * are a view into the chunk, and still to be taken: by {@linkcode FrameDecoder.skip}, or one by one.
   */
  peek(
    enough: number,
    accepts: (chunk: Uint8Array, start: number, end: number) => boolean,
  ): Uint8Array {
    const chunk = this.#chunk;
    let at = this.#at;
    if (this.#have > 0) return EMPTY;
    while (at - this.#at < enough && chunk.length - at > FRAME_HEADER_BYTES) {
      const start = at + FRAME_HEADER_BYTES;
      const length = uint32(chunk, at);
      const end = start + length;
      if (length === 0 || length > MAX_FRAME_BYTES || end > chunk.length) break;
      if (!accepts(chunk, start, end)) break;
      at = end;
    }
    return chunk.subarray(this.#at, at);
  }

  /** Takes so many bytes of the frames that {@linkcode FrameDecoder.peek} has shown. */
  skip(bytes: number): void {
    this.#at += bytes;
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
    // Handed out until the next call: the next frame may come whole, and be another view.
    if (!this.#keepsMemory) this.#partial = EMPTY;
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
  const length = uint32(bytes, at);
  if (length === 0) throw new ProtocolError("bad-frame", "a frame of length 0");
  if (length > MAX_FRAME_BYTES) {
    throw new ProtocolError("bad-frame", `a frame over ${MAX_FRAME_BYTES} bytes`);
  }
  return length;
}

/** No `DataView`: making one for each frame takes longer than all the rest. */
function uint32(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  return high * 0x10000 + (((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0));
}
