/**
 * What travels, in words: for learners, and for people who write a client. No secret is in them (of tokens the first
 * four digits), and of private texts only the length. Pure.
 *
 * @module
 */
import type { Endpoint } from "../protocol/address.ts";
import { type Datagram, parseDatagram } from "../protocol/datagram.ts";
import { ProtocolError } from "../protocol/error.ts";
import type { KeyedUser, UserKey } from "../protocol/keyed.ts";
import {
  type ClientMessage,
  parseClientMessage,
  parseServerMessage,
  type ServerMessage,
} from "../protocol/message.ts";
import type { PrivateMessage } from "../protocol/private.ts";
import { formatAddress, type User } from "../protocol/user.ts";
import { codePoints, decodeUtf8 } from "../protocol/utf8.ts";
import { DATAGRAM_MEANINGS, MEANINGS } from "./wire_meanings.ts";

/** Bytes that are shown as they are. */
const HEX_BYTES = 32;
/** Digits of a secret that are shown, to tell one from another. */
const SECRET_DIGITS = 4;
/** Digits of long public values that are shown. */
const PUBLIC_DIGITS = 8;
/** Characters of a text to the room that are shown, and users of a list. */
const MAX_TEXT = 40;
const MAX_NAMES = 5;
/** Bytes that Noise adds to what it seals, and of an X25519 key. */
const TAG_BYTES = 16;
const KEY_BYTES = 32;

/** What one thing that travels is. */
export interface WireNote {
  /** Of a frame's payload (its header has 4 more), a datagram, or a piece of a bare stream. */
  readonly bytes: number;
  /** What it says. */
  readonly text: string;
  /** Its first bytes in hexadecimal, up to the first secret; not of what is private and in the clear. */
  readonly hex?: string;
  /** The user it is for or from, where it tells. */
  readonly peer?: string;
}

/** The payload of one frame from or to the registry. */
export function noteOfFrame(direction: "in" | "out", payload: Uint8Array): WireNote {
  const message = refusable(() => {
    const text = decodeUtf8(payload);
    return direction === "out" ? parseClientMessage(text) : parseServerMessage(text);
  });
  if (!message) return note(payload, "not understood");
  const secret = secretOf(message);
  return note(payload, withMeaning(wordsOf(message), MEANINGS[message.verb]), secret);
}

/** One datagram, to or from there. */
export function noteOfDatagram(
  direction: "in" | "out",
  bytes: Uint8Array,
  { ip, port }: Endpoint,
): WireNote {
  const where = `${direction === "out" ? "to" : "from"} ${formatAddress({ ip, udpPort: port })}`;
  const datagram = refusable(() => parseDatagram(bytes));
  if (!datagram) return note(bytes, `not understood, ${where}`);
  const secret = "token" in datagram ? datagram.token : undefined;
  const text = withMeaning(
    `${wordsOfDatagram(datagram)}, ${where}`,
    DATAGRAM_MEANINGS[datagram.kind],
  );
  const peer = datagram.kind === "offer" ? peerOf(direction, datagram) : undefined;
  return { ...note(bytes, text, secret), ...(peer !== undefined && { peer }) };
}

/** The payload of one of the three frames with which an encrypted link begins. */
export function noteOfHandshake(payload: Uint8Array, number: number): WireNote {
  const parts = HANDSHAKE_PARTS[number] ?? { tokens: "?", sealed: 0 };
  const inside = payload.length - parts.sealed;
  const identity = parts.sealed === 0 || inside < 0
    ? ""
    : `, IDENTITY (${inside} B, sealed to ${inside + TAG_BYTES})`;
  // What it says in the clear is the key of this link alone.
  return note(payload, `Noise handshake ${number} of 3: ${parts.tokens}${identity}`);
}

/** One sealed frame's payload, and what is in it. */
export function noteOfSealed(
  direction: "in" | "out",
  payload: Uint8Array,
  message: PrivateMessage,
): WireNote {
  const sealed = `${payload.length} B sealed`;
  const plain = wordsOfPrivate(message);
  return note(payload, direction === "out" ? `${plain} -> ${sealed}` : `${sealed} -> ${plain}`);
}

/** A piece of a link with a user without a key: neither encrypted nor in frames. */
export function noteOfClassic(piece: Uint8Array): WireNote {
  return { bytes: piece.length, text: "bare text, not encrypted, without a frame" };
}

const HANDSHAKE_PARTS: Readonly<Record<number, { tokens: string; sealed: number }>> = {
  1: { tokens: `e (${KEY_BYTES} B)`, sealed: 0 },
  2: {
    tokens: `e (${KEY_BYTES} B), ee, s (${KEY_BYTES} B, sealed to ${KEY_BYTES + TAG_BYTES}), es`,
    sealed: KEY_BYTES + KEY_BYTES + TAG_BYTES + TAG_BYTES,
  },
  3: {
    tokens: `s (${KEY_BYTES} B, sealed to ${KEY_BYTES + TAG_BYTES}), se`,
    sealed: KEY_BYTES + TAG_BYTES + TAG_BYTES,
  },
};

function note(bytes: Uint8Array, text: string, secret?: string): WireNote {
  return { bytes: bytes.length, text, hex: bytes.subarray(0, shown(bytes, secret)).toHex() };
}

