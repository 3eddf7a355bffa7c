import { MAX_CLASSIC_TEXT_BYTES } from "../protocol/limits.ts";
import { encodeUtf8, splitByBytes } from "../protocol/utf8.ts";
import type { ChatWire, ChatWireHandler } from "./chat_wire.ts";
import { CLASSIC_FIRST_TEXT_MS, CLASSIC_TEXT_GAP_MS } from "./limits.ts";

/** Whom a classic link is between. */
export interface ClassicChatOptions {
  readonly role: "dialler" | "listener";
  readonly self: string;
  readonly peer: string;
}

/** What a link with the original program reports. */
export interface ClassicChatHandler extends ChatWireHandler {
  /** A text of the peer's. */
  text(text: string): void;
}

/**
 * A private link with the original program: `docs/PROTOCOL.md` 9.2. It has no frames, so what one read
 * brings is one message, and what we write has to be spread out in time.
 */
export class ClassicChat implements ChatWire {
  readonly provenKey = undefined;
  readonly #peerName: Uint8Array;
  readonly #handler: ClassicChatHandler;
  // Not fatal: what the original sends is what it is. `stream`: a character may be split across reads.
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #state: "naming" | "open" | "over";
  #named = 0;
  #queue: Uint8Array[] = [];
  #nextWrite: number;

  constructor(options: ClassicChatOptions, handler: ClassicChatHandler, now: number) {
    this.#handler = handler;
    this.#peerName = encodeUtf8(options.peer);
    if (options.role === "listener") {
      this.#state = "naming";
      this.#nextWrite = now;
      return;
    }
    this.#state = "open";
    this.#nextWrite = now + CLASSIC_FIRST_TEXT_MS;
    handler.send(encodeUtf8(options.self));
  }

  receive(chunk: Uint8Array): void {
    const rest = this.#state === "naming" ? this.#readName(chunk) : chunk;
    if (this.#state !== "open" || rest.length === 0) return;
    const text = this.#decoder.decode(rest, { stream: true });
    if (text !== "") this.#handler.text(text);
  }

  /** Sends a text of 1 to 4,096 code points. */
  say(text: string, now: number): void {
    for (const piece of splitByBytes(text, MAX_CLASSIC_TEXT_BYTES)) {
      this.#queue.push(encodeUtf8(piece));
    }
    this.timeout(now);
  }

  close(): void {
    this.#state = "over";
    this.#queue = [];
  }

  get pending(): number {
    return this.#queue.length;
  }

  nextTimeout(): number | undefined {
    return this.pending > 0 ? this.#nextWrite : undefined;
  }

  timeout(now: number): void {
    if (this.#state !== "open" || this.#nextWrite > now) return;
    const text = this.#queue.shift();
    if (!text) return;
    this.#handler.send(text);
    this.#nextWrite = now + CLASSIC_TEXT_GAP_MS;
  }

  /** Compares the first bytes with the name they have to be; gives back what follows them. */
  #readName(chunk: Uint8Array): Uint8Array {
    const count = Math.min(chunk.length, this.#peerName.length - this.#named);
    for (let i = 0; i < count; i++) {
      if (chunk[i] === this.#peerName[this.#named + i]) continue;
      this.#state = "over";
      this.#handler.closed("bad-name");
      return new Uint8Array(0);
    }
    this.#named += count;
    if (this.#named === this.#peerName.length) {
      this.#state = "open";
      this.#handler.opened();
    }
    return chunk.subarray(count);
  }
}
