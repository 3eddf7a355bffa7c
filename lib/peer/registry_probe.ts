import { isSignedBy } from "../crypto/identity.ts";
import { ProtocolError } from "../protocol/error.ts";
import { encodeFrame, FrameDecoder } from "../protocol/frame.ts";
import { KEYS, type RegistryCaps } from "../protocol/keyed.ts";
import { type ClientMessage, formatMessage, parseServerMessage } from "../protocol/message.ts";
import type { ServerMessage } from "../protocol/message.ts";
import { OBSERVE, type Observed } from "../protocol/observe.ts";
import { decodeUtf8 } from "../protocol/utf8.ts";

/** What a {@linkcode RegistryProbe} finds out. */
export interface RegistryProbeHandler {
  send(bytes: Uint8Array): void;
  /** It is one of ours, and has proven its key. */
  greeted(caps: RegistryCaps): void;
  /** It has told where it sees us. */
  observed(observed: Observed): void;
  /** It is none of ours, or refuses; `why` is for people. Nothing follows. */
  failed(why: string): void;
}

/** Asks a registry what it is and where it sees us, without coming into the room. No sockets, no clock. */
export class RegistryProbe {
  readonly #nonce: string;
  readonly #handler: RegistryProbeHandler;
  readonly #decoder = new FrameDecoder();
  #stage: "greeting" | "observing" | "over" = "greeting";

  /** @param nonce 32 hexadecimal digits, random */
  constructor(nonce: string, handler: RegistryProbeHandler) {
    this.#nonce = nonce;
    this.#handler = handler;
    this.#send({ verb: "CAPS", nonce, capabilities: [KEYS] });
  }

  /** Bytes from the registry, in any chunking. */
  receive(chunk: Uint8Array): void {
    if (this.#isOver) return;
    try {
      this.#decoder.push(chunk);
      for (let bytes = this.#decoder.next(); bytes; bytes = this.#decoder.next()) {
        this.#message(parseServerMessage(decodeUtf8(bytes)));
        if (this.#isOver) return;
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#fail(`what answers there is no confab registry (${error.message})`);
    }
  }

  /** The connection is over. */
  ended(): void {
    this.#fail("the connection was closed");
  }

  /** A getter, as the compiler does not see that handling a message changes the stage. */
  get #isOver(): boolean {
    return this.#stage === "over";
  }

  #message(message: ServerMessage): void {
    if (message.verb === "ERROR") return this.#fail(`refused: ${message.code}: ${message.text}`);
    if (message.verb === "CAPS" && this.#stage === "greeting") return this.#greeted(message);
    if (message.verb !== "OBSERVED" || this.#stage !== "observing") return;
    this.#stage = "over";
    this.#handler.observed(message);
  }

  #greeted(caps: RegistryCaps): void {
    const { registryKey, signature, capabilities, nonce } = caps;
    const signed = [this.#nonce, nonce, capabilities.join(",")];
    if (!capabilities.includes(KEYS)) return this.#fail("it does not know keys");
    if (!isSignedBy(registryKey, signature, "confab-registry-v1", signed)) {
      return this.#fail("it has not proven that its key is its own");
    }
    this.#stage = capabilities.includes(OBSERVE) ? "observing" : "over";
    this.#handler.greeted(caps);
    if (this.#stage === "observing") this.#send({ verb: "OBSERVE" });
  }

  #fail(why: string): void {
    if (this.#isOver) return;
    this.#stage = "over";
    this.#handler.failed(why);
  }

  #send(message: ClientMessage): void {
    this.#handler.send(encodeFrame(formatMessage(message)));
  }
}
