import * as bidi from "bidi-js";

/** The declarations take the module for CommonJS, whose default is the module itself. */
const makeBidi = (bidi as unknown as { default: () => bidi.Bidi }).default;
const { getBidiCharTypeName: typeOf } = makeBidi();

/** What makes a name one that the rule applies to. */
const RIGHT_TO_LEFT = ["R", "AL", "AN"];
/** Rule 2, and rule 5. */
const IN_RTL = ["R", "AL", "AN", "EN", "ES", "CS", "ET", "ON", "BN", "NSM"];
/** Rule 3. */
const ENDS_RTL = ["R", "AL", "EN", "AN"];

/**
 * Whether `name` satisfies the Bidi Rule, RFC 5893 section 2, as RFC 8265 asks of names with code points that
 * are written from right to left; all others do.
 */
export function followsBidiRule(name: string): boolean {
  const types = Array.from(name, (point) => typeOf(point));
  if (!types.some((type) => RIGHT_TO_LEFT.includes(type))) return true;
  // A name that begins from left to right may hold none of those that brought us here (rules 1 and 5).
  const [first = ""] = types;
  if (first !== "R" && first !== "AL") return false;
  const end = types.findLast((type) => type !== "NSM") ?? "";
  return types.every((type) => IN_RTL.includes(type)) && ENDS_RTL.includes(end) &&
    !(types.includes("EN") && types.includes("AN"));
}
