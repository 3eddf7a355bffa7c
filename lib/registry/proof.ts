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
import { OBSERVE } from "../protocol/observe.ts";
import { REPLAY } from "../protocol/replay.ts";
import { RELAY } from "../protocol/relay.ts";

/** What {@linkcode Proof} works with. */
export interface ProofOptions {
  /** The registry's own key; one that is not kept is announced as ephemeral. */
  readonly identity: Identity;
  /** Whether newcomers are given what was said before they came. */
  readonly remembers: boolean;
  /** Whether private links may go through the registry. */
  readonly relay: boolean;
}

/** What one connection has told of itself before REGISTER: what it understands, and whose name it will ask for. */
export class Proof {
  readonly #o: ProofOptions;
  #nonces: readonly [client: string, registry: string] | undefined;
  #resumes = false;
  #replays = false;
  #relays = false;
  /** `refused` if it did not hold: nobody goes in without the key that they wanted to go in with. */
  #claim: IdentityClaim | "refused" | undefined;

  constructor(options: ProofOptions) {
    this.#o = options;
  }

  /** Whether it understands keys. */
  get keyed(): boolean {
    return this.#nonces !== undefined;
  }

  /** Whether what is said on it is numbered and acknowledged: it understands that, and has proven a key. */
  get lasts(): boolean {
    return this.#resumes && typeof this.#claim === "object";
  }

  /** Whether it may ask for what was said before it came. */
  get replays(): boolean {
    return this.#replays && this.lasts;
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
      this.#replays = this.#o.remembers && capabilities.includes(REPLAY);
      this.#relays = this.#o.relay && capabilities.includes(RELAY);
    }
    const { identity: { publicKey: registryKey, kept }, remembers, relay } = this.#o;
    const told = [
      ...[KEYS, RESUME],
      ...(remembers ? [REPLAY] : []),
      OBSERVE,
      ...(relay ? [RELAY] : []),
      ...(kept ? [] : [EPHEMERAL]),
    ];
    const signature = this.#o.identity.sign("confab-registry-v1", [client, nonce, told.join(",")]);
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
    const fields = [this.#o.identity.publicKey, username, holdOf(key), ...this.#nonces];
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
