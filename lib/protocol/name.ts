/**
 * User names: RFC 8265 UsernameCasePreserved without joiners, of scripts that UTS #39 calls highly
 * restrictive; shown as given, unique by their case-mapped form.
 *
 * @module
 */
import { followsBidiRule } from "./bidi_rule.ts";
import { ProtocolError } from "./error.ts";
import { MAX_NAME_CODE_POINTS } from "./limits.ts";
import { isHighlyRestrictive } from "./name_scripts.ts";
import { codePoints, encodeUtf8 } from "./utf8.ts";

/** What a name is looked up and compared by: equal for names that differ in case or encoding alone. */
export type NameKey = string & { readonly __brand: "NameKey" };

/** UTF-16 units of what is compared as a name: any of them, with its number, and more than that. */
const MAX_KEYED_LENGTH = 256;

/** Names that would read as something else: the voice of the registry, the room, everybody. */
const RESERVED = new Set(["server", "room", "all"]);

// RFC 8264 section 9, as sets of the Unicode data that the runtime carries.
const ASCII7 = /^[\x21-\x7e]+$/;
/** 9.6 Exceptions that are valid in identifiers. */
const EXCEPTIONS_VALID = new Set("\u00df\u03c2\u06fd\u06fe\u0f0b\u3007");
/** 9.6 Exceptions that are not: tatweel, NKo lajanyalan, Hangul tone marks, iteration marks, ... */
const EXCEPTIONS_REFUSED = new Set(
  "\u0640\u07fa\u302e\u302f\u3031\u3032\u3033\u3034\u3035\u303b",
);
/** 9.9 to 9.13: conjoining jamo, ignorable, noncharacters, controls. */
const REFUSED =
  /[\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7fb\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\p{Cc}]/u;
/** RFC 5892 appendix A.8 and A.9: two kinds of digits that look alike. */
const ARABIC_INDIC = /[\u0660-\u0669]/;
const EXTENDED_ARABIC_INDIC = /[\u06f0-\u06f9]/;
/** 9.1 LetterDigits. */
const LETTER_DIGIT = /^[\p{Ll}\p{Lu}\p{Lo}\p{Nd}\p{Lm}\p{Mn}\p{Mc}]$/u;
/**
 * Width mapping of RFC 8265 3.3.1. Without halfwidth jamo: they map to characters that are refused, and
 * NFKC would go on to ones that are not.
 */
const WIDE = /[\u3000\uff01-\uff9f\uffe0-\uffee]/gu;

/**
 * The form by which names are compared: width-mapped, NFC, each code point in lower case. Mapping
 * code points one at a time keeps final sigma from making the result depend on its neighbours.
 */
export function nameKey(name: string): NameKey {
  // Normalizing takes a time that grows with the square of the length, and no name is as long.
  if (name.length > MAX_KEYED_LENGTH) return name as NameKey;
  const lower = Array.from(prepare(name), (point) => point.toLowerCase()).join("");
  return lower.normalize("NFC") as NameKey;
}

/**
 * Checks `name` and gives back its key.
 *
 * @throws {ProtocolError} `bad-name`, with the reason as its message
 */
export function checkName(name: string): NameKey {
  if (name === "") throw bad("is empty");
  // As written first: what is longer is not worth mapping, see `nameKey`.
  const isLong = (text: string): boolean => codePoints(text) > MAX_NAME_CODE_POINTS;
  const prepared = isLong(name) ? name : prepare(name);
  if (isLong(prepared)) throw bad(`has over ${MAX_NAME_CODE_POINTS} characters`);
  if (/^\p{M}/u.test(prepared)) throw bad("may not begin with a combining mark");
  if (/\p{M}{4}/u.test(prepared)) throw bad("may not pile up combining marks");
  if (/[:~]/.test(prepared)) throw bad("may not hold : or ~");
  if (!ASCII7.test(prepared)) checkBeyondAscii(prepared);
  const key = nameKey(name);
  if (RESERVED.has(key)) throw bad("is reserved");
  return key;
}

/** A name without the number, such as `~2`, that the registry gives to further sessions of one key. */
export function baseName(username: string): string {
  return username.replace(/~[0-9]+$/, "");
}

/** Compares keys by their UTF-8 bytes, which is the order of their code points. */
export function compareNameKeys(a: NameKey, b: NameKey): number {
  const [left, right] = [encodeUtf8(a), encodeUtf8(b)];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function checkBeyondAscii(prepared: string): void {
  for (const [at, point] of Array.from(prepared).entries()) {
    if (!isIdentifier(point) && !isInContext(prepared, at)) {
      throw bad("may hold letters, digits and ASCII punctuation only");
    }
  }
  if (ARABIC_INDIC.test(prepared) && EXTENDED_ARABIC_INDIC.test(prepared)) {
    throw bad("may not mix two kinds of Arabic digits");
  }
  if (!followsBidiRule(prepared)) throw bad("may not mix directions of writing");
  if (!isHighlyRestrictive(prepared)) throw bad("may not mix scripts, nor be in a rare one");
}

function prepare(name: string): string {
  return name.replace(WIDE, (point) => point.normalize("NFKC")).normalize("NFC");
}

/** RFC 8264 section 8, in its order, for the IdentifierClass. */
function isIdentifier(point: string): boolean {
  if (EXCEPTIONS_VALID.has(point)) return true;
  if (EXCEPTIONS_REFUSED.has(point)) return false;
  if (ASCII7.test(point)) return true;
  if (REFUSED.test(point)) return false;
  if (point.normalize("NFKC") !== point) return false;
  return LETTER_DIGIT.test(point);
}

/** RFC 5892 appendix A.3 to A.7: punctuation that is part of words, where it is. */
function isInContext(name: string, at: number): boolean {
  const points = Array.from(name);
  const [before = "", point = "", after = ""] = [points[at - 1], points[at], points[at + 1]];
  switch (point) {
    case "\u00b7":
      return before === "l" && after === "l";
    case "\u0375":
      return /^\p{sc=Grek}$/u.test(after);
    case "\u05f3":
    case "\u05f4":
      return /^\p{sc=Hebr}$/u.test(before);
    case "\u30fb":
      return /[\p{sc=Hira}\p{sc=Kana}\p{sc=Han}]/u.test(name);
    default:
      return false;
  }
}

function bad(why: string): ProtocolError {
  return new ProtocolError("bad-name", `this user name ${why}`);
}
