import type { Identity } from "../crypto/identity.ts";
import type { KeyedUser } from "../protocol/keyed.ts";
import { baseName, checkName, type NameKey, nameKey } from "../protocol/name.ts";

/** Where others send their offers to us. */
export interface OwnAddress {
  readonly ip: string;
  readonly udpPort: number;
  /** Our own end of the connection to the registry, if it is another. */
  readonly localIp?: string;
}

/** Who we are at the registry, now. */
export class Self {
  readonly identity: Identity;
  /** The name that was asked for. */
  readonly chosen: string;
  #username: string;
  #key: NameKey;
  #registryKey = "";
  #session = "";
  #counter = 0;

  /** @throws {ProtocolError} `bad-name` */
  constructor(username: string, identity: Identity) {
    this.identity = identity;
    this.chosen = username;
    this.#username = username;
    this.#key = checkName(username);
  }

  /** The name that the registry gave us: with `~2` and so on where this key is there already. */
  get username(): string {
    return this.#username;
  }

  /** The same, to compare by. */
  get key(): NameKey {
    return this.#key;
  }

  /** The id of this registration. */
  get session(): string {
    return this.#session;
  }

  /** The key of the registry that gave it. */
  get registryKey(): string {
    return this.#registryKey;
  }

  /**
   * Whether a registry may show us so: by the name that we have asked for, or that with a number, and by our key.
   * Without it others would speak to us in the clear.
   */
  mayBe({ username, key }: KeyedUser): boolean {
    const { publicKey, kept } = this.identity;
    return nameKey(baseName(username)) === nameKey(this.chosen) &&
      key?.publicKey === publicKey && key.kept === kept;
  }

  /** We are in, under this name. */
  registered(username: string, session: string, registryKey: string): void {
    this.#username = username;
    this.#key = nameKey(username);
    this.#session = session;
    this.#registryKey = registryKey;
  }

  /** For a new offer: higher than all before, as one may be repeated in a later session. */
  nextCounter(): number {
    return ++this.#counter;
  }
}
