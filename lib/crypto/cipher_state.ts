import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv } from "node:crypto";
import { CryptoError } from "./error.ts";

/** Bytes that a seal adds. */
export const TAG_BYTES = 16;

/**
 * Messages under one key before it is replaced (Noise section 11.3). Far below where ChaCha20-Poly1305 gets
 * weaker; small enough that what a stolen key opens is a piece of a chat. WireGuard replaces its keys after
 * 2 minutes.
 */
export const REKEY_MESSAGES = 1_000;

/** After so many messages a link is ended: far from where its counter would wrap, or stop being exact. */
export const MAX_MESSAGES = 2 ** 48;

const ALGORITHM = "chacha20-poly1305";
const OPTIONS = { authTagLength: TAG_BYTES } as const;
/** The nonce that Noise keeps for rekeying: 2^64 - 1. */
const REKEY_NONCE = new Uint8Array([0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255]);

/** Noise's CipherState over ChaCha20-Poly1305 (Noise sections 5.1 and 12.3): one key, one direction. */
export class CipherState {
  #key: Uint8Array;
  #nonce = 0;
  #rekeyedAt = 0;

  /** @param key 32 bytes */
  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** Seals `plaintext` with `ad`; 16 bytes longer. */
  seal(plaintext: Uint8Array, ad: Uint8Array): Uint8Array {
    return encrypt(this.#key, this.#nextNonce(), plaintext, ad);
  }

  /**
   * Seals `plaintext` without associated data into `into` from `at` on, where 16 bytes more than it has must fit: for
   * many bytes, which are copied but once.
   */
  sealInto(plaintext: Uint8Array, into: Uint8Array, at: number): void {
    const cipher = createCipheriv(ALGORITHM, this.#key, this.#nextNonce(), OPTIONS);
    into.set(cipher.update(plaintext), at);
    cipher.final();
    into.set(cipher.getAuthTag(), at + plaintext.length);
  }

  /**
   * Opens what `seal` made, in the same order.
   *
   * @throws {CryptoError} `bad-tag`; the state is as before, but there is no way on
   */
  open(sealed: Uint8Array, ad: Uint8Array): Uint8Array {
    if (sealed.length < TAG_BYTES) throw new CryptoError("bad-tag", "too short to be sealed");
    const end = sealed.length - TAG_BYTES;
    const decipher = createDecipheriv(ALGORITHM, this.#key, nonceBytes(this.#nonce), OPTIONS);
    decipher.setAAD(ad, { plaintextLength: end });
    decipher.setAuthTag(sealed.subarray(end));
    // What update() gives is not authenticated yet: it stays here until final() has checked the tag.
    const plaintext = decipher.update(sealed.subarray(0, end));
    try {
      decipher.final();
    } catch (cause) {
      throw new CryptoError("bad-tag", "a message that was changed, repeated or left out", {
        cause,
      });
    }
    this.#nonce++;
    return plainView(plaintext);
  }

  /**
   * Replaces the key if {@linkcode REKEY_MESSAGES} messages were made with it; both ends count alike.
   *
   * @throws {CryptoError} `exhausted`
   */
  rekeyIfDue(): void {
    if (this.#nonce - this.#rekeyedAt < REKEY_MESSAGES) return;
    if (this.#nonce >= MAX_MESSAGES) throw new CryptoError("exhausted", "a link used for too long");
    const zeros = new Uint8Array(32);
    this.#key = encrypt(this.#key, REKEY_NONCE, zeros, new Uint8Array(0)).subarray(0, 32);
    this.#rekeyedAt = this.#nonce;
  }

  #nextNonce(): Uint8Array {
    return nonceBytes(this.#nonce++);
  }
}

/** The same memory, without what a `Buffer` does differently. */
function plainView({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** 32 zero bits, then the counter as 64 bits, little-endian. */
function nonceBytes(counter: number): Uint8Array {
  const bytes = new Uint8Array(12);
  new DataView(bytes.buffer).setBigUint64(4, BigInt(counter), true);
  return bytes;
}

function encrypt(
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  ad: Uint8Array,
): Uint8Array {
  const cipher = createCipheriv(ALGORITHM, key, nonce, OPTIONS);
  cipher.setAAD(ad, { plaintextLength: plaintext.length });
  return new Uint8Array(
    Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]),
  );
}
