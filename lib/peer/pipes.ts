import type { Answer, Offer } from "../protocol/datagram.ts";
import { earliest } from "../protocol/earliest.ts";
import { type NameKey, nameKey } from "../protocol/name.ts";
import type { AcceptPolicy } from "./commands.ts";
import { type Invite, Invites } from "./invites.ts";
import type { OfferGuard } from "./offer_guard.ts";
import { PipeOffering } from "./pipe_offering.ts";
import type { PipeSideOptions } from "./pipe_side.ts";
import { PipeTaking } from "./pipe_taking.ts";
import type { PipeTask } from "./pipe_task.ts";
import type { LinkId, PeerPort } from "./port.ts";
import { isPassed, type Post, type Way } from "./post.ts";

/** What {@linkcode Pipes} works with. */
export interface PipesOptions extends PipeSideOptions {
  readonly guard: OfferGuard;
  readonly accept: AcceptPolicy;
  /** What this client is there for; `undefined` for one that only talks, and takes no bytes of anybody. */
  readonly task: PipeTask | undefined;
}

/** Bytes from program to program: what is offered to us, and the one pipe that this client may be there for. */
export class Pipes {
  readonly #o: PipesOptions;
  readonly #port: PeerPort;
  readonly #invites: Invites;
  /** Our side, if we send. */
  readonly offering: PipeOffering | undefined;
  /** Our side, if we take. */
  readonly taking: PipeTaking | undefined;
  readonly #side: PipeOffering | PipeTaking | undefined;

  constructor(options: PipesOptions, post: Post, port: PeerPort) {
    const { task } = options;
    this.#o = options;
    this.#port = port;
    this.#invites = new Invites(post, () => {});
    if (task?.direction === "send") this.offering = new PipeOffering(options, task, port);
    if (task?.direction === "receive") this.taking = new PipeTaking(options, task, port);
    this.#side = this.offering ?? this.taking;
  }

  /** The roster is there, or a new one. */
  entered(now: number): void {
    for (const key of this.#invites.keys) this.#forgetIfGone(key);
    this.#side?.entered(now);
  }

  /** A user came, left, or is another one now. */
  changed(username: string, now: number): void {
    this.#forgetIfGone(nameKey(username));
    this.#side?.changed(username, now);
  }

  /** An offer of bytes. Only who waits for them takes it; another session's user is told, once. */
  offered(offer: Offer, from: Way, now: number): void {
    const { guard, accept } = this.#o;
    if (isPassed(from)) return;
    const peer = guard.sender(offer, from, now);
    if (!peer || !offer.signed) return;
    if (accept === "none" && !this.taking) return;
    const key = nameKey(peer.username);
    const dial = { ip: from.ip, port: offer.tcpPort };
    const invite: Invite = { key, peer, offer: offer.signed.offer, dial, from };
    if (this.#invites.repeated(offer.signed.offer, peer, from)) return;
    if (this.taking?.wants(invite)) {
      this.#invites.end(invite, "accepted");
      return this.taking.take(invite, now);
    }
    // One that is here for other bytes has nobody to ask.
    if (this.#o.task) return;
    if (this.#invites.open(invite, now)) {
      this.#port.emit({ event: "invite", from: peer.username, for: "pipe" });
    }
  }

  /** Whether somebody has offered bytes, and waits. */
  hasOffer(key: NameKey): boolean {
    return this.#invites.get(key) !== undefined;
  }

  /** Our user's no; says whether there was an offer. */
  reject(key: NameKey): boolean {
    const invite = this.#invites.get(key);
    if (invite) this.#invites.end(invite, "rejected");
    return invite !== undefined;
  }

  /** What became of an offer of ours. */
  answered(answer: Answer, from: Way, now: number): void {
    if (isPassed(from)) return;
    this.offering?.answered(answer, from, now);
  }

  /** A link that was dialled is connected; says whether it is one for bytes. */
  linkOpened(id: LinkId, now: number): boolean {
    return this.#side?.linkOpened(id, now) ?? false;
  }

  /** Bytes on a link; says whether it is one for bytes. */
  linkReceived(id: LinkId, chunk: Uint8Array, now: number): boolean {
    return this.#side?.linkReceived(id, chunk, now) ?? false;
  }

  /** A link is over; says whether it was one for bytes. */
  linkEnded(id: LinkId): boolean {
    return this.#side?.linkEnded(id) ?? false;
  }

  /** Ends our pipe, if there is one still: we leave. */
  cancel(): void {
    this.#side?.cancel("quit");
  }

  /** When {@linkcode timeout} wants to be called. */
  nextTimeout(): number | undefined {
    return earliest([this.#invites.nextTimeout(), this.#side?.nextTimeout()]);
  }

  /** Does what is due at `now`. */
  timeout(now: number): void {
    this.#invites.timeout(now);
    this.#side?.timeout(now);
  }

  #forgetIfGone(key: NameKey): void {
    const invite = this.#invites.get(key);
    const isHere = invite && this.#o.roster.find(key)?.session === invite.peer.session;
    if (invite && !isHere) this.#invites.end(invite, "expired");
  }
}
