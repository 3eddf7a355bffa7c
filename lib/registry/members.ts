import { earliest } from "../protocol/earliest.ts";
import type { MessageId, Say } from "../protocol/delivery.ts";
import { ProtocolError } from "../protocol/error.ts";
import type { KeyedUser } from "../protocol/keyed.ts";
import { type NameKey, nameKey } from "../protocol/name.ts";
import type { Connection } from "./connection.ts";
import { encodeMessage } from "./encoding.ts";
import type { CloseReason } from "./events.ts";
import type { LastingSession } from "./lasting_sessions.ts";
import { type Command, type Effect, Room, type SessionId } from "./room.ts";
import type { Resumption } from "./resumption.ts";
import type { RegistryParts } from "./parts.ts";
import type { Senders } from "./senders.ts";
import { Takeovers } from "./takeover.ts";
import type { Welcome } from "./welcome.ts";

/** What {@linkcode Members} work with. */
export interface MembersParts extends RegistryParts {
  readonly roster: Welcome;
  readonly resumption: Resumption;
  readonly senders: Senders;
  /** A command is refused. */
  readonly refuse: (connection: Connection, error: ProtocolError) => void;
}

/** What the end of a connection is for the session that it belonged to, if that can go on on another one. */
export const SESSION_AT: Readonly<Record<CloseReason, "dropped" | "over" | "elsewhere">> = {
  "ended": "dropped",
  "slow": "dropped",
  "idle": "dropped",
  "resumed": "elsewhere",
  "quit": "over",
  "flood": "over",
  "full": "over",
  "bad-frame": "over",
  "no-dialect": "over",
  "no-classic": "over",
  "errors": "over",
  "taken-over": "over",
  "closing": "over",
};

/** Has the room's commands carried out: who comes in, who waits for it, who goes, who is kept. */
export class Members {
  readonly #parts: MembersParts;
  readonly #room: Room;
  readonly #takeovers = new Takeovers();

  constructor(parts: MembersParts) {
    this.#parts = parts;
    this.#room = new Room(parts.options.maxClients, parts.options.names);
  }

  /** How many there are, those included whose place is kept. */
  get size(): number {
    return this.#room.size;
  }

  /** Whether that connection is a member's, or waits to be one. */
  isRegistered(id: SessionId): boolean {
    return this.#parts.fanout.has(id) || this.isWaiting(id);
  }

  /** Whether that connection waits for the answers of others. */
  isWaiting(id: SessionId): boolean {
    return this.#takeovers.isNewcomer(id);
  }

