/**
 * The registry as one machine without sockets: connections are opened, fed and ended from outside, time
 * is passed in, and what has to be written goes to the {@linkcode SessionLink} of each connection.
 *
 * @module
 */
import { earliest } from "../protocol/earliest.ts";
import { type ErrorCode, ProtocolError } from "../protocol/error.ts";
import type { KeyedUser, Pong } from "../protocol/keyed.ts";
import type { ClientMessage, Register, ServerMessage } from "../protocol/message.ts";
import type { NameKey } from "../protocol/name.ts";
import { Admission } from "./admission.ts";
import { Arrivals } from "./arrivals.ts";
import { Connection, type SessionLink } from "./connection.ts";
import { errorMessage, TOLD_AT_CUT } from "./endings.ts";
import type { CloseReason, RegistryEvent } from "./events.ts";
import { encodeFor, Fanout } from "./fanout.ts";
import { FloodGuard } from "./flood_guard.ts";
import { MAX_ERRORS_UNREGISTERED } from "./limits.ts";
import type { RegistryCoreOptions } from "./options.ts";
import { Pacing } from "./pacing.ts";
import { type Command, type Effect, Room, type SessionId } from "./room.ts";
import { Session } from "./session.ts";
import { Takeovers } from "./takeover.ts";
import { encodeWelcome } from "./welcome.ts";

export type { CloseReason, RegistryEvent } from "./events.ts";
export type { SessionLink } from "./connection.ts";

/** The machine. */
export class Registry {
  readonly #options: RegistryCoreOptions;
  readonly #room: Room;
  readonly #fanout: Fanout;
  readonly #admission: Admission;
  readonly #onEvent: (event: RegistryEvent) => void;
  readonly #connections = new Map<SessionId, Connection>();
  readonly #arrivals = new Arrivals();
  readonly #pacing = new Pacing();
  readonly #takeovers = new Takeovers();
  /** Whoever is slow now is not cut any more: that would announce leaves. */
  #stopping = false;
  #lastId = 0;
  #now = 0;

  constructor(
    options: RegistryCoreOptions,
    onEvent: (event: RegistryEvent) => void,
    schedule?: (flush: () => void) => void,
  ) {
    this.#options = options;
    this.#room = new Room(options.maxClients, options.names);
    this.#fanout = new Fanout(schedule);
    this.#admission = new Admission(options.maxPerIp);
    this.#onEvent = onEvent;
  }

  /** Registered users. */
  get size(): number {
    return this.#room.size;
  }

  /** A connection from `remoteIp` (as `parseIp` gives it). */
  open(link: SessionLink, remoteIp: string, now: number): SessionId {
    this.#now = now;
    const id = ++this.#lastId;
    const { messageRate, classic, identity } = this.#options;
    const session = new Session({
      id,
      remoteIp,
      classic,
      guard: messageRate > 0 ? new FloodGuard(messageRate) : undefined,
      handler: {
        message: (message) => this.#message(connection, message),
        ponged: () => this.#takeovers.release(id),
        refused: (error) => this.#refuse(connection, error),
        cut: (reason) => this.#cut(connection, reason),
      },
    });
    const turnedAway = this.#admission.entered(remoteIp, now);
    const pacing = this.#pacing;
    const parts = { link, session, openedAt: now, turnedAway, pacing, identity };
    const connection = new Connection(parts);
    this.#connections.set(id, connection);
    this.#arrivals.opened(connection);
    if (turnedAway?.atOnce) this.#close(connection, turnedAway.reason);
    return id;
  }

  /** Bytes from a connection, in any chunking. */
  receive(id: SessionId, chunk: Uint8Array, now: number): void {
    const connection = this.#connections.get(id);
    if (!connection) return;
    this.#now = now;
    connection.session.receive(chunk, now);
    if (connection.session.spoke) this.#arrivals.spoke(connection);
    this.#admitNewcomers();
  }

  /** A connection is over: end of file, reset, or one we closed. Idempotent. */
  ended(id: SessionId): void {
    const connection = this.#connections.get(id);
    if (!connection) return;
    this.#close(connection, "ended");
    this.#connections.delete(id);
    this.#admission.left(connection.session.remoteIp, connection.turnedAway);
    this.#admitNewcomers();
  }

