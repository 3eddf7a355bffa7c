import type { Ack, Gap, Nak, Said } from "../protocol/delivery.ts";
import { nameKey } from "../protocol/name.ts";
import type { Bookmark, Missed } from "./bookmark.ts";
import type { ClientEvent } from "./events.ts";
import { HeldGap } from "./held_gap.ts";
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
  readonly #held = new HeldGap();

  constructor(options: IncomingBroadcastsOptions) {
    this.#o = options;
  }

  /** A message of a registry that does not number them. */
  broadcast(username: string, text: string): void {
    if (this.#o.isBlocked(username)) return;
    this.settle();
    this.#o.emit({ event: "broadcast", from: username, text });
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
    this.#missed({ missed: missing, epoch });
    // Its own messages a client gets as ACK.
    if (nameKey(username) === self.key) return;
    const key = roster.keyOf(username);
    if (id && !this.#repeats.isNew(username, key, id)) return;
    this.broadcast(username, text);
  }

  /**
   * A message of our own is answered. Taken, it is in its place among those of others; one that had been taken before
   * and was sent again has none: its number is 0.
   *
   * @throws {ProtocolError} `bad-message` if it is of another run of the registry
   */
  answered(answer: Ack | Nak): void {
    const isAck = answer.verb === "ACK";
    if (this.#held.answered(answer.id.count, isAck && answer.number === 0)) this.settle();
    if (!isAck) return;
    const { epoch, number } = answer;
    this.#missed({ missed: this.#o.bookmark.passed(epoch, number) ?? 0, epoch });
  }

  /** The registry has not kept what follows. */
  gap(gap: Gap): void {
    const { bookmark } = this.#o;
    this.#missed({ missed: bookmark.gap(gap), epoch: bookmark.epoch });
  }

  /**
   * We are in by REGISTER.
   *
   * @param missed since we were here before; told once our own are known among it
   * @param unanswered counts of our messages that may be
   */
  registered(missed: Missed | undefined, unanswered: readonly number[]): void {
    if (missed && missed.missed !== null && unanswered.length > 0) {
      this.#held.hold(missed.missed, missed.epoch, unanswered);
    } else if (missed) {
      this.#missed(missed);
    }
  }

  /** What was missed is told now, whatever answers are still to come: it may be too high by those. */
  settle(): void {
    const missed = this.#held.release();
    if (missed) this.#o.emit({ event: "gap", ...missed });
  }

  #missed(missed: Missed): void {
    if (missed.missed === 0) return;
    this.settle();
    this.#o.emit({ event: "gap", ...missed });
  }
}
