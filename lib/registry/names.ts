/**
 * Which names belong to which keys, under `name/<name key>`:
 *
 *     {"v":1,"key":"<64 hexadecimal digits>","day":20779}
 *
 * with the day, counted from 1970, on which the name was last used.
 *
 * @module
 */
import { isPublicKey } from "../crypto/identity.ts";
import { limitKey } from "../protocol/address.ts";
import type { UserKey } from "../protocol/keyed.ts";
import { type NameKey, nameKey } from "../protocol/name.ts";
import { BINDING_DAYS, MAX_BINDINGS, NEW_BINDINGS_PER_DAY } from "./limits.ts";
import type { Owners } from "./room.ts";
import { addTo, parseStored, type SharedStore } from "./shared_store.ts";

const PREFIX = "name/";

/** The first kept key to register a name has it until it was not used for 30 days. */
interface Binding {
  readonly publicKey: string;
  readonly day: number;
}

/** What {@linkcode Names} needs. */
export interface NamesOptions {
  readonly store: SharedStore;
  /** Days since 1970. */
  readonly today: () => number;
  /** Told, in one sentence for people, of stored values that cannot be used. */
  readonly onError?: (message: string) => void;
  /** Names that are kept at most; 20,000 where nothing is said. */
  readonly max?: number;
}

/**
 * Whom names belong to, from one run to the next. Read once, then kept in memory; what another process does to
 * a binding (`--forget`) is seen when it matters: when its owner comes or goes, or somebody else is refused.
 *
 * A damaged value binds its name to nobody and stays until it is forgotten: the name can be used, but nobody
 * has it beyond their session, as it may be of a later version that knows its owner.
 */
export class Names implements Owners {
  readonly #store: SharedStore;
  readonly #today: () => number;
  readonly #onError: (message: string) => void;
  readonly #max: number;
  readonly #bindings = new Map<NameKey, Binding>();
  readonly #damaged = new Set<NameKey>();
  /** Keys in the room: their names do not lapse, however long they stay. How many sessions each has. */
  readonly #present = new Map<NameKey, { readonly publicKey: string; sessions: number }>();
  /** What each address has newly bound on {@linkcode Names.#day}; no more of them than bindings. */
  readonly #newOf = new Map<string, number>();
  #day: number;

  constructor({ store, today, onError = () => {}, max = MAX_BINDINGS }: NamesOptions) {
    this.#store = store;
    this.#today = today;
    this.#onError = onError;
    this.#max = max;
    this.#day = today();
    for (const key of store.keys(PREFIX)) {
      const text = store.get(key);
      if (text !== undefined) this.#take(key.slice(PREFIX.length) as NameKey, text);
    }
    this.#lapse();
    const [first] = this.#damaged;
    if (first !== undefined) this.#tellDamaged(first);
  }

  mayUse(name: NameKey, publicKey: string | undefined): boolean {
    this.#turnDay();
    if (this.#isFree(name, publicKey)) return true;
    this.#reread(name);
    return this.#isFree(name, publicKey);
  }

  /** A session of `key`, of a name it {@linkcode mayUse}, has come from `ip`. */
  entered(name: NameKey, key: UserKey, ip: string): void {
    this.#turnDay();
    const { publicKey } = key;
    const present = this.#present.get(name);
    if (present) present.sessions++;
    else this.#present.set(name, { publicKey, sessions: 1 });
    this.#reread(name);
    if (this.#bindings.has(name)) return this.#renew(name, publicKey);
    if (key.kept) this.#bind(name, publicKey, limitKey(ip));
  }

  /** A session that has {@linkcode entered} is over. */
  left(name: NameKey): void {
    this.#turnDay();
    const present = this.#present.get(name);
    if (!present) return;
    if ((this.#bindings.get(name)?.day ?? this.#day) < this.#day) {
      // It may have been forgotten meanwhile: that is not undone.
      this.#reread(name);
      this.#renew(name, present.publicKey);
    }
    if (--present.sessions === 0) this.#present.delete(name);
  }

  /** Every session is over. */
  allLeft(): void {
    for (const [name, present] of this.#present) {
      present.sessions = 1;
      this.left(name);
    }
  }

  #isFree(name: NameKey, publicKey: string | undefined): boolean {
    const binding = this.#bindings.get(name);
    return !binding || binding.publicKey === publicKey;
  }

  #bind(name: NameKey, publicKey: string, address: string): void {
    if (this.#damaged.has(name) || this.#bindings.size >= this.#max) return;
    const made = this.#newOf.get(address) ?? 0;
    if (made >= NEW_BINDINGS_PER_DAY) return;
    this.#newOf.set(address, made + 1);
    const binding = { publicKey, day: this.#day };
    this.#bindings.set(name, binding);
    addTo(this.#store, PREFIX + name, format(binding));
  }

  /** At most one write a day. */
  #renew(name: NameKey, publicKey: string): void {
    const binding = this.#bindings.get(name);
    if (binding?.publicKey !== publicKey || binding.day >= this.#day) return;
    const renewed = { publicKey, day: this.#day };
    this.#bindings.set(name, renewed);
    this.#store.set(PREFIX + name, format(renewed));
  }

  /** Takes over what another process has done to a binding. */
  #reread(name: NameKey): void {
    const key = PREFIX + name;
    const text = this.#store.get(key);
    if (text !== undefined) {
      const known = this.#damaged.has(name);
      this.#take(name, text);
      if (!known && this.#damaged.has(name)) this.#tellDamaged(name);
      return;
    }
    if (!this.#bindings.has(name) && !this.#damaged.has(name)) return;
    // A store that cannot be read gives nothing, either, and that must free no name. One that can be read holds
    // something: the registry's own key.
    const stored = this.#store.keys("");
    if (stored.length === 0 || stored.includes(key)) return;
    this.#bindings.delete(name);
    this.#damaged.delete(name);
  }

  #take(name: NameKey, text: string): void {
    const binding = parse(text);
    if (binding) {
      this.#bindings.set(name, binding);
      this.#damaged.delete(name);
    } else {
      this.#bindings.delete(name);
      this.#damaged.add(name);
    }
  }

  #turnDay(): void {
    const today = this.#today();
    if (today === this.#day) return;
    this.#day = today;
    this.#newOf.clear();
    this.#lapse();
  }

  #lapse(): void {
    for (const [name, { day }] of this.#bindings) {
      if (this.#day - day <= BINDING_DAYS || this.#present.has(name)) continue;
      this.#bindings.delete(name);
      this.#store.delete(PREFIX + name);
    }
  }

  #tellDamaged(name: NameKey): void {
    const others = this.#damaged.size - 1;
    const names = others > 0 ? `${name} and ${others} more` : name;
    this.#onError(
      `The stored owner of ${names} is damaged, or of another version; ` +
        "nobody has such a name beyond their session, until --forget",
    );
  }
}

/**
 * Takes `name` from whoever has it; a registry that runs on the same store sees that when it matters.
 *
 * @returns whether there was anything to forget
 */
export function forgetName(store: SharedStore, name: string): boolean {
  const key = PREFIX + nameKey(name);
  if (store.get(key) === undefined) return false;
  store.delete(key);
  return true;
}

function format({ publicKey, day }: Binding): string {
  return JSON.stringify({ v: 1, key: publicKey, day });
}

function parse(text: string): Binding | undefined {
  const fields = parseStored(text);
  if (!fields) return undefined;
  const { key, day } = fields;
  if (!isPublicKey(key) || !Number.isSafeInteger(day)) return undefined;
  return { publicKey: key, day: Number(day) };
}
