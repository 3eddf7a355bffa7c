/**
 * The registry as one machine without sockets: connections are opened, fed and ended from outside, time
 * is passed in, and what has to be written goes to the {@linkcode SessionLink} of each connection.
 *
 * @module
 */
import type { Endpoint } from "../protocol/address.ts";
import { earliest } from "../protocol/earliest.ts";
import { ProtocolError } from "../protocol/error.ts";
import { badMessage } from "../protocol/fields.ts";
import type { Pong } from "../protocol/keyed.ts";
import type { ClientMessage, Register } from "../protocol/message.ts";
import type { Connection, SessionLink } from "./connection.ts";
import { Connections } from "./connections.ts";
import { Counters } from "./counters.ts";
import { errorMessage } from "./endings.ts";
import type { CloseReason, RegistryEvent } from "./events.ts";
import { Fanout } from "./fanout.ts";
import { Heartbeats } from "./heartbeats.ts";
import { LastingSessions } from "./lasting_sessions.ts";
import { MAX_ERRORS_UNREGISTERED, RETRY_SECONDS } from "./limits.ts";
import { Members, SESSION_AT } from "./members.ts";
import { Observatory } from "./observatory.ts";
import type { RegistryCoreOptions } from "./options.ts";
import { Replays } from "./replays.ts";
import { noSuchLink, Relay } from "./relay.ts";
import { Resumption } from "./resumption.ts";
import type { SessionId } from "./room.ts";
import { RoomLog } from "./room_log.ts";
import { Senders } from "./senders.ts";
import type { Refused } from "./session.ts";
import { Welcome } from "./welcome.ts";

export type { CloseReason, RegistryEvent } from "./events.ts";
export type { SessionLink } from "./connection.ts";

/** The machine. */
export class Registry {
  readonly #options: RegistryCoreOptions;
  readonly #clock = { now: 0 };
  readonly #counters: Counters;
  readonly #log: RoomLog;
  readonly #roster = new Welcome();
  readonly #lasting: LastingSessions;
  readonly #heartbeats = new Heartbeats<Connection>();
  readonly #observatory: Observatory;
  readonly #fanout: Fanout;
  readonly #relay: Relay;
  readonly #connections: Connections;
  readonly #resumption: Resumption;
  readonly #members: Members;
  readonly #replays: Replays;
  /** All connections are ended, which is no leave; who is slow now is not cut any more. */
  #isStopping = false;

