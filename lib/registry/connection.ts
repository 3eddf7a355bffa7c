import type { Identity } from "../crypto/identity.ts";
import type { TurnedAway } from "./admission.ts";
import { ClassicSender } from "./classic_sender.ts";
import type { Audience } from "./fanout.ts";
import { MAX_QUEUED_BYTES } from "./limits.ts";
import type { Pacing } from "./pacing.ts";
import { Proof } from "./proof.ts";
import type { Session } from "./session.ts";

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

/** What a {@linkcode Connection} is made of. */
export interface ConnectionParts {
  readonly link: SessionLink;
  readonly session: Session;
  readonly openedAt: number;
  /** Why it was turned away at the door; told once its dialect is known. */
  readonly turnedAway: TurnedAway | undefined;
  readonly pacing: Pacing;
  /** The registry's key. */
  readonly identity: Identity;
}

/** One connection: what it says, what it has proven, and how it is written to. */
export class Connection {
  readonly session: Session;
  readonly openedAt: number;
  readonly turnedAway: TurnedAway | undefined;
  readonly proof: Proof;
  /** Bytes of its own first messages that may wait over the bound. */
  #allowance = 0;
  readonly #link: SessionLink;
  readonly #pacing: Pacing;
  /** Once the dialect is known to be the original program's. */
  #classic: ClassicSender | undefined;

  constructor({ link, session, openedAt, turnedAway, pacing, identity }: ConnectionParts) {
    this.#link = link;
    this.session = session;
    this.openedAt = openedAt;
    this.turnedAway = turnedAway;
    this.#pacing = pacing;
    this.proof = new Proof(identity);
  }

  /** What it is told, and how; `undefined` until its first byte. */
  get audience(): Audience | undefined {
    return this.proof.keyed ? "keyed" : this.session.dialect;
  }

  /** Whether more waits for it than may. */
  get isSlow(): boolean {
    return this.#queued > MAX_QUEUED_BYTES + this.#allowance;
  }

  /** Queues what it is told on entering, which is not held against it, however long it is. */
  welcome(bytes: Uint8Array, now: number): void {
    this.write(bytes, now);
    this.#allowance = bytes.length;
  }

  /** Queues bytes that are never changed afterwards. */
  write(bytes: Uint8Array, now: number): void {
    if (this.#queued === 0) this.#allowance = 0;
    if (this.session.dialect !== "classic") return this.#link.send(bytes);
    this.#classic ??= new ClassicSender(this.#link);
    this.#pacing.send(this.#classic, bytes, now);
  }

  /** Ends it after what waits for it. */
  end(): void {
    if (this.#classic) this.#pacing.forget(this.#classic);
    this.#classic?.flush();
    this.#link.end();
  }

  /** Ends it without what waits for it, but for `last`. */
  cut(last?: Uint8Array): void {
    if (this.#classic) this.#pacing.forget(this.#classic);
    this.#link.cut(last);
  }

  get #queued(): number {
    return this.#classic?.queued ?? this.#link.queued;
  }
}
