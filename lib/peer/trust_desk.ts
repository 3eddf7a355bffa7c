import { fingerprintOf, safetyNumber } from "../crypto/fingerprint.ts";
import type { TrustBook } from "../store/trust_book.ts";
import type { KeyedUser } from "../protocol/keyed.ts";
import { plainUser } from "../protocol/message.ts";
import { baseName, type NameKey, nameKey } from "../protocol/name.ts";
import { nameSkeleton } from "../protocol/name_skeleton.ts";
import { BoundedMap } from "../store/bounded_map.ts";
import type { TrustVerb } from "./commands.ts";
import type { Drops } from "./drops.ts";
import type { ClientEvent, Peer } from "./events.ts";
import { MAX_LOOKALIKES, MAX_LOOKS } from "./limits.ts";
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
  readonly #warned = new BoundedMap<string, string>(MAX_LOOKS);
  /** Names with the key whose number our user was shown. */
  readonly #shown = new BoundedMap<NameKey, string>(MAX_LOOKS);
  /** Our own name and those known by a key, by what they look like: no stranger drives them out. */
  readonly #known = new Map<string, Map<NameKey, string>>();
  /** Names seen in the room, the same way. */
  readonly #lookalikes = new BoundedMap<string, BoundedMap<NameKey, string>>(MAX_LOOKS);
  /** What names look like: finding it out takes a while. */
  readonly #looks = new BoundedMap<string, string>(MAX_LOOKS);

  constructor(options: TrustDeskOptions) {
    this.#o = options;
  }

  /** We are in a room: who is known there. */
  entered(): void {
    const { trust, self } = this.#o;
    this.#lookalikes.clear();
    this.#known.clear();
    for (const name of [self.username, ...trust.names]) {
      const look = this.#look(name);
      const names = this.#known.get(look) ?? new Map();
      this.#known.set(look, names.set(nameKey(baseName(name)), name));
    }
  }

  /** Somebody has come: remembered, and described. */
  seen(user: KeyedUser): Peer {
    this.#o.trust.see(user);
    const described = this.describe(user);
    this.#note(user.username);
    return described;
  }

  /** Somebody as our user is told. */
  describe(user: KeyedUser): Peer {
    const looksLike = this.#lookalike(user.username);
    return { ...plainUser(user), ...(looksLike !== undefined && { looksLike }) };
  }

  /** Warns of somebody whose key is not the one we know; once our user has heard that they are here. */
  check(user: KeyedUser): void {
    if (this.#o.trust.of(user) === "changed") this.warn(user);
  }

  /** Tells our user, once a name and key, that it is not the one we know. */
  warn(user: KeyedUser): void {
    const { username } = user;
    const now = keyText(user);
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
        return this.#withKey(user, to, ({ username, key }) => {
          this.#shown.set(nameKey(username), key?.publicKey ?? "");
        });
      case "verified":
        return this.#withKey(user, to, (user) => this.#verified(user));
      case "trust":
        return user ? this.#trust(user) : this.#notHere(to);
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
        if (!this.#o.trust.unblock(to, user?.key?.publicKey)) {
          return this.#error("bad-command", `${to} is not blocked`);
        }
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

  #verified(user: KeyedUser): void {
    const { trust } = this.#o;
    // Our user speaks of the number that was shown, which may have been another one's.
    const shown = this.#shown.get(nameKey(user.username)) ?? user.key?.publicKey;
    if (trust.of(user) === "changed" || shown !== user.key?.publicKey) {
      this.#shown.delete(nameKey(user.username));
      return this.#error("key-changed", changedText(user));
    }
    trust.verify(user);
  }

  #trust(user: KeyedUser): void {
    const { trust } = this.#o;
    const { username } = user;
    const before = trust.of(user);
    if (before === "none") return this.#error("bad-command", `${username} has no key`);
    if (before === "known" || before === "verified") {
      return this.#error(
        "bad-command",
        `the key of ${username} is the one known: nothing to trust`,
      );
    }
    // Nor is it the one that our user was told of if that has changed once more.
    const warnedOf = this.#warned.get(username);
    if (warnedOf !== undefined && warnedOf !== keyText(user)) return this.warn(user);
    trust.trust(user);
    this.#warned.delete(username);
    this.#o.trusted(user);
    this.#tell(user);
  }

  #withKey(user: KeyedUser | undefined, to: string, act: (user: KeyedUser) => void): void {
    if (!user) return this.#notHere(to);
    if (user.key?.publicKey === this.#o.self.identity.publicKey) {
      return this.#error("bad-command", `${user.username} is yourself, in another session`);
    }
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

  /** Another name, in the room or known, that this one looks like. */
  #lookalike(username: string): string | undefined {
    const look = this.#look(username);
    const own = nameKey(baseName(username));
    const names = [...this.#known.get(look) ?? [], ...this.#lookalikes.get(look) ?? []];
    return names.find(([key]) => key !== own)?.[1];
  }

  #note(username: string): void {
    const look = this.#look(username);
    const names = this.#lookalikes.get(look) ?? new BoundedMap(MAX_LOOKALIKES);
    this.#lookalikes.set(look, names);
    names.set(nameKey(baseName(username)), username);
  }

  #look(username: string): string {
    const look = this.#looks.get(username) ?? nameSkeleton(username);
    this.#looks.set(username, look);
    return look;
  }

  #notHere(name: string): void {
    const isSelf = nameKey(name) === this.#o.self.key;
    this.#error("no-such-peer", isSelf ? "that is yourself" : `${name} is not here`);
  }

  #error(code: string, message: string): void {
    this.#o.emit({ event: "error", code, message });
  }
}

function keyText({ key }: KeyedUser): string {
  return key?.publicKey ?? "none";
}

function changedText({ username, key }: KeyedUser): string {
  const what = key
    ? `The key of ${username} is not the one known here: a new device, or somebody who poses as ${username}.`
    : `${username} was known here by a key and has none now: somebody else may have that name.`;
  return `${what} No private chat until you say so: ask ${username} in another way, compare ` +
    `/verify ${username}, then /trust ${username}`;
}
