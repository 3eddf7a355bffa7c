import { badMessage } from "../protocol/fields.ts";
import type { KeyedUser } from "../protocol/keyed.ts";
import { nameKey } from "../protocol/name.ts";
import type { User } from "../protocol/message.ts";
import type { NameKey } from "../protocol/name.ts";
import { BoundedMap } from "../store/bounded_map.ts";
import { MAX_REMEMBERED_KEYS, MAX_ROSTER } from "./limits.ts";
import type { Self } from "./self.ts";

/** Who is in the room, without oneself, by name in any case. */
export class Roster {
  readonly #self: Self;
  readonly #users = new Map<NameKey, KeyedUser>();
  readonly #sessions = new Map<string, KeyedUser>();
  /** The keys of those who are gone. */
  readonly #gone = new BoundedMap<NameKey, string>(MAX_REMEMBERED_KEYS);

  constructor(self: Self) {
    this.#self = self;
  }

  /** Everybody, in the order of their coming. */
  get users(): KeyedUser[] {
    return [...this.#users.values()];
  }

  /** The user called `name`, in whatever case; never oneself. */
  find(name: string | NameKey): KeyedUser | undefined {
    return this.#users.get(nameKey(name));
  }

  /**
   * The key of whoever is called `name`, or was the last to be: what somebody said can come when its sender is gone.
   * `undefined` if there is none, or nobody knows.
   */
  keyOf(name: string): string | undefined {
    const user = this.find(name);
    return user ? user.key?.publicKey : this.#gone.get(nameKey(name));
  }

  /** The user of that registration; never oneself. */
  bySession(session: string): KeyedUser | undefined {
    return this.#sessions.get(session);
  }

  /** Starts over with what a ROSTER tells. */
  replace(users: readonly KeyedUser[]): void {
    for (const user of this.users) this.remove(user);
    for (const user of users) this.add(user);
  }

  /**
   * Adds or renews a user; says whether it is somebody else.
   *
   * @throws {ProtocolError} `bad-message` if there are more than any registry serves
   */
  add(user: KeyedUser): boolean {
    const key = nameKey(user.username);
    if (key === this.#self.key) return false;
    this.remove(user);
    if (this.#users.size >= MAX_ROSTER) throw badMessage("too many users");
    this.#users.set(key, user);
    this.#sessions.set(user.session, user);
    return true;
  }

  /** Removes a user; says whether it was there. */
  remove({ username }: User): boolean {
    const key = nameKey(username);
    const user = this.#users.get(key);
    if (!user) return false;
    if (this.#sessions.get(user.session) === user) this.#sessions.delete(user.session);
    if (user.key) this.#gone.set(key, user.key.publicKey);
    else this.#gone.delete(key);
    return this.#users.delete(key);
  }
}
