import type { Store } from "./store.ts";

/**
 * How long a lock is waited for, in milliseconds: a write of another program takes 40 microseconds.
 */
const PATIENCE_MS = 2_000;
/** Between two tries of a write, in milliseconds. */
const WRITE_RETRY_MS = 25;
/** Between two tries of a read, in milliseconds: its caller waits. */
const READ_RETRY_MS = 10;

/** What a store needs of the place where its values are. Each call may throw. */
export interface StorageLike {
  /** `null` if there is no such key. */
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
  /** Every key there is. */
  keys(): string[];
}

/** A change that met a lock. */
interface PendingWrite {
  /** `undefined` if the key is to go. */
  readonly value: string | undefined;
  /** Whether a value that is there by then stays. */
  readonly ifAbsent: boolean;
  /** When it is given up, on the clock of `performance.now()`. */
  readonly until: number;
}

/**
 * Values in `localStorage`, which every program of this project shares: each profile has its own
 * keys, `confab/<profile>/...`.
 *
 * What fails is told once for each reason and never thrown. A write that finds the store locked is
 * tried again for 2 s while its caller goes on, and reads give its value meanwhile. A read that
 * finds it locked waits, 2 s in all until one succeeds.
 */
export class LocalStore implements Store {
  readonly #prefix: string;
  readonly #onError: (message: string) => void;
  readonly #open: () => StorageLike;
  readonly #told = new Set<string>();
  /** In the order in which they are to be done. */
  readonly #pending = new Map<string, PendingWrite>();
  #retrying: Promise<void> | undefined;
  /** What is left of the time that reads may wait, in milliseconds. */
  #patience = PATIENCE_MS;

  /**
   * @param onError given one sentence for people: what is wrong, and what it means
   * @param open gives the place where the values are, anew for each access; may throw
   */
  constructor(
    profile: string,
    onError: (message: string) => void,
    open: () => StorageLike = openLocalStorage,
  ) {
    // Without a slash in it, no profile's keys can be those of another.
    this.#prefix = `confab/${encodeURIComponent(profile.toWellFormed())}/`;
    this.#onError = onError;
    this.#open = open;
  }

  get(key: string): string | undefined {
    const pending = this.#pending.get(key);
    if (pending) return pending.value;
    return this.#read((storage) => storage.getItem(this.#prefix + key)) ?? undefined;
  }

  has(key: string): boolean | undefined {
    const pending = this.#pending.get(key);
    if (pending) return pending.value !== undefined;
    return this.#read((storage) => storage.getItem(this.#prefix + key) !== null);
  }

  set(key: string, value: string): void {
    this.#write(key, value, false);
  }

  delete(key: string): void {
    this.#write(key, undefined, false);
  }

  /**
   * Keeps `value` unless there is one. That is looked up right before each try, so that what
   * another program has stored while this one waited for a lock stays.
   */
  add(key: string, value: string): void {
    const pending = this.#pending.get(key);
    if (pending?.value === undefined) this.#write(key, value, pending === undefined);
  }

  keys(prefix: string): string[] {
    const own = this.#read((storage) => storage.keys()) ?? [];
    const found = new Set(
      own.filter((key) => key.startsWith(this.#prefix + prefix))
        .map((key) => key.slice(this.#prefix.length)),
    );
    for (const [key, { value }] of this.#pending) {
      if (!key.startsWith(prefix)) continue;
      if (value === undefined) found.delete(key);
      else found.add(key);
    }
    return [...found];
  }

  /** Resolves when no write waits any more: each is done, or was given up and told. */
  async settled(): Promise<void> {
    while (this.#retrying) await this.#retrying;
  }

  #write(key: string, value: string | undefined, ifAbsent: boolean): void {
    // Who changes a value all the time is to hear of a lock, too: the time runs from the first
    // change.
    const until = this.#pending.get(key)?.until ?? performance.now() + PATIENCE_MS;
    const write: PendingWrite = { value, ifAbsent, until };
    // SQLite may block for 5 s before it reports a lock: one write at a time is enough to find out.
    if (this.#pending.size === 0 && this.#try(key, write)) return;
    this.#pending.set(key, write);
    this.#retrying ??= this.#retry();
  }

  async #retry(): Promise<void> {
    while (this.#pending.size > 0) {
      await new Promise<void>((resolve) => setTimeout(resolve, WRITE_RETRY_MS));
      this.#retryAll();
    }
    this.#retrying = undefined;
  }

  #retryAll(): void {
    let locked = false;
    for (const [key, write] of this.#pending) {
      locked ||= !this.#try(key, write);
      if (locked && performance.now() < write.until) continue;
      this.#pending.delete(key);
      if (locked) this.#tell("store", LOCKED);
    }
  }

  /** Whether that is done with, for better or worse; `false` if it met a lock. */
  #try(key: string, { value, ifAbsent }: PendingWrite): boolean {
    const full = this.#prefix + key;
    try {
      const storage = this.#open();
      if (value === undefined) storage.removeItem(full);
      else if (!ifAbsent || storage.getItem(full) === null) storage.setItem(full, value);
    } catch (error) {
      if (isLock(error)) return false;
      this.#tell("store", reasonOf(error));
    }
    return true;
  }

  #read<T>(access: (storage: StorageLike) => T): T | undefined {
    for (;;) {
      const from = performance.now();
      try {
        const value = access(this.#open());
        this.#patience = PATIENCE_MS;
        return value;
      } catch (error) {
        if (!isLock(error) || this.#patience <= 0) {
          this.#tell("read", isLock(error) ? LOCKED : reasonOf(error));
          return undefined;
        }
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, READ_RETRY_MS);
      this.#patience -= performance.now() - from;
    }
  }

  #tell(verb: "store" | "read", reason: string): void {
    const message = verb === "store"
      ? `Cannot store what is new: ${reason}; it is forgotten when this program ends`
      : `Cannot read what was stored: ${reason}; this program goes on without it`;
    if (this.#told.has(message)) return;
    this.#told.add(message);
    this.#onError(message);
  }
}

const LOCKED = "another program keeps the store locked";

/** SQLite's own words: what is thrown has neither a class nor a code by which to know it. */
function isLock(error: unknown): boolean {
  return error instanceof Error && /\bdatabase\b.* is locked/.test(error.message);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "QuotaExceededError") return "the store is full (about 10 MB)";
  if (/not a database|malformed|unable to open/.test(error.message)) {
    return `the store is damaged (${error.message})`;
  }
  return error.message;
}

function openLocalStorage(): StorageLike {
  const storage = globalThis.localStorage;
  return {
    getItem: (key) => storage.getItem(key),
    setItem: (key, value) => storage.setItem(key, value),
    removeItem: (key) => storage.removeItem(key),
    // One query; by index, keys that other programs add or remove meanwhile would shift the rest.
    keys: () => Object.keys(storage),
  };
}
