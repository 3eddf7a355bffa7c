/**
 * The messages between a client and the registry, `docs/PROTOCOL.md` section 4, as values and as the
 * text of one frame or line. How they are cut into frames or lines is not known here.
 *
 * @module
 */
import {
  type DeliveryNotice,
  type DeliveryRequest,
  formatDelivery,
  readAck,
  readGap,
  readJoined,
  readLeft,
  readMessageId,
  readNak,
  readResume,
  readRetry,
  readSaidHead,
  readWelcome,
} from "./delivery.ts";
import { type ErrorCode, ProtocolError } from "./error.ts";
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
  readRegistryCaps,
  readRest,
  readSessionAndKey,
  readToken,
  type RegistryCaps,
  type Roster,
} from "./keyed.ts";
import { MAX_TEXT_CODE_POINTS } from "./limits.ts";
import { formatObserved, type Observe, type Observed, readObserved } from "./observe.ts";
import {
  formatReplay,
  readPastHead,
  readReplayed,
  readReplaying,
  readReplayRequest,
  type ReplayAnswer,
  type ReplayRequest,
} from "./replay.ts";
import {
  formatRelay,
  readMeet,
  readMet,
  readPart,
  readParted,
  readPass,
  readRelay,
  readTaken,
  readUnpassed,
  type RelayNotice,
  type RelayRequest,
} from "./relay.ts";
import { checkToldName, formatUser, readToldUser, readUser, type User } from "./user.ts";
import { codePoints } from "./utf8.ts";

export { formatUser, plainUser, type User } from "./user.ts";

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
export type ClientMessage =
  | Register
  | Broadcast
  | Quit
  | ClientCaps
  | IdentityClaim
  | Ping
  | Pong
  | Observe
  | DeliveryRequest
  | ReplayRequest
  | RelayRequest;
/** What the registry sends. */
export type ServerMessage =
  | List
  | Update
  | Broadcast
  | Refusal
  | RegistryCaps
  | Roster
  | Ping
  | Pong
  | Observed
  | DeliveryNotice
  | ReplayAnswer
  | RelayNotice;

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
    case "SAY":
      return { verb: "SAY", id: readMessageId(fields), text: readText(fields) };
    case "QUIT":
      fields.end();
      return { verb: "QUIT" };
    case "CAPS":
      return readClientCaps(fields);
    case "IDENTITY":
      return readIdentity(fields);
    case "RESUME":
      return readResume(fields);
    case "OBSERVE":
      fields.end();
      return { verb: "OBSERVE" };
    case "REPLAY":
      return readReplayRequest(fields);
    case "PING":
      return { verb: "PING", token: readToken(fields) };
    case "PONG":
      return { verb: "PONG", token: readToken(fields) };
    case "PASS":
      return readPass("PASS", fields);
    case "MEET":
      return readMeet(fields);
    case "RELAY":
      return readRelay(fields);
    case "TAKEN":
      return readTaken(fields);
    case "PART":
      return readPart(fields);
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
      checkToldName(message.username);
      return message;
    }
    case "SAID": {
      const head = readSaidHead(fields);
      checkToldName(head.username);
      return { ...head, text: readText(fields) };
    }
    case "LIST": {
      const users: User[] = [];
      while (!fields.ended) users.push(readToldUser(fields));
      return { verb: "LIST", users };
    }
    case "UPDATE": {
      const change = fields.next();
      if (change !== "JOIN" && change !== "LEAVE") throw badMessage("unknown update");
      const updated = readToldUser(fields);
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
      const left = readRest(fields);
      const users: KeyedUser[] = [];
      while (!fields.ended) {
        users.push({ ...readToldUser(fields), ...readSessionAndKey(fields) });
      }
      return { verb: "ROSTER", left, users };
    }
    case "PING":
      return { verb: "PING", token: readToken(fields) };
    case "PONG":
      return { verb: "PONG", token: readToken(fields) };
    case "WELCOME":
      return readWelcome(fields);
    case "JOINED":
      return readJoined(fields);
    case "LEFT":
      return readLeft(fields);
    case "ACK":
      return readAck(fields);
    case "NAK":
      return readNak(fields);
    case "GAP":
      return readGap(fields);
    case "RETRY":
      return readRetry(fields);
    case "OBSERVED":
      return readObserved(fields);
    case "REPLAYING":
      return readReplaying(fields);
    case "PAST": {
      const head = readPastHead(fields);
      checkToldName(head.username);
      return { ...head, text: readText(fields) };
    }
    case "REPLAYED":
      return readReplayed(fields);
    case "PASSED":
      return readPass("PASSED", fields);
    case "UNPASSED":
      return readUnpassed(fields);
    case "MET":
      return readMet(fields);
    case "RELAY":
      return readRelay(fields);
    case "TAKEN":
      return readTaken(fields);
    case "PARTED":
      return readParted(fields);
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
    case "OBSERVE":
      return "OBSERVE";
    case "OBSERVED":
      return formatObserved(message);
    case "REPLAY":
    case "REPLAYING":
    case "PAST":
    case "REPLAYED":
      return formatReplay(message);
    case "PASS":
    case "PASSED":
    case "UNPASSED":
    case "MEET":
    case "MET":
    case "RELAY":
    case "TAKEN":
    case "PART":
    case "PARTED":
      return formatRelay(message);
    default:
      return formatDelivery(message);
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
  return { verb: "BROADCAST", username, text: readText(fields) };
}

/** Reads `<length>:<message>`. */
function readText(fields: Fields): string {
  const length = fields.next();
  const text = fields.rest();
  checkText(text);
  if (length !== String(codePoints(text))) {
    throw new ProtocolError("bad-length", "the length is not the number of code points");
  }
  return text;
}

function lastUser(fields: Fields): User {
  const last = readUser(fields);
  fields.end();
  return last;
}

function formatUpdated({ change, user }: Update): string {
  return change === "JOIN" && "session" in user ? formatKeyedUser(user) : formatUser(user);
}
