import { CryptoError } from "../crypto/error.ts";
import { type Identity, isSignedBy } from "../crypto/identity.ts";
import { TAG_BYTES } from "../crypto/cipher_state.ts";
import { type NoiseTransport, NoiseXX } from "../crypto/noise_xx.ts";
import type { KeyPair } from "../crypto/x25519.ts";
import { ProtocolError } from "../protocol/error.ts";
import { encodeFrame, FrameDecoder, newFrame } from "../protocol/frame.ts";
import { holdOf, type UserKey } from "../protocol/keyed.ts";
import {
  formatLinkIdentity,
  formatPrivate,
  linkPrologue,
  parseLinkIdentity,
  parsePrivate,
} from "../protocol/private.ts";
import { decodeUtf8, encodeUtf8 } from "../protocol/utf8.ts";
import { reasonOf, type SessionReason } from "./reasons.ts";
import type { LinkTap } from "./wiretap.ts";

const EMPTY = new Uint8Array(0);

/** Whom a sealed link is between, and for which offer. */
export interface SealedLinkOptions {
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
  /** Why this link is not to be, after all, now that the peer has proven who it is. */
  readonly refuse: () => SessionReason | undefined;
}

/** What a sealed link reports to what is said on it. */
export interface SealedLinkHandler {
  send(bytes: Uint8Array): void;
  /** Both sides know who the other one is. */
  opened(): void;
  /**
   * A message of the peer's after OPEN, in memory that is nobody else's.
   *
   * @throws {ProtocolError} if it is none: the link ends with its code
   */
  message(payload: Uint8Array): void;
  /** The link is over. */
  closed(reason: SessionReason): void;
}

/**
 * A sealed link between two users with keys, whatever is said on it: `docs/PROTOCOL.md` 9.1, up to OPEN, and how it
 * ends. Nothing of what arrives is used before it has been opened; what does not open ends the link.
 */
export class SealedLink {
  readonly #options: SealedLinkOptions;
  readonly #handler: SealedLinkHandler;
  readonly #decoder: FrameDecoder;
  readonly #noise: NoiseXX;
  #transport: NoiseTransport | undefined;
  #provenKey: UserKey | undefined;
  #state: "greeting" | "open" | "over" = "greeting";
  /** Messages of the handshake so far. */
  #greetings = 0;

  /** @param decoder for frames; one for long ones where many of these come */
  constructor(
    options: SealedLinkOptions,
    handler: SealedLinkHandler,
    decoder: FrameDecoder = new FrameDecoder(),
  ) {
    const { role, self, peer, offer, staticKey, ephemeral } = options;
    this.#options = options;
    this.#handler = handler;
    this.#decoder = decoder;
    const [dialler, listener] = role === "dialler" ? [self, peer] : [peer, self];
    this.#noise = new NoiseXX(
      role === "dialler" ? "initiator" : "responder",
      linkPrologue(dialler, listener, offer),
      staticKey,
      ephemeral,
    );
    if (role === "dialler") this.#sendGreeting(EMPTY);
  }

  /** Bytes of the peer's, in any chunking. */
  receive(chunk: Uint8Array): void {
    if (this.#isOver) return;
    try {
      this.#decoder.push(chunk);
      for (let bytes = this.#decoder.next(); bytes; bytes = this.#decoder.next()) {
        if (this.#transport) this.#message(this.#open(this.#transport, bytes));
        else this.#greet(bytes);
        if (this.#isOver) return;
      }
    } catch (error) {
      if (!(error instanceof ProtocolError || error instanceof CryptoError)) throw error;
      this.giveUp(error instanceof CryptoError ? "bad-tag" : reasonOf(error.code));
    }
  }

  /** Seals and sends `payload`, of which nothing is kept; ignored unless the link is open. */
  send(payload: Uint8Array): void {
    if (this.#state === "open") this.#seal(payload);
  }

  /** Tells the peer why this ends, if it is open; the caller ends the link. */
  close(reason: SessionReason): void {
    if (this.#state === "open") this.#close(reason);
    this.#state = "over";
  }

  /** The same, and tells the handler. */
  giveUp(reason: SessionReason): void {
    this.close(reason);
    this.peerClosed(reason);
  }

  /** The peer has said that it ends this, and why: nothing of what follows is read. */
  peerClosed(reason: SessionReason): void {
    this.#state = "over";
    this.#handler.closed(reason);
  }

  /** Whether both sides know each other, and none has ended it. */
  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** The key that the peer has proven to have, with its own word on whether it lasts. */
  get provenKey(): UserKey | undefined {
    return this.#provenKey;
  }

  /** A getter, as the compiler does not see that handling a message changes the state. */
  get #isOver(): boolean {
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
    if (this.#noise.isOurTurn) this.#sendGreeting(encodeUtf8(this.#introduction()));
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
      this.#close(reason);
      return this.peerClosed(reason);
    }
    this.#seal(encodeUtf8(formatPrivate({ verb: "OPEN" })));
    this.#state = "open";
    this.#handler.opened();
  }

  #message(payload: Uint8Array): void {
    if (this.#state === "open") return this.#handler.message(payload);
    const message = parsePrivate(decodeUtf8(payload));
    if (message.verb === "CLOSE") return this.peerClosed(reasonOf(message.reason));
    if (message.verb !== "OPEN") return this.giveUp("bad-message");
    const reason = this.#options.refuse();
    this.#state = "open";
    if (reason) return this.giveUp(reason);
    this.#handler.opened();
  }

  #open({ receive }: NoiseTransport, sealed: Uint8Array): Uint8Array {
    const plaintext = receive.open(sealed, EMPTY);
    receive.rekeyIfDue();
    this.#options.tap?.sealed("in", sealed, plaintext);
    return plaintext;
  }

  #close(reason: SessionReason): void {
    this.#seal(encodeUtf8(formatPrivate({ verb: "CLOSE", reason })));
  }

  #seal(payload: Uint8Array): void {
    if (!this.#transport) return;
    const { send } = this.#transport;
    const { frame, start } = newFrame(payload.length + TAG_BYTES);
    send.sealInto(payload, frame, start);
    send.rekeyIfDue();
    this.#options.tap?.sealed("out", frame.subarray(start), payload);
    this.#handler.send(frame);
  }
}