  constructor(
    options: RegistryCoreOptions,
    onEvent: (event: RegistryEvent) => void,
    schedule: (flush: () => void) => void = queueMicrotask,
  ) {
    this.#options = options;
    this.#counters = options.counters ?? new Counters();
    this.#observatory = new Observatory(this.#counters, options.newNonce);
    this.#log = new RoomLog(options.newId(), this.#clock);
    this.#lasting = new LastingSessions(options.grace, options.maxPerIp, options.newNonce);
    const common = { options, onEvent, clock: this.#clock, counters: this.#counters };
    const [log, lasting, heartbeats] = [this.#log, this.#lasting, this.#heartbeats];
    // Links after the room: what all are told does not wait for them.
    const flush = (): void => {
      fanout.flush();
      relay.flush();
    };
    const fanout = this.#fanout = new Fanout({
      ...common,
      log,
      schedule: () => schedule(flush),
      roster: (self) => this.#roster.rosterFrames(self),
      cut: (id) => this.#tooSlow(id),
    });
    const connections = this.#connections = new Connections({
      ...common,
      fanout,
      handler: {
        get isVerbatim(): boolean {
          return fanout.isVerbatim;
        },
        verbatim: ({ id }, frames, count) => fanout.deliverVerbatim(frames, count, id),
        relayed: ({ id }, payload) => relay.take(id, payload),
        message: (connection, message) => this.#message(connection, message),
        refused: (connection, error, how) => this.#refuse(connection, error, how),
        fatal: (connection, reason) => connections.cut(connection, reason),
        over: (connection, reason) => this.#over(connection, reason),
      },
    });
    const relay = this.#relay = new Relay({
      ...common,
      isHeld: options.messageRate > 0,
      schedule: () => schedule(flush),
      tell: (id, message) => {
        const connection = connections.get(id);
        if (connection) connections.tell(connection, message);
      },
    });
    const parts = { ...common, connections, fanout, log, lasting, relay };
    const resumption = this.#resumption = new Resumption({
      ...parts,
      heartbeats,
      move: (session, to, ip, udpPort) => this.#members.move(session, to, ip, udpPort),
    });
    this.#replays = new Replays(parts);
    this.#members = new Members({
      ...parts,
      resumption,
      roster: this.#roster,
      senders: new Senders(),
      refuse: (connection, error) => this.#refuse(connection, error),
    });
  }

  /** Registered users, those included whose connection is lost and whose place is kept. */
  get size(): number {
    return this.#members.size;
  }

  /** Private links that go through here now, and the weight of what waits on them. */
  get relayed(): { readonly links: number; readonly queued: number } {
    const { links, queued } = this.#relay;
    return { links, queued };
  }

  /** Whether what arrives should wait until what was told is written out, which is going to happen. */
  get isFull(): boolean {
    return this.#fanout.isFull;
  }

  /** A connection from `remote`, its IP as `parseIp` gives it. */
  open(link: SessionLink, remote: Endpoint, now: number): SessionId {
    this.#clock.now = now;
    return this.#connections.open(link, remote);
  }

  /** A datagram to one of the UDP ports, from where it seems to come; what to answer there, if anything. */
  datagram(bytes: Uint8Array, from: Endpoint, now: number): Uint8Array | undefined {
    return this.#observatory.datagram(bytes, from, now);
  }

  /** Bytes from a connection, in any chunking. */
  receive(id: SessionId, chunk: Uint8Array, now: number): void {
    const connection = this.#connections.get(id);
    if (!connection) return;
    this.#clock.now = now;
    this.#counters.bytesIn += chunk.length;
    connection.heardAt = now;
    connection.session.receive(chunk, now);
    if (connection.session.spoke) this.#connections.arrivals.spoke(connection);
    this.#members.admitNewcomers();
  }

  /** What waits for a connection has come down to `LOW_WATER_BYTES`, having been more. */
  drained(id: SessionId, now: number): void {
    this.#clock.now = now;
    this.#fanout.drained(id);
    this.#relay.drained(id);
  }

  /** A connection is over: end of file, reset, or one we closed. Idempotent. */
  ended(id: SessionId, now: number): void {
    this.#clock.now = now;
    this.#connections.ended(id);
    this.#members.admitNewcomers();
  }

  /** When {@linkcode timeout} wants to be called. */
  nextTimeout(): number | undefined {
    return earliest([
      this.#connections.nextTimeout(),
      this.#members.nextTimeout(),
      this.#heartbeats.nextTimeout(),
      this.#fanout.nextTimeout(),
      this.#relay.nextTimeout(),
    ]);
  }

  /** Ends those who have kept us waiting, asks the silent, and writes to those who need time between writes. */
  timeout(now: number): void {
    this.#clock.now = now;
    this.#connections.timeout();
    this.#members.timeout();
    const { silent, dead } = this.#heartbeats.sweep(now);
    for (const connection of silent) {
      if (!connection.session.owesPongs) this.#connections.ping(connection, this.#options.newId());
    }
    for (const connection of dead) this.#connections.cut(connection, "idle");
    this.#fanout.timeout();
    this.#relay.timeout();
    this.#members.admitNewcomers();
  }

  /** Tells everybody `closing` and ends all connections; no leaves are announced. */
  shutdown(): void {
    this.#fanout.flush();
    this.#isStopping = true;
    for (const connection of this.#connections) {
      if (this.#lasting.get(connection.id)) {
        this.#connections.tell(connection, { verb: "RETRY", seconds: RETRY_SECONDS });
      }
      this.#connections.closeTold(connection, "closing", "the registry is stopping");
    }
    this.#lasting.stop();
    this.#options.names.allLeft();
  }

  #message(connection: Connection, message: Exclude<ClientMessage, Pong>): void {
    const { id, turnedAway, proof } = connection;
    if (turnedAway) {
      return this.#connections.closeTold(connection, turnedAway.reason, turnedAway.text);
    }
    switch (message.verb) {
      case "BROADCAST": {
        const { username, text } = message;
        return this.#members.apply({ kind: "broadcast", session: id, username, text });
      }
      case "SAY":
        if (!proof.lasts) throw notHere();
        return this.#members.say(connection, message);
      case "CAPS": {
        const answer = proof.capabilities(message, this.#options.newNonce());
        return this.#connections.tell(connection, answer);
      }
      case "OBSERVE":
        return this.#observe(connection);
      case "IDENTITY":
        this.#checkUnregistered(id);
        return proof.identify(message);
      case "REGISTER":
        this.#checkUnregistered(id);
        return this.#register(connection, message);
      case "RESUME":
        this.#checkUnregistered(id);
        return this.#resumption.resume(connection, message);
      case "REPLAY":
        if (!proof.replays) throw notHere();
        return this.#replays.asked(connection, message);
      case "PING":
        if (!this.#lasting.get(id)) throw notHere();
        return this.#connections.tell(connection, { verb: "PONG", token: message.token });
      case "PASS":
        return this.#relay.pass(id, message);
      case "MEET":
        return this.#relay.meet(id, message);
      case "PART":
        return this.#relay.part(id, message);
      case "RELAY":
      case "TAKEN":
        // One that is right was taken before.
        throw noSuchLink();
      case "QUIT":
        // Who waits for the answers of others is nobody yet, and is not let in any more.
        if (this.#members.isWaiting(id)) return this.#connections.close(connection, "quit");
        return this.#members.apply({ kind: "quit", session: id });
    }
  }

  /** In the room or not: who only wants to know this need not come in. */
  #observe(connection: Connection): void {
    const { id, proof, remote } = connection;
    if (!proof.keyed) throw badMessage("tell your capabilities first");
    const token = this.#observatory.grant(id, this.#clock.now);
    const udpPorts = this.#options.udpPorts?.() ?? [];
    this.#connections.tell(connection, { verb: "OBSERVED", ...remote, token, udpPorts });
  }

  #register({ id, proof }: Connection, { username, ip, udpPort }: Register): void {
    const key = proof.keyFor(username);
    const user = { username, ip, udpPort, session: this.#options.newId(), key };
    this.#members.apply({ kind: "register", session: id, user, probed: false });
  }

  /** @throws {ProtocolError} `already-registered`, also for one that waits for the answers of others */
  #checkUnregistered(id: SessionId): void {
    if (!this.#members.isRegistered(id)) return;
    throw new ProtocolError("already-registered", "this connection is registered already");
  }

  #refuse(connection: Connection, error: ProtocolError, how: Refused = ONCE): void {
    const { session, turnedAway, proof } = connection;
    const { code, message } = error;
    // Who is not told numbers knows no SAY.
    const id = proof.lasts ? how.id : undefined;
    if (turnedAway) {
      return this.#connections.closeTold(connection, turnedAway.reason, turnedAway.text);
    }
    if (code === "bad-frame" || code === "no-classic" || code === "full") {
      return this.#connections.closeTold(connection, code, message);
    }
    if (how.id && !id && code !== "flood") return this.#refuse(connection, notHere());
    this.#counters.refused[code]++;
    if (id && code !== "bad-message") {
      this.#members.refuseSay(connection, id, error);
    } else if (how.isRepeated) return;
    else this.#connections.tell(connection, errorMessage(code, message));
    if (this.#fanout.has(connection.id)) return;
    if (++session.errors >= MAX_ERRORS_UNREGISTERED) this.#connections.close(connection, "errors");
  }

  #tooSlow(id: SessionId): void {
    const connection = this.#connections.get(id);
    if (connection && !this.#isStopping) this.#connections.cut(connection, "slow");
  }

  #over(connection: Connection, reason: CloseReason): void {
    this.#heartbeats.delete(connection);
    this.#observatory.forget(connection.id);
    if (this.#isStopping) return;
    const isBack = this.#lasting.get(connection.id) && SESSION_AT[reason] !== "over";
    this.#relay.over(connection.id, isBack ? "lost" : "gone");
    this.#members.over(connection, reason);
  }
}

/** A message that is told, and has no id. */
const ONCE: Refused = { id: undefined, isRepeated: false };

function notHere(): ProtocolError {
  return badMessage("not in this session: tell the capability and a key first");
}
