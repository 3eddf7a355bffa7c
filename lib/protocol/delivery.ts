/**
 * What is said besides in a session that took the capability `resume`: `docs/PROTOCOL.md` section 10.
 *
 * @module
 */
import type { ErrorCode } from "./error.ts";
import { badMessage, type Fields } from "./fields.ts";
import {
  formatKeyedUser,
  type KeyedUser,
  NONCE_DIGITS,
  readSessionAndKey,
  SESSION_DIGITS,
} from "./keyed.ts";
import { formatAddress, readToldUser, type User } from "./user.ts";
import { codePoints } from "./utf8.ts";

/** The capability of section 10: numbers, acknowledgements, RESUME. */
export const RESUME = "resume";
/** Hexadecimal digits of an epoch (64 bits). */
export const EPOCH_DIGITS = 16;
/** Of a run (64 bits). */
export const RUN_DIGITS = 16;
/** Of a token for RESUME (128 bits: nobody can guess it). */
export const TOKEN_DIGITS = NONCE_DIGITS;
/** A registry cannot send its clients away for longer, in seconds. */
export const MAX_RETRY_SECONDS = 3_600;

const ID = /^([0-9a-f]{16})\.([1-9][0-9]{0,15})$/;

/** What a sender calls one of its messages: unique over all connections and epochs. */
export interface MessageId {
  /** 16 lower-case hexadecimal digits, of one run of the sender's program. */
  readonly run: string;
  /** 1 to 2^53 - 1, higher with each new message of the run. */
  readonly count: number;
}

/** `WELCOME:<epoch>:<number>:<presence>:<token>:<grace>:<rate>`. */
export interface Welcome {
  readonly verb: "WELCOME";
  /** 16 lower-case hexadecimal digits, of one run of the registry. */
  readonly epoch: string;
  /** Of the last broadcast; 0 if there was none. */
  readonly number: number;
  /** Of the last join or leave. */
  readonly presence: number;
  /** 32 lower-case hexadecimal digits. */
  readonly token: string;
  /** Seconds that the session outlives its connection. */
  readonly grace: number;
  /** Messages a second; 0: no limit. */
  readonly rate: number;
}

/** `SAY:<id>:<length>:<message>`. */
export interface Say {
  readonly verb: "SAY";
  readonly id: MessageId;
  /** 0 to 4,096 code points. */
  readonly text: string;
}

/** `SAID:<epoch>:<number>:<username>:<id>:<length>:<message>`. */
export interface Said {
  readonly verb: "SAID";
  readonly epoch: string;
  readonly number: number;
  readonly username: string;
  /** `undefined` where its sender gave none. */
  readonly id: MessageId | undefined;
  /** 0 to 4,096 code points. */
  readonly text: string;
}

/** `ACK:<id>:<epoch>:<number>`. */
export interface Ack {
  readonly verb: "ACK";
  readonly id: MessageId;
  readonly epoch: string;
  /** 0 for a repeat whose number is not known any more. */
  readonly number: number;
}

/** `NAK:<id>:<code>:<text>`. */
export interface Nak {
  readonly verb: "NAK";
  readonly id: MessageId;
  readonly code: ErrorCode | (string & Record<never, never>);
  readonly text: string;
}

/** `JOINED:<presence>:<user>:<IP>:<port>:<session>:<key>`. */
export interface Joined {
  readonly verb: "JOINED";
  readonly presence: number;
  readonly user: KeyedUser;
}

/** `LEFT:<presence>:<session>`. */
export interface Left {
  readonly verb: "LEFT";
  readonly presence: number;
  /** 16 lower-case hexadecimal digits. */
  readonly session: string;
}

/** `RESUME:<token>:<epoch>:<number>:<presence>:<IP>:<UDP port>`. */
export interface Resume extends Omit<User, "username"> {
  readonly verb: "RESUME";
  readonly token: string;
  readonly epoch: string;
  /** The last ones that were read. */
  readonly number: number;
  readonly presence: number;
}

/** `GAP:<missed>:<number>`. */
export interface Gap {
  readonly verb: "GAP";
  /** Broadcasts of others. */
  readonly missed: number;
  /** Of the last of them. */
  readonly number: number;
}

/** `RETRY:<seconds>`. */
export interface Retry {
  readonly verb: "RETRY";
  /** 0 to 3,600. */
  readonly seconds: number;
}

/** What such a client sends besides. */
export type DeliveryRequest = Say | Resume;
/** What a registry sends it besides. */
export type DeliveryNotice = Welcome | Said | Ack | Nak | Joined | Left | Gap | Retry;

/** The id that `text` spells; `undefined` if it spells none. */
export function parseMessageId(text: string): MessageId | undefined {
  const [, run, digits] = ID.exec(text) ?? [];
  const count = Number(digits);
  return run === undefined || !Number.isSafeInteger(count) ? undefined : { run, count };
}

