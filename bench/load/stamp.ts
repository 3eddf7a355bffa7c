/**
 * What each message of a load begins with: who said it, its number, and when. Ten printable ASCII characters of
 * six bits each, so that reading one back costs a few additions.
 *
 * @module
 */

/** Characters of a stamp. */
export const STAMP_BYTES = 10;
/** Publishers that one character can tell apart. */
export const MAX_PUBLISHERS = 64;

/** The digit 0; the last one, 63, is `o`. */
const ZERO = 0x30;
const SEQUENCE_AT = 1;
const SEQUENCE_DIGITS = 4;
const TIME_AT = SEQUENCE_AT + SEQUENCE_DIGITS;
const TIME_DIGITS = STAMP_BYTES - TIME_AT;

/** Writes a stamp; `time` is in whole microseconds, up to 17 minutes. */
export function writeStamp(
  bytes: Uint8Array,
  at: number,
  publisher: number,
  sequence: number,
  time: number,
): void {
  bytes[at] = ZERO + publisher;
  writeDigits(bytes, at + SEQUENCE_AT, SEQUENCE_DIGITS, sequence);
  writeDigits(bytes, at + TIME_AT, TIME_DIGITS, time);
}

/** The publisher of the stamp at `at`. */
export function publisherAt(view: DataView, at: number): number {
  return view.getUint8(at) - ZERO;
}

/** The number of the stamp at `at` among its publisher's messages, from 0 on. */
export function sequenceAt(view: DataView, at: number): number {
  return readDigits(view, at + SEQUENCE_AT, SEQUENCE_DIGITS);
}

/** The time of the stamp at `at`, in microseconds. */
export function timeAt(view: DataView, at: number): number {
  return readDigits(view, at + TIME_AT, TIME_DIGITS);
}

function writeDigits(bytes: Uint8Array, at: number, digits: number, value: number): void {
  for (let i = 0; i < digits; i++) {
    bytes[at + i] = ZERO + ((value >> (6 * (digits - 1 - i))) & 63);
  }
}

function readDigits(view: DataView, at: number, digits: number): number {
  let value = 0;
  for (let i = 0; i < digits; i++) value = (value << 6) | (view.getUint8(at + i) - ZERO);
  return value;
}
