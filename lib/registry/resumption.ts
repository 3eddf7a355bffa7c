import type { Resume, Welcome } from "../protocol/delivery.ts";
import { ProtocolError } from "../protocol/error.ts";
import { badMessage } from "../protocol/fields.ts";
import type { KeyedUser } from "../protocol/keyed.ts";
import { nameKey } from "../protocol/name.ts";
import type { Connection } from "./connection.ts";
import { encodeMessage } from "./encoding.ts";
import type { Heartbeats } from "./heartbeats.ts";
import { LastingSession, type Owner } from "./lasting_sessions.ts";
import type { RegistryParts } from "./parts.ts";

/** What {@linkcode Resumption} works with. */
export interface ResumptionParts extends RegistryParts {
  readonly heartbeats: Heartbeats<Connection>;
  /** Has a session go on as the member on that connection, at that address. */
  readonly move: (session: LastingSession, to: Connection, ip: string, udpPort: number) => void;
}

/** How a session that outlives its connection begins, ends, and goes on on another one. */
export class Resumption {
  readonly #parts: ResumptionParts;

  constructor(parts: ResumptionParts) {
    this.#parts = parts;
  }

  /** A session of `owner` begins on that connection; gives it and what it is told first. */
  begin(connection: Connection, user: KeyedUser, owner: Owner): [LastingSession, Uint8Array] {
    const { lasting, log, heartbeats } = this.#parts;
    const { id, session: { guard } } = connection;
    const session = new LastingSession({ id, user, owner, since: log.number, guard });
    lasting.add(session);
    log.keep(true);
    heartbeats.add(connection);
    return [session, this.#welcome(session)];
  }

  /** A session is over; `isTakenOver`: another one of its key has its name. */
  end(session: LastingSession, isTakenOver: boolean): void {
    const { lasting, log, options: { replay } } = this.#parts;
    lasting.end(session, isTakenOver);
    // Those who come later may ask for what is said now.
    log.keep(replay > 0 || lasting.size > 0);
  }

  /**
   * A connection asks to go on with a session.
   *
   * @throws {ProtocolError} `bad-message`, `bad-proof`, `no-session`
   */
  resume(connection: Connection, message: Resume): void {
    const { connections, counters, fanout, lasting, log, options } = this.#parts;
    const { token, number, presence, ip, udpPort } = message;
    const session = this.#find(connection, message);
    if (!session) {
      const why = "another session of your key has your name";
      return connections.closeTold(connection, "taken-over", why);
    }
    if (number > log.number || presence > log.position.presence) {
      throw badMessage("that number has not been reached");
    }
    const old = connections.get(session.id);
    if (old) connections.cut(old, "resumed");
    this.#parts.move(session, connection, ip, udpPort);
    lasting.resumed(session, token, connection.id);
    connection.session.heldBy(session.guard);
    connections.arrivals.done(connection);
    connection.send(this.#welcome(session));
    connections.ping(connection, options.newId(), () => lasting.confirmed(session));
    // What was said before it came is not for it, whatever it says to have read.
    const at = { number: Math.max(number, session.since), presence };
    const member = { id: connection.id, audience: "resume", recipient: connection } as const;
    fanout.resume({ ...member, reader: session }, at);
    this.#parts.heartbeats.add(connection);
    this.#parts.relay.entered(connection, session.user.session);
    counters.resumes++;
    const { username } = session.user;
    this.#parts.onEvent({ event: "resume", username, ip, udpPort });
  }

  /** The session that is asked for; `undefined` if it has lost its name. */
  #find({ proof }: Connection, { token, epoch }: Resume): LastingSession | undefined {
    const claim = proof.claim();
    if (!claim || !proof.lasts) throw badMessage("tell the capability and a key first");
    const { username, key: { publicKey } } = claim;
    const owner = { name: nameKey(username), publicKey };
    const found = this.#parts.lasting.find(token, owner);
    if (found === "taken-over") return undefined;
    if (found && epoch === this.#parts.log.epoch) return found;
    throw new ProtocolError("no-session", "that session is no more");
  }

  #welcome({ tokens }: LastingSession): Uint8Array {
    const { log, options: { grace, messageRate: rate } } = this.#parts;
    const { epoch, position: { number, presence } } = log;
    const token = tokens.at(-1) ?? "";
    const welcome: Welcome = { verb: "WELCOME", epoch, number, presence, token, grace, rate };
    return encodeMessage("framed", welcome);
  }
}
