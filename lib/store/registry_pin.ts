import { parseStored, type Store } from "./store.ts";
import { isPublicKey } from "../crypto/identity.ts";

/** The key of the registry at one host and port: the first one is kept, another one is not taken for it. */
export class RegistryPin {
  readonly #store: Store;
  readonly #path: string;
  /** Whether our user takes another key for the right one, once. */
  #trusting: boolean;

  /** @param trusting whether our user says that the key has changed */
  constructor(store: Store, host: string, port: number, trusting: boolean) {
    this.#store = store;
    this.#path = `registry/${host.toLowerCase()} ${port}`;
    this.#trusting = trusting;
  }

  /**
   * Whether the registry that has just proven to have `publicKey` is the one we know, or may become it.
   *
   * @param lasting whether it will have the key the next time, too
   */
  accepts(publicKey: string, lasting: boolean): boolean {
    const known = this.#known;
    const trusting = this.#trusting;
    this.#trusting = false;
    if (known === publicKey) return true;
    if (known !== undefined && !trusting) return false;
    const value = JSON.stringify({ v: 1, key: publicKey });
    // One that could not be read stays: only our user takes another key for it.
    if (lasting && known === undefined) this.#store.add(this.#path, value);
    else if (lasting) this.#store.set(this.#path, value);
    else if (known !== undefined) this.#store.delete(this.#path);
    return true;
  }

  /** What `publicKey` is to us; nothing is kept or forgotten for asking. */
  compare(publicKey: string): "known" | "new" | "other" {
    const known = this.#known;
    if (known === undefined) return "new";
    return known === publicKey ? "known" : "other";
  }

  /** A value that cannot be read equals no key. */
  get #known(): string | undefined {
    const text = this.#store.get(this.#path);
    if (text === undefined) return undefined;
    const key = parseStored(text)?.["key"];
    return isPublicKey(key) ? key : "";
  }
}