/** `<run>.<count>`. */
export function formatMessageId({ run, count }: MessageId): string {
  return `${run}.${count}`;
}

/** Reads the id of SAY. */
export function readMessageId(fields: Fields): MessageId {
  const id = parseMessageId(fields.next());
  if (!id) throw badMessage("not an id of a message");
  return id;
}

/** Reads RESUME after its verb. */
export function readResume(fields: Fields): Resume {
  const token = fields.hex(TOKEN_DIGITS);
  const epoch = fields.hex(EPOCH_DIGITS);
  const [number, presence] = [fields.number(), fields.number()];
  const [ip, udpPort] = [fields.ip(), fields.port()];
  fields.end();
  return { verb: "RESUME", token, epoch, number, presence, ip, udpPort };
}

/** Reads WELCOME after its verb. */
export function readWelcome(fields: Fields): Welcome {
  const epoch = fields.hex(EPOCH_DIGITS);
  const [number, presence] = [fields.number(), fields.number()];
  const token = fields.hex(TOKEN_DIGITS);
  const [grace, rate] = [fields.number(), fields.number()];
  fields.end();
  return { verb: "WELCOME", epoch, number, presence, token, grace, rate };
}

/** Reads ACK after its verb. */
export function readAck(fields: Fields): Ack {
  const id = readMessageId(fields);
  const [epoch, number] = [fields.hex(EPOCH_DIGITS), fields.number()];
  fields.end();
  return { verb: "ACK", id, epoch, number };
}

/** Reads NAK after its verb. */
export function readNak(fields: Fields): Nak {
  return { verb: "NAK", id: readMessageId(fields), code: fields.next(), text: fields.rest() };
}

/** Reads what stands before the length and text of SAID. */
export function readSaidHead(fields: Fields): Omit<Said, "text"> {
  const [epoch, number] = [fields.hex(EPOCH_DIGITS), fields.number()];
  const [username, field] = [fields.next(), fields.next()];
  const id = parseMessageId(field);
  if (!id && field !== "-") throw badMessage("not an id of a message");
  return { verb: "SAID", epoch, number, username, id };
}

/** Reads JOINED after its verb. */
export function readJoined(fields: Fields): Joined {
  const presence = fields.number();
  const user = { ...readToldUser(fields), ...readSessionAndKey(fields) };
  fields.end();
  return { verb: "JOINED", presence, user };
}

/** Reads LEFT after its verb. */
export function readLeft(fields: Fields): Left {
  const [presence, session] = [fields.number(), fields.hex(SESSION_DIGITS)];
  fields.end();
  return { verb: "LEFT", presence, session };
}

/** Reads GAP after its verb. */
export function readGap(fields: Fields): Gap {
  const [missed, number] = [fields.number(), fields.number()];
  fields.end();
  return { verb: "GAP", missed, number };
}

/** Reads RETRY after its verb. */
export function readRetry(fields: Fields): Retry {
  const seconds = fields.number();
  fields.end();
  if (seconds > MAX_RETRY_SECONDS) throw badMessage("too long a wait");
  return { verb: "RETRY", seconds };
}

/** The payload of any of them. */
export function formatDelivery(message: DeliveryRequest | DeliveryNotice): string {
  switch (message.verb) {
    case "SAY":
      return `SAY:${formatMessageId(message.id)}:${withLength(message.text)}`;
    case "SAID": {
      const { epoch, number, username, id, text } = message;
      const shown = id ? formatMessageId(id) : "-";
      return `SAID:${epoch}:${number}:${username}:${shown}:${withLength(text)}`;
    }
    case "ACK":
      return `ACK:${formatMessageId(message.id)}:${message.epoch}:${message.number}`;
    case "NAK":
      return `NAK:${formatMessageId(message.id)}:${message.code}:${message.text}`;
    case "WELCOME": {
      const { epoch, number, presence, token, grace, rate } = message;
      return ["WELCOME", epoch, number, presence, token, grace, rate].join(":");
    }
    case "RESUME": {
      const { token, epoch, number, presence, ip, udpPort } = message;
      const address = formatAddress({ ip, udpPort });
      return ["RESUME", token, epoch, number, presence, address].join(":");
    }
    case "JOINED":
      return `JOINED:${message.presence}:${formatKeyedUser(message.user)}`;
    case "LEFT":
      return `LEFT:${message.presence}:${message.session}`;
    case "GAP":
      return `GAP:${message.missed}:${message.number}`;
    case "RETRY":
      return `RETRY:${message.seconds}`;
  }
}

function withLength(text: string): string {
  return `${codePoints(text)}:${text}`;
}
