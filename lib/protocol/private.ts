/**
 * What two users with keys say on a private link, `docs/PROTOCOL.md` section 9.1, once it is opened and before
 * it is sealed.
 *
 * @module
 */
import { type Endpoint, formatIp } from "./address.ts";
import { badMessage, Fields } from "./fields.ts";
import { holdOf, readKeyAndHold, SIGNATURE_DIGITS, type UserKey } from "./keyed.ts";
import { checkText } from "./message.ts";
import { encodeUtf8 } from "./utf8.ts";

/** `IDENTITY:<name>:<identity key>:<hold>:<signature>`: the payload of a handshake message, who speaks. */
export interface LinkIdentity {
  readonly name: string;
  readonly key: UserKey;
  /** Of the name, the hold and the static key of the handshake. */
  readonly signature: string;
}

/** What both sides of a link have to agree on without telling. */
export function linkPrologue(dialler: string, listener: string, offer: string): Uint8Array {
  return encodeUtf8(`confab-link-v1:${dialler}:${listener}:${offer}`);
}

/**
 * The identity in the payload of a handshake message.
 *
 * @throws {ProtocolError} `bad-message`
 */
export function parseLinkIdentity(payload: string): LinkIdentity {
  const fields = new Fields(payload);
  if (fields.next() !== "IDENTITY") throw badMessage("no identity");
  const name = fields.next();
  const key = readKeyAndHold(fields);
  const signature = fields.hex(SIGNATURE_DIGITS);
  fields.end();
  return { name, key, signature };
}

/** The payload of a handshake message. */
export function formatLinkIdentity({ name, key, signature }: LinkIdentity): string {
  return `IDENTITY:${name}:${key.publicKey}:${holdOf(key)}:${signature}`;
}

/** `OPEN`: the listener's first message; the session is open. */
export interface Open {
  readonly verb: "OPEN";
}

/** `TEXT:<number>:<text>`. */
export interface Text {
  readonly verb: "TEXT";
  /** 1 for the sender's first one in this session, then one more each time: 1 to 2^53 - 1. */
  readonly number: number;
  /** 1 to 4,096 code points. */
  readonly text: string;
}

/** `SEEN:<number>`: up to which of the peer's texts there are; the first message of each side after OPEN. */
export interface Seen {
  readonly verb: "SEEN";
  /** 0 where there are none. */
  readonly number: number;
}

/** `PATHS:<seen>:<IP>:<port>...`: where its sender can be dialled for this session now. */
export interface Paths {
  readonly verb: "PATHS";
  /** The IP under which the registry sees it; `undefined` where that is not known. */
  readonly seen: string | undefined;
  /** 1 to 4 addresses at which it listens. */
  readonly at: readonly Endpoint[];
}

/** `GO:<attempt>:<IP>:<port>`: where its sender dials from, at the same time as the other side, for `punched`. */
export interface Go {
  readonly verb: "GO";
  /** 1 to 2^53 - 1. */
  readonly attempt: number;
  readonly from: Endpoint;
}

/** `PING:<number>`, and `PONG` with the same number as the answer. */
export interface LinkPulse {
  readonly verb: "PING" | "PONG";
  readonly number: number;
}

/** `CLOSE:<reason>`: the last frame of its sender. */
export interface Close {
  readonly verb: "CLOSE";
  /** 1 to 32 of `a`-`z` and `-`. */
  readonly reason: string;
}

/** Any message of a private link. */
export type PrivateMessage = Open | SessionMessage | Close;

/** What is said in a session, whichever link carries it. */
export type SessionMessage = Text | Seen | PathMessage;

/** What two who look for a better link say about it. */
export type PathMessage = Paths | Go | LinkPulse;

/** Addresses in one PATHS. */
export const MAX_PATHS = 4;

/**
 * The message in one sealed payload of a private link.
 *
 * @throws {ProtocolError} `bad-message` or `too-long`
 */
export function parsePrivate(payload: string): PrivateMessage {
  const fields = new Fields(payload);
  switch (fields.next()) {
    case "TEXT": {
      const number = fields.number();
      if (number === 0) throw badMessage("a text without a number");
      const text = fields.rest();
      checkText(text);
      if (text === "") throw badMessage("an empty text");
      return { verb: "TEXT", number, text };
    }
    case "SEEN": {
      const number = fields.number();
      fields.end();
      return { verb: "SEEN", number };
    }
    case "PATHS":
      return readPaths(fields);
    case "GO": {
      const attempt = fields.number();
      if (attempt === 0) throw badMessage("an attempt without a number");
      const from = { ip: fields.ip(), port: fields.port() };
      fields.end();
      return { verb: "GO", attempt, from };
    }
    case "PING":
      return readPulse("PING", fields);
    case "PONG":
      return readPulse("PONG", fields);
    case "OPEN":
      fields.end();
      return { verb: "OPEN" };
    case "CLOSE": {
      const reason = fields.rest();
      if (!/^[a-z-]{1,32}$/.test(reason)) throw badMessage("not a reason");
      return { verb: "CLOSE", reason };
    }
    default:
      throw badMessage("unknown verb");
  }
}

/** The payload of `message`. */
export function formatPrivate(message: PrivateMessage): string {
  switch (message.verb) {
    case "OPEN":
      return "OPEN";
    case "TEXT":
      return `TEXT:${message.number}:${message.text}`;
    case "SEEN":
      return `SEEN:${message.number}`;
    case "PATHS":
      return ["PATHS", message.seen ? formatIp(message.seen) : "-", ...message.at.map(formatAt)]
        .join(":");
    case "GO":
      return `GO:${message.attempt}:${formatAt(message.from)}`;
    case "PING":
    case "PONG":
      return `${message.verb}:${message.number}`;
    case "CLOSE":
      return `CLOSE:${message.reason}`;
  }
}

function readPaths(fields: Fields): Paths {
  const seen = fields.ipOrNone();
  const at: Endpoint[] = [];
  do {
    if (at.length === MAX_PATHS) throw badMessage("too many addresses");
    at.push({ ip: fields.ip(), port: fields.port() });
  } while (!fields.ended);
  return { verb: "PATHS", seen, at };
}

function readPulse(verb: LinkPulse["verb"], fields: Fields): LinkPulse {
  const number = fields.number();
  fields.end();
  return { verb, number };
}

function formatAt({ ip, port }: Endpoint): string {
  return `${formatIp(ip)}:${port}`;
}
