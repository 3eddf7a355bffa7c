/** What {@linkcode DroppedSessions} are counted by. */
export interface Whose {
  readonly publicKey: string;
  /** Of its last connection, as `limitKey` gives it. */
  readonly address: string;
}

/** Sessions without a connection: until when each is kept, and how many of one key and of one address there are. */
export class DroppedSessions<T> {
  readonly #maxOfKey: number;
  readonly #maxOfAddress: number;
  /** In the order of the deadlines, which is that of coming. */
  readonly #deadlines = new Map<T, number>();
  readonly #whose = new Map<T, Whose>();
  /** The oldest of each first. */
  readonly #ofKey = new Map<string, Set<T>>();
  readonly #ofAddress = new Map<string, Set<T>>();

  /**
   * @param maxOfKey of one key at most
   * @param maxOfAddress of one address at most; 0: no limit
   */
  constructor(maxOfKey: number, maxOfAddress: number) {
    this.#maxOfKey = maxOfKey;
    this.#maxOfAddress = maxOfAddress === 0 ? Infinity : maxOfAddress;
  }

  /** Keeps one that is not here, until `deadline`: no earlier than that of the last one. */
  add(session: T, whose: Whose, deadline: number): void {
    this.#deadlines.set(session, deadline);
    this.#whose.set(session, whose);
    enter(this.#ofKey, whose.publicKey, session);
    enter(this.#ofAddress, whose.address, session);
  }

  /** Forgets one. Idempotent. */
  delete(session: T): void {
    const whose = this.#whose.get(session);
    if (!whose) return;
    this.#deadlines.delete(session);
    this.#whose.delete(session);
    leave(this.#ofKey, whose.publicKey, session);
    leave(this.#ofAddress, whose.address, session);
  }

  /** The oldest of the key or of the address of `session`, if there are too many of them. */
  crowdedOut(session: T): T | undefined {
    const whose = this.#whose.get(session);
    if (!whose) return undefined;
    return oldestOver(this.#maxOfKey, this.#ofKey.get(whose.publicKey)) ??
      oldestOver(this.#maxOfAddress, this.#ofAddress.get(whose.address));
  }

  /** When the first has been kept for long enough. */
  nextTimeout(): number | undefined {
    const [deadline] = this.#deadlines.values();
    return deadline;
  }

  /** Those who have been kept for long enough; each has to be deleted. */
  *expired(now: number): Generator<T> {
    for (const [session, deadline] of this.#deadlines) {
      if (deadline > now) return;
      yield session;
    }
  }

  /** Forgets all. */
  clear(): void {
    for (const map of [this.#deadlines, this.#whose, this.#ofKey, this.#ofAddress]) map.clear();
  }
}

function enter<T>(groups: Map<string, Set<T>>, name: string, each: T): void {
  const group = groups.get(name);
  if (group) group.add(each);
  else groups.set(name, new Set([each]));
}

function leave<T>(groups: Map<string, Set<T>>, name: string, each: T): void {
  const group = groups.get(name);
  group?.delete(each);
  if (group?.size === 0) groups.delete(name);
}

function oldestOver<T>(max: number, group: ReadonlySet<T> = new Set()): T | undefined {
  const [oldest] = group;
  return group.size > max ? oldest : undefined;
}
