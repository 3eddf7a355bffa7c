import { ProtocolError } from "../protocol/error.ts";
import { badMessage } from "../protocol/fields.ts";
import { encodeFrame, FrameDecoder } from "../protocol/frame.ts";
import type { KeyedUser, RegistryCaps, Roster as RosterMessage } from "../protocol/keyed.ts";
import {
  type ClientMessage,
  formatMessage,
  parseServerMessage,
  plainUser,
  type Refusal,
  type ServerMessage,
  type User,
} from "../protocol/message.ts";
import { decodeUtf8 } from "../protocol/utf8.ts";
import type { ClientEvent, Peer } from "./events.ts";
import { JOIN_MS, MAX_ROSTER, RECONNECT_FIRST_MS, RECONNECT_LONGEST_MS } from "./limits.ts";
import { PacedBroadcasts } from "./paced_broadcasts.ts";
import type { PeerPort } from "./port.ts";
import type { RegistryGreeting } from "./registry_greeting.ts";
import type { Roster } from "./roster.ts";
import type { Self } from "./self.ts";

/** Where others send their offers to us. */
export interface OwnAddress {
  readonly ip: string;
  readonly udpPort: number;
}

/** What a {@linkcode RegistrySession} reports besides events. */
export interface RegistrySessionHandler {
  /** We are in; the roster is new. Before anybody is told. */
  registered(): void;
  /** Somebody's registration is another one now, or none: what was known of that user is void. */
  changed(username: string): void;
  /** Somebody is here: how our user is told. */
  seen(user: KeyedUser): Peer;
  /** Our user has been told. */
  told(user: KeyedUser): void;
  /** Whether our user wants to hear nothing of somebody. */
  isBlocked(username: string): boolean;
  /** We could not get in the first time: there is nothing this client can do. */
  failed(code: string, message: string): void;
}

/** Who and what a {@linkcode RegistrySession} registers. */
export interface RegistrySessionOptions {
  readonly self: Self;
  readonly greeting: RegistryGreeting;
  readonly pid: number;
  readonly roster: Roster;
  /** A number from 0 (included) to 1 (not). */
  readonly random: () => number;
}

type State = "idle" | "connecting" | "greeting" | "registering" | "registered" | "waiting" | "over";

/**
 * Our side of the connection to the registry: registers, keeps the roster, and comes
 * back when the connection is lost. No sockets, no clock.
 */
export class RegistrySession {
  readonly #self: Self;
  readonly #greeting: RegistryGreeting;
  readonly #roster: Roster;
  readonly #port: PeerPort;
  readonly #handler: RegistrySessionHandler;
  readonly #random: () => number;
  readonly #pid: number;
  readonly #broadcasts: PacedBroadcasts;
  #state: State = "idle";
  #decoder = new FrameDecoder();
  #own: OwnAddress | undefined;
  /** What the frames of the roster have told so far. */
  #arriving: KeyedUser[] = [];
  #everRegistered = false;
  /** Why we do not go on with what answers there: said once. */
  #faultTold: string | undefined;
  #refusal: Refusal | undefined;
  #reconnectAt: number | undefined;
  /** Until when we have to be in. */
  #joinBy: number | undefined;
  #failures = 0;

  constructor(options: RegistrySessionOptions, port: PeerPort, handler: RegistrySessionHandler) {
    this.#self = options.self;
    this.#greeting = options.greeting;
    this.#pid = options.pid;
    this.#roster = options.roster;
    this.#random = options.random;
    this.#port = port;
    this.#handler = handler;
    this.#broadcasts = new PacedBroadcasts(options.self, (bytes) => port.sendRegistry(bytes));
  }

  /** Whether we are in the room. */
  get registered(): boolean {
    return this.#state === "registered";
  }

  /** How many broadcasts wait for their turn. */
  get pending(): number {
    return this.#broadcasts.pending;
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
    this.#state = "greeting";
    this.#decoder = new FrameDecoder();
    this.#refusal = undefined;
    this.#own = own;
    this.#arriving = [];
    this.#send(this.#greeting.begin());
  }

