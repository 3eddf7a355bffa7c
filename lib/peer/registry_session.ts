import type { Ack, Nak, Welcome } from "../protocol/delivery.ts";
import { earliest } from "../protocol/earliest.ts";
import type { KeyedUser, Roster as RosterMessage } from "../protocol/keyed.ts";
import type { Refusal, ServerMessage } from "../protocol/message.ts";
import type { RelayNotice, RelayRequest } from "../protocol/relay.ts";
import { Attendance, type AttendanceHandler } from "./attendance.ts";
import { Bookmark } from "./bookmark.ts";
import { Entrance } from "./entrance.ts";
import type { ClientEvent } from "./events.ts";
import { IncomingBroadcasts } from "./incoming_broadcasts.ts";
import { GREETING_MESSAGES } from "./limits.ts";
import { OutgoingBroadcasts } from "./outgoing_broadcasts.ts";
import { PastBroadcasts } from "./past_broadcasts.ts";
import type { PeerPort } from "./port.ts";
import { RegistryConnection } from "./registry_connection.ts";
import type { RegistryGreeting } from "./registry_greeting.ts";
import type { Roster } from "./roster.ts";
import type { OwnAddress, Self } from "./self.ts";

/** What a {@linkcode RegistrySession} reports besides events. */
export interface RegistrySessionHandler extends AttendanceHandler {
  /** We are in; the roster is new. Before anybody is told. */
  registered(): void;
  /** Whether our user wants to hear nothing of somebody. */
  isBlocked(username: string): boolean;
  /** We are in, or in again where we were. */
  online(): void;
  /** We are not in any more, or for now. */
  offline(): void;
  /** What the registry tells of private chats that go through it. */
  relayed(message: RelayNotice, now: number): void;
  /** We could not get in the first time: there is nothing this client can do. */
  failed(code: string, message: string): void;
}

/** Who and what a {@linkcode RegistrySession} registers. */
export interface RegistrySessionOptions {
  readonly self: Self;
  readonly greeting: RegistryGreeting;
  readonly pid: number;
  readonly roster: Roster;
  /** 16 hexadecimal digits of this run of our program alone: our messages' ids begin with it. */
  readonly run: string;
  /** How many messages from before we came to ask for; `undefined`: do not ask. */
  readonly replay: number | undefined;
  /** A number from 0 (included) to 1 (not). */
  readonly random: () => number;
  /** Hears the payload of each frame of the registry's, before it is looked at; valid during the call. */
  readonly heard: (payload: Uint8Array) => void;
}

/**
 * Our side of the registry: gets in, goes on where it was after a lost connection, and hands what is said to those
 * whom it concerns. No sockets, no clock.
 */
export class RegistrySession {
  readonly #o: RegistrySessionOptions;
  readonly #port: PeerPort;
  readonly #handler: RegistrySessionHandler;
  readonly #connection: RegistryConnection;
  readonly #entrance: Entrance;
  readonly #bookmark = new Bookmark();
  readonly #attendance: Attendance;
  readonly #incoming: IncomingBroadcasts;
  readonly #outgoing: OutgoingBroadcasts;
  readonly #past: PastBroadcasts;
  #everIn = false;
  /** Our name is another session's now: we stay out. */
  #takenOver = false;
  /** The last thing that was refused on this connection. */
  #refusal: Pick<Refusal, "code" | "text"> | undefined;

