import { type Identity, identityOf } from "../../lib/crypto/identity.ts";
import { randomHex } from "../../lib/crypto/random.ts";
import { RESUME, type Welcome } from "../../lib/protocol/delivery.ts";
import { encodeFrame } from "../../lib/protocol/frame.ts";
import { holdOf, KEYS, NONCE_DIGITS } from "../../lib/protocol/keyed.ts";
import {
  type ClientMessage,
  formatMessage,
  parseServerMessage,
  type ServerMessage,
} from "../../lib/protocol/message.ts";
import { type FrameSink, FrameWalker } from "./frames.ts";
import { LoadSocket } from "./socket.ts";
import { type Presence, presenceOf, saidNumber, textAt, trailingNumber, VERBS } from "./verbs.ts";

/** The registry under test does not know the capability `resume`. */
export class NotServed extends Error {
  override readonly name = "NotServed";
}

/** What kind of client a member is: one of sections 2 to 5 of `docs/PROTOCOL.md` alone, or one of section 10. */
export type ClientKind = "plain" | "resume";

/** Who somebody in the room is. */
export interface MemberOptions {
  readonly port: number;
  readonly name: string;
  readonly kind: ClientKind;
}

/** What comes of a {@linkcode Member}. */
export interface MemberHandler {
  /** A message of the room: its text ends at `end`. */
  message(view: DataView, end: number): void;
  /** Somebody came or left. */
  presence(told: Presence): void;
  /** An error of the registry's, or the end of the connection: none is expected. */
  failed(why: Error): void;
}

/** Where nobody listens: whatever fails is seen by who waits for the join. */
export const DEAF: MemberHandler = { message: () => {}, presence: () => {}, failed: () => {} };

/** Any UDP port: nobody sends an offer. */
const UDP_PORT = 9;

/** One client in the room, with no more to it than the load needs. */
export class Member implements FrameSink {
  readonly #options: MemberOptions;
  readonly #handler: MemberHandler;
  readonly #identity: Identity | undefined;
  #socket: LoadSocket | undefined;
  /** Which connection it is on: the end of an earlier one means nothing any more. */
  #connection = 0;
  #nonce = "";
  #entered = Promise.withResolvers<void>();
  #welcome: Welcome | undefined;
  /** Of the last message and of the last join or leave that were told. */
  #number = 0;
  #presence = 0;
  /** Its own messages that the registry has acknowledged. */
  acknowledged = 0;

  constructor(options: MemberOptions, handler: MemberHandler) {
    this.#options = options;
    this.#handler = handler;
    if (options.kind === "resume") {
      this.#identity = identityOf(crypto.getRandomValues(new Uint8Array(32)), false);
    }
  }

  get name(): string {
    return this.#options.name;
  }

  /**
   * Connects and registers; resolves once in the room.
   *
   * @throws {NotServed}
   */
  join(): Promise<void> {
    this.#welcome = undefined;
    return this.#enter();
  }

  /** Connects and goes on with the session that was cut; resolves at WELCOME. */
  resume(): Promise<void> {
    return this.#enter();
  }

  /** Sends bytes, which must not change from now on. */
  write(bytes: Uint8Array): void {
    this.#socket?.write(bytes);
  }

  /** Closes the connection without a word. */
  close(): void {
    this.#connection++;
    this.#socket?.close();
  }

  frame(view: DataView, start: number, end: number): void {
    switch (view.getUint16(start)) {
      case VERBS.BROADCAST:
        return this.#handler.message(view, end);
      case VERBS.SAID:
        this.#number = saidNumber(view, start, end);
        return this.#handler.message(view, end);
      case VERBS.ACK:
        this.#number = trailingNumber(view, end);
        this.acknowledged++;
        return;
      case VERBS.JOINED:
      case VERBS.LEFT:
      case VERBS.UPDATE:
        return this.#presenceChanged(view, start, end);
      case VERBS.LIST:
        return this.#entered.resolve();
      default:
        this.#answer(parseServerMessage(textAt(view, start, end)));
    }
  }

  async #enter(): Promise<void> {
    this.#entered = Promise.withResolvers();
    const entered = this.#entered.promise;
    // Whoever waits sees it; while the connection is still being made, nobody does.
    entered.catch(() => {});
    const walker = new FrameWalker();
    const connection = ++this.#connection;
    this.#socket = await LoadSocket.open(this.#options.port, {
      received: (chunk) => walker.walk(chunk, this),
      ended: () => connection === this.#connection && this.#fail(new Error("it was cut")),
    });
    if (this.#identity) {
      this.#nonce = randomHex(NONCE_DIGITS);
      this.#say({ verb: "CAPS", nonce: this.#nonce, capabilities: [KEYS, RESUME] });
    } else {
      this.#say(this.#registration());
    }
    await entered;
  }

  #presenceChanged(view: DataView, start: number, end: number): void {
    const told = presenceOf(view, start, end);
    if (told.number !== undefined) this.#presence = told.number;
    this.#handler.presence(told);
  }

  #answer(message: ServerMessage): void {
    switch (message.verb) {
      case "CAPS":
        if (!message.capabilities.includes(RESUME)) return this.#fail(new NotServed());
        return this.#prove(message.registryKey, message.nonce);
      case "WELCOME":
        if (this.#welcome) this.#entered.resolve();
        else [this.#number, this.#presence] = [message.number, message.presence];
        this.#welcome = message;
        return;
      case "ROSTER":
        return message.left === 0 ? this.#entered.resolve() : undefined;
      case "PING":
        return this.#say({ verb: "PONG", token: message.token });
      case "PONG":
        return;
      default:
        this.#fail(new Error(formatMessage(message)));
    }
  }

  #prove(registryKey: string, registryNonce: string): void {
    const key = this.#identity;
    if (!key) return;
    const username = this.name;
    const fields = [registryKey, username, holdOf(key), this.#nonce, registryNonce];
    const signature = key.sign("confab-register-v1", fields);
    this.#say({ verb: "IDENTITY", username, key, signature });
    this.#say(this.#welcome ? this.#resumption(this.#welcome) : this.#registration());
  }

  #registration(): ClientMessage {
    return { verb: "REGISTER", username: this.name, ip: "127.0.0.1", udpPort: UDP_PORT };
  }

  #resumption({ token, epoch }: Welcome): ClientMessage {
    const [number, presence] = [this.#number, this.#presence];
    const address = { ip: "127.0.0.1", udpPort: UDP_PORT };
    return { verb: "RESUME", token, epoch, number, presence, ...address };
  }

  #say(message: ClientMessage): void {
    this.write(encodeFrame(formatMessage(message)));
  }

  #fail(why: Error): void {
    this.#entered.reject(why);
    this.#handler.failed(why);
  }
}
