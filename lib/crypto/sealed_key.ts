/**
 * A private key as one line of text that a passphrase opens: `key export`, and what is stored where
 * a passphrase was chosen.
 *
 *     confab-key-1:<log2 N>:<salt>:<nonce>:<ciphertext and tag>:<username>
 *
 * The key of the cipher (ChaCha20-Poly1305, RFC 8439) is scrypt (RFC 7914; r = 8, p = 1) of the
 * passphrase in NFC as UTF-8. All of the line but the ciphertext is associated data. Binary fields
 * are base64url without padding: salt 16 bytes, nonce 12, ciphertext 32, tag 16.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from "node:crypto";
import { ProtocolError } from "../protocol/error.ts";
import { checkName } from "../protocol/name.ts";
import { encodeUtf8 } from "../protocol/utf8.ts";
import { IDENTITY_KEY_BYTES } from "./identity.ts";

/**
 * 64 MiB and about 0.2 s for each guess, four times the 2^14 of RFC 7914 section 2 for interactive
 * use.
 */
const LOG2_N = 16;
const BLOCK_SIZE = 8;

const TAG_BYTES = 16;
const ALGORITHM = "chacha20-poly1305";
const OPTIONS = { authTagLength: TAG_BYTES } as const;

/** log2 N from 14 to 17: 17 needs 128 MiB, and a line from a stranger may not ask for more. */
const LINE =
  /^(?<head>confab-key-1:(?<log2n>1[4-7]):(?<salt>[\w-]{22}):(?<nonce>[\w-]{16})):(?<box>[\w-]{64}):(?<name>[^:]+)$/u;

/** Why a sealed key cannot be opened. */
export type SealedKeyErrorCode = "bad-form" | "bad-passphrase";

/** A sealed key cannot be opened; nothing of it may be used. */
export class SealedKeyError extends Error {
  override readonly name = "SealedKeyError";
  readonly code: SealedKeyErrorCode;

  constructor(code: SealedKeyErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * Seals a private key.
 *
 * @param seed 32 bytes
 * @param username whose key it is
 * @returns one line of text, without its end
 * @throws {RangeError} if the key has another length, the name cannot be one, the passphrase is
 * empty
 */
export function sealKey(seed: Uint8Array, username: string, passphrase: string): string {
  if (seed.length !== IDENTITY_KEY_BYTES) {
    throw new RangeError(`Cannot seal a key of ${seed.length} bytes`);
  }
  if (!canBeName(username)) throw new RangeError("Cannot seal a key for what is no user name");
  const [salt, nonce] = [randomBytes(16), randomBytes(12)];
  const head = `confab-key-1:${LOG2_N}:${salt.toString("base64url")}:${
    nonce.toString("base64url")
  }`;
  const cipher = createCipheriv(ALGORITHM, derive(passphrase, salt, LOG2_N), nonce, OPTIONS);
  cipher.setAAD(associatedData(head, username), { plaintextLength: IDENTITY_KEY_BYTES });
  const box = Buffer.concat([cipher.update(seed), cipher.final(), cipher.getAuthTag()]);
  return `${head}:${box.toString("base64url")}:${username}`;
}

/**
 * Opens what {@linkcode sealKey} made.
 *
 * @returns the name it was sealed for, and 32 bytes
 * @throws {SealedKeyError}
 * @throws {RangeError} if the passphrase is empty
 */
export function openKey(
  sealed: string,
  passphrase: string,
): { username: string; seed: Uint8Array } {
  const parts = parse(sealed);
  if (!parts) throw new SealedKeyError("bad-form", "this is no sealed key");
  const { head, username, log2n, salt, nonce, box } = parts;
  const decipher = createDecipheriv(ALGORITHM, derive(passphrase, salt, log2n), nonce, OPTIONS);
  decipher.setAAD(associatedData(head, username), { plaintextLength: IDENTITY_KEY_BYTES });
  decipher.setAuthTag(box.subarray(IDENTITY_KEY_BYTES));
  // What update() gives is not authenticated yet: it stays here until final() has checked the tag.
  const seed = decipher.update(box.subarray(0, IDENTITY_KEY_BYTES));
  try {
    decipher.final();
  } catch (cause) {
    const message = "the passphrase is wrong, or the sealed key was changed";
    throw new SealedKeyError("bad-passphrase", message, { cause });
  }
  return { username, seed: new Uint8Array(seed) };
}

/** Whether `text` has the form of a sealed key. */
export function isSealedKey(text: unknown): text is string {
  return typeof text === "string" && parse(text) !== undefined;
}

/** The fields of a sealed key. */
interface Parts {
  /** All before the ciphertext. */
  readonly head: string;
  readonly log2n: number;
  readonly salt: Uint8Array;
  readonly nonce: Uint8Array;
  /** Ciphertext and tag. */
  readonly box: Uint8Array;
  readonly username: string;
}

function parse(sealed: string): Parts | undefined {
  const { head = "", log2n = "", salt = "", nonce = "", box = "", name = "" } =
    LINE.exec(sealed)?.groups ?? {};
  if (!canBeName(name)) return undefined;
  const bytes = Buffer.from(salt, "base64url");
  // 22 digits are 4 bits more than 16 bytes: only one way to write them is taken.
  if (bytes.toString("base64url") !== salt) return undefined;
  return {
    head,
    log2n: Number(log2n),
    salt: bytes,
    nonce: Buffer.from(nonce, "base64url"),
    box: Buffer.from(box, "base64url"),
    username: name,
  };
}

function canBeName(username: string): boolean {
  try {
    checkName(username);
    return true;
  } catch (error) {
    if (error instanceof ProtocolError) return false;
    throw error;
  }
}

/** @throws {RangeError} if the passphrase is empty */
function derive(passphrase: string, salt: Uint8Array, log2n: number): Uint8Array {
  if (passphrase === "") throw new RangeError("Cannot use an empty passphrase");
  const N = 2 ** log2n;
  // What it takes is 128 N r and a little more; Node's own limit is below that.
  const maxmem = 2 * 128 * N * BLOCK_SIZE;
  const secret = encodeUtf8(passphrase.normalize("NFC"));
  return scryptSync(secret, salt, 32, { N, r: BLOCK_SIZE, p: 1, maxmem });
}

/** The head has a fixed form, so that no two pairs read alike. */
function associatedData(head: string, username: string): Uint8Array {
  return encodeUtf8(`${head}:${username}`);
}
