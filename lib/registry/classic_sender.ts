import { CLASSIC_GAP_MS, CLASSIC_WRITE_BYTES } from "./limits.ts";

/** What a {@linkcode ClassicSender} writes to. */
export interface SenderLink {
  readonly queued: number;
  send(bytes: Uint8Array): void;
}

/**
 * Writes to one client of the original program. It decodes each read of at most 1,024 bytes by itself and
 * goes deaf for good at a character cut in two, so what is not ASCII goes out in pieces that end between
 * characters, with time in between for it to read each by itself. ASCII alone goes out as it comes.
 */
export class ClassicSender {
  readonly #link: SenderLink;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #nextWrite = 0;

  constructor(link: SenderLink) {
    this.#link = link;
  }

  /** Bytes that are not written yet, here and in the link. */
  get queued(): number {
    return this.#waitingBytes + this.#link.queued;
  }

  /** Sends whole lines. */
  send(bytes: Uint8Array, now: number): void {
    if (this.#waiting.length === 0 && bytes.every((byte) => byte < 0x80)) {
      // What follows and is not ASCII must not share a read with this either.
      this.#nextWrite = now + CLASSIC_GAP_MS;
      return this.#link.send(bytes);
    }
    for (const piece of pieces(bytes)) this.#waiting.push(piece);
    this.#waitingBytes += bytes.length;
    this.timeout(now);
  }

  /** Writes all that waits, for a connection that ends. */
  flush(): void {
    for (const piece of this.#waiting.splice(0)) this.#link.send(piece);
    this.#waitingBytes = 0;
  }

  /** When {@linkcode timeout} wants to be called. */
  nextTimeout(): number | undefined {
    return this.#waiting.length > 0 ? this.#nextWrite : undefined;
  }

  /** Writes the next piece, if it is time. */
  timeout(now: number): void {
    if (this.#nextWrite > now) return;
    const piece = this.#waiting.shift();
    if (!piece) return;
    this.#waitingBytes -= piece.length;
    this.#link.send(piece);
    this.#nextWrite = now + CLASSIC_GAP_MS;
  }
}

/** `bytes` of UTF-8 in pieces that fit one read of the original, cut between characters. */
function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length;) {
    let end = Math.min(start + CLASSIC_WRITE_BYTES, bytes.length);
    while (end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
    yield bytes.subarray(start, end);
    start = end;
  }
}
