import type { KeyedUser } from "../protocol/keyed.ts";
import { baseName, nameKey } from "../protocol/name.ts";
import type { Invite } from "./invites.ts";
import { type PipeLink, PipeSide } from "./pipe_side.ts";
import { PipeSink } from "./pipe_sink.ts";
import type { PipeWireHandler } from "./pipe_wire.ts";
import type { SessionReason } from "./reasons.ts";

/** The side that takes bytes: of one name, and once. Running it is the consent. */
export class PipeTaking extends PipeSide<PipeSink> {
  /** Whether this offer is what we are here for. */
  wants({ peer }: Pick<Invite, "peer">): boolean {
    const isTheirs = nameKey(baseName(peer.username)) === nameKey(baseName(this.task.peer));
    return isTheirs && !this.hasEnded && !this.open && this.links.size === 0;
  }

  /** Dials for an offer that we want. */
  take({ peer, offer = "", dial }: Invite, now: number): void {
    this.now = now;
    const id = this.o.newLinkId();
    this.add(id, peer, offer);
    this.port.dial(id, dial);
  }

  /** Leaves what comes lying, or takes it again. */
  pause(isPaused: boolean, now: number): void {
    const { open } = this;
    if (!open || this.hasEnded) return;
    open.wire?.deaf(isPaused, now);
    this.port.pauseLink(open.id, isPaused);
  }

  /** So many bytes in all were given away. */
  gave(total: number): void {
    this.open?.wire?.gave(total);
  }

  /** All bytes were given away, after `complete`. */
  delivered(): void {
    this.open?.wire?.delivered();
  }

  /** We have made no offer. */
  override answered(): void {}

  protected override sessionChanged(_username: string, _user: KeyedUser | undefined): void {}

  protected override newWire(link: PipeLink<PipeSink>, handler: PipeWireHandler): PipeSink {
    return new PipeSink(this.linkOptions(link, "dialler"), {
      ...handler,
      bytes: (bytes) => this.task.handler.bytes(bytes),
      complete: () => this.task.handler.complete(),
    });
  }

  /** What can be dialled once can be again: but the sender has been told yes, and nobody else is waited for. */
  protected override linkFailed(_link: PipeLink<PipeSink>, reason: SessionReason): void {
    this.end(reason);
  }

  protected override withdraw(): void {}
}
