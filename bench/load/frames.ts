import { FRAME_HEADER_BYTES } from "../../lib/protocol/frame.ts";

const EMPTY = new Uint8Array(0);

/** Who is shown the frames of a stream. */
export interface FrameSink {
  /** A payload: the bytes of `view` from `start` to before `end`. Not valid after the call. */
  frame(view: DataView, start: number, end: number): void;
}

/**
 * Walks over the frames of a stream and makes nothing of them: no array, no text. The load has to take as many
 * frames a second as a thousand clients together; `FrameDecoder`, which hands out an array for each, would be what
 * is measured. It trusts the registry.
 */
export class FrameWalker {
  /** The start of a frame whose end has not arrived. */
  #rest: Uint8Array = EMPTY;

  /** Shows `sink` each frame that ends in `chunk`; the chunk may be reused after. */
  walk(chunk: Uint8Array, sink: FrameSink): void {
    const bytes = this.#rest.length === 0 ? chunk : join(this.#rest, chunk);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let at = 0;
    while (bytes.length - at >= FRAME_HEADER_BYTES) {
      const start = at + FRAME_HEADER_BYTES;
      const end = start + view.getUint32(at);
      if (end > bytes.length) break;
      sink.frame(view, start, end);
      at = end;
    }
    this.#rest = at < bytes.length ? bytes.slice(at) : EMPTY;
  }
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
