import { fingerprintOf, safetyNumber } from "../crypto/fingerprint.ts";
import type { TrustBook } from "../store/trust_book.ts";
import type { KeyedUser } from "../protocol/keyed.ts";
import { plainUser } from "../protocol/message.ts";
import { baseName, nameKey } from "../protocol/name.ts";
import { nameSkeleton } from "../protocol/name_skeleton.ts";
import { BoundedMap } from "./bounded_map.ts";
import type { TrustVerb } from "./commands.ts";
import type { Drops } from "./drops.ts";
import type { ClientEvent, Peer } from "./events.ts";
import { MAX_LOOKS } from "./limits.ts";
import type { Roster } from "./roster.ts";
import type { SessionReason } from "./reasons.ts";
import type { Self } from "./self.ts";

/** What a {@linkcode TrustDesk} works with. */
export interface TrustDeskOptions {
  readonly self: Self;
  readonly roster: Roster;
  readonly trust: TrustBook;
  readonly drops: Drops;
  readonly emit: (event: ClientEvent) => void;
  /** Our user wants to hear nothing more of somebody: what there is with them ends. */
  readonly blocked: () => void;
  /** Our user has taken somebody's key for the right one: what there is with another one ends. */
  readonly trusted: (user: KeyedUser) => void;
}

/** What our user is told of keys, and decides about them. */
export class TrustDesk {
  readonly #o: TrustDeskOptions;
  /** Names with the key that our user was warned of. */
  readonly #warned = new Map<string, string>();
  /** Names seen in the room or known by a key, by what they look like. */
  readonly #lookalikes = new BoundedMap<string, Set<string>>(MAX_LOOKS);
  /** What names look like: finding it out takes a while. */
  readonly #looks = new BoundedMap<string, string>(MAX_LOOKS);

  constructor(options: TrustDeskOptions) {
    this.#o = options;
  }

  /** We are in a room: who is known there. */
  entered(): void {
    const { trust, self } = this.#o;
    this.#lookalikes.clear();
    for (const name of [self.username, ...trust.names]) this.#note(name);
  }

  /** Somebody is here, as our user is told. */
  seen(user: KeyedUser): Peer {
    this.#o.trust.see(user);
    const looksLike = this.#note(user.username);
    return { ...plainUser(user), ...(looksLike !== undefined && { looksLike }) };
  }

  /** Warns of somebody whose key is not the one we know; once our user has heard that they are here. */
  check(user: KeyedUser): void {
    if (this.#o.trust.of(user) === "changed") this.warn(user);
  }

  /** Tells our user, once a name and key, that it is not the one we know. */
  warn(user: KeyedUser): void {
    const { username, key } = user;
    const now = key?.publicKey ?? "none";
    if (this.#warned.get(username) === now) return;
    this.#warned.set(username, now);
    this.#error("key-changed", changedText(user));
  }

  /** Why a private chat with somebody is not to be. */
  refusal(user: KeyedUser): SessionReason | undefined {
    const { trust } = this.#o;
    if (trust.isBlocked(user.username, user.key?.publicKey)) return "blocked";
    return trust.of(user) === "changed" ? "key-changed" : undefined;
  }

  /** Whether our user may open a chat with somebody; says why not. */
  permits(user: KeyedUser, classic: boolean): boolean {
    const refusal = this.refusal(user);
    if (refusal === "blocked") {
      this.#error("bad-command", `${user.username} is blocked; /unblock ${user.username} first`);
    } else if (refusal) {
      this.#error("key-changed", changedText(user));
    } else if (!user.key && !classic) {
      this.#error(
        "rejected",
        `${user.username} has no key, and this client speaks to none without`,
      );
    }
    return refusal === undefined && (user.key !== undefined || classic);
  }

  /** Carries out a decision of our user's. */
  decide(verb: TrustVerb, to: string): void {
    const user = this.#o.roster.find(to);
    switch (verb) {
      case "verify":
        return this.#withKey(user, to, () => {});
      case "verified":
        return this.#withKey(user, to, (user) => {
          if (this.#o.trust.of(user) === "changed") this.#error("key-changed", changedText(user));
          else this.#o.trust.verify(user);
        });
      case "trust":
        if (!user) return this.#notHere(to);
        this.#o.trust.trust(user);
        this.#warned.delete(user.username);
        this.#o.trusted(user);
        return this.#tell(user);
      case "forget":
        if (!this.#o.trust.forget(to)) {
          return this.#error("bad-command", `no key of ${to} is known`);
        }
        return this.#o.emit({
          event: "trust",
          peer: to,
          trust: user ? this.#o.trust.of(user) : "none",
        });
      case "block":
        this.#o.trust.block(to, user?.key?.publicKey);
        this.#o.blocked();
        return this.#o.emit({ event: "block", peer: user?.username ?? to, blocked: true });
      case "unblock":
        if (!this.#o.trust.unblock(to)) return this.#error("bad-command", `${to} is not blocked`);
        return this.#o.emit({ event: "block", peer: user?.username ?? to, blocked: false });
    }
  }

  /** Answers `whoami`. */
  tellWhoami(): void {
    const { username, identity, registryKey } = this.#o.self;
    this.#o.emit({
      event: "whoami",
      username,
      fingerprint: fingerprintOf(identity.publicKey),
      kept: identity.kept,
      registry: registryKey === "" ? "" : fingerprintOf(registryKey),
      dropped: this.#o.drops.counts,
    });
  }

  #withKey(user: KeyedUser | undefined, to: string, act: (user: KeyedUser) => void): void {
    if (!user) return this.#notHere(to);
    if (!user.key) return this.#error("bad-command", `${user.username} has no key`);
    act(user);
    this.#tell(user);
  }

  #tell(user: KeyedUser): void {
    const number = user.key && safetyNumber(this.#o.self.identity.publicKey, user.key.publicKey);
    this.#o.emit({
      event: "trust",
      peer: user.username,
      trust: this.#o.trust.of(user),
      ...(number !== undefined && { safetyNumber: number }),
    });
  }

  /** Notes a name; gives back another one that it looks like. */
  #note(username: string): string | undefined {
    const skeleton = this.#looks.get(username) ?? nameSkeleton(username);
    this.#looks.set(username, skeleton);
    const names = this.#lookalikes.get(skeleton) ?? new Set();
    this.#lookalikes.set(skeleton, names);
    const own = nameKey(baseName(username));
    const other = [...names].find((name) => nameKey(baseName(name)) !== own);
    names.add(username);
    return other;
  }

  #notHere(name: string): void {
    this.#error("no-such-peer", `${name} is not here`);
  }

  #error(code: string, message: string): void {
    this.#o.emit({ event: "error", code, message });
  }
}

function changedText({ username, key }: KeyedUser): string {
  const what = key
    ? `The key of ${username} is not the one known here: a new device, or somebody who poses as ${username}.`
    : `${username} was known here by a key and has none now: somebody else may have that name.`;
  return `${what} No private chat until you say so: ask ${username} in another way, compare ` +
    `/verify ${username}, then /trust ${username}`;
}
