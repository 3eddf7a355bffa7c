/** Where values are kept from one run to the next: a flat map of strings. */
export interface Store {
  /** The value of `key`; `undefined` if there is none, or it cannot be read. */
  get(key: string): string | undefined;
  /** Keeps `value`; what fails is told to whoever made the store, never thrown. */
  set(key: string, value: string): void;
  /** Forgets `key`, if it is there. */
  delete(key: string): void;
  /** Every key that begins with `prefix`. */
  keys(prefix: string): string[];
}

/** A store that lasts as long as the program: `--ephemeral`. */
export class MemoryStore implements Store {
  readonly #values = new Map<string, string>();

  get(key: string): string | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: string): void {
    this.#values.set(key, value);
  }

  delete(key: string): void {
    this.#values.delete(key);
  }

  keys(prefix: string): string[] {
    return [...this.#values.keys()].filter((key) => key.startsWith(prefix));
  }
}
