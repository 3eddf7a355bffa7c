/**
 * Public keys in a form that people can compare.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { isPublicKey } from "./identity.ts";

/** Bytes of a SHA-256 that a fingerprint shows. */
const FINGERPRINT_BYTES = 20;
/** Rounds of SHA-512, as many as Signal's numeric fingerprints take: each guess costs that much. */
const ROUNDS = 5_200;
/** Version 0, where the first round has no digest yet. */
const VERSION = new Uint8Array([0, 0]);
/** Groups of five digits for each key. */
const GROUPS = 6;

/**
 * The fingerprint of a public key: 40 hexadecimal digits in groups of 4.
 *
 * @throws {RangeError} if `publicKey` has not the form of one
 */
export function fingerprintOf(publicKey: string): string {
  const digest = createHash("sha256").update(keyBytes(publicKey)).digest();
  return inGroups(digest.subarray(0, FINGERPRINT_BYTES).toString("hex"), 4);
}

/**
 * The number by which two people check each other's keys: 60 digits in groups of 5, the same for
 * both, made as Signal makes its own, without identifiers.
 *
 * @throws {RangeError} if `a` or `b` has not the form of a public key
 */
export function safetyNumber(a: string, b: string): string {
  return inGroups([digitsOf(a), digitsOf(b)].toSorted().join(""), 5);
}

/** 30 digits. */
function digitsOf(publicKey: string): string {
  const key = keyBytes(publicKey);
  let digest: Uint8Array = VERSION;
  for (let round = 0; round < ROUNDS; round++) {
    digest = createHash("sha512").update(digest).update(key).digest();
  }
  const bytes = Buffer.from(digest);
  return Array.from(
    { length: GROUPS },
    (_, i) => String(bytes.readUIntBE(i * 5, 5) % 100_000).padStart(5, "0"),
  ).join("");
}

function keyBytes(publicKey: string): Uint8Array {
  if (!isPublicKey(publicKey)) throw new RangeError("Cannot show what is no public key");
  return Buffer.from(publicKey, "hex");
}

function inGroups(text: string, length: number): string {
  return (text.match(new RegExp(`.{${length}}`, "g")) ?? []).join(" ");
}
