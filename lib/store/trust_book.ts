/**
 * Whose key is whose: what was seen before, and what our user has decided. Keys are remembered by registry
 * and name, as a name belongs to somebody at one registry only.
 *
 * @module
 */
import type { KeyedUser } from "../protocol/keyed.ts";
import { baseName, type NameKey, nameKey } from "../protocol/name.ts";
import { BoundedMap } from "./bounded_map.ts";
import { parseStored, type Store } from "./store.ts";
import { isPublicKey } from "../crypto/identity.ts";

/**
 * What a user's key, as the registry tells it, is to us: `none` there is; `new`, seen and no more; `known`, the
 * one we have had a chat with, or that our user has taken for the right one; `verified` by our user; `changed`,
 * another one, or none, where we knew one.
 */
export type Trust = "none" | "new" | "known" | "verified" | "changed";

interface Pin {
  readonly key: string;
  /** Whether a chat has proven it; else it was only seen, and is forgotten at the end. */
  readonly met: boolean;
  readonly verified: boolean;
}

const NO_KEY = "-";

/** Keys remembered that were only seen: a room or two; the oldest goes. */
const MAX_SEEN = 20_000;

/** What is remembered of names, at one registry at a time. */
export class TrustBook {
  readonly #store: Store;
  /** This run's own: what was only seen, or at a registry that will not be there again. */
  readonly #seen = new Map<NameKey, Pin>();
  /** Keys of this run that our user or a chat has put in the place of what is stored. */
  readonly #guests = new BoundedMap<NameKey, Pin>(MAX_SEEN);
  /** Names that our user wants to hear nothing of, each with its key then, or `-`. */
  readonly #blocked = new Map<NameKey, string>();
  #registry: string | undefined;
  /** Whether there is a store to speak of: without one we go on with what this run learns. */
  #readable = false;

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * We are at a registry.
   *
   * @param registryKey its key; `undefined` for one that has a new key each time: nothing is kept then
   */
  enter(registryKey: string | undefined): void {
    if (registryKey !== this.#registry) {
      this.#seen.clear();
      this.#guests.clear();
      this.#blocked.clear();
    }
    this.#registry = registryKey;
    if (registryKey === undefined) return;
    const prefix = this.#path("block", "");
    this.#readable = this.#store.has(prefix) !== undefined;
    for (const path of this.#store.keys(prefix)) {
      this.#blocked.set(nameKey(path.slice(prefix.length)), this.#store.get(path) ?? NO_KEY);
    }
  }

  /** What a user's key is to us. */
  of(user: KeyedUser): Trust {
    const pin = this.#pin(baseKey(user.username));
    const key = user.key?.publicKey;
    if (!pin) return key === undefined ? "none" : "new";
    if (pin.key !== key) return "changed";
    return pin.verified ? "verified" : pin.met ? "known" : "new";
  }

  /** The key under which a name is known. */
  keyOf(name: string): string | undefined {
    return this.#pin(baseKey(name))?.key;
  }

  /** Somebody is there: the first key of a name is remembered while we run, if it is one that lasts. */
  see(user: KeyedUser): Trust {
    const name = baseKey(user.username);
    if (user.key?.kept && !this.#pin(name)) {
      this.#seen.set(name, { key: user.key.publicKey, met: false, verified: false });
      this.#bound();
    }
    return this.of(user);
  }

  /** A chat has proven that a user has its key: from now on the name is known by it. */
  meet(user: KeyedUser): void {
    const { key, username } = user;
    const before = this.#pin(baseKey(username));
    if (!key || before?.met) return;
    const pin = { key: key.publicKey, met: true, verified: before?.verified ?? false };
    this.#keep(username, pin, key.kept ? "add" : "not");
  }

  /** Our user takes the key that a user has now for the right one. */
  trust(user: KeyedUser): void {
    const { key, username } = user;
    if (!key) return void this.forget(username);
    const pin = { key: key.publicKey, met: true, verified: false };
    this.#keep(username, pin, key.kept ? "set" : "not");
  }

