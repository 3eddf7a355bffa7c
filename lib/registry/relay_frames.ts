/**
 * What the registry reads of RELAY and TAKEN: their bytes, of which no text is made. It is what
 * `readRelay` and `readTaken` of `lib/protocol/relay.ts` take, and nothing else.
 *
 * @module
 */
import { LINK_DIGITS, MAX_RELAY_DATA } from "../protocol/relay.ts";
import { encodeUtf8 } from "../protocol/utf8.ts";

const VERB = { RELAY: encodeUtf8("RELAY:"), TAKEN: encodeUtf8("TAKEN:") } as const;
/** Where the digits of the link begin; both verbs are as long. */
const LINK_AT = VERB.RELAY.length;
const REST_AT = LINK_AT + LINK_DIGITS + 1;
const COLON = 0x3a;
const EQUALS = 0x3d;
const ZERO = 0x30;
const MAX_COUNT_DIGITS = 16;

const NONE = 0xff;
/** Six bits for each character of base64. */
const SEXTETS = new Uint8Array(256).fill(NONE);
encodeUtf8("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  .forEach((byte, value) => SEXTETS[byte] = value);

/** Which of the two verbs a payload begins with, if it does. */
export function relayVerb(payload: Uint8Array): "RELAY" | "TAKEN" | undefined {
  if (startsWith(payload, VERB.RELAY)) return "RELAY";
  return startsWith(payload, VERB.TAKEN) ? "TAKEN" : undefined;
}

/** Whether it names the link of those digits. */
export function namesLink(payload: Uint8Array, digits: Uint8Array): boolean {
  if (payload[LINK_AT + LINK_DIGITS] !== COLON) return false;
  for (let at = 0; at < LINK_DIGITS; at++) {
    if (payload[LINK_AT + at] !== digits[at]) return false;
  }
  return true;
}

/** The digits of the link as text, whatever they are. */
export function linkOf(payload: Uint8Array): string {
  return String.fromCharCode(...payload.subarray(LINK_AT, LINK_AT + LINK_DIGITS));
}

/** Whether what follows the link is the data of a RELAY. */
export function hasRelayData(payload: Uint8Array): boolean {
  const length = payload.length - REST_AT;
  if (length < 4 || length > MAX_RELAY_DATA || length % 4 !== 0) return false;
  let end = payload.length;
  if (payload[end - 1] === EQUALS) end -= payload[end - 2] === EQUALS ? 2 : 1;
  let last = 0;
  for (let at = REST_AT; at < end; at++) {
    last = SEXTETS[payload[at] ?? 0] ?? NONE;
    if (last === NONE) return false;
  }
  // Of bits that are left over there is one spelling.
  const spare = [0, 0b11, 0b1111][payload.length - end] ?? 0;
  return (last & spare) === 0;
}

/** The number that follows the link in a TAKEN. */
export function takenCount(payload: Uint8Array): number | undefined {
  const digits = payload.length - REST_AT;
  if (digits < 1 || digits > MAX_COUNT_DIGITS) return undefined;
  if (payload[REST_AT] === ZERO && digits > 1) return undefined;
  let count = 0;
  for (let at = REST_AT; at < payload.length; at++) {
    const digit = (payload[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    count = 10 * count + digit;
  }
  return Number.isSafeInteger(count) ? count : undefined;
}

function startsWith(payload: Uint8Array, verb: Uint8Array): boolean {
  for (let at = 0; at < verb.length; at++) if (payload[at] !== verb[at]) return false;
  return true;
}
