import { type Identity, isSignedBy } from "../crypto/identity.ts";
import { RESUME } from "../protocol/delivery.ts";
import { ProtocolError } from "../protocol/error.ts";
import {
  type ClientCaps,
  EPHEMERAL,
  holdOf,
  type IdentityClaim,
  KEYS,
  type RegistryCaps,
  type UserKey,
} from "../protocol/keyed.ts";
import { nameKey } from "../protocol/name.ts";
import { RELAY } from "../protocol/relay.ts";

/** What one connection has told of itself before REGISTER: what it understands, and whose name it will ask for. */
export class Proof {
  readonly #registry: Identity;
  readonly #isRelay: boolean;
  #nonces: readonly [client: string, registry: string] | undefined;
  #resumes = false;
  #relays = false;
  /** `refused` if it did not hold: nobody goes in without the key that they wanted to go in with. */
  #claim: IdentityClaim | "refused" | undefined;

  /**
   * @param registry the registry's own key; one that is not kept is announced as ephemeral
   * @param isRelay whether private links may go through the registry
   */
  constructor(registry: Identity, isRelay: boolean) {
    this.#registry = registry;
    this.#isRelay = isRelay;
  }

  /** Whether it understands keys. */
  get keyed(): boolean {
    return this.#nonces !== undefined;
  }

  /** Whether what is said on it is numbered and acknowledged: it understands that, and has proven a key. */
  get lasts(): boolean {
    return this.#resumes && typeof this.#claim === "object";
  }

  /** The public key of one who may have relayed links: who has told that, and proven it. */
  get relayKey(): string | undefined {
    return this.#relays && typeof this.#claim === "object" ? this.#claim.key.publicKey : undefined;
  }

  /**
   * The answer to CAPS.
   *
   * @param nonce 32 hexadecimal digits that have never been used before
   */
  capabilities({ nonce: client, capabilities }: ClientCaps, nonce: string): RegistryCaps {
    if (capabilities.includes(KEYS)) {
      this.#nonces = [client, nonce];
      this.#resumes = capabilities.includes(RESUME);
      this.#relays = this.#isRelay && capabilities.includes(RELAY);
    }
    const { publicKey: registryKey, kept } = this.#registry;
    const told = [
      ...[KEYS, RESUME],
      ...(this.#isRelay ? [RELAY] : []),
      ...(kept ? [] : [EPHEMERAL]),
    ];
    const signature = this.#registry.sign("confab-registry-v1", [client, nonce, told.join(",")]);
    return { verb: "CAPS", nonce, registryKey, signature, capabilities: told };
  }

  /**
   * Takes IDENTITY; a later one takes its place.
   *
   * @throws {ProtocolError} `bad-proof`; so does REGISTER then, until a good one
   */
  identify(claim: IdentityClaim): void {
    this.#claim = "refused";
    if (!this.#nonces) throw badProof("tell your capabilities first");
    const { username, key, signature } = claim;
    const fields = [this.#registry.publicKey, username, holdOf(key), ...this.#nonces];
    if (!isSignedBy(key.publicKey, signature, "confab-register-v1", fields)) {
      throw badProof("the signature is wrong");
    }
    this.#claim = claim;
  }

  /**
   * The key that has been proven for `username`; `undefined` if none was told at all.
   *
   * @throws {ProtocolError} `bad-proof` if it was told for another name
   */
  keyFor(username: string): UserKey | undefined {
    const claim = this.claim();
    if (!claim) return undefined;
    if (nameKey(claim.username) !== nameKey(username)) {
      throw badProof("your key was told for another name");
    }
    return claim.key;
  }

  /**
   * The key that has been proven, and for which name; `undefined` if none was told at all.
   *
   * @throws {ProtocolError} `bad-proof` if it was told and not proven
   */
  claim(): IdentityClaim | undefined {
    if (this.#claim === "refused") throw badProof("your key was not proven");
    return this.#claim;
  }
}

function badProof(why: string): ProtocolError {
  return new ProtocolError("bad-proof", why);
}