  /** When {@linkcode timeout} wants to be called. */
  nextTimeout(): number | undefined {
    return earliest([
      this.#arrivals.nextTimeout(),
      this.#pacing.nextTimeout(),
      // Somebody was cut in the middle of a fan-out, which is no time to let others in.
      this.#takeovers.settled ? this.#now : this.#takeovers.nextTimeout(),
    ]);
  }

  /** Ends those who have kept us waiting, and writes to those who need time between writes. */
  timeout(now: number): void {
    this.#now = now;
    this.#pacing.timeout(now);
    for (const [connection, why] of this.#arrivals.idle(now)) {
      const { reason, text } = connection.turnedAway ?? { reason: "idle", text: why } as const;
      this.#closeTold(connection, reason, text);
    }
    for (const id of this.#takeovers.silent(now)) {
      const silent = this.#connections.get(id);
      if (silent) this.#cut(silent, "taken-over");
      // Not done by the cut where all are ending anyway.
      this.#takeovers.release(id);
    }
    this.#admitNewcomers();
  }

  /** Tells everybody `closing` and ends all connections; no leaves are announced. */
  shutdown(): void {
    this.#fanout.flush();
    this.#stopping = true;
    for (const connection of this.#connections.values()) {
      if (connection.session.closed) continue;
      this.#tell(connection, errorMessage("closing", "the registry is stopping"));
      this.#end(connection, "closing");
    }
    this.#options.names.allLeft();
  }

  #message(connection: Connection, message: Exclude<ClientMessage, Pong>): void {
    const { session: { id: session }, turnedAway, proof } = connection;
    if (turnedAway) return this.#closeTold(connection, turnedAway.reason, turnedAway.text);
    switch (message.verb) {
      case "CAPS":
        return this.#tell(connection, proof.capabilities(message, this.#options.newNonce()));
      case "IDENTITY":
        this.#checkUnregistered(session);
        return proof.identify(message);
      case "REGISTER":
        this.#checkUnregistered(session);
        return this.#register(connection, message);
      case "BROADCAST": {
        const { username, text } = message;
        return this.#apply({ kind: "broadcast", session, username, text });
      }
      case "QUIT":
        // Who waits for the answers of others is nobody yet, and is not let in any more.
        if (this.#takeovers.isNewcomer(session)) return this.#close(connection, "quit");
        return this.#apply({ kind: "quit", session });
    }
  }

  #register({ session, proof }: Connection, { username, ip, udpPort }: Register): void {
    const key = proof.keyFor(username);
    const user = { username, ip, udpPort, session: this.#options.newId(), key };
    this.#apply({ kind: "register", session: session.id, user, probed: false });
  }

  /** @throws {ProtocolError} `already-registered`, also for one that waits for the answers of others */
  #checkUnregistered(id: SessionId): void {
    if (!this.#fanout.has(id) && !this.#takeovers.isNewcomer(id)) return;
    throw new ProtocolError("already-registered", "this connection is registered already");
  }

  #apply(command: Command): void {
    for (const effect of this.#room.apply(command)) this.#perform(effect);
  }