  /** Our user has compared the safety number: that is kept, whatever the registry says of the key. */
  verify(user: KeyedUser): void {
    const { key, username } = user;
    if (!key) return;
    this.#keep(username, { key: key.publicKey, met: true, verified: true }, "set");
  }

  /** Drops what a name is known by; says whether there was anything. */
  forget(name: string): boolean {
    const key = baseKey(name);
    const known = this.#pin(key) !== undefined;
    this.#seen.delete(key);
    this.#guests.delete(key);
    if (this.#registry !== undefined) this.#store.delete(this.#path("pin", key));
    return known;
  }

  /** Our user wants to hear nothing more of a name, nor of its present key under another one. */
  block(name: string, publicKey: string = NO_KEY): void {
    const key = baseKey(name);
    this.#blocked.set(key, publicKey);
    if (this.#registry !== undefined) this.#store.set(this.#path("block", key), publicKey);
  }

  /** Our user wants to hear of a name again, and of its key; says whether it was blocked. */
  unblock(name: string, publicKey?: string): boolean {
    const own = baseKey(name);
    const blocked = [...this.#blocked].filter(([key, blockedKey]) =>
      key === own || blockedKey === publicKey
    );
    for (const [key] of blocked) {
      this.#blocked.delete(key);
      if (this.#registry !== undefined) this.#store.delete(this.#path("block", key));
    }
    return blocked.length > 0;
  }

  /** Whether our user wants to hear nothing of somebody. */
  isBlocked(name: string, publicKey?: string): boolean {
    if (this.#blocked.size === 0) return false;
    if (this.#blocked.has(baseKey(name))) return true;
    return publicKey !== undefined && [...this.#blocked.values()].includes(publicKey);
  }

  /** Names that are known here by a chat. */
  get names(): string[] {
    const met = [...this.#seen, ...this.#guests].filter(([, pin]) => pin.met).map((
      [name],
    ): string => name);
    if (this.#registry === undefined) return met;
    const prefix = this.#path("pin", "");
    const kept = this.#store.keys(prefix).map((path) => path.slice(prefix.length));
    return [...new Set([...kept, ...met])];
  }

  #bound(): void {
    if (this.#seen.size <= MAX_SEEN) return;
    for (const [name, { met }] of this.#seen) {
      if (met) continue;
      this.#seen.delete(name);
      return;
    }
  }

  #pin(name: NameKey): Pin | undefined {
    return this.#guests.get(name) ?? this.#stored(name) ?? this.#seen.get(name);
  }

  #stored(name: NameKey): Pin | undefined {
    if (this.#registry === undefined) return undefined;
    const path = this.#path("pin", name);
    const text = this.#store.get(path);
    if (text !== undefined) return parsePin(text);
    // What is locked away now may be another key than the one we would take.
    return this.#readable && this.#store.has(path) === undefined ? DAMAGED : undefined;
  }

  /**
   * Remembers a pin.
   *
   * @param stored for good, unless one is stored already; in its place; or not, for a key that does not last
   */
  #keep(username: string, pin: Pin, stored: "add" | "set" | "not"): void {
    const name = baseKey(username);
    if (stored === "not") return this.#guests.set(name, pin);
    this.#guests.delete(name);
    this.#seen.set(name, pin);
    if (this.#registry === undefined) return;
    const value = JSON.stringify({ v: 1, key: pin.key, verified: pin.verified });
    this.#store[stored](this.#path("pin", name), value);
  }

  #path(kind: "pin" | "block", name: string): string {
    return `${kind}/${this.#registry}/${name}`;
  }
}

function baseKey(username: string): NameKey {
  return nameKey(baseName(username));
}

/** A value that cannot be read was a pin all the same: it equals no key, so our user is asked. */
const DAMAGED: Pin = { key: "", met: true, verified: false };

function parsePin(text: string): Pin {
  const { key, verified } = parseStored(text) ?? {};
  if (!isPublicKey(key) || typeof verified !== "boolean") return DAMAGED;
  return { key, met: true, verified };
}
