import { keyPair } from "../../lib/crypto/x25519.ts";
import type { Path } from "../../lib/peer/events.ts";
import type { SessionReason } from "../../lib/peer/reasons.ts";
import { SealedChat } from "../../lib/peer/sealed_chat.ts";
import { SealedSession } from "../../lib/peer/sealed_session.ts";
import type { Dice } from "./dice.ts";
import { IDENTITIES, NAMES, OFFER, otherRole, type Role, STATICS } from "./sealed_pair.ts";

/** One end of a link: what it says, and what is on its way to it. */
export interface LinkEnd {
  readonly path: Path;
  readonly wire: () => SealedChat;
  /** Frames for this end that have not arrived. */
  readonly inbox: Uint8Array[];
}

/** One of the two who have a session, and what it was told. */
export class SessionSide {
  readonly session: SealedSession<LinkEnd>;
  readonly texts: string[] = [];
  readonly paths: Path[] = [];
  readonly retired: LinkEnd[] = [];

  /** @param retires whether it is the one who ends links that are not needed any more */
  constructor(retires: boolean) {
    this.session = new SealedSession(retires, {
      tell: (link, message) => link.wire().tell(message),
      text: (text) => void this.texts.push(text),
      about: () => {},
      moved: ({ path }) => void this.paths.push(path),
      retire: (link) => void this.retired.push(link),
    });
  }
}

/** A link between the two, over a virtual wire that can be cut with whatever is on it. */
interface PairLink {
  readonly ends: Readonly<Record<Role, LinkEnd>>;
  readonly closed: Readonly<Record<Role, SessionReason[]>>;
  /** Where it is cut: the other end has not noticed yet. */
  isCut: boolean;
}

/** A session between two, with a manual clock, over links of the real handshake and seal. */
export class SessionPair {
  now = 0;
  readonly sides: Readonly<Record<Role, SessionSide>> = {
    dialler: new SessionSide(false),
    listener: new SessionSide(true),
  };
  links: PairLink[] = [];
  readonly ends: string[] = [];
  #made = 0;

  /** A new link: its handshake begins. */
  connect(path: Path, dialler: Role = "dialler"): PairLink {
    const inboxes: Record<Role, Uint8Array[]> = { dialler: [], listener: [] };
    const closed: Record<Role, SessionReason[]> = { dialler: [], listener: [] };
    const wires: Partial<Record<Role, SealedChat>> = {};
    const end = (role: Role): LinkEnd => ({
      path,
      inbox: inboxes[role],
      wire: () => {
        const wire = wires[role];
        if (!wire) throw new TypeError("no wire yet");
        return wire;
      },
    });
    const ends = { dialler: end("dialler"), listener: end("listener") };
    const link: PairLink = { ends, closed, isCut: false };
    this.links.push(link);
    for (const role of [otherRole(dialler), dialler]) {
      const peer = otherRole(role);
      wires[role] = new SealedChat({
        role: role === dialler ? "dialler" : "listener",
        self: NAMES[role],
        identity: IDENTITIES[role],
        staticKey: STATICS[role],
        ephemeral: keyPair(),
        peer: NAMES[peer],
        peerKey: IDENTITIES[peer].publicKey,
        offer: OFFER,
        refuse: () => undefined,
      }, {
        send: (bytes) => void inboxes[peer].push(bytes),
        opened: () => this.sides[role].session.linkOpened(ends[role]),
        message: (message) => this.sides[role].session.message(ends[role], message, this.now),
        closed: (reason) => {
          closed[role].push(reason);
          this.ends.push(`${role} ${reason}`);
        },
      });
    }
    this.#made++;
    return link;
  }

  /** How many links there were. */
  get made(): number {
    return this.#made;
  }

  /** A link is over at once, with all that was on its way; each end hears of it. */
  cut(link: PairLink): void {
    if (link.isCut) return;
    link.isCut = true;
    this.links = this.links.filter((each) => each !== link);
    for (const role of ["dialler", "listener"] as const) {
      link.ends[role].inbox.length = 0;
      this.sides[role].session.linkClosed(link.ends[role]);
    }
  }

  /** Has one frame of one link arrive; says whether there was one. */
  step(dice: Dice): boolean {
    const waiting = this.links.flatMap(({ ends }) => [ends.dialler, ends.listener])
      .filter(({ inbox }) => inbox.length > 0);
    if (waiting.length === 0) return false;
    const end = dice.pick(waiting);
    const frame = end.inbox.shift();
    if (frame) end.wire().receive(frame);
    this.#retire();
    return true;
  }

  /** Lets time pass, and all arrive that is on its way. */
  settle(dice: Dice): void {
    for (let round = 0; round < 3; round++) {
      while (this.step(dice));
      this.now += 1_000;
      for (const { session } of Object.values(this.sides)) session.timeout(this.now);
    }
  }

  #retire(): void {
    for (const side of Object.values(this.sides)) {
      for (const retired of side.retired.splice(0)) {
        const link = this.links.find(({ ends }) => Object.values(ends).includes(retired));
        if (link) this.cut(link);
      }
    }
  }
}
