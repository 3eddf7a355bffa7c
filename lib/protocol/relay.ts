/**
 * What is said besides by those who took the capability `relay`: `docs/PROTOCOL.md` section 13.
 *
 * @module
 */
import { badMessage, type Fields } from "./fields.ts";
import { NONCE_DIGITS, SESSION_DIGITS } from "./keyed.ts";
import { MAX_DATAGRAM_BYTES } from "./limits.ts";
import { encodeUtf8 } from "./utf8.ts";

/** The capability of section 13: offers and private links through the registry. */
export const RELAY = "relay";
/** Hexadecimal digits of a link: those of the offer's id. */
export const LINK_DIGITS = NONCE_DIGITS;
/**
 * Characters of base64 in one RELAY: 12,288 bytes. A quarter of the registry's window, so that there are always some on
 * their way; and a recipient with little room waits for a quarter of a frame at most.
 */
export const MAX_RELAY_DATA = 16_384;

/**
 * What a RELAY or TAKEN weighs at least, in bytes of payload: about what a small one costs to keep and to hand on, which
 * is more than to send it.
 */
export const MIN_RELAY_WEIGHT = 256;

/** What a RELAY with so many bytes of payload weighs: what windows, rates and totals are counted in. */
export function relayWeight(bytes: number): number {
  return Math.max(bytes, MIN_RELAY_WEIGHT);
}

/** Why a PASS came to nothing. */
export type UnpassedReason = "gone" | "unable" | "busy";
/** Why a link, or the wish for one, is over. */
export type PartedReason =
  | "closed"
  | "gone"
  | "lost"
  | "expired"
  | "full"
  | "window"
  | "rate"
  | "bytes"
  | "time"
  | "slow";
/** A reason from a newer registry. */
type Newer = string & Record<never, never>;

/** `PASS:<to session>:<datagram>`. */
export interface Pass {
  readonly verb: "PASS";
  readonly session: string;
  /** What section 8 sends by UDP: 1 to 1,000 bytes of UTF-8. */
  readonly datagram: string;
}

/** `PASSED:<from session>:<datagram>`. */
export interface Passed {
  readonly verb: "PASSED";
  readonly session: string;
  readonly datagram: string;
}

/** `UNPASSED:<to session>:<reason>`. */
export interface Unpassed {
  readonly verb: "UNPASSED";
  readonly session: string;
  readonly reason: UnpassedReason | Newer;
}

/** `MEET:<peer session>:<link>`. */
export interface Meet {
  readonly verb: "MEET";
  readonly session: string;
  /** 32 lower-case hexadecimal digits. */
  readonly link: string;
}

/** `MET:<link>:<peer session>:<window>:<rate>:<total>:<seconds>`. */
export interface Met {
  readonly verb: "MET";
  readonly link: string;
  readonly session: string;
  /** Weight of the RELAYs in one direction that may be sent and not TAKEN. */
  readonly window: number;
  /** Weight of what this session says on all its links in a second; 0: no limit. */
  readonly rate: number;
  /** Weight of all RELAYs in one direction; 0: no limit. */
  readonly total: number;
  /** How long the link may last. */
  readonly seconds: number;
}

/** `RELAY:<link>:<data>`, from a client and to one. */
export interface Relayed {
  readonly verb: "RELAY";
  readonly link: string;
  /** Base64, 4 to 16,384 characters. */
  readonly data: string;
}

/** `TAKEN:<link>:<count>`, from a client and to one. */
export interface Taken {
  readonly verb: "TAKEN";
  readonly link: string;
  /** Weight of the RELAYs that its sender has taken since MET. */
  readonly count: number;
}

/** `PART:<link>`. */
export interface Part {
  readonly verb: "PART";
  readonly link: string;
}

/** `PARTED:<link>:<reason>`. */
export interface Parted {
  readonly verb: "PARTED";
  readonly link: string;
  readonly reason: PartedReason | Newer;
}

/** What such a client sends besides. */
export type RelayRequest = Pass | Meet | Relayed | Taken | Part;
/** What a registry sends it besides. */
export type RelayNotice = Passed | Unpassed | Met | Relayed | Taken | Parted;