  /** Carries out one command. */
  apply(command: Command): void {
    for (const effect of this.#room.apply(command)) this.#perform(effect);
  }

  /**
   * A member says something, or says it again.
   *
   * @throws {ProtocolError} `not-registered`
   */
  say(connection: Connection, { id, text }: Say): void {
    const { counters, connections, lasting, log: { epoch }, senders } = this.#parts;
    const session = lasting.get(connection.id);
    if (!session) throw new ProtocolError("not-registered", "register first");
    const before = senders.before(session.owner.publicKey, id);
    if (!before) return this.apply({ kind: "say", session: connection.id, id, text });
    counters.repeats++;
    // Where it stood in the stream it has been acknowledged: this is no place in it.
    if (before === "taken") connections.tell(connection, { verb: "ACK", id, epoch, number: 0 });
    else connections.tell(connection, { verb: "NAK", id, code: before, text: "refused before" });
  }

  /** What is said is refused, and so it is when it comes again behind others; but what the room has it has. */
  refuseSay(connection: Connection, id: MessageId, { code, message: text }: ProtocolError): void {
    const { connections, counters, lasting, log: { epoch }, senders } = this.#parts;
    const sender = lasting.get(connection.id)?.owner.publicKey;
    if (sender !== undefined && senders.before(sender, id) === "taken") {
      counters.repeats++;
      return connections.tell(connection, { verb: "ACK", id, epoch, number: 0 });
    }
    if (sender !== undefined) senders.refused(sender, id, code);
    connections.tell(connection, { verb: "NAK", id, code, text });
  }

  /** A connection is over. */
  over({ id, session: { remoteIp } }: Connection, reason: CloseReason): void {
    this.#takeovers.release(id);
    const { lasting, counters, clock, onEvent } = this.#parts;
    const session = lasting.get(id);
    const then = session ? SESSION_AT[reason] : "over";
    if (then === "elsewhere") return;
    if (then === "dropped" && session && lasting.drop(session, reason, remoteIp, clock.now)) {
      const { username, ip, udpPort } = session.user;
      counters.drops++;
      onEvent({ event: "drop", username, ip, udpPort, reason });
      return this.#endCrowdedOut(session);
    }
    this.apply({ kind: "ended", session: id, reason });
  }

  /** A session goes on on that connection, at that address. */
  move(session: LastingSession, connection: Connection, ip: string, udpPort: number): void {
    this.apply({ kind: "resume", from: session.id, session: connection.id, ip, udpPort });
    session.user = this.#room.user(connection.id) ?? session.user;
  }

  /** Lets in those who have waited for the answers of others. */
  admitNewcomers(): void {
    while (this.#takeovers.settled) {
      for (const [session, user] of this.#takeovers.takeSettled()) {
        const newcomer = this.#parts.connections.get(session);
        if (!newcomer || newcomer.session.closed) continue;
        this.#endDropped(nameKey(user.username));
        this.apply({ kind: "register", session, user, probed: true });
      }
    }
  }

  /** When {@linkcode timeout} wants to be called. */
  nextTimeout(): number | undefined {
    // Somebody was cut in the middle of a fan-out, which is no time to let others in.
    if (this.#takeovers.settled) return this.#parts.clock.now;
    return earliest([this.#takeovers.nextTimeout(), this.#parts.lasting.nextTimeout()]);
  }

  /** Ends those who have not answered in time, and those who have not come back. */
  timeout(): void {
    const { connections, lasting, clock } = this.#parts;
    for (const id of this.#takeovers.silent(clock.now)) {
      const silent = connections.get(id);
      if (silent) connections.cut(silent, "taken-over");
      // Not done by the cut where all are ending anyway.
      this.#takeovers.release(id);
    }
    for (const { id, dropped } of lasting.expired(clock.now)) {
      if (dropped) this.apply({ kind: "ended", session: id, reason: dropped });
    }
  }

  /** A session has lost its connection: older ones that did may have to make room. */
  #endCrowdedOut(session: LastingSession): void {
    const { lasting } = this.#parts;
    for (let out = lasting.crowdedOut(session); out?.dropped; out = lasting.crowdedOut(session)) {
      this.apply({ kind: "ended", session: out.id, reason: out.dropped });
    }
  }

  #perform(effect: Effect): void {
    const { connections, fanout, log, roster, refuse } = this.#parts;
    switch (effect.kind) {
      case "broadcast":
        return this.#broadcast(effect);
      case "presence": {
        const { change, user, by } = effect;
        if (change === "JOIN") roster.add(user);
        else roster.remove(user);
        return fanout.deliver(log.changed(change, user), by);
      }
      case "probe":
        return this.#probe(effect.name, effect.by, effect.user);
      case "welcome": {
        const connection = connections.get(effect.to);
        return connection && this.#welcome(connection, effect.name, effect.user);
      }
      case "farewell":
        return this.#farewell(effect);
      case "refuse": {
        const connection = connections.get(effect.to);
        return connection && refuse(connection, new ProtocolError(effect.code, effect.text));
      }
    }
  }

  #broadcast({ by, sender, id, text }: Effect & { readonly kind: "broadcast" }): void {
    const { counters, fanout, log, lasting, senders } = this.#parts;
    counters.broadcasts++;
    const notice = log.broadcast(sender, text, id);
    const session = lasting.get(by);
    if (!session) return fanout.deliver(notice, by);
    const { epoch, number } = notice;
    session.sent({ id, number });
    if (!id) return fanout.deliver(notice, by);
    senders.took(session.owner.publicKey, id);
    fanout.deliver(notice, by, encodeMessage("framed", { verb: "ACK", id, epoch, number }));
  }

  #welcome(connection: Connection, name: NameKey, user: KeyedUser): void {
    const { options: { names }, counters, connections, fanout, onEvent } = this.#parts;
    const { id, audience, session: { remoteIp } } = connection;
    const { username, ip, udpPort, key } = user;
    if (!audience) return;
    connections.arrivals.done(connection);
    connection.session.entered(username);
    if (key) names.entered(name, key, remoteIp);
    const pieces = this.#parts.roster.pieces(audience, user);
    if (audience === "resume" && key) {
      const owner = { name, publicKey: key.publicKey };
      const [reader, welcome] = this.#parts.resumption.begin(connection, user, owner);
      connection.welcome([welcome, ...pieces]);
      fanout.add({ id, audience, recipient: connection, reader });
    } else {
      connection.welcome(pieces);
      fanout.add({ id, audience, recipient: connection, reader: undefined });
    }
    this.#parts.relay.entered(connection, user.session);
    counters.joins++;
    onEvent({ event: "join", username, ip, udpPort });
  }

  #farewell({ to, name, user, reason }: Effect & { readonly kind: "farewell" }): void {
    const { options: { names }, counters, connections, onEvent } = this.#parts;
    const session = this.#parts.lasting.get(to);
    if (session) this.#parts.resumption.end(session, reason === "taken-over");
    names.left(name);
    counters.leaves++;
    const { username, ip, udpPort } = user;
    onEvent({ event: "leave", username, ip, udpPort, reason });
    const connection = connections.get(to);
    if (connection) connections.close(connection, reason);
  }

  /** Asks those who have a name whether they are there, for a newcomer of the same key. */
  #probe(name: NameKey, newcomer: SessionId, user: KeyedUser): void {
    const { options, clock, connections } = this.#parts;
    this.#endDropped(name);
    const holders = this.#room.holders(name);
    if (holders.length === 0) {
      return this.apply({ kind: "register", session: newcomer, user, probed: true });
    }
    for (const id of this.#takeovers.begin(name, newcomer, user, holders, clock.now)) {
      const holder = connections.get(id);
      if (holder) connections.ping(holder, options.newId(), () => this.#takeovers.release(id));
    }
  }

  /** Ends the sessions of that name that have no connection: they cannot answer. */
  #endDropped(name: NameKey): void {
    for (const id of this.#room.holders(name)) {
      const session = this.#parts.lasting.get(id);
      if (!session?.dropped) continue;
      const reason = session.dropped;
      this.#parts.resumption.end(session, true);
      this.apply({ kind: "ended", session: id, reason });
    }
  }
}
