/**
 * What clients with a key say and hear besides, `docs/PROTOCOL.md` section 7. What is signed and how is not known here.
 *
 * @module
 */
import { formatIp } from "./address.ts";
import { badMessage, type Fields } from "./fields.ts";

/** Hexadecimal digits of a public key (32 bytes). */
export const KEY_DIGITS = 64;
/** Of a signature (64 bytes). */
export const SIGNATURE_DIGITS = 128;
/** Of a nonce (128 bits: two are never the same). */
export const NONCE_DIGITS = 32;
/** Of a session id (64 bits). */
export const SESSION_DIGITS = 16;

const KEY = /^[0-9a-f]{64}$/;
const CAPABILITIES = /^([a-z0-9-]{1,32}(,[a-z0-9-]{1,32}){0,31})?$/;
const TOKEN = /^[0-9a-f]{1,16}$/;
const VERSION = "1";

/** The capability of section 7: keys, ROSTER, PING. */
export const KEYS = "keys";
/** The registry's key is a new one each time it starts. */
export const EPHEMERAL = "ephemeral";

/** Somebody's identity key, as the registry tells it. */
export interface UserKey {
  /** 64 lower-case hexadecimal digits. */
  readonly publicKey: string;
  /** Whether it is there the next time, too. */
  readonly kept: boolean;
}

/** One user as those see who understand keys. */
export interface KeyedUser {
  /** As its owner wrote it; with `~2` and so on for further sessions of one key. */
  readonly username: string;
  /** Where UDP offers go: an IP literal, IPv6 without brackets. */
  readonly ip: string;
  /** 1 to 65535. */
  readonly udpPort: number;
  /** 16 lower-case hexadecimal digits, of this registration alone. */
  readonly session: string;
  /** `undefined` for a user without one. */
  readonly key: UserKey | undefined;
}

/** `CAPS:1:<client nonce>:<capabilities>`: the first message of a client that understands more. */
export interface ClientCaps {
  readonly verb: "CAPS";
  readonly nonce: string;
  readonly capabilities: readonly string[];
}

/** `CAPS:1:<registry nonce>:<registry key>:<signature>:<capabilities>`: the answer. */
export interface RegistryCaps {
  readonly verb: "CAPS";
  readonly nonce: string;
  readonly registryKey: string;
  readonly signature: string;
  readonly capabilities: readonly string[];
}

/** `IDENTITY:<username>:<key>:<hold>:<signature>`: the name that is going to be registered is this key's. */
export interface IdentityClaim {
  readonly verb: "IDENTITY";
  readonly username: string;
  readonly key: UserKey;
  readonly signature: string;
}

/** `ROSTER:<left>:<user>:<IP>:<port>:<session>:<key>...`. */
export interface Roster {
  readonly verb: "ROSTER";
  /** Users in frames that follow. */
  readonly left: number;
  /** In the first frame the registrant first. */
  readonly users: readonly KeyedUser[];
}

/** `PING:<token>`, to be answered by `PONG:<token>` at once. */
export interface Ping {
  readonly verb: "PING";
  readonly token: string;
}

/** `PONG:<token>`. */
export interface Pong {
  readonly verb: "PONG";
  readonly token: string;
}

/** Reads a client's CAPS after its verb. */
export function readClientCaps(fields: Fields): ClientCaps {
  checkVersion(fields);
  const nonce = fields.hex(NONCE_DIGITS);
  return { verb: "CAPS", nonce, capabilities: readCapabilities(fields) };
}

/** Reads a registry's CAPS after its verb. */
export function readRegistryCaps(fields: Fields): RegistryCaps {
  checkVersion(fields);
  const nonce = fields.hex(NONCE_DIGITS);
  const registryKey = fields.hex(KEY_DIGITS);
  const signature = fields.hex(SIGNATURE_DIGITS);
  return { verb: "CAPS", nonce, registryKey, signature, capabilities: readCapabilities(fields) };
}

/** The payload of CAPS. */
export function formatCaps(caps: ClientCaps | RegistryCaps): string {
  const proof = "registryKey" in caps ? [caps.registryKey, caps.signature] : [];
  return ["CAPS", VERSION, caps.nonce, ...proof, caps.capabilities.join(",")].join(":");
}

/** Reads IDENTITY after its verb. */
export function readIdentity(fields: Fields): IdentityClaim {
  const username = fields.next();
  const key = readKeyAndHold(fields);
  const signature = fields.hex(SIGNATURE_DIGITS);
  fields.end();
  return { verb: "IDENTITY", username, key, signature };
}

/** Reads `<key>:<hold>`. */
export function readKeyAndHold(fields: Fields): UserKey {
  const publicKey = fields.hex(KEY_DIGITS);
  const hold = fields.next();
  if (hold !== "kept" && hold !== "session") throw badMessage("neither kept nor session");
  return { publicKey, kept: hold === "kept" };
}

/** The payload of IDENTITY. */
export function formatIdentity({ username, key, signature }: IdentityClaim): string {
  return ["IDENTITY", username, key.publicKey, holdOf(key), signature].join(":");
}

/** How IDENTITY and its signature call the two kinds of keys. */
export function holdOf({ kept }: { readonly kept: boolean }): "kept" | "session" {
  return kept ? "kept" : "session";
}

/** Reads the count at the start of ROSTER. */
export function readRest(fields: Fields): number {
  const left = fields.next();
  if (!/^(0|[1-9][0-9]{0,8})$/.test(left)) throw badMessage("not a number of users");
  return Number(left);
}

/** Reads the two fields that follow a user's address. */
export function readSessionAndKey(fields: Fields): Pick<KeyedUser, "session" | "key"> {
  const session = fields.hex(SESSION_DIGITS);
  const key = fields.next();
  if (key === "-") return { session, key: undefined };
  const kept = !key.startsWith("~");
  const publicKey = kept ? key : key.slice(1);
  if (!KEY.test(publicKey)) throw badMessage("not a key");
  return { session, key: { publicKey, kept } };
}

/** `user:ip:port:session:key`. */
export function formatKeyedUser({ username, ip, udpPort, session, key }: KeyedUser): string {
  const shown = key ? `${key.kept ? "" : "~"}${key.publicKey}` : "-";
  return `${username}:${formatIp(ip)}:${udpPort}:${session}:${shown}`;
}

/** Reads PING or PONG after its verb. */
export function readToken(fields: Fields): string {
  const token = fields.next();
  fields.end();
  if (!TOKEN.test(token)) throw badMessage("not a token");
  return token;
}

function readCapabilities(fields: Fields): string[] {
  const text = fields.rest();
  if (!CAPABILITIES.test(text)) throw badMessage("not a list of capabilities");
  return text === "" ? [] : text.split(",");
}

function checkVersion(fields: Fields): void {
  if (fields.next() !== VERSION) throw badMessage("unknown version");
}