/** RFC 4648 section 4: padded, and the bits that are left over are 0. */
const BASE64 =
  /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=|[A-Za-z0-9+/][AQgw]==)?$/;
const REASON = /^[a-z-]{1,32}$/;

/** Reads PASS or PASSED after its verb. */
export function readPass<V extends "PASS" | "PASSED">(
  verb: V,
  fields: Fields,
): { verb: V; session: string; datagram: string } {
  const [session, datagram] = [fields.hex(SESSION_DIGITS), fields.rest()];
  // A code unit is a byte at least.
  if (datagram.length > MAX_DATAGRAM_BYTES || encodeUtf8(datagram).length > MAX_DATAGRAM_BYTES) {
    throw badMessage(`a datagram over ${MAX_DATAGRAM_BYTES} bytes`);
  }
  if (datagram === "") throw badMessage("a datagram without bytes");
  return { verb, session, datagram };
}

/** Reads UNPASSED after its verb. */
export function readUnpassed(fields: Fields): Unpassed {
  const [session, reason] = [fields.hex(SESSION_DIGITS), readReason(fields)];
  return { verb: "UNPASSED", session, reason };
}

/** Reads MEET after its verb. */
export function readMeet(fields: Fields): Meet {
  const [session, link] = [fields.hex(SESSION_DIGITS), fields.hex(LINK_DIGITS)];
  fields.end();
  return { verb: "MEET", session, link };
}

/** Reads MET after its verb. */
export function readMet(fields: Fields): Met {
  const [link, session] = [fields.hex(LINK_DIGITS), fields.hex(SESSION_DIGITS)];
  const [window, rate] = [fields.number(), fields.number()];
  const [total, seconds] = [fields.number(), fields.number()];
  fields.end();
  return { verb: "MET", link, session, window, rate, total, seconds };
}

/** Reads RELAY after its verb. */
export function readRelay(fields: Fields): Relayed {
  const link = fields.hex(LINK_DIGITS);
  const data = fields.next();
  fields.end();
  if (data === "" || data.length > MAX_RELAY_DATA || !BASE64.test(data)) {
    throw badMessage(`not base64 of 4 to ${MAX_RELAY_DATA} characters`);
  }
  return { verb: "RELAY", link, data };
}

/** Reads TAKEN after its verb. */
export function readTaken(fields: Fields): Taken {
  const [link, count] = [fields.hex(LINK_DIGITS), fields.number()];
  fields.end();
  return { verb: "TAKEN", link, count };
}

/** Reads PART after its verb. */
export function readPart(fields: Fields): Part {
  const link = fields.hex(LINK_DIGITS);
  fields.end();
  return { verb: "PART", link };
}

/** Reads PARTED after its verb. */
export function readParted(fields: Fields): Parted {
  const [link, reason] = [fields.hex(LINK_DIGITS), readReason(fields)];
  return { verb: "PARTED", link, reason };
}

/** The payload of any of them. */
export function formatRelay(message: RelayRequest | RelayNotice): string {
  switch (message.verb) {
    case "PASS":
    case "PASSED":
      return `${message.verb}:${message.session}:${message.datagram}`;
    case "UNPASSED":
      return `UNPASSED:${message.session}:${message.reason}`;
    case "MEET":
      return `MEET:${message.session}:${message.link}`;
    case "MET": {
      const { link, session, window, rate, total, seconds } = message;
      return ["MET", link, session, window, rate, total, seconds].join(":");
    }
    case "RELAY":
      return `RELAY:${message.link}:${message.data}`;
    case "TAKEN":
      return `TAKEN:${message.link}:${message.count}`;
    case "PART":
      return `PART:${message.link}`;
    case "PARTED":
      return `PARTED:${message.link}:${message.reason}`;
  }
}

function readReason(fields: Fields): string {
  const reason = fields.next();
  fields.end();
  if (!REASON.test(reason)) throw badMessage("not a reason");
  return reason;
}
