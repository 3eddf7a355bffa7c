/**
 * The messages between a client and the registry, `docs/PROTOCOL.md` section 4, as values and as the
 * text of one frame or line. How they are cut into frames or lines is not known here.
 *
 * @module
 */
import { type ErrorCode, ProtocolError } from "./error.ts";
import { formatIp } from "./address.ts";
import { badMessage, Fields } from "./fields.ts";
import {
  type ClientCaps,
  formatCaps,
  formatIdentity,
  formatKeyedUser,
  type IdentityClaim,
  type KeyedUser,
  type Ping,
  type Pong,
  readClientCaps,
  readIdentity,
  readLeft,
  readRegistryCaps,
  readSessionAndKey,
  readToken,
  type RegistryCaps,
  type Roster,
} from "./keyed.ts";
import { MAX_NAME_CODE_POINTS, MAX_TEXT_CODE_POINTS } from "./limits.ts";
import { codePoints } from "./utf8.ts";

/** One user as everybody sees it. */
export interface User {
  /** As its owner wrote it. */
  readonly username: string;
  /** Where UDP offers go: an IP literal, IPv6 without brackets. */
  readonly ip: string;
  /** 1 to 65535. */
  readonly udpPort: number;
}

/** `REGISTER:<username>:<IP>:<UDP port>`. The name is not checked yet. */
export interface Register extends User {
  readonly verb: "REGISTER";
}

/** `BROADCAST:<username>:<length>:<message>`, from a client and to one. */
export interface Broadcast {
  readonly verb: "BROADCAST";
  readonly username: string;
  /** 0 to 4,096 code points. */
  readonly text: string;
}

/** `QUIT`. */
export interface Quit {
  readonly verb: "QUIT";
}

/** `LIST:<user>:<IP>:<port>...` */
export interface List {
  readonly verb: "LIST";
  /** The registrant first. */
  readonly users: readonly User[];
}

/** `UPDATE:JOIN:<user>:<IP>:<port>` or `UPDATE:LEAVE:...`; JOIN with two more fields for a keyed user. */
export interface Update {
  readonly verb: "UPDATE";
  readonly change: "JOIN" | "LEAVE";
  readonly user: User | KeyedUser;
}

/** `ERROR:<code>:<text>`. A code from a newer registry may be one this program does not know. */
export interface Refusal {
  readonly verb: "ERROR";
  readonly code: ErrorCode | (string & Record<never, never>);
  readonly text: string;
}

/** What a client sends. */
export type ClientMessage = Register | Broadcast | Quit | ClientCaps | IdentityClaim | Pong;
/** What the registry sends. */
export type ServerMessage = List | Update | Broadcast | Refusal | RegistryCaps | Roster | Ping;

/**
 * The message in one payload from a client.
 *
 * @throws {ProtocolError} `bad-message`, `bad-length` or `too-long`
 */
export function parseClientMessage(payload: string): ClientMessage {
  const fields = new Fields(payload);
  switch (fields.next()) {
    case "BROADCAST":
      return parseBroadcast(fields);
    case "REGISTER":
      return { verb: "REGISTER", ...lastUser(fields) };
    case "QUIT":
      fields.end();
      return { verb: "QUIT" };
    case "CAPS":
      return readClientCaps(fields);
    case "IDENTITY":
      return readIdentity(fields);
    case "PONG":
      return { verb: "PONG", token: readToken(fields) };
    default:
      throw badMessage("unknown verb");
  }
}

/**
 * The message in one payload from the registry.
 *
 * @throws {ProtocolError} `bad-message`, `bad-length` or `too-long`
 */
