import { badMessage } from "../protocol/fields.ts";
import type { PathMessage, SessionMessage } from "../protocol/private.ts";
import type { Path } from "./events.ts";
import { IncomingTexts } from "./incoming_texts.ts";
import { OutgoingTexts } from "./outgoing_texts.ts";

/** An open link, as far as a session looks at it. */
export interface SessionLink {
  readonly path: Path;
}

/** What a session asks of who has its links, and tells. */
export interface SealedSessionHandler<L extends SessionLink> {
  /** To be sent. */
  tell(link: L, message: SessionMessage): void;
  /** A text of the peer's, each once, in order. */
  text(text: string): void;
  /** What the peer says of paths. */
  about(link: L, message: PathMessage): void;
  /** What we say goes over that link from now on. */
  moved(link: L): void;
  /** A link that there is a better one for: to be ended without a word. */
  retire(link: L): void;
}

/** The paths, the best first. */
const RANKS: readonly Path[] = ["direct", "reversed", "punched", "relay"];

/**
 * What two users with keys say to each other, over one sealed link after the other: `docs/PROTOCOL.md` 9.6. Nothing is lost,
 * doubled or put in another order when a link is lost, or a better one is there. No sockets, no clock.
 */
export class SealedSession<L extends SessionLink> {
  readonly #retires: boolean;
  readonly #handler: SealedSessionHandler<L>;
  readonly #outgoing = new OutgoingTexts();
  readonly #incoming = new IncomingTexts();
  /** In the order in which they opened: whether the peer has said what it has, and what we have said that we have. */
  readonly #links = new Map<L, { ready: boolean; told: number }>();
  #active: L | undefined;

  /** @param retires whether we are the one who ends links that are not needed any more: one of the two is */
  constructor(retires: boolean, handler: SealedSessionHandler<L>) {
    this.#retires = retires;
    this.#handler = handler;
  }

  /** The link over which we speak; `undefined` while there is none. */
  get active(): L | undefined {
    return this.#active;
  }

  /** All links. */
  get links(): L[] {
    return [...this.#links.keys()];
  }

  /** Our texts that the peer has not confirmed, and their bytes. */
  get unseen(): { readonly count: number; readonly bytes: number } {
    const { count, bytes } = this.#outgoing;
    return { count, bytes };
  }

  /** A link has opened. */
  linkOpened(link: L): void {
    const number = this.#incoming.last;
    this.#links.set(link, { ready: false, told: number });
    this.#handler.tell(link, { verb: "SEEN", number });
  }

  /** A link is over; the session is not. */
  linkClosed(link: L): void {
    this.#links.delete(link);
    if (this.#active !== link) return;
    this.#active = undefined;
    this.#choose();
  }

  /**
   * What the peer says on a link.
   *
   * @throws {ProtocolError} `bad-message` if it cannot be
   */
  message(link: L, message: SessionMessage, now: number): void {
    const state = this.#links.get(link);
    if (!state) return;
    if (message.verb === "SEEN") {
      this.#outgoing.seen(message.number);
      if (state.ready) return;
      state.ready = true;
      this.#choose();
      return this.#retireWorse();
    }
    if (!state.ready) throw badMessage("something else before SEEN");
    if (message.verb !== "TEXT") return this.#handler.about(link, message);
    const isNew = this.#incoming.take(message.number, now);
    this.timeout(now);
    if (isNew) this.#handler.text(message.text);
  }

  /**
   * Says a text to the peer: now, or once there is a link for it.
   *
   * @throws {ProtocolError} `slow` if the peer has not confirmed too many
   */
  say(text: string): void {
    const message = this.#outgoing.say(text);
    if (this.#active) this.#handler.tell(this.#active, message);
  }

  /** Says something of paths, if there is a link for it. */
  tell(message: PathMessage): void {
    if (this.#active) this.#handler.tell(this.#active, message);
  }

  /** When {@linkcode timeout} wants to be called. */
  nextTimeout(): number | undefined {
    return this.#active && this.#incoming.due;
  }

  /** Does what is due at `now`. */
  timeout(now: number): void {
    const { due } = this.#incoming;
    if (this.#active && due !== undefined && due <= now) this.#tellSeen(this.#active);
  }

  #tellSeen(link: L): void {
    const number = this.#incoming.tell();
    const state = this.#links.get(link);
    if (state) state.told = number;
    this.#handler.tell(link, { verb: "SEEN", number });
  }

  /** Speaks over the best link from now on, and repeats there what the peer may lack. */
  #choose(): void {
    const best = this.#best();
    if (!best || best === this.#active) return;
    this.#active = best;
    this.#handler.moved(best);
    // What we said of it on the link before may not have arrived.
    if (this.#links.get(best)?.told !== this.#incoming.last) this.#tellSeen(best);
    for (const text of this.#outgoing.unseen()) {
      // It may end of what is said on it, and another is chosen then.
      if (this.#active !== best) return;
      this.#handler.tell(best, text);
    }
  }

  /** Ends what the link over which we speak is as good as; a better one may yet be ready. */
  #retireWorse(): void {
    const active = this.#active;
    if (!this.#retires || !active) return;
    for (const link of this.links) {
      if (link === active || rankOf(link) < rankOf(active)) continue;
      this.#links.delete(link);
      this.#handler.retire(link);
    }
  }

  /** Of equal ones the first: what works is not given up for nothing. */
  #best(): L | undefined {
    let best: L | undefined;
    for (const [link, { ready }] of this.#links) {
      if (ready && (!best || rankOf(link) < rankOf(best))) best = link;
    }
    return best;
  }
}

function rankOf({ path }: SessionLink): number {
  return RANKS.indexOf(path);
}
