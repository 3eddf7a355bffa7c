import { Buffer } from "node:buffer";
import {
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { CryptoError } from "./error.ts";

/** Bytes of a private key, a public key and a shared secret (RFC 7748). */
export const KEY_BYTES = 32;

// DER before the 32 bytes of a key (RFC 8410): node:crypto takes no bare ones.
const PKCS8 = Buffer.from("302e020100300506032b656e04220420", "hex");
const SPKI = Buffer.from("302a300506032b656e032100", "hex");

/** An X25519 key pair. */
export interface KeyPair {
  /** 32 bytes, sent as they are. */
  readonly publicKey: Uint8Array;
  /** The X25519 of the private key and `publicKey`, 32 bytes. */
  dh(publicKey: Uint8Array): Uint8Array;
}

/**
 * The key pair of a private key.
 *
 * @param seed 32 bytes; random ones if left out
 * @throws {RangeError} if it has another length
 */
export function keyPair(seed: Uint8Array = randomBytes(KEY_BYTES)): KeyPair {
  if (seed.length !== KEY_BYTES) throw new RangeError(`Cannot use a key of ${seed.length} bytes`);
  const der = Buffer.concat([PKCS8, seed]);
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const spki = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  return {
    publicKey: new Uint8Array(spki.subarray(-KEY_BYTES)),
    dh: (publicKey) => sharedSecret(privateKey, publicKey),
  };
}

/**
 * RFC 7748 section 6.1, with its check: a point of low order, which would make the secret one that everybody
 * knows, is refused.
 *
 * @throws {CryptoError} `low-order`
 */
function sharedSecret(privateKey: KeyObject, point: Uint8Array): Uint8Array {
  if (point.length !== KEY_BYTES) throw new RangeError(`Cannot use a key of ${point.length} bytes`);
  const der = Buffer.concat([SPKI, point]);
  const publicKey = createPublicKey({ key: der, format: "der", type: "spki" });
  let secret: Uint8Array;
  try {
    secret = new Uint8Array(diffieHellman({ privateKey, publicKey }));
  } catch (cause) {
    throw new CryptoError("low-order", "a public key that gives no secret", { cause });
  }
  // The runtime refuses it by itself; whether another version does is not left to it.
  if (secret.every((byte) => byte === 0)) {
    throw new CryptoError("low-order", "a public key that gives no secret");
  }
  return secret;
}
