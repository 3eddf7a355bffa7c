import { isV6 } from "../protocol/address.ts";
import { concatBytes } from "../protocol/bytes.ts";
import type { Dialect } from "../protocol/dialect.ts";
import { FRAME_HEADER_BYTES } from "../protocol/frame.ts";
import { MAX_FRAME_BYTES } from "../protocol/limits.ts";
import { formatUser, type User } from "../protocol/message.ts";
import { encodeUtf8 } from "../protocol/utf8.ts";

const LIST = encodeUtf8("LIST");
const JOIN = encodeUtf8("UPDATE:JOIN:");
const SEPARATOR = encodeUtf8(":");
const CR_LF = encodeUtf8("\r\n");

/** Each user's `user:ip:port`, encoded once: a room of n is told to each of n who enter. */
const triples = new WeakMap<User, Uint8Array>();

/**
 * The bytes that tell a new member who is here.
 *
 * Framed: LIST with as many as fit one frame, the rest as JOINs. Classic: its own JOIN, which the
 * original shows and takes for the sign that it is in, then LIST in one line, without those on IPv6.
 *
 * @param users the new member first
 */
export function encodeWelcome(dialect: Dialect, users: readonly User[]): Uint8Array {
  return concatBytes(dialect === "framed" ? framedParts(users) : classicParts(users));
}

function framedParts(users: readonly User[]): Uint8Array[] {
  let size = LIST.length;
  let listed = 0;
  for (const user of users) {
    const grown = size + SEPARATOR.length + triple(user).length;
    if (grown > MAX_FRAME_BYTES) break;
    size = grown;
    listed++;
  }
  const parts = [header(size), LIST];
  for (const user of users.slice(0, listed)) parts.push(SEPARATOR, triple(user));
  for (const user of users.slice(listed)) {
    parts.push(header(JOIN.length + triple(user).length), JOIN, triple(user));
  }
  return parts;
}

function classicParts(users: readonly User[]): Uint8Array[] {
  const shown = users.filter((user) => !isV6(user.ip));
  const list = shown.flatMap((user) => [SEPARATOR, triple(user)]);
  const own = shown.slice(0, 1).flatMap((user) => [JOIN, triple(user), CR_LF]);
  return [...own, LIST, ...list, CR_LF];
}

function triple(user: User): Uint8Array {
  let bytes = triples.get(user);
  if (!bytes) triples.set(user, bytes = encodeUtf8(formatUser(user)));
  return bytes;
}

function header(length: number): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES);
  new DataView(bytes.buffer).setUint32(0, length);
  return bytes;
}
