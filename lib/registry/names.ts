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
import { parseStored, type Store } from "../store/store.ts";
import { BINDING_DAYS, MAX_BINDINGS, NEW_BINDINGS_PER_DAY } from "./limits.ts";
import type { Owners } from "./room.ts";

const PREFIX = "name/";

/** The first kept key to register a name has it until it was not used for 30 days. */
interface Binding {
  readonly publicKey: string;
  readonly day: number;
}

/** A store; where a write may wait for a lock, with a way to learn what came of it. */
export interface NamesStore extends Store {
  /** Resolves when no write waits any more. */
  settled?(): Promise<void>;
}

/** What {@linkcode Names} needs. */
export interface NamesOptions {
  readonly store: NamesStore;
  /** Days since 1970. */
  readonly today: () => number;
  /** Told, in one sentence for people, of stored values that cannot be used. */
  readonly onError?: (message: string) => void;
  /** Names that are kept at most; 20,000 where nothing is said. */
  readonly max?: number;
}

/**
 * Whom names belong to, from one run to the next. Kept in memory; but before a name is said to be free or
 * somebody's, the store is looked at, as another process may have bound or forgotten (`--forget`) it.
 *
 * What the store fails to do frees no name: a binding that could not be written holds while we run, and while
 * nothing can be read, memory decides and nothing new is bound, as the name may be somebody's.
 *
 * A damaged value binds its name to nobody and stays until it is forgotten: the name can be used, but nobody
 * has it beyond their session, as it may be of a later version that knows its owner.
 */
export class Names implements Owners {
  readonly #store: NamesStore;
  readonly #today: () => number;
  readonly #onError: (message: string) => void;
  readonly #max: number;
  readonly #bindings = new Map<NameKey, Binding>();
  /** Bindings of ours that the store does not hold, or not yet: there, their absence means nothing. */
  readonly #unwritten = new Set<NameKey>();
  readonly #damaged = new Set<NameKey>();
  /** Names that were forgotten while their key was here: it does not have them again in this run. */
  readonly #forgotten = new Map<NameKey, string>();
  /** Keys in the room: their names do not lapse, however long they stay. How many sessions each has. */
  readonly #present = new Map<NameKey, { readonly publicKey: string; sessions: number }>();
  /** What each address has newly bound on {@linkcode Names.#day}; no more of them than bindings. */
  readonly #newOf = new Map<string, number>();
  /** Whether what was stored before has been read. */
  #loaded = false;
  #day: number;

  constructor({ store, today, onError = () => {}, max = MAX_BINDINGS }: NamesOptions) {
    this.#store = store;
    this.#today = today;
    this.#onError = onError;
    this.#max = max;
    this.#day = today();
    this.#load();
  }

  mayUse(name: NameKey, publicKey: string | undefined): boolean {
    this.#turnDay();
    this.#reread(name);
    const binding = this.#bindings.get(name);
    return !binding || binding.publicKey === publicKey;
  }

