import { CryptoError } from "../crypto/error.ts";
import { type Identity, isSignedBy } from "../crypto/identity.ts";
import { type NoiseTransport, NoiseXX } from "../crypto/noise_xx.ts";
import type { KeyPair } from "../crypto/x25519.ts";
import { ProtocolError } from "../protocol/error.ts";
import { encodeFrame, FrameDecoder } from "../protocol/frame.ts";
import { holdOf, type UserKey } from "../protocol/keyed.ts";
import {
  formatLinkIdentity,
  formatPrivate,
  linkPrologue,
  parseLinkIdentity,
  parsePrivate,
  type PrivateMessage,
} from "../protocol/private.ts";
import { decodeUtf8, encodeUtf8 } from "../protocol/utf8.ts";
import type { ChatWire, ChatWireHandler } from "./chat_wire.ts";
import type { LinkTap } from "./wiretap.ts";
import { reasonOf, type SessionReason } from "./reasons.ts";

const EMPTY = new Uint8Array(0);

/** Whom a sealed link is between, and for which offer. */
export interface SealedChatOptions {
  readonly role: "dialler" | "listener";
  /** Our registered name. */
  readonly self: string;
  readonly identity: Identity;
  /** X25519, for this run of the program. */
  readonly staticKey: KeyPair;
  /** X25519, for this link alone. */
  readonly ephemeral: KeyPair;
  /** The peer's registered name. */
  readonly peer: string;
  /** The peer's identity key, as the registry gave it when the offer was made. */
  readonly peerKey: string;
  readonly offer: string;
  /** Who sees what travels. */
  readonly tap?: LinkTap;
  /** Why this chat is not to be, after all, now that the peer has proven who it is. */
  readonly refuse: () => SessionReason | undefined;
}

/**
 * A private link between two users with keys: `docs/PROTOCOL.md` 9.1. Nothing of what arrives is used before it
 * has been opened; what does not open ends the link.
 */
export class SealedChat implements ChatWire {
  readonly pending = 0;
  readonly #options: SealedChatOptions;
  readonly #handler: ChatWireHandler;
  readonly #decoder = new FrameDecoder();
  readonly #noise: NoiseXX;
  #transport: NoiseTransport | undefined;
  #provenKey: UserKey | undefined;
  #state: "greeting" | "open" | "over" = "greeting";
  /** Messages of the handshake so far. */
  #greetings = 0;

  constructor(options: SealedChatOptions, handler: ChatWireHandler) {
    const { role, self, peer, offer, staticKey, ephemeral } = options;
    this.#options = options;
    this.#handler = handler;
    const [dialler, listener] = role === "dialler" ? [self, peer] : [peer, self];
    this.#noise = new NoiseXX(
      role === "dialler" ? "initiator" : "responder",
      linkPrologue(dialler, listener, offer),
      staticKey,
      ephemeral,
    );
    if (role === "dialler") this.#sendGreeting(EMPTY);
  }

  receive(chunk: Uint8Array): void {
    if (this.#over) return;
    try {
      this.#decoder.push(chunk);
      for (let bytes = this.#decoder.next(); bytes; bytes = this.#decoder.next()) {
        if (this.#transport) this.#message(this.#open(this.#transport, bytes));
        else this.#greet(bytes);
        if (this.#over) return;
      }
    } catch (error) {
      if (!(error instanceof ProtocolError || error instanceof CryptoError)) throw error;
      this.#giveUp(error instanceof CryptoError ? "bad-tag" : reasonOf(error.code));
    }
  }

  say(text: string): void {
    if (this.#state === "open") this.#send({ verb: "TEXT", text });
  }

  close(reason: SessionReason): void {
    if (this.#state === "open") this.#send({ verb: "CLOSE", reason });
    this.#state = "over";
  }

  get provenKey(): UserKey | undefined {
    return this.#provenKey;
  }

  nextTimeout(): undefined {}

  timeout(): void {}

  /** A getter, as the compiler does not see that handling a message changes the state. */
  get #over(): boolean {
    return this.#state === "over";
  }

  #sendGreeting(payload: Uint8Array): void {
    const greeting = this.#noise.write(payload);
    this.#options.tap?.handshake("out", greeting, ++this.#greetings);
    this.#handler.send(encodeFrame(greeting));
  }

  #greet(bytes: Uint8Array): void {
    this.#options.tap?.handshake("in", bytes, ++this.#greetings);
    const payload = this.#noise.read(bytes);
    if (this.#noise.theirStatic) this.#checkPeer(payload, this.#noise.theirStatic);
    else if (payload.length > 0) throw new CryptoError("bad-handshake", "a payload too early");
    if (this.#noise.isOurTurn) {
      this.#sendGreeting(encodeUtf8(this.#introduction()));
    }
    if (!this.#noise.isDone) return;
    this.#transport = this.#noise.split();
    if (this.#options.role === "listener") this.#decide();
  }

  /** The name, the key behind it, and that the link's static key is that key's. */
  #checkPeer(payload: Uint8Array, theirStatic: Uint8Array): void {
    const { peer, peerKey } = this.#options;
    const { name, key, signature } = parseLinkIdentity(decodeUtf8(payload));
    const fields = [name, holdOf(key), theirStatic.toHex()];
    const right = name === peer && key.publicKey === peerKey &&
      isSignedBy(key.publicKey, signature, "confab-static-v1", fields);
    if (!right) throw new CryptoError("bad-handshake", "not the one whom it was meant for");
    this.#provenKey = key;
  }

  #introduction(): string {
    const { self: name, identity: { publicKey, kept, sign }, staticKey } = this.#options;
    const key = { publicKey, kept };
    const signature = sign("confab-static-v1", [name, holdOf(key), staticKey.publicKey.toHex()]);
    return formatLinkIdentity({ name, key, signature });
  }

  /** The listener has the last word: only now is it known that it is the peer who dials. */
  #decide(): void {
    const reason = this.#options.refuse();
    if (reason) {
      this.#send({ verb: "CLOSE", reason });
      return this.#end(reason);
    }
    this.#send({ verb: "OPEN" });
    this.#state = "open";
    this.#handler.opened();
  }

  #message(message: PrivateMessage): void {
    if (message.verb === "CLOSE") return this.#end(reasonOf(message.reason));
    if (this.#state === "greeting" && message.verb === "OPEN") {
      const reason = this.#options.refuse();
      this.#state = "open";
      if (reason) return this.#giveUp(reason);
      return this.#handler.opened();
    }
    if (this.#state === "open" && message.verb === "TEXT") return this.#handler.text(message.text);
    this.#giveUp("bad-message");
  }

  #giveUp(reason: SessionReason): void {
    this.close(reason);
    this.#end(reason);
  }

  #end(reason: SessionReason): void {
    this.#state = "over";
    this.#handler.closed(reason);
  }

  #open({ receive }: NoiseTransport, sealed: Uint8Array): PrivateMessage {
    const plaintext = receive.open(sealed, EMPTY);
    receive.rekeyIfDue();
    const message = parsePrivate(decodeUtf8(plaintext));
    this.#options.tap?.sealed("in", sealed, message);
    return message;
  }

  #send(message: PrivateMessage): void {
    if (!this.#transport) return;
    const { send } = this.#transport;
    const sealed = send.seal(encodeUtf8(formatPrivate(message)), EMPTY);
    send.rekeyIfDue();
    this.#options.tap?.sealed("out", sealed, message);
    this.#handler.send(encodeFrame(sealed));
  }
}
