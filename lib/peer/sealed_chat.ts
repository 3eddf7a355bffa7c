import type { UserKey } from "../protocol/keyed.ts";
import { formatPrivate, parsePrivate } from "../protocol/private.ts";
import { decodeUtf8, encodeUtf8 } from "../protocol/utf8.ts";
import type { ChatWire, ChatWireHandler } from "./chat_wire.ts";
import { reasonOf, type SessionReason } from "./reasons.ts";
import { SealedLink, type SealedLinkOptions } from "./sealed_link.ts";

/** Whom a sealed chat is between, and for which offer. */
export type SealedChatOptions = SealedLinkOptions;

/** What is said on a sealed link between two users with keys: `docs/PROTOCOL.md` 9.1. */
export class SealedChat implements ChatWire {
  readonly pending = 0;
  readonly #link: SealedLink;

  constructor(options: SealedChatOptions, handler: ChatWireHandler) {
    this.#link = new SealedLink(options, {
      send: (bytes) => handler.send(bytes),
      opened: () => handler.opened(),
      closed: (reason) => handler.closed(reason),
      message: (payload) => {
        const message = parsePrivate(decodeUtf8(payload));
        if (message.verb === "CLOSE") this.#link.peerClosed(reasonOf(message.reason));
        else if (message.verb === "TEXT") handler.text(message.text);
        else this.#link.giveUp("bad-message");
      },
    });
  }

  receive(chunk: Uint8Array): void {
    this.#link.receive(chunk);
  }

  say(text: string): void {
    this.#link.send(encodeUtf8(formatPrivate({ verb: "TEXT", text })));
  }

  close(reason: SessionReason): void {
    this.#link.close(reason);
  }

  get provenKey(): UserKey | undefined {
    return this.#link.provenKey;
  }

  nextTimeout(): undefined {}

  timeout(): void {}
}
