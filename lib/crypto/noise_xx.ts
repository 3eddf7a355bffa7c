/**
 * Noise_XX_25519_ChaChaPoly_SHA256 (The Noise Protocol Framework, revision 34), from the first message to the two
 * ciphers of the transport. No sockets, no framing.
 *
 *     -> e
 *     <- e, ee, s, es
 *     -> s, se
 *
 * @module
 */
import { createHash, createHmac } from "node:crypto";
import { concatBytes } from "../protocol/bytes.ts";
import { CipherState, TAG_BYTES } from "./cipher_state.ts";
import { CryptoError } from "./error.ts";
import { KEY_BYTES, type KeyPair } from "./x25519.ts";

/** Exactly 32 bytes, so it is the first handshake hash as it is. */
const PROTOCOL_NAME = new TextEncoder().encode("Noise_XX_25519_ChaChaPoly_SHA256");
const EMPTY = new Uint8Array(0);

type Token = "e" | "s" | "ee" | "es" | "se";
const MESSAGES: readonly (readonly Token[])[] = [["e"], ["e", "ee", "s", "es"], ["s", "se"]];

/** Who sends the first message. */
export type NoiseRole = "initiator" | "responder";

/** What both have when the handshake is done. */
export interface NoiseTransport {
  readonly send: CipherState;
  readonly receive: CipherState;
  /** 32 bytes that are the same at both ends of this handshake and of no other. */
  readonly hash: Uint8Array;
}

/** One side of a handshake. */
export class NoiseXX {
  readonly #role: NoiseRole;
  readonly #static: KeyPair;
  readonly #ephemeral: KeyPair;
  #hash: Uint8Array = PROTOCOL_NAME;
  #chaining: Uint8Array = PROTOCOL_NAME;
  #cipher: CipherState | undefined;
  #next = 0;
  #theirEphemeral: Uint8Array | undefined;
  #theirStatic: Uint8Array | undefined;

  /**
   * @param prologue what both have to agree on; nothing of it is sent
   * @param staticKey our long-term key pair
   * @param ephemeral a key pair for this handshake alone, never used again
   */
  constructor(role: NoiseRole, prologue: Uint8Array, staticKey: KeyPair, ephemeral: KeyPair) {
    this.#role = role;
    this.#static = staticKey;
    this.#ephemeral = ephemeral;
    this.#mixHash(prologue);
  }

  /** The other side's static public key, once its message with it was read. */
  get theirStatic(): Uint8Array | undefined {
    return this.#theirStatic;
  }

  /** Whether the next message is ours to write. */
  get isOurTurn(): boolean {
    return this.#next < MESSAGES.length && (this.#next % 2 === 0) === (this.#role === "initiator");
  }

  /** Whether all three messages were written and read. */
  get isDone(): boolean {
    return this.#next === MESSAGES.length;
  }

  /**
   * Our next message around `payload`, which is in the clear in the first, sealed in the others.
   *
   * @throws {TypeError} if it is not our turn
   */
  write(payload: Uint8Array): Uint8Array {
    if (!this.isOurTurn) throw new TypeError("Cannot write: it is not our turn");
    const parts: Uint8Array[] = [];
    for (const token of this.#tokens()) {
      if (token === "e") {
        parts.push(this.#ephemeral.publicKey);
        this.#mixHash(this.#ephemeral.publicKey);
      } else if (token === "s") {
        parts.push(this.#seal(this.#static.publicKey));
      } else {
        this.#mixDh(token);
      }
    }
    parts.push(this.#seal(payload));
    return concatBytes(parts);
  }

  /**
   * The payload of their next message.
   *
   * @throws {CryptoError} if it was changed, cut, or is of another handshake; the handshake is over then
   * @throws {TypeError} if it is not their turn
   */
  read(message: Uint8Array): Uint8Array {
    if (this.isOurTurn || this.isDone) throw new TypeError("Cannot read: it is not their turn");
    let rest = message;
    const take = (count: number): Uint8Array => {
      if (rest.length < count) throw new CryptoError("bad-handshake", "a handshake that was cut");
      const part = rest.slice(0, count);
      rest = rest.subarray(count);
      return part;
    };
    for (const token of this.#tokens()) {
      if (token === "e") {
        this.#theirEphemeral = take(KEY_BYTES);
        this.#mixHash(this.#theirEphemeral);
      } else if (token === "s") {
        this.#theirStatic = this.#open(take(KEY_BYTES + (this.#cipher ? TAG_BYTES : 0)));
      } else {
        this.#mixDh(token);
      }
    }
    return this.#open(rest);
  }

  /**
   * The ciphers of the transport.
   *
   * @throws {TypeError} if the handshake is not done
   */
  split(): NoiseTransport {
    if (!this.isDone) throw new TypeError("Cannot split: the handshake is not done");
    const [first, second] = hkdf(this.#chaining, EMPTY).map((key) => new CipherState(key));
    if (!first || !second) throw new TypeError("unreachable");
    const [send, receive] = this.#role === "initiator" ? [first, second] : [second, first];
    return { send, receive, hash: this.#hash };
  }

  #tokens(): readonly Token[] {
    return MESSAGES[this.#next++] ?? [];
  }

  /** The named Diffie-Hellman: `es` is of the initiator's ephemeral and the responder's static key. */
  #mixDh(token: "ee" | "es" | "se"): void {
    const ours = token === "ee" || (token === "es") === (this.#role === "initiator")
      ? this.#ephemeral
      : this.#static;
    const theirs = token === "ee" || (token === "se") === (this.#role === "initiator")
      ? this.#theirEphemeral
      : this.#theirStatic;
    if (!theirs) throw new TypeError("unreachable: a key before its message");
    const [chaining, key] = hkdf(this.#chaining, ours.dh(theirs));
    this.#chaining = chaining;
    this.#cipher = new CipherState(key);
  }

  #seal(plaintext: Uint8Array): Uint8Array {
    const sealed = this.#cipher ? this.#cipher.seal(plaintext, this.#hash) : plaintext;
    this.#mixHash(sealed);
    return sealed;
  }

  #open(sealed: Uint8Array): Uint8Array {
    const plaintext = this.#cipher ? this.#cipher.open(sealed, this.#hash) : sealed.slice();
    this.#mixHash(sealed);
    return plaintext;
  }

  #mixHash(data: Uint8Array): void {
    this.#hash = new Uint8Array(createHash("sha256").update(this.#hash).update(data).digest());
  }
}

/** Noise's HKDF (section 4.3) with two outputs, 32 bytes each. */
function hkdf(chaining: Uint8Array, input: Uint8Array): [Uint8Array, Uint8Array] {
  const secret = hmac(chaining, input);
  const first = hmac(secret, Uint8Array.of(1));
  return [first, hmac(secret, concatBytes([first, Uint8Array.of(2)]))];
}

function hmac(key: Uint8Array, data: Uint8Array): Uint8Array {
  return new Uint8Array(createHmac("sha256", key).update(data).digest());
}