export function parseServerMessage(payload: string): ServerMessage {
  const fields = new Fields(payload);
  switch (fields.next()) {
    case "BROADCAST": {
      const message = parseBroadcast(fields);
      plausibleName(message.username);
      return message;
    }
    case "LIST": {
      const users: User[] = [];
      while (!fields.ended) users.push(plausible(user(fields)));
      return { verb: "LIST", users };
    }
    case "UPDATE": {
      const change = fields.next();
      if (change !== "JOIN" && change !== "LEAVE") throw badMessage("unknown update");
      const updated = plausible(user(fields));
      if (change === "LEAVE" || fields.ended) {
        fields.end();
        return { verb: "UPDATE", change, user: updated };
      }
      const keyed = { ...updated, ...readSessionAndKey(fields) };
      fields.end();
      return { verb: "UPDATE", change, user: keyed };
    }
    case "ERROR":
      return { verb: "ERROR", code: fields.next(), text: fields.rest() };
    case "CAPS":
      return readRegistryCaps(fields);
    case "ROSTER": {
      const left = readLeft(fields);
      const users: KeyedUser[] = [];
      while (!fields.ended) {
        users.push({ ...plausible(user(fields)), ...readSessionAndKey(fields) });
      }
      return { verb: "ROSTER", left, users };
    }
    case "PING":
      return { verb: "PING", token: readToken(fields) };
    default:
      throw badMessage("unknown verb");
  }
}

/** The payload of `message`: what {@linkcode parseClientMessage} or its twin reads back. */
export function formatMessage(message: ClientMessage | ServerMessage): string {
  switch (message.verb) {
    case "REGISTER":
      return `REGISTER:${formatUser(message)}`;
    case "BROADCAST":
      return `BROADCAST:${message.username}:${codePoints(message.text)}:${message.text}`;
    case "QUIT":
      return "QUIT";
    case "LIST":
      return ["LIST", ...message.users.map(formatUser)].join(":");
    case "UPDATE":
      return `UPDATE:${message.change}:${formatUpdated(message)}`;
    case "ERROR":
      return `ERROR:${message.code}:${message.text}`;
    case "CAPS":
      return formatCaps(message);
    case "IDENTITY":
      return formatIdentity(message);
    case "ROSTER":
      return ["ROSTER", message.left, ...message.users.map(formatKeyedUser)].join(":");
    case "PING":
    case "PONG":
      return `${message.verb}:${message.token}`;
  }
}

/**
 * Makes sure that a text may be sent as one message.
 *
 * @throws {ProtocolError} `too-long` if it is over 4,096 code points
 */
export function checkText(text: string): void {
  if (text.length > MAX_TEXT_CODE_POINTS && codePoints(text) > MAX_TEXT_CODE_POINTS) {
    throw new ProtocolError("too-long", `a text over ${MAX_TEXT_CODE_POINTS} characters`);
  }
}

function parseBroadcast(fields: Fields): Broadcast {
  const username = fields.next();
  const length = fields.next();
  const text = fields.rest();
  checkText(text);
  if (length !== String(codePoints(text))) {
    throw new ProtocolError("bad-length", "the length is not the number of code points");
  }
  return { verb: "BROADCAST", username, text };
}

function user(fields: Fields): User {
  return { username: fields.next(), ip: fields.ip(), udpPort: fields.port() };
}

/** A name of the longest kind with `~` and a number behind it: two of them always fit an offer. */
const MAX_TOLD_NAME_CODE_POINTS = MAX_NAME_CODE_POINTS + 8;

/**
 * A registry checks names; this keeps one that does not from filling memory and datagrams. Looser than
 * the rule for names, so that a later registry may allow more.
 */
function plausibleName(username: string): void {
  const length = codePoints(username);
  if (length === 0 || length > MAX_TOLD_NAME_CODE_POINTS) throw badMessage("not a user name");
}

function plausible(user: User): User {
  plausibleName(user.username);
  return user;
}

function lastUser(fields: Fields): User {
  const last = user(fields);
  fields.end();
  return last;
}

function formatUpdated({ change, user }: Update): string {
  return change === "JOIN" && "session" in user ? formatKeyedUser(user) : formatUser(user);
}

/** What everybody may know of a user, and nothing that came with it. */
export function plainUser({ username, ip, udpPort }: User): User {
  return { username, ip, udpPort };
}

/** `user:ip:port`, as LIST, JOIN, LEAVE and REGISTER carry it. */
export function formatUser({ username, ip, udpPort }: User): string {
  return `${username}:${formatIp(ip)}:${udpPort}`;
}
