import type { KeyedUser } from "../protocol/keyed.ts";
import { nameKey } from "../protocol/name.ts";
import type { TrustBook } from "../store/trust_book.ts";
import type { Calls } from "./calls.ts";
import type { Chats } from "./chats.ts";
import type { Roster } from "./roster.ts";

/** What {@linkcode NameEndings} works with. */
export interface NameEndingsOptions {
  readonly roster: Roster;
  readonly trust: TrustBook;
  readonly chats: Chats;
  readonly calls: Calls;
}

/** Ends what a decision of our user's about somebody, or about a key, leaves no room for. */
export class NameEndings {
  readonly #o: NameEndingsOptions;

  constructor(options: NameEndingsOptions) {
    this.#o = options;
  }

  /** Our user wants to hear nothing of somebody: under whatever name. */
  blocked(): void {
    const { roster, trust, chats, calls } = this.#o;
    for (const { username, key } of [...chats.peers, ...roster.users]) {
      if (!trust.isBlocked(username, key?.publicKey)) continue;
      const name = nameKey(username);
      calls.endChat(name, "blocked");
      calls.cancel(name, "blocked");
      calls.reject(name);
    }
  }

  /** Our user has taken a user's key for the right one: a chat with another one of that name is over. */
  trusted({ username, key }: KeyedUser): void {
    const { chats, calls } = this.#o;
    const name = nameKey(username);
    const open = chats.peer(name);
    if (open && open.key?.publicKey !== key?.publicKey) calls.endChat(name, "key-changed");
  }
}
