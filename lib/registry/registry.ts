/**
 * The registry as one machine without sockets: connections are opened, fed and ended from outside, time
 * is passed in, and what has to be written goes to the {@linkcode SessionLink} of each connection.
 *
 * @module
 */
import { earliest } from "../protocol/earliest.ts";
import { type ErrorCode, ProtocolError } from "../protocol/error.ts";
import type { ClientMessage, User } from "../protocol/message.ts";
import { Admission } from "./admission.ts";
import { ClassicSender } from "./classic_sender.ts";
import { encodeFor, Fanout } from "./fanout.ts";
import { FloodGuard } from "./flood_guard.ts";
import {
  FIRST_MESSAGE_MS,
  MAX_ERRORS_UNREGISTERED,
  MAX_QUEUED_BYTES,
  MAX_TURNED_AWAY,
  REGISTRATION_MS,
  type RegistryLimits,
} from "./limits.ts";
import { type Command, type Effect, Room, type SessionId } from "./room.ts";
import { type CutReason, Session } from "./session.ts";
import { encodeWelcome } from "./welcome.ts";

/** What the registry needs of a connection. */
export interface SessionLink {
  /** Bytes that the system has not taken yet. */
  readonly queued: number;
  /** Queues bytes that are never changed afterwards: never blocks, never reorders. */
  send(bytes: Uint8Array): void;
  /** Ends the connection once all that is queued is written. */
  end(): void;
  /** Ends the connection without what is queued, but for `last`. */
  cut(last?: Uint8Array): void;
}

/** What happens at a registry, for those who run it. */
export type RegistryEvent =
  | {
    readonly event: "join" | "leave";
    readonly username: string;
    readonly ip: string;
    readonly udpPort: number;
  }
  | { readonly event: "error"; readonly code: string; readonly message: string };

interface Connection {
  readonly session: Session;
  readonly link: SessionLink;
  /** Paces what is written to the original program; once the dialect is known to be its. */
  classic: ClassicSender | undefined;
  readonly openedAt: number;
  /** Why it was turned away at the door; told once its dialect is known. */
  readonly turnedAway: ProtocolError | undefined;
  /** Bytes of its own LIST and JOINs that may wait over the bound. */
  allowance: number;
}

/** The machine. */
export class Registry {
  readonly #limits: RegistryLimits;
  readonly #room: Room;
  readonly #fanout: Fanout;
  readonly #admission: Admission;
  readonly #onEvent: (event: RegistryEvent) => void;
  readonly #connections = new Map<SessionId, Connection>();
  /** Who has not sent a complete message yet, in the order of opening. */
  readonly #silent = new Set<Connection>();
  /** Who has not registered yet, in the order of opening. */
  readonly #unregistered = new Set<Connection>();
  /** Those whose writes wait for their time. */
  readonly #paced = new Set<Connection>();
  /** The earliest of their times. */
  #pacedAt = Infinity;
  /** Whoever is slow now is not cut any more: that would announce leaves. */
  #stopping = false;
  #lastId = 0;
  #now = 0;
  #turnedAway = 0;

  constructor(
    limits: RegistryLimits,
    onEvent: (event: RegistryEvent) => void,
    schedule?: (flush: () => void) => void,
  ) {
    this.#limits = limits;
    this.#room = new Room(limits.maxClients);
    this.#fanout = new Fanout(schedule);
    this.#admission = new Admission(limits.maxPerIp);
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
    const { messageRate } = this.#limits;
    const guard = messageRate > 0 ? new FloodGuard(messageRate) : undefined;
    const turnedAway = this.#admission.entered(remoteIp, now);
    const connection = {
      session: new Session(id, remoteIp, guard, {
        message: (message) => this.#message(connection, message),
        refused: (error) => this.#refuse(connection, error),
        cut: (reason) => this.#cut(connection, reason),
      }),
      link,
      openedAt: now,
      turnedAway,
      classic: undefined,
      allowance: 0,
    };
    this.#connections.set(id, connection);
    this.#silent.add(connection);
    this.#unregistered.add(connection);
    if (turnedAway && ++this.#turnedAway > MAX_TURNED_AWAY) this.#close(connection);
    return id;
  }

  /** Bytes from a connection, in any chunking. */
  receive(id: SessionId, chunk: Uint8Array, now: number): void {
    const connection = this.#connections.get(id);
    if (!connection) return;
    this.#now = now;
    connection.session.receive(chunk, now);
    if (connection.session.spoke) this.#silent.delete(connection);
  }

  /** A connection is over: end of file, reset, or one we closed. Idempotent. */
  ended(id: SessionId): void {
    const connection = this.#connections.get(id);
    if (!connection) return;
    this.#close(connection);
    this.#connections.delete(id);
    this.#admission.left(connection.session.remoteIp);
    if (connection.turnedAway) this.#turnedAway--;
  }

  /** When {@linkcode timeout} wants to be called. */
  nextTimeout(): number | undefined {
    const [silent] = this.#silent;
    const [unregistered] = this.#unregistered;
    return earliest([
      silent && silent.openedAt + FIRST_MESSAGE_MS,
      unregistered && unregistered.openedAt + REGISTRATION_MS,
      this.#pacedAt,
    ]);
  }

  /** Ends those who have kept us waiting, and writes to those who need time between writes. */
  timeout(now: number): void {
    this.#now = now;
    if (this.#pacedAt <= now) this.#writePaced(now);
    for (const connection of this.#silent) {
      if (connection.openedAt + FIRST_MESSAGE_MS > now) break;
      const idle = new ProtocolError("idle", "no complete message in time");
      this.#close(connection, connection.turnedAway ?? idle);
    }
    for (const connection of this.#unregistered) {
      if (connection.openedAt + REGISTRATION_MS > now) break;
      this.#close(connection, new ProtocolError("idle", "not registered in time"));
    }
  }

  /** Tells everybody `closing` and ends all connections; no leaves are announced. */
  shutdown(): void {
    this.#fanout.flush();
    this.#stopping = true;
    for (const connection of this.#connections.values()) {
      if (connection.session.over) continue;
      this.#tell(connection, new ProtocolError("closing", "the registry is stopping"));
      this.#end(connection);
    }
  }

  #message(connection: Connection, message: ClientMessage): void {
    if (connection.turnedAway) return this.#close(connection, connection.turnedAway);
    const session = connection.session.id;
    switch (message.verb) {
      case "REGISTER": {
        const { username, ip, udpPort } = message;
        return this.#apply({ kind: "register", session, user: { username, ip, udpPort } });
      }
      case "BROADCAST": {
        const { username, text } = message;
        return this.#apply({ kind: "broadcast", session, username, text });
      }
      case "QUIT":
        return this.#apply({ kind: "quit", session });
    }
  }

  #apply(command: Command): void {
    for (const effect of this.#room.apply(command)) this.#perform(effect);
  }

  #perform(effect: Effect): void {
    if (effect.kind === "deliver") return this.#fanout.deliver(effect.message, effect.except);
    const connection = this.#connections.get(effect.to);
    if (!connection) return;
    switch (effect.kind) {
      case "refuse":
        return this.#refuse(connection, new ProtocolError(effect.code, effect.text));
      case "welcome":
        return this.#welcome(connection, effect.users);
      case "farewell":
        this.#fanout.remove(connection.session.id);
        this.#onEvent({ event: "leave", ...effect.user });
        return this.#close(connection);
    }
  }

