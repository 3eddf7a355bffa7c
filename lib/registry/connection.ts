import type { Identity } from "../crypto/identity.ts";
import type { Endpoint } from "../protocol/address.ts";
import type { ProtocolError } from "../protocol/error.ts";
import type { Pong } from "../protocol/keyed.ts";
import type { ClientMessage } from "../protocol/message.ts";
import type { TurnedAway } from "./admission.ts";
import { ClassicSender } from "./classic_sender.ts";
import type { Clock } from "./clock.ts";
import type { Counters } from "./counters.ts";
import type { Audience } from "./encoding.ts";
import type { Recipient } from "./feed.ts";
import type { FloodGuard } from "./flood_guard.ts";
import type { Beating } from "./heartbeats.ts";
import { LOW_WATER_BYTES } from "./limits.ts";
import type { Pacing } from "./pacing.ts";
import { Proof } from "./proof.ts";
import type { SessionId } from "./room.ts";
import { type Refused, Session, type SessionHandler } from "./session.ts";

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

/** Who is told what {@linkcode Connection}s say. */
export interface ConnectionHandler {
  /** Whether everybody who is told of broadcasts can be told in the bytes of framed ones. */
  readonly isVerbatim: boolean;
  /** So many broadcasts of a member's, as the frames that tell them: a view that is valid during this call. */
  verbatim(connection: Connection, frames: Uint8Array, count: number): void;
  /** Takes a payload that is said on a relayed link, if it is one. */
  relayed(connection: Connection, payload: Uint8Array): boolean;
  /** A message of good form. */
  message(connection: Connection, message: Exclude<ClientMessage, Pong>): void;
  /** A message that is refused, or a stream that is none. */
  refused(connection: Connection, error: ProtocolError, how: Refused): void;
  /** Its client speaks no dialect, or floods: it has to end. */
  fatal(connection: Connection, reason: "no-dialect" | "flood"): void;
}

/** What a {@linkcode Connection} is made of. */
export interface ConnectionParts {
  readonly id: SessionId;
  readonly link: SessionLink;
  /** The other side's address. */
  readonly remote: Endpoint;
  /** Why it was turned away at the door; told once its dialect is known. */
  readonly turnedAway: TurnedAway | undefined;
  /** Holds it to its rate, if it has one. */
  readonly guard: FloodGuard | undefined;
}

/** What all connections share. */
export interface ConnectionSurroundings {
  /** Whether the classic dialect is served. */
  readonly classic: boolean;
  /** Whether private links may go through here. */
  readonly relay: boolean;
  /** The registry's key. */
  readonly identity: Identity;
  /** Whether newcomers are given what was said before they came. */
  readonly remembers: boolean;
  readonly pacing: Pacing;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly handler: ConnectionHandler;
}

/** One connection: what it says, what it has proven, and how it is written to. */
export class Connection implements Recipient, Beating, SessionHandler {
  readonly session: Session;
  readonly openedAt: number;
  readonly turnedAway: TurnedAway | undefined;
  readonly proof: Proof;
  /** Where it comes from. */
  readonly remote: Endpoint;
  heardAt: number;
  readonly #around: ConnectionSurroundings;
  readonly #link: SessionLink;
  /** Bytes queued since its welcome, which is not held against it. */
  #sinceWelcome = 0;
  /** Once the dialect is known to be the original program's. */
  #classic: ClassicSender | undefined;

  constructor(parts: ConnectionParts, around: ConnectionSurroundings) {
    const { id, link, remote, turnedAway, guard } = parts;
    this.#around = around;
    this.#link = link;
    this.openedAt = around.clock.now;
    this.heardAt = this.openedAt;
    this.turnedAway = turnedAway;
    this.proof = new Proof(around);
    this.remote = remote;
    const { classic } = around;
    this.session = new Session({ id, remoteIp: remote.ip, classic, guard, handler: this });
  }

  /** Of its session. */
  get id(): SessionId {
    return this.session.id;
  }

  /** What it is told, and how; `undefined` until its first byte. */
  get audience(): Audience | undefined {
    if (this.proof.lasts) return "resume";
    return this.proof.keyed ? "keyed" : this.session.dialect;
  }

  /** Bytes that wait for it, those of its welcome aside. */
  get held(): number {
    return Math.min(this.#classic?.queued ?? this.#link.queued, this.#sinceWelcome);
  }

  /** Whether it takes its time to read; a long welcome takes everybody some. */
  get isBusy(): boolean {
    return Math.min(this.#link.queued, this.#sinceWelcome) > LOW_WATER_BYTES;
  }

  get isVerbatim(): boolean {
    return this.#around.handler.isVerbatim;
  }

  verbatim(frames: Uint8Array, count: number): void {
    this.#around.handler.verbatim(this, frames, count);
  }

  relayed(payload: Uint8Array): boolean {
    return this.#around.handler.relayed(this, payload);
  }

  message(message: Exclude<ClientMessage, Pong>): void {
    this.#around.handler.message(this, message);
  }

  refused(error: ProtocolError, how: Refused): void {
    this.#around.handler.refused(this, error, how);
  }

  fatal(reason: "no-dialect" | "flood"): void {
    this.#around.handler.fatal(this, reason);
  }

  /** Queues what it is told on entering, which is not held against it, however long it is. */
  welcome(pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) this.send(piece);
    this.#sinceWelcome = 0;
  }

  /** Queues bytes that are never changed afterwards; none once it is over. */
  send(bytes: Uint8Array): void {
    if (this.session.closed) return;
    const { counters, pacing, clock } = this.#around;
    this.#sinceWelcome += bytes.length;
    counters.bytesOut += bytes.length;
    if (this.session.dialect !== "classic") this.#link.send(bytes);
    else pacing.send(this.#classic ??= new ClassicSender(this.#link), bytes, clock.now);
    counters.queued(this.#classic?.queued ?? this.#link.queued);
  }

  /** Ends it after what waits for it. */
  end(): void {
    if (this.#classic) this.#around.pacing.forget(this.#classic);
    this.#classic?.flush();
    this.#link.end();
  }

  /** Ends it without what waits for it, but for `last`. */
  cut(last?: Uint8Array): void {
    if (this.#classic) this.#around.pacing.forget(this.#classic);
    this.#link.cut(last);
  }
}
