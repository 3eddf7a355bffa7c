import type { Endpoint } from "../protocol/address.ts";
import { earliest } from "../protocol/earliest.ts";
import type { ErrorCode } from "../protocol/error.ts";
import type { ServerMessage } from "../protocol/message.ts";
import { Admission } from "./admission.ts";
import { Arrivals } from "./arrivals.ts";
import {
  Connection,
  type ConnectionHandler,
  type ConnectionSurroundings,
  type SessionLink,
} from "./connection.ts";
import type { Clock } from "./clock.ts";
import type { Counters } from "./counters.ts";
import { encodeMessage } from "./encoding.ts";
import { errorMessage, TOLD_AT_CUT } from "./endings.ts";
import type { CloseReason, RegistryEvent } from "./events.ts";
import type { Fanout } from "./fanout.ts";
import { FloodGuard } from "./flood_guard.ts";
import type { RegistryCoreOptions } from "./options.ts";
import { Pacing } from "./pacing.ts";
import type { SessionId } from "./room.ts";

/** Who is told of {@linkcode Connections}. */
export interface ConnectionsHandler extends ConnectionHandler {
  /** A connection is over, for `reason`; it has been told all that it is going to be told. */
  over(connection: Connection, reason: CloseReason): void;
}

/** What {@linkcode Connections} work with. */
export interface ConnectionsParts {
  readonly options: RegistryCoreOptions;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly fanout: Fanout;
  readonly handler: ConnectionsHandler;
  readonly onEvent: (event: RegistryEvent) => void;
}

/** Everybody who is connected: how they come, how each is told something, how each is ended. */
export class Connections {
  readonly arrivals = new Arrivals();
  readonly pacing = new Pacing();
  readonly #parts: ConnectionsParts;
  readonly #admission: Admission;
  readonly #around: ConnectionSurroundings;
  readonly #byId = new Map<SessionId, Connection>();
  #lastId = 0;

  constructor(parts: ConnectionsParts) {
    this.#parts = parts;
    const { options: { maxPerIp, classic, identity, replay }, clock, counters, handler } = parts;
    this.#admission = new Admission(maxPerIp);
    const common = { classic, identity, clock, counters, handler };
    const told = { remembers: replay > 0, relay: parts.options.relay !== "never" };
    this.#around = { ...common, ...told, pacing: this.pacing };
  }

  /** All of them, also those that are over and have not ended yet. */
  [Symbol.iterator](): IterableIterator<Connection> {
    return this.#byId.values();
  }

  /** The connection of that number, until it has ended. */
  get(id: SessionId): Connection | undefined {
    return this.#byId.get(id);
  }

  /** A new one, from `remote`. */
  open(link: SessionLink, remote: Endpoint): SessionId {
    const { options: { messageRate }, counters } = this.#parts;
    counters.connections++;
    const id = ++this.#lastId;
    const guard = messageRate > 0 ? new FloodGuard(messageRate) : undefined;
    const turnedAway = this.#admission.entered(remote.ip, this.#parts.clock.now);
    const parts = { id, link, remote, turnedAway, guard };
    const connection = new Connection(parts, this.#around);
    this.#byId.set(id, connection);
    this.arrivals.opened(connection);
    if (turnedAway?.atOnce) this.close(connection, turnedAway.reason);
    return id;
  }

  /** One has ended: end of file, reset, or one that we closed. Idempotent. */
  ended(id: SessionId): void {
    const connection = this.#byId.get(id);
    if (!connection) return;
    this.close(connection, "ended");
    this.#byId.delete(id);
    this.#admission.left(connection.session.remoteIp, connection.turnedAway);
  }

  /** When {@linkcode timeout} wants to be called. */
  nextTimeout(): number | undefined {
    return earliest([this.arrivals.nextTimeout(), this.pacing.nextTimeout()]);
  }

  /** Ends those who have not come in in time, and writes to those who need time between writes. */
  timeout(): void {
    const { now } = this.#parts.clock;
    this.pacing.timeout(now);
    for (const [connection, why] of this.arrivals.idle(now)) {
      const { reason, text } = connection.turnedAway ?? { reason: "idle", text: why } as const;
      this.closeTold(connection, reason, text);
    }
  }

  /** Tells one something, in its place: a member after all that it was told before. */
  tell(connection: Connection, message: ServerMessage): void {
    const { session: { dialect }, id } = connection;
    if (!dialect) return;
    const { fanout } = this.#parts;
    const bytes = encodeMessage(dialect, message);
    if (fanout.has(id)) fanout.send(id, bytes);
    else connection.send(bytes);
  }

  /** Asks one for a sign, which it gives only if it is not {@linkcode Connections.tell | told} so behind all it has missed. */
  ping(connection: Connection, token: string, then?: () => void): void {
    const { fanout, counters } = this.#parts;
    counters.pings++;
    connection.session.expectPong(token, then);
    const ping = { verb: "PING", token } as const;
    if (fanout.isBehind(connection.id)) connection.send(encodeMessage("framed", ping));
    else this.tell(connection, ping);
  }

  /** Ends one after all that waits for it. */
  close(connection: Connection, reason: CloseReason): void {
    if (connection.session.closed) return;
    this.#parts.fanout.finish(connection.id);
    connection.end();
    this.#over(connection, reason);
  }

  /** The same after an error. */
  closeTold(connection: Connection, reason: CloseReason & ErrorCode, text: string): void {
    if (connection.session.closed) return;
    this.#parts.counters.refused[reason]++;
    this.tell(connection, errorMessage(reason, text));
    this.close(connection, reason);
  }

  /** Ends one without what waits for it: it does not read, does not stop, or is not there. */
  cut(connection: Connection, reason: keyof typeof TOLD_AT_CUT): void {
    const { session: { closed, dialect, remoteIp }, id } = connection;
    if (closed) return;
    const { fanout, counters, onEvent } = this.#parts;
    const error = TOLD_AT_CUT[reason];
    fanout.remove(id);
    connection.cut(dialect && error && encodeMessage(dialect, error));
    if (error) counters.refused[error.code]++;
    this.#over(connection, reason);
    if (reason !== "slow" && reason !== "flood") return;
    onEvent({ event: "error", code: reason, message: `${remoteIp}: ${TOLD_AT_CUT[reason].text}` });
  }

  #over(connection: Connection, reason: CloseReason): void {
    connection.session.closed = reason;
    this.#parts.counters.closes[reason]++;
    this.arrivals.done(connection);
    this.#parts.handler.over(connection, reason);
  }
}