/** How many bytes may be shown. A secret is ASCII, and so is all that may stand before it. */
function shown(bytes: Uint8Array, secret: string | undefined): number {
  if (secret === undefined) return HEX_BYTES;
  const at = String.fromCharCode(...bytes.subarray(0, 1_000)).indexOf(secret);
  return at < 0 ? 0 : Math.min(HEX_BYTES, at + SECRET_DIGITS);
}

/** What lets its bearer take a session over, or be observed in our name. */
function secretOf(message: ClientMessage | ServerMessage): string | undefined {
  switch (message.verb) {
    case "WELCOME":
    case "RESUME":
    case "OBSERVED":
      return message.token;
    default:
      return undefined;
  }
}

function wordsOf(message: ClientMessage | ServerMessage): string {
  const { verb, ...fields } = message;
  const isSecret = secretOf(message) !== undefined;
  const words = Object.entries(fields).map(([name, value]) =>
    name === "token" && isSecret ? `token=${cut(String(value), SECRET_DIGITS)}` : word(name, value)
  );
  return [verb, ...words].join(" ");
}

const FIELD_NAMES: Readonly<Record<string, string>> = {
  username: "name",
  udpPort: "udp",
  registryKey: "key",
  capabilities: "can",
  udpPorts: "udp",
};

function word(name: string, value: unknown): string {
  const label = FIELD_NAMES[name] ?? name;
  if (name === "data") return `${label}=${String(value).length} characters`;
  if (name === "datagram") return `${label}=${JSON.stringify(shortened(String(value)))}`;
  if (name === "text") return `${label}=${JSON.stringify(shortened(String(value)))}`;
  if (name === "user") return userWords(value as User | KeyedUser);
  if (name === "users") return usersWords(value as readonly User[]);
  if (name === "key") return keyWords(value as UserKey | undefined);
  if (Array.isArray(value)) return `${label}=${value.join(",") || "-"}`;
  if (typeof value === "object" && value !== null) {
    const { run, count } = value as { run: string; count: number };
    return `${label}=${cut(run, SECRET_DIGITS)}.${count}`;
  }
  return `${label}=${short(value ?? "-")}`;
}

function userWords(user: User | KeyedUser): string {
  const plain = `name=${user.username} ip=${user.ip} udp=${user.udpPort}`;
  if (!("session" in user)) return plain;
  return `${plain} session=${short(user.session)} ${keyWords(user.key)}`;
}

function usersWords(users: readonly User[]): string {
  const names = users.slice(0, MAX_NAMES).map(({ username }) => username).join(", ");
  return `users=${users.length} (${names}${users.length > MAX_NAMES ? ", …" : ""})`;
}

function keyWords(key: UserKey | undefined): string {
  return key ? `key=${short(key.publicKey)} (${key.kept ? "kept" : "of this session"})` : "key=-";
}

function wordsOfDatagram(datagram: Datagram): string {
  switch (datagram.kind) {
    case "offer": {
      const { username, tcpPort, signed } = datagram;
      const plain = `offer username=${username} tcp_port=${tcpPort}`;
      if (!signed) return `${plain}, not signed`;
      const { session, to, toSession, counter, offer, signature } = signed;
      return `${plain} session=${short(session)} to=${to} to_session=${short(toSession)} ` +
        `counter=${counter} offer=${short(offer)} signature=${short(signature)}`;
    }
    case "answer":
      return `answer offer=${short(datagram.offer)} state=${datagram.state}`;
    case "observe":
      return `observe token=${cut(datagram.token, SECRET_DIGITS)}`;
    case "observed": {
      const { token, ip, port } = datagram;
      return `observed token=${cut(token, SECRET_DIGITS)} ip=${ip} port=${port}`;
    }
  }
}

function peerOf(
  direction: "in" | "out",
  { username, signed }: Datagram & { readonly kind: "offer" },
): string | undefined {
  return direction === "in" ? username : signed?.to;
}

function wordsOfPrivate(message: PrivateMessage): string {
  switch (message.verb) {
    case "TEXT": {
      const length = codePoints(message.text);
      return `TEXT ${message.number}, ${length} code ${length === 1 ? "point" : "points"}`;
    }
    case "SEEN":
      return `SEEN up to ${message.number}`;
    case "PATHS":
      return `PATHS to ${message.at.map(({ ip, port }) => `${ip}:${port}`).join(", ")}`;
    case "GO":
      return `GO attempt=${message.attempt} from=${message.from.ip}:${message.from.port}`;
    case "PING":
    case "PONG":
      return `${message.verb} ${message.number}`;
    case "CLOSE":
      return `CLOSE reason=${message.reason}`;
    default:
      return message.verb;
  }
}

function withMeaning(words: string, meaning: string): string {
  return `${words} (${meaning})`;
}

/** A public value that is too long to be read. */
function short(value: unknown): string {
  const text = String(value);
  return /^[0-9a-f]{16,}$/.test(text) ? cut(text, PUBLIC_DIGITS) : text;
}

function cut(digits: string, count: number): string {
  return `${digits.slice(0, count)}…`;
}

function shortened(text: string): string {
  const characters = Array.from(text.slice(0, 2 * MAX_TEXT + 2));
  return characters.length <= MAX_TEXT ? text : `${characters.slice(0, MAX_TEXT).join("")}…`;
}

function refusable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}
