import type { KeyPair } from "../crypto/x25519.ts";
import type { Answer } from "../protocol/datagram.ts";
import type { Endpoint } from "../protocol/address.ts";
import { earliest } from "../protocol/earliest.ts";
import type { KeyedUser } from "../protocol/keyed.ts";
import { baseName, nameKey } from "../protocol/name.ts";
import { HANDSHAKE_MS } from "./limits.ts";
import type { PipeEnd, PipeProgress, PipeTask } from "./pipe_task.ts";
import type { PipeWire, PipeWireHandler } from "./pipe_wire.ts";
import type { LinkId, PeerPort } from "./port.ts";
import type { SessionReason } from "./reasons.ts";
import type { Roster } from "./roster.ts";
import type { SealedLinkOptions } from "./sealed_link.ts";
import type { Self } from "./self.ts";

/** What both sides of a pipe work with. */
export interface PipeSideOptions {
  readonly self: Self;
  readonly roster: Roster;
  /** 32 lower-case hexadecimal digits, different each time. */
  readonly newId: () => string;
  /** A number for a link that is dialled. */
  readonly newLinkId: () => LinkId;
  readonly newKeyPair: () => KeyPair;
  /** Why there is to be no link with somebody. */
  readonly refuse: (peer: KeyedUser) => SessionReason | undefined;
  /** Somebody has proven to be that user. */
  readonly met: (user: KeyedUser) => void;
}

/** A link that may become the pipe. */
export interface PipeLink<W extends PipeWire> {
  readonly id: LinkId;
  readonly peer: KeyedUser;
  readonly offer: string;
  wire: W | undefined;
  /** Until when it has to be open. */
  deadline: number | undefined;
}

/** One end of one pipe, from waiting for the other side's program to the last byte. No sockets, no clock. */
export abstract class PipeSide<W extends PipeWire> {
  protected readonly o: PipeSideOptions;
  protected readonly port: PeerPort;
  protected readonly task: PipeTask;
  protected readonly links = new Map<LinkId, PipeLink<W>>();
  protected now = 0;
  #open: PipeLink<W> | undefined;
  /** When waiting is over; `undefined` before we are in the room, and once there is a link. */
  #until: number | undefined;
  #hasEnded = false;
  readonly #staticKey: KeyPair;

  constructor(options: PipeSideOptions, task: PipeTask, port: PeerPort) {
    this.o = options;
    this.task = task;
    this.port = port;
    this.#staticKey = options.newKeyPair();
  }

