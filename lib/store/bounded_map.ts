/** A map that drops the entry set the longest ago when it has too many. */
export class BoundedMap<K, V> {
  readonly #max: number;
  readonly #entries = new Map<K, V>();

  /** @param max entries, at least 1 */
  constructor(max: number) {
    this.#max = max;
  }

  get(key: K): V | undefined {
    return this.#entries.get(key);
  }

  set(key: K, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#max && oldest !== undefined) this.#entries.delete(oldest);
  }

  delete(key: K): boolean {
    return this.#entries.delete(key);
  }

  *[Symbol.iterator](): IterableIterator<[K, V]> {
    yield* this.#entries;
  }

  clear(): void {
    this.#entries.clear();
  }
}