  constructor(options: RegistrySessionOptions, port: PeerPort, handler: RegistrySessionHandler) {
    const { self, roster, greeting, run, random } = this.#o = options;
    this.#port = port;
    this.#handler = handler;
    const emit = (event: ClientEvent): void => port.emit(event);
    const bookmark = this.#bookmark;
    const connection = this.#connection = new RegistryConnection(port, random, {
      heard: options.heard,
      message: (message, now) => this.#message(message, now),
      wrong: ({ code, message }) => {
        this.#error(code, `The registry sent something wrong: ${message}`);
        // It would say the same again to who goes on from here.
        bookmark.forgetSession();
      },
      lost: (why) => this.#lost(why),
    });
    const attendance = this.#attendance = new Attendance({ self, roster, emit }, handler);
    this.#entrance = new Entrance({ self, greeting, connection, bookmark, attendance }, {
      registered: (users, welcome, now) => this.#registered(users, welcome, now),
      resumed: (welcome, now) => this.#resumed(welcome, now),
      fault: (code, text) => {
        this.#refusal = { code, text };
        if (this.#everIn) this.#error(code, text);
      },
    });
    const isBlocked = (name: string): boolean => handler.isBlocked(name);
    const past = this.#past = new PastBroadcasts({
      ...{ count: options.replay, isBlocked, emit },
      send: (request) => connection.send(request),
    });
    const later = (event: ClientEvent): void => past.afterwards(event);
    this.#incoming = new IncomingBroadcasts({ self, roster, bookmark, isBlocked, emit: later });
    this.#outgoing = new OutgoingBroadcasts(self, run, (bytes) => port.sendRegistry(bytes));
  }

  /** Whether we are in the room. */
  get registered(): boolean {
    return this.#entrance.stage === "in";
  }

  /** Whether private chats may go through the registry now. */
  get relays(): boolean {
    return this.registered && this.#o.greeting.relays;
  }

  /** Tells the registry something of private chats, if they may go through it now. */
  relay(request: RelayRequest, now: number): void {
    if (!this.relays) return;
    this.#connection.send(request);
    // RELAY and TAKEN have a rate of their own.
    const { verb } = request;
    if (verb === "PASS" || verb === "MEET" || verb === "PART") this.#outgoing.spent(1, now);
  }

  /** How many broadcasts are not known to have arrived. */
  get pending(): number {
    return this.#outgoing.pending;
  }

  /** Begins to connect. */
  connect(now: number): void {
    this.#connection.connect(now);
  }

  /** The connection is there. */
  opened(own: OwnAddress): void {
    if (!this.#connection.opened()) return;
    this.#refusal = undefined;
    this.#entrance.begin(own);
  }

  /** Bytes from the registry, in any chunking. */
  receive(chunk: Uint8Array, now: number): void {
    this.#connection.receive(chunk, now);
  }

  /** The connection is over or could not be made; `why` is for people. */
  closed(why: string, now: number): void {
    this.#connection.closed(why, now);
  }

  /** Sends `text` to the room, in its turn; while the registry is away it waits. */
  broadcast(text: string, now: number): void {
    if (!this.#everIn || this.#takenOver) {
      return this.#error("not-connected", "Cannot broadcast: we are not in the room");
    }
    if (!this.#outgoing.push(text)) {
      return this.#error("flood", "Cannot broadcast: too many messages are waiting");
    }
    this.#outgoing.sendDue(now);
  }

  /** Leaves the room for good. */
  quit(): void {
    if (this.registered) this.#connection.send({ verb: "QUIT" });
    this.#end();
  }

  /** When {@linkcode timeout} wants to be called. */
  nextTimeout(): number | undefined {
    return earliest([this.#connection.nextTimeout(), this.#outgoing.nextTimeout()]);
  }

  /** Does what is due at `now`. */
  timeout(now: number): void {
    this.#connection.timeout(now);
    if ((this.#outgoing.nextTimeout() ?? Infinity) <= now) this.#outgoing.sendDue(now);
  }

  /** @throws {ProtocolError} `bad-message` for what may not come now */
  #message(message: ServerMessage, now: number): void {
    switch (message.verb) {
      case "CAPS":
        return this.#entrance.greeted(message, now);
      case "WELCOME":
        return this.#entrance.welcomed(message, now);
      case "PING":
        return this.#connection.send({ verb: "PONG", token: message.token });
      case "ERROR":
        return this.#refused(message, now);
    }
    // Until the roster there is no room to tell of.
    if (!this.registered) {
      if (message.verb === "ROSTER") this.#entrance.rosterPart(message, now);
    } else if (isOfRelay(message)) {
      if (this.relays) this.#handler.relayed(message, now);
    } else if (this.#o.greeting.delivers) {
      this.#notice(message, now);
    } else if (message.verb === "UPDATE") {
      this.#attendance.updated(message.change, message.user);
    } else if (message.verb === "BROADCAST") {
      this.#incoming.broadcast(message.username, message.text);
    }
  }

  /** What the registry tells those for whom it numbers: all else is not for us. */
  #notice(message: ServerMessage, now: number): void {
    switch (message.verb) {
      case "SAID":
        return this.#incoming.said(message);
      case "GAP":
        return this.#incoming.gap(message);
      case "JOINED":
        this.#attendance.joined(message.user);
        return this.#bookmark.noticed(message.presence);
      case "LEFT":
        this.#attendance.left(message.session);
        return this.#bookmark.noticed(message.presence);
      case "ROSTER":
        return this.#rosterPart(message);
      case "ACK":
      case "NAK":
        return this.#answered(message, now);
      case "RETRY":
        return this.#connection.notFor(message.seconds, now);
      case "REPLAYING":
      case "PAST":
      case "REPLAYED":
        return this.#past.told(message);
    }
  }

  /** The registry does not remember who came and left while we were away, or slow: it tells who is here. */
  #rosterPart(part: RosterMessage): void {
    const users = this.#attendance.rosterPart(part);
    if (!users) return;
    this.#attendance.renewed(users);
    this.#bookmark.rosterRead();
  }

  #registered(users: readonly KeyedUser[], welcome: Welcome | undefined, now: number): void {
    const { self, roster, greeting, pid } = this.#o;
    this.#everIn = true;
    roster.replace(users);
    const missed = welcome && this.#bookmark.registered(welcome, greeting.registryKey);
    this.#handler.registered();
    const peers = roster.users.map((user) => this.#handler.seen(user));
    this.#emit({ event: "registered", username: self.username, pid, peers });
    const spent = this.#past.entered(greeting.replays);
    this.#incoming.registered(missed, this.#outgoing.unanswered);
    for (const user of roster.users) this.#handler.told(user);
    const uncertain = this.#outgoing.entered(welcome);
    if (uncertain > 0) {
      this.#error("not-connected", `${uncertain} messages may not have arrived: nobody can tell`);
    }
    this.#outgoing.spent(spent, now);
    // What was said before the registry was lost is said now.
    this.#outgoing.sendDue(now);
    this.#handler.online();
  }

  #resumed(welcome: Welcome, now: number): void {
    this.#outgoing.entered(welcome);
    // The session's rate goes on, too, and these were counted there.
    this.#outgoing.spent(GREETING_MESSAGES, now);
    this.#emit({ event: "resumed", username: this.#o.self.username });
    this.#outgoing.sendDue(now);
    this.#handler.online();
  }

  #answered(answer: Ack | Nak, now: number): void {
    if (!this.#outgoing.isOurs(answer.id)) return;
    this.#incoming.answered(answer);
    const text = this.#outgoing.answered(answer.id);
    if (answer.verb === "NAK" && text !== undefined) {
      this.#error(answer.code, `Not sent: "${shortened(text)}": ${answer.text}`);
    }
    this.#outgoing.sendDue(now);
  }

  #refused(refusal: Refusal, now: number): void {
    this.#refusal = refusal;
    const { code, text } = refusal;
    const { stage } = this.#entrance;
    if (code === "taken-over" && (stage === "in" || stage === "resuming")) return this.#stayOut();
    if (this.#entrance.refused(refusal)) return;
    if (this.#everIn) this.#error(code, text);
    // Nobody is here to correct it; and what else the registry says to it counts for nothing.
    if (stage !== "in") this.#connection.drop(text, now);
  }

  /** Another session of ours has our name, as our user wanted: two of them must not take it from each other in turns. */
  #stayOut(): void {
    this.#takenOver = true;
    const unsent = this.#outgoing.abandon();
    this.#end();
    const lost = unsent > 0 ? `; ${unsent} messages were not sent` : "";
    this.#error(
      "taken-over",
      `Another session with your key has taken your name: out of the room; private chats go on${lost}`,
    );
  }

  #end(): void {
    this.#entrance.leave();
    this.#handler.offline();
    this.#incoming.settle();
    this.#past.over();
    this.#outgoing.pause();
    this.#connection.end();
  }

  #lost(why: string): void {
    const wasIn = this.registered;
    this.#entrance.leave();
    this.#handler.offline();
    this.#incoming.settle();
    this.#past.over();
    this.#outgoing.pause();
    if (!this.#everIn) {
      const { code, text } = this.#refusal ?? { code: "not-connected", text: why };
      this.#end();
      return this.#handler.failed(code, text);
    }
    if (!wasIn) return;
    const meanwhile = "private chats go on, what you say to all waits";
    this.#error("not-connected", `The registry is gone (${why}): trying again; ${meanwhile}`);
  }

  #emit(event: ClientEvent): void {
    this.#port.emit(event);
  }

  #error(code: string, message: string): void {
    this.#emit({ event: "error", code, message });
  }
}

function isOfRelay(message: ServerMessage): message is RelayNotice {
  switch (message.verb) {
    case "PASSED":
    case "UNPASSED":
    case "MET":
    case "RELAY":
    case "TAKEN":
    case "PARTED":
      return true;
    default:
      return false;
  }
}

/** Enough of a text to know it by. */
function shortened(text: string): string {
  const characters = Array.from(text.slice(0, 100));
  return characters.length <= 40 ? text : `${characters.slice(0, 40).join("")}…`;
}
