/**
 * A second Noise_XX_25519_ChaChaPoly_SHA256, written from the specification over `@noble/*` and shaped after its text
 * (section 5), to hold ours against. Only for tests.
 *
 * @module
 */
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { x25519 } from "@noble/curves/ed25519.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";

const bytes = (...parts: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]));

/** `CipherState` of section 5.1, without the key of no key. */
export class NobleCipher {
  #n = 0n;
  #k: Uint8Array;

  constructor(k: Uint8Array) {
    this.#k = k;
  }

  encrypt(ad: Uint8Array, plaintext: Uint8Array): Uint8Array {
    return chacha20poly1305(this.#k, this.#nonce(), ad).encrypt(plaintext);
  }

  decrypt(ad: Uint8Array, ciphertext: Uint8Array): Uint8Array {
    return chacha20poly1305(this.#k, this.#nonce(), ad).decrypt(ciphertext);
  }

  /** `Rekey()`: `n` stays as it is. */
  rekey(): void {
    this.#k = rekeyed(this.#k);
  }

  #nonce(): Uint8Array {
    return nonce(this.#n++);
  }
}

/** `REKEY(k)` of section 4.2: the first 32 bytes of `ENCRYPT(k, maxnonce, zerolen, zeros)`. */
export function rekeyed(k: Uint8Array): Uint8Array {
  return chacha20poly1305(k, nonce(2n ** 64n - 1n), new Uint8Array(0))
    .encrypt(new Uint8Array(32)).slice(0, 32);
}

/** Of ChaChaPoly, section 12.3: 32 bits of zeros, then `n` as 64 bits, little-endian. */
function nonce(n: bigint): Uint8Array {
  const bytes = new Uint8Array(12);
  new DataView(bytes.buffer).setBigUint64(4, n, true);
  return bytes;
}

/** `HandshakeState` of section 5.3 for XX, one side of it. */
export class NobleXX {
  #h: Uint8Array;
  #ck: Uint8Array;
  #cipher: NobleCipher | undefined;
  #re = new Uint8Array(32);
  #rs = new Uint8Array(32);
  readonly #initiator: boolean;
  readonly #s: Uint8Array;
  readonly #e: Uint8Array;

  constructor(initiator: boolean, prologue: Uint8Array, s: Uint8Array, e: Uint8Array) {
    this.#initiator = initiator;
    this.#s = s;
    this.#e = e;
    this.#h = new TextEncoder().encode("Noise_XX_25519_ChaChaPoly_SHA256");
    this.#ck = this.#h;
    this.#mixHash(prologue);
  }

  get theirStatic(): Uint8Array {
    return this.#rs;
  }

  /** Message 0, 1 or 2, by whoever sends it. */
  write(message: number, payload: Uint8Array): Uint8Array {
    const out: Uint8Array[] = [];
    if (message < 2) {
      const e = x25519.getPublicKey(this.#e);
      this.#mixHash(e);
      out.push(e);
    }
    if (message === 1) this.#mixKey(this.#e, this.#re);
    if (message > 0) {
      const s = this.#encryptAndHash(x25519.getPublicKey(this.#s));
      // After the static key of message 1 comes es, of message 2 se: always our static, their ephemeral.
      this.#mixKey(this.#s, this.#re);
      out.push(s);
    }
    out.push(this.#encryptAndHash(payload));
    return bytes(...out);
  }

  read(message: number, data: Uint8Array): Uint8Array {
    let at = 0;
    if (message < 2) {
      this.#re = data.slice(0, 32);
      at = 32;
      this.#mixHash(this.#re);
    }
    if (message === 1) this.#mixKey(this.#e, this.#re);
    if (message > 0) {
      this.#rs = this.#decryptAndHash(data.slice(at, at + 48)).slice();
      at += 48;
      this.#mixKey(this.#e, this.#rs);
    }
    return this.#decryptAndHash(data.slice(at));
  }

  split(): { send: NobleCipher; receive: NobleCipher; hash: Uint8Array } {
    const [one, two] = this.#hkdf(new Uint8Array(0)).map((k) => new NobleCipher(k));
    if (!one || !two) throw new Error("unreachable");
    const [send, receive] = this.#initiator ? [one, two] : [two, one];
    return { send, receive, hash: this.#h };
  }

  #mixHash(data: Uint8Array): void {
    this.#h = sha256(bytes(this.#h, data));
  }

  #mixKey(priv: Uint8Array, pub: Uint8Array): void {
    const [ck, k] = this.#hkdf(x25519.getSharedSecret(priv, pub));
    this.#ck = ck;
    this.#cipher = new NobleCipher(k);
  }

  #hkdf(input: Uint8Array): [Uint8Array, Uint8Array] {
    const temp = hmac(sha256, this.#ck, input);
    const one = hmac(sha256, temp, Uint8Array.of(1));
    return [one, hmac(sha256, temp, bytes(one, Uint8Array.of(2)))];
  }

  #encryptAndHash(plaintext: Uint8Array): Uint8Array {
    const out = this.#cipher?.encrypt(this.#h, plaintext) ?? plaintext;
    this.#mixHash(out);
    return out;
  }

  #decryptAndHash(data: Uint8Array): Uint8Array {
    const out = this.#cipher?.decrypt(this.#h, data) ?? data;
    this.#mixHash(data);
    return out;
  }
}
