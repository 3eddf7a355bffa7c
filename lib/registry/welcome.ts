import { isV6 } from "../protocol/address.ts";
import { concatBytes } from "../protocol/bytes.ts";
import { FRAME_HEADER_BYTES } from "../protocol/frame.ts";
import { formatKeyedUser, type KeyedUser } from "../protocol/keyed.ts";
import { MAX_FRAME_BYTES } from "../protocol/limits.ts";
import { formatUser } from "../protocol/message.ts";
import { encodeUtf8 } from "../protocol/utf8.ts";
import type { Audience } from "./fanout.ts";

const LIST = encodeUtf8("LIST");
const ROSTER = encodeUtf8("ROSTER:");
const JOIN = encodeUtf8("UPDATE:JOIN:");
const SEPARATOR = encodeUtf8(":");
const CR_LF = encodeUtf8("\r\n");

/** Each user's `user:ip:port`, encoded once: a room of n is told to each of n who enter. */
const triples = new WeakMap<KeyedUser, Uint8Array>();
/** The same with `:session:key`. */
const quintuples = new WeakMap<KeyedUser, Uint8Array>();

/**
 * The bytes that tell a new member who is here.
 *
 * Framed: LIST with as many as fit one frame, the rest as JOINs. Keyed: ROSTER, in as many frames as it takes.
 * Classic: its own JOIN, which the original shows and takes for the sign that it is in, then LIST in one line,
 * without those on IPv6.
 *
 * @param users the new member first
 */
export function encodeWelcome(audience: Audience, users: readonly KeyedUser[]): Uint8Array {
  switch (audience) {
    case "framed":
      return concatBytes(framedParts(users));
    case "keyed":
      return concatBytes(keyedParts(users));
    case "classic":
      return concatBytes(classicParts(users));
  }
}

function framedParts(users: readonly KeyedUser[]): Uint8Array[] {
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

function keyedParts(users: readonly KeyedUser[]): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let rest = users; rest.length > 0;) {
    let size = ROSTER.length;
    let told = 0;
    for (const user of rest) {
      const grown = size + SEPARATOR.length + quintuple(user).length;
      // The count in front has fewer digits the fewer are left.
      if (grown + String(rest.length - told - 1).length > MAX_FRAME_BYTES) break;
      size = grown;
      told++;
    }
    const left = encodeUtf8(String(rest.length - told));
    parts.push(header(size + left.length), ROSTER, left);
    for (const user of rest.slice(0, told)) parts.push(SEPARATOR, quintuple(user));
    rest = rest.slice(told);
  }
  return parts;
}

function classicParts(users: readonly KeyedUser[]): Uint8Array[] {
  const shown = users.filter((user) => !isV6(user.ip));
  const list = shown.flatMap((user) => [SEPARATOR, triple(user)]);
  const own = shown.slice(0, 1).flatMap((user) => [JOIN, triple(user), CR_LF]);
  return [...own, LIST, ...list, CR_LF];
}

function triple(user: KeyedUser): Uint8Array {
  let bytes = triples.get(user);
  if (!bytes) triples.set(user, bytes = encodeUtf8(formatUser(user)));
  return bytes;
}

function quintuple(user: KeyedUser): Uint8Array {
  let bytes = quintuples.get(user);
  if (!bytes) quintuples.set(user, bytes = encodeUtf8(formatKeyedUser(user)));
  return bytes;
}

function header(length: number): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES);
  new DataView(bytes.buffer).setUint32(0, length);
  return bytes;
}
