/**
 * What the load reads of a frame without parsing all of it: `docs/PROTOCOL.md` sections 4 and 10.
 *
 * @module
 */
import { EPOCH_DIGITS } from "../../lib/protocol/delivery.ts";
import { SESSION_DIGITS } from "../../lib/protocol/keyed.ts";
import { decodeUtf8 } from "../../lib/protocol/utf8.ts";

const COLON = 0x3a;
const ZERO = 0x30;
const J = 0x4a;

/** The first two bytes of the payloads that come often; no other message of a registry begins like them. */
export const VERBS = {
  ACK: firstTwo("ACK"),
  BROADCAST: firstTwo("BROADCAST"),
  JOINED: firstTwo("JOINED"),
  LEFT: firstTwo("LEFT"),
  LIST: firstTwo("LIST"),
  SAID: firstTwo("SAID"),
  UPDATE: firstTwo("UPDATE"),
} as const;

/** The number in a SAID. */
export function saidNumber(view: DataView, start: number, end: number): number {
  return numberAt(view, start + "SAID:".length + EPOCH_DIGITS + 1, end);
}

/** The number at the end of a payload. */
export function trailingNumber(view: DataView, end: number): number {
  return numberAt(view, colonBefore(view, end) + 1, end);
}

/** Who came or left. */
export interface Presence {
  readonly joined: boolean;
  /** The session; the name where none is told. */
  readonly who: string;
  /** Of the notice, where it has one. */
  readonly number: number | undefined;
}

/** What a JOINED, a LEFT or an UPDATE tells. */
export function presenceOf(view: DataView, start: number, end: number): Presence {
  switch (view.getUint16(start)) {
    case VERBS.JOINED: {
      const session = colonBefore(view, end) - SESSION_DIGITS;
      const who = textAt(view, session, session + SESSION_DIGITS);
      return { joined: true, who, number: numberAt(view, start + "JOINED:".length, end) };
    }
    case VERBS.LEFT: {
      const who = textAt(view, end - SESSION_DIGITS, end);
      return { joined: false, who, number: numberAt(view, start + "LEFT:".length, end) };
    }
    default: {
      const joined = view.getUint8(start + "UPDATE:".length) === J;
      const name = start + (joined ? "UPDATE:JOIN:" : "UPDATE:LEAVE:").length;
      return { joined, who: textAt(view, name, colonAfter(view, name)), number: undefined };
    }
  }
}

/** The decimal number that begins at `at`. */
function numberAt(view: DataView, at: number, end: number): number {
  let value = 0;
  for (let i = at; i < end; i++) {
    const digit = view.getUint8(i) - ZERO;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  return value;
}

function colonBefore(view: DataView, end: number): number {
  let at = end - 1;
  while (view.getUint8(at) !== COLON) at--;
  return at;
}

function colonAfter(view: DataView, start: number): number {
  let at = start;
  while (view.getUint8(at) !== COLON) at++;
  return at;
}

/** A piece of a frame as text. */
export function textAt({ buffer, byteOffset }: DataView, start: number, end: number): string {
  return decodeUtf8(new Uint8Array(buffer, byteOffset + start, end - start));
}

function firstTwo(verb: string): number {
  return (verb.charCodeAt(0) << 8) | verb.charCodeAt(1);
}
