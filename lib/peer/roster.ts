import type { User } from "../protocol/message.ts";
import { type NameKey, nameKey } from "../protocol/name.ts";

/** Who is in the room, without oneself, by name in any case. */
export class Roster {
  readonly #self: NameKey;
  readonly #users = new Map<NameKey, User>();

  constructor(self: NameKey) {
    this.#self = self;
  }

  /** Everybody, in the order of their coming. */
  get users(): User[] {
    return [...this.#users.values()];
  }

  /** The user called `name`, in whatever case; never oneself. */
  find(name: string | NameKey): User | undefined {
    return this.#users.get(nameKey(name));
  }

  /** Starts over with what a LIST tells. */
  replace(users: readonly User[]): void {
    this.#users.clear();
    for (const user of users) this.add(user);
  }

  /** Adds or renews a user; says whether it is somebody else. */
  add(user: User): boolean {
    const key = nameKey(user.username);
    if (key === this.#self) return false;
    this.#users.set(key, user);
    return true;
  }

  /** Removes a user; says whether it was there. */
  remove(user: User): boolean {
    return this.#users.delete(nameKey(user.username));
  }
}
