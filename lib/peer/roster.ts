import type { KeyedUser } from "../protocol/keyed.ts";
import { nameKey } from "../protocol/name.ts";
import type { User } from "../protocol/message.ts";
import type { NameKey } from "../protocol/name.ts";
import type { Self } from "./self.ts";

/** Who is in the room, without oneself, by name in any case. */
export class Roster {
  readonly #self: Self;
  readonly #users = new Map<NameKey, KeyedUser>();

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

  /** Starts over with what a ROSTER tells. */
  replace(users: readonly KeyedUser[]): void {
    this.#users.clear();
    for (const user of users) this.add(user);
  }

  /** Adds or renews a user; says whether it is somebody else. */
  add(user: KeyedUser): boolean {
    const key = nameKey(user.username);
    if (key === this.#self.key) return false;
    this.#users.set(key, user);
    return true;
  }

  /** Removes a user; says whether it was there. */
  remove(user: User): boolean {
    return this.#users.delete(nameKey(user.username));
  }
}
