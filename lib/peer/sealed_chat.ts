import type { UserKey } from "../protocol/keyed.ts";
import { formatPrivate, parsePrivate, type SessionMessage } from "../protocol/private.ts";
import { decodeUtf8, encodeUtf8 } from "../protocol/utf8.ts";
import type { ChatWire, ChatWireHandler } from "./chat_wire.ts";
import { reasonOf } from "./reasons.ts";
import type { SessionReason } from "./reasons.ts";
import { SealedLink, type SealedLinkOptions } from "./sealed_link.ts";

/** Whom a sealed chat is between, and for which offer. */
export type SealedChatOptions = SealedLinkOptions;

/** What a sealed link of a chat reports. */
export interface SealedChatHandler extends ChatWireHandler {
  /**
   * A message of the peer's.
   *
   * @throws {ProtocolError} if it cannot be: the session ends with its code
   */
  message(message: SessionMessage): void;
}

/** One sealed link of a chat between two users with keys: `docs/PROTOCOL.md` 9.1. */
export class SealedChat implements ChatWire {
  readonly pending = 0;
  readonly #link: SealedLink;

  constructor(options: SealedChatOptions, handler: SealedChatHandler) {
    this.#link = new SealedLink(options, {
      send: (bytes) => handler.send(bytes),
      opened: () => handler.opened(),
      closed: (reason) => handler.closed(reason),
      message: (payload) => {
        const message = parsePrivate(decodeUtf8(payload));
        if (message.verb === "CLOSE") this.#link.peerClosed(reasonOf(message.reason));
        else if (message.verb === "OPEN") this.#link.giveUp("bad-message");
        else handler.message(message);
      },
    });
  }

  receive(chunk: Uint8Array): void {
    this.#link.receive(chunk);
  }

  /** Sends a message, if the link is open. */
  tell(message: SessionMessage): void {
    this.#link.send(encodeUtf8(formatPrivate(message)));
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
