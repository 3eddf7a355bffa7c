import { ProtocolError } from "../protocol/error.ts";
import { encodeFrame, FrameDecoder } from "../protocol/frame.ts";
import {
  type ClientMessage,
  formatMessage,
  parseServerMessage,
  type Refusal,
  type ServerMessage,
  type User,
} from "../protocol/message.ts";
import { TokenBucket } from "../protocol/token_bucket.ts";
import { decodeUtf8 } from "../protocol/utf8.ts";
import type { ClientEvent } from "./events.ts";
import {
  BROADCAST_BYTES_BURST,
  BROADCAST_BYTES_PER_SECOND,
  BROADCASTS_BURST,
  BROADCASTS_PER_SECOND,
  JOIN_MS,
  MAX_QUEUED_BROADCASTS,
  RECONNECT_FIRST_MS,
  RECONNECT_LONGEST_MS,
} from "./limits.ts";
import type { PeerPort } from "./port.ts";
import type { Roster } from "./roster.ts";

/** Where others send their offers to us. */
export interface OwnAddress {
  readonly ip: string;
  readonly udpPort: number;
}

/** What a {@linkcode RegistrySession} reports besides events. */
export interface RegistrySessionHandler {
  /** We are in; the roster is new. */
  registered(): void;
  /** Somebody's registration is another one now, or none: what was known of that user is void. */
  changed(username: string): void;
  /** We could not get in the first time: there is nothing this client can do. */
  failed(code: string, message: string): void;
}

type State = "idle" | "connecting" | "registering" | "registered" | "waiting" | "over";

/**
 * Our side of the connection to the registry: registers, keeps the roster, paces broadcasts, and comes
 * back when the connection is lost. No sockets, no clock.
 */
export class RegistrySession {
  readonly #username: string;
  readonly #roster: Roster;
  readonly #port: PeerPort;
  readonly #handler: RegistrySessionHandler;
  readonly #random: () => number;
  readonly #pid: number;
  readonly #messages = new TokenBucket(BROADCASTS_PER_SECOND, BROADCASTS_BURST);
  readonly #bytes = new TokenBucket(BROADCAST_BYTES_PER_SECOND, BROADCAST_BYTES_BURST);
  #state: State = "idle";
  #decoder = new FrameDecoder();
  #everRegistered = false;
  #refusal: Refusal | undefined;
  #queue: Uint8Array[] = [];
  #nextBroadcast: number | undefined;
  #reconnectAt: number | undefined;
  /** Until when we have to be in. */
  #joinBy: number | undefined;
  #failures = 0;

  constructor(
    options: { username: string; pid: number; roster: Roster; random: () => number },
    port: PeerPort,
    handler: RegistrySessionHandler,
  ) {
    this.#username = options.username;
    this.#pid = options.pid;
    this.#roster = options.roster;
    this.#random = options.random;
    this.#port = port;
    this.#handler = handler;
  }

  /** Whether we are in the room. */
  get registered(): boolean {
    return this.#state === "registered";
  }

  /** How many broadcasts wait for their turn. */
  get pending(): number {
    return this.#queue.length;
  }

  /** Begins to connect. */
  connect(now: number): void {
    this.#state = "connecting";
    this.#joinBy = now + JOIN_MS;
    this.#port.connectRegistry();
  }

