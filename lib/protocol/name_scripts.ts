/**
 * Which scripts a name may mix: UTS #39 section 5.2, "Highly Restrictive". The script data are those of the
 * runtime.
 *
 * @module
 */

/** The recommended scripts, UAX #31 table 5; names in others are left to those who cannot be mistaken. */
const RECOMMENDED = [
  ...["Arab", "Armn", "Beng", "Bopo", "Cyrl", "Deva", "Ethi", "Geor", "Grek", "Gujr", "Guru"],
  ...["Hang", "Han", "Hebr", "Hira", "Kana", "Khmr", "Knda", "Laoo", "Latn", "Mlym", "Mymr"],
  ...["Orya", "Sinh", "Taml", "Telu", "Thaa", "Thai", "Tibt"],
].map((script) => ({ script, points: new RegExp(`\\p{scx=${script}}`, "u") }));

/** Digits, punctuation, marks: they go with any script. */
const COMMON = /[\p{scx=Zyyy}\p{scx=Zinh}]/u;

/** The writing systems that use several scripts, by script (UTS #39 section 5.1). */
const SYSTEMS: Record<string, readonly string[]> = {
  Han: ["Hanb", "Jpan", "Kore"],
  Hira: ["Jpan"],
  Kana: ["Jpan"],
  Hang: ["Kore"],
  Bopo: ["Hanb"],
};

/** Those that Latin may stand beside: Chinese, Japanese, Korean. */
const BESIDE_LATIN = ["Hanb", "Jpan", "Kore"];

/** Whether `name` is in one script, or in Latin and one of Chinese, Japanese, Korean. */
export function isHighlyRestrictive(name: string): boolean {
  const sets = Array.from(name).filter((point) => !COMMON.test(point)).map(scriptsOf);
  if (common(sets).size > 0 || sets.length === 0) return true;
  const others = common(sets.filter((scripts) => !scripts.has("Latn")));
  return BESIDE_LATIN.some((system) => others.has(system));
}

/** The scripts and writing systems that a code point belongs to; none for one in no recommended script. */
function scriptsOf(point: string): Set<string> {
  const scripts = RECOMMENDED.filter(({ points }) => points.test(point)).map(({ script }) =>
    script
  );
  return new Set(scripts.flatMap((script) => [script, ...SYSTEMS[script] ?? []]));
}

function common(sets: readonly Set<string>[]): Set<string> {
  const [first = new Set<string>(), ...rest] = sets;
  return rest.reduce((all, set) => all.intersection(set), first);
}