  /** How far it is. */
  get progress(): PipeProgress {
    return { total: this.#open?.wire?.total ?? 0, confirmed: 0 };
  }

  /** The link that has become the pipe. */
  protected get open(): PipeLink<W> | undefined {
    return this.#open;
  }

  /** Whether all is over. */
  protected get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The roster is there, or a new one. */
  entered(now: number): void {
    this.now = now;
    this.#until ??= now + this.task.waitMs;
    for (const user of this.o.roster.users) this.changed(user.username, now);
  }

  /** A user came, left, or is another one now. */
  changed(username: string, now: number): void {
    this.now = now;
    if (this.#hasEnded || this.#open) return;
    if (nameKey(baseName(username)) !== nameKey(baseName(this.task.peer))) return;
    const user = this.o.roster.find(username);
    const refusal = user && this.o.refuse(user);
    if (refusal) return this.end(refusal);
    if (user && !user.key) return this.end("no-key");
    this.sessionChanged(username, user);
  }

  /** One of the sessions that may be the other side's is there, or gone. */
  protected abstract sessionChanged(username: string, user: KeyedUser | undefined): void;

  /** What became of an offer of ours. */
  abstract answered(answer: Answer, from: Endpoint, now: number): void;

  /** A link that was dialled is connected; says whether it is ours. */
  linkOpened(id: LinkId, now: number): boolean {
    this.now = now;
    const link = this.links.get(id);
    if (link) link.wire = this.newWire(link, this.#handler(link));
    return link !== undefined;
  }

  /** Bytes on a link; says whether it is ours. */
  linkReceived(id: LinkId, chunk: Uint8Array, now: number): boolean {
    this.now = now;
    const link = this.links.get(id);
    if (!link) return false;
    link.wire ??= this.newWire(link, this.#handler(link));
    link.wire.receive(chunk, now);
    return true;
  }

  /** A link is over, or could not be made; says whether it was ours. */
  linkEnded(id: LinkId): boolean {
    const link = this.links.get(id);
    if (link) this.#closed(link, link.wire ? "lost" : "unreachable");
    return link !== undefined;
  }

  /** Little waits on a link any more. */
  linkDrained(_id: LinkId): void {}

  /** Ends it, and tells the other side why. */
  cancel(reason: SessionReason): void {
    this.#open?.wire?.close(reason);
    this.end(reason);
  }

  /** When {@linkcode timeout} wants to be called. */
  nextTimeout(): number | undefined {
    if (this.#hasEnded) return undefined;
    const until = this.#until === Infinity || this.#open ? undefined : this.#until;
    const links = [...this.links.values()].flatMap(({ deadline, wire }) => [
      deadline,
      wire?.nextTimeout(),
    ]);
    return earliest([until, ...links]);
  }

  /** Does what is due at `now`. */
  timeout(now: number): void {
    this.now = now;
    if (!this.#open && this.#until !== undefined && this.#until <= now) return this.end("timeout");
    for (const link of [...this.links.values()]) {
      if (link.deadline !== undefined && link.deadline <= now) this.#closed(link, "no-answer");
      else link.wire?.timeout(now);
    }
  }

  /** The protocol of a link that may become the pipe. */
  protected abstract newWire(link: PipeLink<W>, handler: PipeWireHandler): W;

  /** A link came to nothing before it was the pipe. */
  protected abstract linkFailed(link: PipeLink<W>, reason: SessionReason): void;

  /** Takes back what is still offered. */
  protected abstract withdraw(): void;

  /** Remembers a link that is on its way. */
  protected add(id: LinkId, peer: KeyedUser, offer: string): void {
    const deadline = this.now + HANDSHAKE_MS;
    this.links.set(id, { id, peer, offer, wire: undefined, deadline });
  }

  /** What a sealed link for bytes begins with. */
  protected linkOptions(
    { peer, offer }: PipeLink<W>,
    role: SealedLinkOptions["role"],
  ): SealedLinkOptions {
    const { self, newKeyPair, refuse } = this.o;
    return {
      role,
      self: self.username,
      identity: self.identity,
      staticKey: this.#staticKey,
      ephemeral: newKeyPair(),
      peer: peer.username,
      peerKey: peer.key?.publicKey ?? "",
      offer,
      // One pipe: whoever comes second is told that there is none any more.
      refuse: () => this.#open ? "replaced" : refuse(peer),
    };
  }

  /** The last of it: nothing follows. */
  protected end(reason: PipeEnd["reason"]): void {
    if (this.#hasEnded) return;
    const { total, confirmed } = this.progress;
    this.#hasEnded = true;
    this.withdraw();
    for (const link of this.links.values()) this.port.endLink(link.id);
    this.links.clear();
    this.task.handler.ended({ reason, total, confirmed, wasOpen: this.#open !== undefined });
  }

  #handler(link: PipeLink<W>): PipeWireHandler {
    return {
      send: (bytes) => {
        if (!this.port.sendLink(link.id, bytes)) this.#closed(link, "slow");
      },
      opened: () => this.#opened(link),
      closed: (reason) => this.#closed(link, reason),
    };
  }

  #opened(link: PipeLink<W>): void {
    link.deadline = undefined;
    this.#open = link;
    if (link.wire?.provenKey) this.o.met({ ...link.peer, key: link.wire.provenKey });
    this.withdraw();
    this.task.handler.opened(link.peer.username);
  }

  #closed(link: PipeLink<W>, reason: "done" | SessionReason): void {
    if (this.#hasEnded || !this.links.has(link.id)) return;
    if (link === this.#open) return this.end(reason);
    this.links.delete(link.id);
    this.port.endLink(link.id);
    if (reason !== "done") this.linkFailed(link, reason);
  }
}