  #perform(effect: Effect): void {
    if (effect.kind === "deliver") return this.#fanout.deliver(effect.message, effect.except);
    if (effect.kind === "probe") return this.#probe(effect.name, effect.by, effect.user);
    const connection = this.#connections.get(effect.to);
    if (!connection) return;
    switch (effect.kind) {
      case "refuse":
        return this.#refuse(connection, new ProtocolError(effect.code, effect.text));
      case "welcome":
        return this.#welcome(connection, effect.name, effect.users);
      case "farewell": {
        const { name, user: { username, ip, udpPort }, reason } = effect;
        this.#fanout.remove(connection.session.id);
        this.#options.names.left(name);
        this.#onEvent({ event: "leave", username, ip, udpPort, reason });
        return this.#close(connection, reason);
      }
    }
  }

  #welcome(connection: Connection, name: NameKey, users: readonly KeyedUser[]): void {
    const { session: { id, remoteIp }, audience } = connection;
    const [self] = users;
    if (!audience || !self) return;
    this.#arrivals.done(connection);
    if (self.key) this.#options.names.entered(name, self.key, remoteIp);
    connection.welcome(encodeWelcome(audience, users), this.#now);
    this.#fanout.add(id, audience, { send: (bytes) => this.#send(connection, bytes) });
    const { username, ip, udpPort } = self;
    this.#onEvent({ event: "join", username, ip, udpPort });
  }

  /** Asks those who have a name whether they are there, for a newcomer of the same key. */
  #probe(name: NameKey, newcomer: SessionId, user: KeyedUser): void {
    const holders = this.#room.holders(name);
    for (const id of this.#takeovers.begin(name, newcomer, user, holders, this.#now)) {
      const holder = this.#connections.get(id);
      if (!holder) continue;
      const token = this.#options.newId();
      holder.session.expectPong(token);
      this.#tell(holder, { verb: "PING", token });
    }
  }

  /** Lets in those who have waited for the answers of others. */
  #admitNewcomers(): void {
    while (this.#takeovers.settled) {
      for (const [session, user] of this.#takeovers.takeSettled()) {
        const newcomer = this.#connections.get(session);
        if (!newcomer || newcomer.session.closed) continue;
        this.#apply({ kind: "register", session, user, probed: true });
      }
    }
  }

  /** The one way in which a member is sent anything after its welcome. */
  #send(connection: Connection, bytes: Uint8Array): void {
    if (connection.session.closed) return;
    connection.write(bytes, this.#now);
    if (connection.isSlow && !this.#stopping) this.#cut(connection, "slow");
  }

  #refuse(connection: Connection, error: ProtocolError): void {
    const { session, turnedAway } = connection;
    const { code, message } = error;
    if (turnedAway) return this.#closeTold(connection, turnedAway.reason, turnedAway.text);
    if (code === "bad-frame" || code === "no-classic" || code === "full") {
      return this.#closeTold(connection, code, message);
    }
    this.#tell(connection, errorMessage(code, message));
    if (this.#fanout.has(session.id)) return;
    if (++session.errors >= MAX_ERRORS_UNREGISTERED) this.#close(connection, "errors");
  }

  #tell(connection: Connection, message: ServerMessage): void {
    const { audience, session: { id } } = connection;
    if (!audience) return;
    const bytes = encodeFor(audience, message);
    // A member has to get what was delivered before; the fan-out does not know anybody else.
    if (this.#fanout.has(id)) this.#fanout.send(id, bytes);
    else connection.write(bytes, this.#now);
  }

  /** Ends a connection without what waits for it: it does not read, or it does not stop. */
  #cut(connection: Connection, reason: keyof typeof TOLD_AT_CUT): void {
    const { session, audience } = connection;
    if (session.closed) return;
    session.closed = reason;
    const error = TOLD_AT_CUT[reason];
    connection.cut(audience && error && encodeFor(audience, error));
    this.#forget(connection, reason);
    if (!error) return;
    const { code, text } = error;
    this.#onEvent({ event: "error", code, message: `${session.remoteIp}: ${text}` });
  }

  /** Ends a connection after what waits for it. */
  #close(connection: Connection, reason: CloseReason): void {
    if (connection.session.closed) return;
    this.#end(connection, reason);
    this.#forget(connection, reason);
  }

  /** The same after an error. */
  #closeTold(connection: Connection, reason: CloseReason & ErrorCode, text: string): void {
    if (connection.session.closed) return;
    this.#tell(connection, errorMessage(reason, text));
    this.#close(connection, reason);
  }

  #end(connection: Connection, reason: CloseReason): void {
    connection.session.closed = reason;
    this.#arrivals.done(connection);
    connection.end();
  }

  #forget(connection: Connection, reason: CloseReason): void {
    const session = connection.session.id;
    this.#arrivals.done(connection);
    this.#takeovers.release(session);
    this.#apply({ kind: "ended", session, reason });
  }
}
