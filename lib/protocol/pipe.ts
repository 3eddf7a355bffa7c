/**
 * What two users with keys say on a link for bytes, `docs/PROTOCOL.md` section 9.5, once it is opened and before it
 * is sealed. Bytes are never made text of.
 *
 * @module
 */
import { badMessage, Fields } from "./fields.ts";
import { MAX_FRAME_BYTES } from "./limits.ts";
import { type Close, formatPrivate, parsePrivate } from "./private.ts";
import { decodeUtf8, encodeUtf8 } from "./utf8.ts";

/** Hexadecimal digits of a SHA-256. */
export const HASH_DIGITS = 64;

const DATA = encodeUtf8("DATA:");
/** Bytes before those of a DATA. */
export const DATA_PREFIX_BYTES = DATA.length;
/** The most bytes in one DATA: it fills a frame, with the 16 that the seal adds. */
export const MAX_DATA_BYTES = MAX_FRAME_BYTES - 16 - DATA_PREFIX_BYTES;
/** The longest of all others: END with its total and its hash. */
const MAX_OTHER_BYTES = 128;

/** `DATA:<bytes>`. */
export interface Data {
  readonly verb: "DATA";
  /** 1 to {@linkcode MAX_DATA_BYTES}. */
  readonly bytes: Uint8Array;
}

/**
 * `END:<total>:<SHA-256>`: the sender has no more; `DONE:<total>:<SHA-256>`: the receiver has given away all, and its
 * hash is the same.
 */
export interface Whole {
  readonly verb: "END" | "DONE";
  /** Bytes in all DATA, 0 to 2^53 - 1. */
  readonly total: number;
  /** Of these bytes, 64 lower-case hexadecimal digits. */
  readonly hash: string;
}

/** `ALIVE:<total>`: whoever says it is there. */
export interface Alive {
  readonly verb: "ALIVE";
  /** Bytes in DATA that the sender has sent, or that the receiver has given away. */
  readonly total: number;
}

/** Any message on a link for bytes once that is open. */
export type PipeMessage = Data | Whole | Alive | Close;

/**
 * The message in one opened payload. The bytes of a DATA are a view into it.
 *
 * @throws {ProtocolError} `bad-message` or `bad-frame`
 */
export function parsePipe(payload: Uint8Array): PipeMessage {
  if (DATA.every((byte, at) => payload[at] === byte)) {
    const bytes = payload.subarray(DATA_PREFIX_BYTES);
    if (bytes.length === 0) throw badMessage("no bytes");
    if (bytes.length > MAX_DATA_BYTES) throw badMessage("too many bytes");
    return { verb: "DATA", bytes };
  }
  if (payload.length > MAX_OTHER_BYTES) throw badMessage("unknown verb");
  const text = decodeUtf8(payload);
  const fields = new Fields(text);
  const verb = fields.next();
  switch (verb) {
    case "END":
    case "DONE": {
      const whole = { verb, total: fields.number(), hash: fields.hex(HASH_DIGITS) } as const;
      fields.end();
      return whole;
    }
    case "ALIVE": {
      const alive = { verb, total: fields.number() } as const;
      fields.end();
      return alive;
    }
    default: {
      const message = parsePrivate(text);
      if (message.verb !== "CLOSE") throw badMessage("not on a link for bytes");
      return message;
    }
  }
}

/** The payload of `message`. */
export function formatPipe(message: PipeMessage): Uint8Array<ArrayBuffer> {
  switch (message.verb) {
    case "DATA": {
      const payload = newDataRoom(message.bytes.length);
      payload.set(message.bytes, DATA_PREFIX_BYTES);
      return payload;
    }
    case "END":
    case "DONE":
      return encodeUtf8(`${message.verb}:${message.total}:${message.hash}`);
    case "ALIVE":
      return encodeUtf8(`ALIVE:${message.total}`);
    case "CLOSE":
      return encodeUtf8(formatPrivate(message));
  }
}

/**
 * The payload of a DATA whose bytes, from {@linkcode DATA_PREFIX_BYTES} on, are still to be filled in; a part of it from
 * the beginning is one of fewer.
 *
 * @throws {RangeError} if they are none or more than {@linkcode MAX_DATA_BYTES}
 */
export function newDataRoom(bytes = MAX_DATA_BYTES): Uint8Array<ArrayBuffer> {
  if (bytes < 1 || bytes > MAX_DATA_BYTES) {
    throw new RangeError(`Cannot send ${bytes} bytes in one`);
  }
  const room = new Uint8Array(DATA_PREFIX_BYTES + bytes);
  room.set(DATA);
  return room;
}