  /** The connection is there. */
  opened(own: OwnAddress): void {
    if (this.#state !== "connecting") return;
    this.#state = "registering";
    this.#decoder = new FrameDecoder();
    this.#refusal = undefined;
    this.#send({ verb: "REGISTER", username: this.#username, ...own });
  }

  /** Bytes from the registry, in any chunking. */
  receive(chunk: Uint8Array, now: number): void {
    if (this.#state !== "registering" && this.#state !== "registered") return;
    try {
      this.#decoder.push(chunk);
      for (let bytes = this.#decoder.next(); bytes; bytes = this.#decoder.next()) {
        this.#message(parseServerMessage(decodeUtf8(bytes)), now);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#error(error.code, `The registry sent something wrong: ${error.message}`);
      this.#port.endRegistry();
      this.closed("it sent something wrong", now);
    }
  }

  /** The connection is over or could not be made; `why` is for people. */
  closed(why: string, now: number): void {
    if (this.#state === "over" || this.#state === "waiting") return;
    this.#joinBy = undefined;
    if (!this.#everRegistered) {
      const { code, text } = this.#refusal ?? { code: "not-connected", text: why };
      this.#state = "over";
      return this.#handler.failed(code, text);
    }
    if (this.#state === "registered") {
      this.#error("not-connected", `The registry is gone (${why}); private chats go on`);
    }
    this.#state = "waiting";
    this.#nextBroadcast = undefined;
    const longest = Math.min(RECONNECT_LONGEST_MS, RECONNECT_FIRST_MS * 2 ** this.#failures++);
    this.#reconnectAt = now + longest * (0.5 + this.#random() / 2);
  }

  /** Sends `text` to the room, in its turn. */
  broadcast(text: string, now: number): void {
    if (this.#state !== "registered") {
      return this.#error("not-connected", "Cannot broadcast: the registry is gone");
    }
    if (this.#queue.length >= MAX_QUEUED_BROADCASTS) {
      return this.#error("flood", "Cannot broadcast: too many messages are waiting");
    }
    const message = { verb: "BROADCAST", username: this.#username, text } as const;
    this.#queue.push(encodeFrame(formatMessage(message)));
    this.#sendDue(now);
  }

  /** Leaves the room for good. */
  quit(): void {
    if (this.#state === "registered") this.#send({ verb: "QUIT" });
    this.#state = "over";
    this.#reconnectAt = undefined;
    this.#nextBroadcast = undefined;
    this.#joinBy = undefined;
    this.#port.endRegistry();
  }

  /** When {@linkcode timeout} wants to be called. */
  nextTimeout(): number | undefined {
    return this.#reconnectAt ?? this.#joinBy ?? this.#nextBroadcast;
  }

  /** Does what is due at `now`. */
  timeout(now: number): void {
    if (this.#reconnectAt !== undefined && this.#reconnectAt <= now) {
      this.#reconnectAt = undefined;
      this.connect(now);
    }
    if (this.#joinBy !== undefined && this.#joinBy <= now) {
      this.#port.endRegistry();
      this.closed(`no answer within ${JOIN_MS / 1_000} s`, now);
    }
    if (this.#nextBroadcast !== undefined && this.#nextBroadcast <= now) this.#sendDue(now);
  }

  #sendDue(now: number): void {
    this.#nextBroadcast = undefined;
    for (let [first] = this.#queue; first; [first] = this.#queue) {
      const wait = Math.max(
        this.#messages.wait(1, now),
        this.#bytes.wait(first.length, now),
      );
      if (wait > 0) {
        this.#nextBroadcast = now + wait;
        return;
      }
      this.#messages.take(1, now);
      this.#bytes.take(first.length, now);
      this.#port.sendRegistry(first);
      this.#queue.shift();
    }
  }

  #message(message: ServerMessage, now: number): void {
    // Until LIST there is no room to tell of.
    const early = this.#state !== "registered";
    if (early && (message.verb === "UPDATE" || message.verb === "BROADCAST")) return;
    switch (message.verb) {
      case "LIST":
        return this.#list(message.users, now);
      case "UPDATE": {
        const { change, user } = message;
        const known = change === "JOIN" ? this.#roster.add(user) : this.#roster.remove(user);
        this.#handler.changed(user.username);
        if (known) this.#emit({ event: change === "JOIN" ? "join" : "leave", ...user });
        return;
      }
      case "BROADCAST":
        return this.#emit({ event: "broadcast", from: message.username, text: message.text });
      case "ERROR":
        this.#refusal = message;
        // Before we are in, a refusal is the end of this connection: nobody is here to correct it.
        if (this.#state === "registering") this.#port.endRegistry();
        if (this.#everRegistered) this.#error(message.code, message.text);
    }
  }

  #list(users: readonly User[], now: number): void {
    this.#roster.replace(users);
    this.#state = "registered";
    this.#everRegistered = true;
    this.#failures = 0;
    this.#joinBy = undefined;
    this.#handler.registered();
    const peers = this.#roster.users;
    this.#emit({ event: "registered", username: this.#username, pid: this.#pid, peers });
    // What was said before the registry was lost is said now.
    this.#sendDue(now);
  }

  #send(message: ClientMessage): void {
    this.#port.sendRegistry(encodeFrame(formatMessage(message)));
  }

  #emit(event: ClientEvent): void {
    this.#port.emit(event);
  }

  #error(code: string, message: string): void {
    this.#emit({ event: "error", code, message });
  }
}
