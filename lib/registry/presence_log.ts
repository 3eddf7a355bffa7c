import type { KeyedUser } from "../protocol/keyed.ts";
import type { PresenceNotice } from "./encoding.ts";
import { PRESENCE_LOG_CHANGES } from "./limits.ts";

/** What a number of joins and leaves comes to: the leaves first. */
export interface NetChange {
  readonly left: readonly KeyedUser[];
  readonly joined: readonly KeyedUser[];
}

/** One session within a number of joins and leaves. */
interface Fate {
  /** As whom it was here before all of them. */
  before: KeyedUser | undefined;
  /** As whom it left first. */
  left: KeyedUser | undefined;
  /** As whom it is here after all of them. */
  after: KeyedUser | undefined;
}

/** The last joins and leaves of the room, for those who were not told of each: a bounded ring. */
export class PresenceLog {
  readonly #ring: PresenceNotice[] = [];
  readonly #max: number;
  #last = 0;

  constructor(max = PRESENCE_LOG_CHANGES) {
    this.#max = max;
  }

  /** Of the last join or leave; 0 if there was none. */
  get last(): number {
    return this.#last;
  }

  /** The next change. */
  add(change: "JOIN" | "LEAVE", user: KeyedUser): PresenceNotice {
    const notice = { kind: "presence", presence: ++this.#last, change, user } as const;
    this.#ring[this.#last % this.#max] = notice;
    return notice;
  }

  /** Whether all changes after that number are remembered. */
  reachesBack(to: number): boolean {
    return to >= this.#last - this.#max;
  }

  /**
   * What the changes after number `from`, up to number `to`, come to.
   *
   * @param exact whether who is told has seen exactly the changes up to `from`. Who has lost a connection may have
   * seen some of those that follow: then each session that has left is among those who left, also where it had come
   * after `from`.
   * @param except a session that is not mentioned
   * @throws {RangeError} if not all of them are remembered
   */
  net(from: number, to: number, exact: boolean, except?: string): NetChange {
    if (!this.reachesBack(from)) throw new RangeError(`Cannot tell the changes after ${from}`);
    const fates = new Map<string, Fate>();
    for (let number = from + 1; number <= to; number++) {
      const notice = this.#ring[number % this.#max];
      if (notice && notice.user.session !== except) follow(fates, notice);
    }
    const left: KeyedUser[] = [];
    const joined: KeyedUser[] = [];
    for (const fate of fates.values()) {
      const { before, after } = fate;
      if (exact && before && after && isSameAddress(before, after)) continue;
      const gone = exact ? before : fate.left;
      if (gone) left.push(gone);
      if (after) joined.push(after);
    }
    return { left, joined };
  }
}

function follow(fates: Map<string, Fate>, { change, user }: PresenceNotice): void {
  let fate = fates.get(user.session);
  const isFirst = !fate;
  if (!fate) {
    fate = { before: undefined, left: undefined, after: undefined };
    fates.set(user.session, fate);
  }
  if (change === "JOIN") {
    fate.after = user;
    return;
  }
  if (isFirst) fate.before = user;
  fate.left ??= user;
  fate.after = undefined;
}

/** A session never changes its name. */
function isSameAddress(a: KeyedUser, b: KeyedUser): boolean {
  return a.ip === b.ip && a.udpPort === b.udpPort;
}
