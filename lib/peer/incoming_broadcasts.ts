import type { Ack, Gap, Said } from "../protocol/delivery.ts";
import { nameKey } from "../protocol/name.ts";
import type { Bookmark, Missed } from "./bookmark.ts";
import type { ClientEvent } from "./events.ts";
import { Repeats } from "./repeats.ts";
import type { Roster } from "./roster.ts";
import type { Self } from "./self.ts";

/** What {@linkcode IncomingBroadcasts} works with. */
export interface IncomingBroadcastsOptions {
  readonly self: Self;
  readonly roster: Roster;
  readonly bookmark: Bookmark;
  /** Whether our user wants to hear nothing of somebody. */
  readonly isBlocked: (username: string) => boolean;
  readonly emit: (event: ClientEvent) => void;
}

/** Others' broadcasts as they come from the registry: each told once, in order, and what is missing told, too. */
export class IncomingBroadcasts {
  readonly #o: IncomingBroadcastsOptions;
  readonly #repeats = new Repeats();

  constructor(options: IncomingBroadcastsOptions) {
    this.#o = options;
  }

  /** A message of a registry that does not number them. */
  broadcast(username: string, text: string): void {
    if (!this.#o.isBlocked(username)) this.#o.emit({ event: "broadcast", from: username, text });
  }

  /**
   * A numbered message.
   *
   * @throws {ProtocolError} `bad-message` if it is of another run of the registry
   */
  said({ epoch, number, username, id, text }: Said): void {
    const { bookmark, roster, self } = this.#o;
    const missing = bookmark.passed(epoch, number);
    if (missing === undefined) return;
    this.missed({ missed: missing, epoch });
    // Its own messages a client gets as ACK.
    if (nameKey(username) === self.key) return;
    const key = roster.find(username)?.key?.publicKey;
    if (id && !this.#repeats.isNew(username, key, id)) return;
    this.broadcast(username, text);
  }

  /**
   * A message of our own is in its place among those of others. One that was sent again has none: its number is 0.
   *
   * @throws {ProtocolError} `bad-message` if it is of another run of the registry
   */
  acknowledged({ epoch, number }: Ack): void {
    this.missed({ missed: this.#o.bookmark.passed(epoch, number) ?? 0, epoch });
  }

  /** The registry has not kept what follows. */
  gap(gap: Gap): void {
    const { bookmark } = this.#o;
    this.missed({ missed: bookmark.gap(gap), epoch: bookmark.epoch });
  }

  /** Tells our user what was missed, if anything. */
  missed(missed: Missed | undefined): void {
    if (missed && missed.missed !== 0) this.#o.emit({ event: "gap", ...missed });
  }
}
