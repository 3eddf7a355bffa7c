/**
 * Which names look alike: the skeleton of UTS #39 section 4, over the confusables of Unicode 13
 * that the package carries.
 *
 * @module
 */
import unhomoglyph from "unhomoglyph";
import { baseName } from "./name.ts";

/** Not seen, so not compared: UTS #39 section 4, step 2. */
const UNSEEN = /\p{Default_Ignorable_Code_Point}/gu;

/** What a letter may look like, best first: what everybody's keyboard has, the same with marks. */
const PLAIN = [/^[\x21-\x7e]+$/, /^(?:[\x21-\x7e]\p{M}*)+$/u];

/**
 * What `name` looks like, in one spelling: names with the same skeleton look alike in some common
 * font, as they are written or in the other case. It is for comparing only; nobody should see it.
 *
 * A skeleton is its own skeleton. Names with the same `nameKey` have the same one, but for the few
 * letters whose two cases look like two different plain ones: to join these would make "Ana" and
 * "Ava" alike. They are taken as they are shown: Greek nu (N, v) and upsilon (Y, u), and the rare
 * U+0189 and U+01BC.
 */
export function nameSkeleton(name: string): string {
  // Wide forms count as the ordinary ones, as in `nameKey`; in a name nothing else changes under NFKD.
  let skeleton = baseName(name).normalize("NFKD").replace(UNSEEN, "");
  for (;;) {
    // What a letter looks like may look like something else in lower case; the second round finds that.
    const next = Array.from(skeleton, look).join("").normalize("NFKD");
    if (next === skeleton) return skeleton;
    skeleton = next;
  }
}

/** What one code point looks like, in lower case. */
function look(point: string): string {
  const lower = point.toLowerCase();
  const upper = point.toUpperCase();
  // As it is shown comes first. The other case counts where it has one, and only that one.
  const forms = upper.toLowerCase() === lower ? [point, lower, upper] : [point, lower];
  const looks = forms.map(confusable);
  const plain = PLAIN.flatMap((pattern) => looks.find((each) => pattern.test(each)) ?? []);
  const [best = confusable(lower)] = plain;
  // Upper case I is shown like l: whoever is called Ian, or ian, must not be met by a lan.
  return confusable(best.toLowerCase()).replaceAll("i", "l");
}

/** The package has no chains in its data: what it maps to, it maps to itself. */
function confusable(text: string): string {
  return unhomoglyph(text).normalize("NFKD");
}
