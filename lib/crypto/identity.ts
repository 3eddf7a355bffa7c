/**
 * Who somebody is: an Ed25519 key (RFC 8032), and what it signs.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createPrivateKey, createPublicKey, randomBytes, sign, verify } from "node:crypto";
import { encodeUtf8 } from "../protocol/utf8.ts";

/** Bytes of a private and of a public Ed25519 key. */
export const IDENTITY_KEY_BYTES = 32;

/**
 * What a signature is for. A context begins what is signed, so that none made for one purpose can be used for
 * another: `docs/PROTOCOL.md` section 7.1.
 */
export type SigningContext =
  | "confab-registry-v1"
  | "confab-register-v1"
  | "confab-static-v1"
  | "confab-offer-v1"
  | "confab-pipe-v1";

// DER before the 32 bytes of a key (RFC 8410): node:crypto takes no bare ones.
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");
const SPKI = Buffer.from("302a300506032b6570032100", "hex");
const PUBLIC_KEY = /^[0-9a-f]{64}$/;
const SIGNATURE = /^[0-9a-f]{128}$/;

/** Somebody's key pair. */
export interface Identity {
  /** The public key: 64 lower-case hexadecimal digits. */
  readonly publicKey: string;
  /** Whether it is there the next time, too; else it lasts as long as this program runs. */
  readonly kept: boolean;
  /** Signs `context` and `fields`: 128 lower-case hexadecimal digits. */
  sign(context: SigningContext, fields: readonly string[]): string;
}

/**
 * The identity of a private key.
 *
 * @param seed 32 bytes
 * @throws {RangeError} if it has another length
 */
export function identityOf(seed: Uint8Array, kept: boolean): Identity {
  if (seed.length !== IDENTITY_KEY_BYTES) {
    throw new RangeError(`Cannot use a key of ${seed.length} bytes`);
  }
  const der = Buffer.concat([PKCS8, seed]);
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const spki = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  return {
    publicKey: spki.subarray(-IDENTITY_KEY_BYTES).toString("hex"),
    kept,
    sign: (context, fields) => sign(null, signedBytes(context, fields), privateKey).toString("hex"),
  };
}

/** 32 bytes for a new private key. */
export function newSeed(): Uint8Array {
  return new Uint8Array(randomBytes(IDENTITY_KEY_BYTES));
}

/** Whether `text` has the form of a public key. */
export function isPublicKey(text: unknown): text is string {
  return typeof text === "string" && PUBLIC_KEY.test(text);
}

/** Whether `text` has the form of a signature. */
export function isSignature(text: unknown): text is string {
  return typeof text === "string" && SIGNATURE.test(text);
}

/** Whether `signature` is that of `publicKey` over `context` and `fields`; `false` for anything of wrong form. */
export function isSignedBy(
  publicKey: string,
  signature: string,
  context: SigningContext,
  fields: readonly string[],
): boolean {
  if (!isPublicKey(publicKey) || !isSignature(signature)) return false;
  const der = Buffer.concat([SPKI, Buffer.from(publicKey, "hex")]);
  try {
    const key = createPublicKey({ key: der, format: "der", type: "spki" });
    return verify(null, signedBytes(context, fields), key, Buffer.from(signature, "hex"));
  } catch {
    return false; // Not the encoding of a point.
  }
}

/** No field but the last may hold a `:`, and each context has a fixed number of them: no two lists read alike. */
function signedBytes(context: SigningContext, fields: readonly string[]): Uint8Array {
  return encodeUtf8([context, ...fields].join(":"));
}