  #welcome(connection: Connection, users: readonly User[]): void {
    const { session: { id, dialect } } = connection;
    const [self] = users;
    if (!dialect || !self) return;
    this.#unregistered.delete(connection);
    const bytes = encodeWelcome(dialect, users);
    connection.allowance = bytes.length;
    this.#write(connection, bytes);
    this.#fanout.add(id, dialect, { send: (bytes) => this.#send(connection, bytes) });
    this.#onEvent({ event: "join", ...self });
  }

  /** The one way in which a member is sent anything after its welcome. */
  #send(connection: Connection, bytes: Uint8Array): void {
    if (connection.session.over) return;
    if (this.#queued(connection) === 0) connection.allowance = 0;
    this.#write(connection, bytes);
    if (!this.#stopping && this.#queued(connection) > MAX_QUEUED_BYTES + connection.allowance) {
      this.#cut(connection, "slow");
    }
  }

  #queued({ link, classic }: Connection): number {
    return classic?.queued ?? link.queued;
  }

  #write(connection: Connection, bytes: Uint8Array): void {
    if (connection.session.dialect === "framed") return connection.link.send(bytes);
    connection.classic ??= new ClassicSender(connection.link);
    connection.classic.send(bytes, this.#now);
    const next = connection.classic.nextTimeout();
    if (next === undefined) return;
    this.#paced.add(connection);
    this.#pacedAt = Math.min(this.#pacedAt, next);
  }

  #writePaced(now: number): void {
    this.#pacedAt = Infinity;
    for (const connection of this.#paced) {
      connection.classic?.timeout(now);
      const next = connection.classic?.nextTimeout();
      if (next === undefined) this.#paced.delete(connection);
      else this.#pacedAt = Math.min(this.#pacedAt, next);
    }
  }

  /** Ends a connection after what waits for it. */
  #end(connection: Connection): void {
    connection.session.over = true;
    this.#silent.delete(connection);
    this.#unregistered.delete(connection);
    this.#paced.delete(connection);
    connection.classic?.flush();
    connection.link.end();
  }

  #refuse(connection: Connection, error: ProtocolError): void {
    const { session, turnedAway } = connection;
    if (turnedAway) return this.#close(connection, turnedAway);
    if (error.fatal || error.code === "full") return this.#close(connection, error);
    this.#tell(connection, error);
    const registered = !this.#unregistered.has(connection);
    if (!registered && ++session.errors >= MAX_ERRORS_UNREGISTERED) this.#close(connection);
  }

  #tell(connection: Connection, error: ProtocolError): void {
    const { id, dialect } = connection.session;
    if (!dialect) return;
    const bytes = encodeFor(dialect, { verb: "ERROR", code: error.code, text: error.message });
    // A member has to get what was delivered before; the fan-out does not know anybody else.
    if (this.#fanout.has(id)) this.#fanout.send(id, bytes);
    else this.#write(connection, bytes);
  }

  /** Ends a connection without what waits for it: it does not read, or it does not stop. */
  #cut(connection: Connection, reason: CutReason | "slow"): void {
    const { session, link } = connection;
    if (session.over) return;
    session.over = true;
    this.#paced.delete(connection);
    const text = reason === "slow" ? "you read too slowly" : "too many messages";
    const told = session.dialect && reason !== "no-dialect"
      ? encodeFor(session.dialect, { verb: "ERROR", code: reason, text })
      : undefined;
    link.cut(told);
    this.#forget(connection);
    if (reason !== "no-dialect") this.#report(reason, `${session.remoteIp}: ${text}`);
  }

  /** Ends a connection after what waits for it, and after `error`. */
  #close(connection: Connection, error?: ProtocolError): void {
    if (connection.session.over) return;
    if (error) this.#tell(connection, error);
    this.#end(connection);
    this.#forget(connection);
  }

  #forget(connection: Connection): void {
    this.#silent.delete(connection);
    this.#unregistered.delete(connection);
    this.#apply({ kind: "ended", session: connection.session.id });
  }

  #report(code: ErrorCode, message: string): void {
    this.#onEvent({ event: "error", code, message });
  }
}
