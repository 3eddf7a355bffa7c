import type { StorageLike } from "../../lib/store/local_store.ts";

/** A place for values that can be locked, full or damaged. */
export class FakeStorage implements StorageLike {
  readonly values = new Map<string, string>();
  /** What each access throws instead of doing anything; asked each time. */
  failure: () => Error | undefined = () => undefined;
  /** Accesses so far. */
  accesses = 0;

  getItem(key: string): string | null {
    this.#access();
    return this.values.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.#access();
    this.values.set(key, value);
  }

  removeItem(key: string): void {
    this.#access();
    this.values.delete(key);
  }

  keys(): string[] {
    this.#access();
    return [...this.values.keys()];
  }

  /** Locks it for `accesses` more of them; for good if left out. */
  lock(accesses = Infinity): void {
    let left = accesses;
    this.failure = () => left-- > 0 ? new Error("database is locked") : undefined;
  }

  #access(): void {
    this.accesses++;
    const failure = this.failure();
    if (failure) throw failure;
  }
}