  /** A session of `key`, of a name it {@linkcode mayUse}, has come from `ip`. */
  entered(name: NameKey, key: UserKey, ip: string): void {
    this.#turnDay();
    const { publicKey } = key;
    const present = this.#present.get(name);
    if (present) present.sessions++;
    else this.#present.set(name, { publicKey, sessions: 1 });
    const isCertain = this.#reread(name);
    if (this.#bindings.has(name)) return this.#renew(name, publicKey, isCertain);
    if (key.kept && isCertain) this.#bind(name, publicKey, limitKey(ip));
  }

  /** A session that has {@linkcode entered} is over. */
  left(name: NameKey): void {
    this.#turnDay();
    const present = this.#present.get(name);
    if (!present) return;
    // It may have been forgotten meanwhile: that is not undone, neither now nor when its key comes again.
    const isCertain = this.#reread(name);
    this.#renew(name, present.publicKey, isCertain);
    if (--present.sessions === 0) this.#present.delete(name);
  }

  /** Every session is over. */
  allLeft(): void {
    for (const [name, present] of this.#present) {
      present.sessions = 1;
      this.left(name);
    }
  }

  #bind(name: NameKey, publicKey: string, address: string): void {
    if (this.#damaged.has(name) || this.#forgotten.get(name) === publicKey) return;
    if (this.#bindings.size >= this.#max) return;
    const made = this.#newOf.get(address) ?? 0;
    if (made >= NEW_BINDINGS_PER_DAY) return;
    this.#newOf.set(address, made + 1);
    this.#forgotten.delete(name);
    this.#add(name, { publicKey, day: this.#day });
  }

  /** At most one write a day, once the store holds it. */
  #renew(name: NameKey, publicKey: string, isCertain: boolean): void {
    const binding = this.#bindings.get(name);
    if (binding?.publicKey !== publicKey) return;
    const renewed = { publicKey, day: this.#day };
    if (isCertain && this.#unwritten.has(name)) return this.#add(name, renewed);
    if (binding.day >= this.#day) return;
    this.#bindings.set(name, renewed);
    if (isCertain) this.#store.set(PREFIX + name, format(renewed));
  }

  /** Keeps a binding of a name that the store does not hold. */
  #add(name: NameKey, binding: Binding): void {
    const key = PREFIX + name;
    this.#bindings.set(name, binding);
    this.#unwritten.add(name);
    this.#store.add(key, format(binding));
    // A write that waits for a lock is read as if it was done, and may be given up.
    const settled = (): void => {
      if (this.#store.has(key)) this.#unwritten.delete(name);
    };
    if (this.#store.settled) this.#store.settled().then(settled);
    else settled();
  }

  /** Reads what is stored, as soon as that can be done; says whether it is. */
  #load(): boolean {
    this.#loaded = this.#store.has(PREFIX) !== undefined;
    if (!this.#loaded) return false;
    for (const key of this.#store.keys(PREFIX)) {
      const text = this.#store.get(key);
      if (text !== undefined) this.#take(key.slice(PREFIX.length) as NameKey, text);
    }
    this.#lapse();
    const [first] = this.#damaged;
    if (first !== undefined) this.#tellDamaged(first);
    return true;
  }

  /** Takes over what another process has done to a binding; says whether the store could be read. */
  #reread(name: NameKey): boolean {
    if (!this.#loaded && !this.#load()) return false;
    const text = this.#store.get(PREFIX + name);
    if (text !== undefined) {
      const known = this.#damaged.has(name);
      this.#take(name, text);
      if (!known && this.#damaged.has(name)) this.#tellDamaged(name);
    } else {
      if (this.#store.has(PREFIX + name) !== false) return false;
      this.#damaged.delete(name);
      if (!this.#unwritten.has(name)) this.#forget(name);
    }
    if (this.#isLapsed(name)) this.#drop(name);
    return true;
  }

  #take(name: NameKey, text: string): void {
    const binding = parse(text);
    if (!binding) {
      this.#bindings.delete(name);
      this.#unwritten.delete(name);
      this.#damaged.add(name);
      return;
    }
    this.#damaged.delete(name);
    const known = this.#bindings.get(name);
    // What may be a write of our own that still waits shows nothing.
    if (known && format(known) === text) return;
    this.#unwritten.delete(name);
    // We may not have been able to write that it was used.
    if (known?.publicKey === binding.publicKey && known.day > binding.day) return;
    this.#bindings.set(name, binding);
  }

  /** The store has held a binding, and another process has taken it away. */
  #forget(name: NameKey): void {
    const binding = this.#bindings.get(name);
    if (!binding) return;
    this.#bindings.delete(name);
    const { publicKey } = binding;
    if (this.#present.get(name)?.publicKey === publicKey) this.#forgotten.set(name, publicKey);
  }

  #turnDay(): void {
    const today = this.#today();
    if (today === this.#day) return;
    this.#day = today;
    this.#newOf.clear();
    this.#lapse();
  }

  #lapse(): void {
    for (const name of this.#bindings.keys()) {
      // Another process may have seen it used.
      if (this.#isLapsed(name)) this.#reread(name);
    }
  }

  #isLapsed(name: NameKey): boolean {
    const binding = this.#bindings.get(name);
    if (!binding || this.#present.has(name)) return false;
    return this.#day - binding.day > BINDING_DAYS;
  }

  #drop(name: NameKey): void {
    this.#bindings.delete(name);
    this.#unwritten.delete(name);
    this.#store.delete(PREFIX + name);
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
export function forgetName(store: Store, name: string): boolean {
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