  /** Bytes from the registry, in any chunking. */
  receive(chunk: Uint8Array, now: number): void {
    if (!this.#connected) return;
    try {
      this.#decoder.push(chunk);
      for (let bytes = this.#decoder.next(); bytes; bytes = this.#decoder.next()) {
        this.#message(parseServerMessage(decodeUtf8(bytes)), now);
        if (!this.#connected) return;
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#error(error.code, `The registry sent something wrong: ${error.message}`);
      this.#port.endRegistry();
      this.closed("it sent something wrong", now);
    }
  }

  get #connected(): boolean {
    return ["greeting", "registering", "registered"].includes(this.#state);
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
      this.#error(
        "not-connected",
        `The registry is gone (${why}): trying again; private chats go on`,
      );
    }
    this.#state = "waiting";
    this.#broadcasts.pause();
    const longest = Math.min(RECONNECT_LONGEST_MS, RECONNECT_FIRST_MS * 2 ** this.#failures++);
    this.#reconnectAt = now + longest * (0.5 + this.#random() / 2);
  }

  /** Sends `text` to the room, in its turn. */
  broadcast(text: string, now: number): void {
    if (this.#state !== "registered") {
      return this.#error("not-connected", "Cannot broadcast: the registry is gone");
    }
    if (!this.#broadcasts.push(text)) {
      return this.#error("flood", "Cannot broadcast: too many messages are waiting");
    }
    this.#broadcasts.sendDue(now);
  }

  /** Leaves the room for good. */
  quit(): void {
    if (this.#state === "registered") this.#send({ verb: "QUIT" });
    this.#state = "over";
    this.#reconnectAt = undefined;
    this.#broadcasts.pause();
    this.#joinBy = undefined;
    this.#port.endRegistry();
  }

  /** When {@linkcode timeout} wants to be called. */
  nextTimeout(): number | undefined {
    return this.#reconnectAt ?? this.#joinBy ?? this.#broadcasts.nextTimeout();
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
    if ((this.#broadcasts.nextTimeout() ?? Infinity) <= now) this.#broadcasts.sendDue(now);
  }

  #message(message: ServerMessage, now: number): void {
    switch (message.verb) {
      case "CAPS":
        return this.#greeted(message, now);
      case "ROSTER":
        return this.#rosterPart(message, now);
      case "PING":
        return this.#send({ verb: "PONG", token: message.token });
      case "ERROR":
        return this.#refused(message, now);
      case "LIST":
        return; // Only for clients that have not greeted.
    }
    // Until the roster there is no room to tell of.
    if (this.#state !== "registered") return;
    if (message.verb === "UPDATE") return this.#update(message.change, message.user);
    if (this.#handler.isBlocked(message.username)) return;
    this.#emit({ event: "broadcast", from: message.username, text: message.text });
  }

  #greeted(caps: RegistryCaps, now: number): void {
    if (this.#state !== "greeting" || !this.#own) return;
    const answer = this.#greeting.answer(caps);
    if ("fault" in answer) {
      const { code, text } = answer.fault;
      this.#port.endRegistry();
      this.#refusal = { verb: "ERROR", code, text };
      if (this.#everRegistered && this.#faultTold !== text) this.#error(code, text);
      this.#faultTold = text;
      return this.closed(text, now);
    }
    this.#faultTold = undefined;
    this.#state = "registering";
    this.#send(answer);
    this.#send({ verb: "REGISTER", username: this.#self.chosen, ...this.#own });
  }

  #refused(refusal: Refusal, now: number): void {
    this.#refusal = refusal;
    if (this.#everRegistered) this.#error(refusal.code, refusal.text);
    if (this.#state === "registered") return;
    // Nobody is here to correct it; and what else the registry says to it counts for nothing.
    this.#port.endRegistry();
    this.closed(refusal.text, now);
  }

  #update(change: "JOIN" | "LEAVE", user: User | KeyedUser): void {
    if (change === "LEAVE") {
      if (this.#roster.remove(user)) this.#emit({ event: "leave", ...plainUser(user) });
      return this.#handler.changed(user.username);
    }
    if (!("session" in user)) return; // A registry that has told CAPS does not.
    const other = this.#roster.add(user);
    this.#handler.changed(user.username);
    if (!other) return;
    this.#emit({ event: "join", ...this.#handler.seen(user) });
    this.#handler.told(user);
  }

  #rosterPart({ left, users }: RosterMessage, now: number): void {
    if (this.#state !== "registering") return;
    if (this.#arriving.length + users.length > MAX_ROSTER) throw badMessage("too many users");
    for (const user of users) this.#arriving.push(user);
    const [self] = this.#arriving;
    if (left > 0 || !self) return;
    if (!this.#self.mayBe(self)) throw badMessage("another name or key than ours");
    this.#self.registered(self.username, self.session, this.#greeting.registryKey);
    this.#roster.replace(this.#arriving);
    this.#arriving = [];
    this.#state = "registered";
    this.#everRegistered = true;
    this.#failures = 0;
    this.#joinBy = undefined;
    this.#handler.registered();
    const peers = this.#roster.users.map((user) => this.#handler.seen(user));
    this.#emit({ event: "registered", username: self.username, pid: this.#pid, peers });
    for (const user of this.#roster.users) this.#handler.told(user);
    // What was said before the registry was lost is said now.
    this.#broadcasts.sendDue(now);
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
