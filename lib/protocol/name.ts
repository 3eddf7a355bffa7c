/**
 * User names: RFC 8265 UsernameCasePreserved, shown as given, unique by their case-mapped form.
 *
 * @module
 */
import { ProtocolError } from "./error.ts";
import { MAX_NAME_CODE_POINTS } from "./limits.ts";
import { codePoints } from "./utf8.ts";

/** What a name is looked up and compared by: equal for names that differ in case or encoding alone. */
export type NameKey = string & { readonly __brand: "NameKey" };

/** Names that would read as something else: the voice of the registry, the room, everybody. */
const RESERVED = new Set(["server", "room", "all"]);

// RFC 8264 section 9, as sets of the Unicode data that the runtime carries.
const ASCII7 = /^[\x21-\x7e]$/;
/** 9.6 Exceptions that are valid in identifiers. */
const EXCEPTIONS_VALID = new Set("\u00df\u03c2\u06fd\u06fe\u0f0b\u3007");
/** 9.6 Exceptions that are not: tatweel, NKo lajanyalan, Hangul tone marks, iteration marks, ... */
const EXCEPTIONS_REFUSED = new Set(
  "\u0640\u07fa\u302e\u302f\u3031\u3032\u3033\u3034\u3035\u303b",
);
/** 9.9 to 9.13: conjoining jamo, ignorable, noncharacters, controls. */
const REFUSED =
  /[\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7fb\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\p{Cc}]/u;
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
  const lower = Array.from(prepare(name), (point) => point.toLowerCase()).join("");
  return lower.normalize("NFC") as NameKey;
}

/**
 * Checks `name` and gives back its key.
 *
 * @throws {ProtocolError} `bad-name`, with the reason as its message
 */
export function checkName(name: string): NameKey {
  const prepared = prepare(name);
  const length = Math.max(codePoints(name), codePoints(prepared));
  if (length === 0) throw bad("is empty");
  if (length > MAX_NAME_CODE_POINTS) throw bad(`has over ${MAX_NAME_CODE_POINTS} characters`);
  if (/^\p{M}/u.test(prepared)) throw bad("may not begin with a combining mark");
  for (const point of prepared) {
    if (point === ":" || point === "~") throw bad("may not hold : or ~");
    if (!isIdentifier(point)) throw bad("may hold letters, digits and ASCII punctuation only");
  }
  const key = nameKey(name);
  if (RESERVED.has(key)) throw bad("is reserved");
  return key;
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

function bad(why: string): ProtocolError {
  return new ProtocolError("bad-name", `this user name ${why}`);
}
