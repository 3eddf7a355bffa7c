import { ProtocolError } from "../protocol/error.ts";
import { encodeFrame, FrameDecoder } from "../protocol/frame.ts";
import { nameKey } from "../protocol/name.ts";
import { formatPrivate, parsePrivate, type PrivateMessage } from "../protocol/private.ts";
import { decodeUtf8 } from "../protocol/utf8.ts";
import type { ChatWire, ChatWireHandler } from "./chat_wire.ts";

/** Whom a framed link is between, and for which offer. */
export interface FramedChatOptions {
  readonly role: "dialler" | "listener";
  readonly self: string;
  readonly peer: string;
  readonly offer: string;
}

/** A private link between two clients of this protocol: `docs/PROTOCOL.md` 8.1. */
export class FramedChat implements ChatWire {
  readonly pending = 0;
  readonly #options: FramedChatOptions;
  readonly #handler: ChatWireHandler;
  readonly #decoder = new FrameDecoder();
  #state: "greeting" | "open" | "over" = "greeting";

  constructor(options: FramedChatOptions, handler: ChatWireHandler) {
    this.#options = options;
    this.#handler = handler;
    if (options.role === "dialler") this.#hello();
  }

  receive(chunk: Uint8Array): void {
    if (this.#state === "over") return;
    try {
      this.#decoder.push(chunk);
      for (let bytes = this.#decoder.next(); bytes; bytes = this.#decoder.next()) {
        this.#message(parsePrivate(decodeUtf8(bytes)));
        if (this.#over) return;
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      if (this.#state === "open") this.close(error.code);
      this.#end(error.code);
    }
  }

  say(text: string): void {
    if (this.#state === "open") this.#send({ verb: "TEXT", text });
  }

  close(reason: string): void {
    if (this.#state === "open") this.#send({ verb: "CLOSE", reason });
    this.#state = "over";
  }

  nextTimeout(): undefined {}

  timeout(): void {}

  /** A getter, as the compiler does not see that handling a message changes the state. */
  get #over(): boolean {
    return this.#state === "over";
  }

  #message(message: PrivateMessage): void {
    if (this.#state === "greeting") return this.#greeting(message);
    if (message.verb === "TEXT") return this.#handler.text(message.text);
    if (message.verb === "CLOSE") return this.#end(message.reason);
    this.close("bad-message");
    this.#end("bad-message");
  }

  #greeting(message: PrivateMessage): void {
    const { role, self, peer, offer } = this.#options;
    const right = message.verb === "HELLO" && message.offer === offer &&
      nameKey(message.from) === nameKey(peer) && nameKey(message.to) === nameKey(self);
    if (!right) return this.#end("bad-message");
    if (role === "listener") this.#hello();
    this.#state = "open";
    this.#handler.opened();
  }

  #hello(): void {
    const { self: from, peer: to, offer } = this.#options;
    this.#send({ verb: "HELLO", from, to, offer });
  }

  #end(reason: string): void {
    this.#state = "over";
    this.#handler.closed(reason);
  }

  #send(message: PrivateMessage): void {
    this.#handler.send(encodeFrame(formatPrivate(message)));
  }
}
