import unhomoglyph from "unhomoglyph";
import fc from "fast-check";
import { checkName, nameKey } from "../../lib/protocol/name.ts";
import { nameSkeleton } from "../../lib/protocol/name_skeleton.ts";
import { ProtocolError } from "../../lib/protocol/error.ts";
import { assert, assertEquals, assertNotEquals } from "../support/assert.ts";
import { codePoint } from "./arbitraries.ts";
import { someOf } from "../support/thorough.ts";

const ALIKE: readonly [one: string, other: string][] = [
  ["Iana", "lana"],
  ["iana", "lana"],
  ["Ian", "1an"],
  ["|an", "Ian"],
  ["paypal", "paypa1"],
  ["paypal", "PAYPAI"],
  ["paypal", "PayPal"],
  ["b0b", "BOB"],
  ["ann", "аnn"],
  ["ann", "ΑΝΝ"],
  ["tom", "ТОМ"],
  ["max", "МАХ"],
  ["сосо", "coco"],
  ["ava", "ανα"],
  ["ana", "ΑΝΑ"],
  ["rn", "m"],
  ["Mam", "rnarn"],
  ["o'neil", "o`neil"],
  ["a-b", "a‐b"],
  ["José", "JOSE\u0301"],
  ["Ａｎｎ", "ann"],
  ["an\u200bn", "ann"],
  ["ann~2", "ann"],
  ["Iana~13", "lana"],
  ["カ", "力"],
];
for (const [one, other] of ALIKE) {
  Deno.test(`look alike: ${JSON.stringify(one)} and ${JSON.stringify(other)}`, () => {
    assertEquals(nameSkeleton(one), nameSkeleton(other));
  });
}

const APART: readonly [one: string, other: string][] = [
  ["ann", "anna"],
  ["ana", "ava"],
  ["roy", "rou"],
  ["ann", "ann2"],
  ["ann", "ann~"],
  ["jose", "josé"],
  ["bob", "bod"],
  ["漢", "字"],
];
for (const [one, other] of APART) {
  Deno.test(`do not look alike: ${JSON.stringify(one)} and ${JSON.stringify(other)}`, () => {
    assertNotEquals(nameSkeleton(one), nameSkeleton(other));
  });
}

/** Code points that can stand in a name: some of those beyond the first plane's first half, each of the others. */
function* nameLetters(): Generator<string> {
  for (
    const code of [
      ...Array(0x8000).keys(),
      ...[...someOf(0x110000 - 0x8000, 9)].map((at) => at + 0x8000),
    ]
  ) {
    if (code < 0x21) continue;
    const point = String.fromCodePoint(code);
    if (!/[\p{L}\p{Nd}!-~]/u.test(point)) continue;
    try {
      checkName(point);
    } catch (error) {
      assert(error instanceof ProtocolError);
      continue;
    }
    yield point;
  }
}

Deno.test("the skeleton of a letter: in every form; in either case, but for four letters", () => {
  const byCase: string[] = [];
  for (const letter of nameLetters()) {
    const skeleton = nameSkeleton(letter);
    assertEquals(nameSkeleton(skeleton), skeleton, letter);
    for (const form of ["NFC", "NFD"]) {
      assertEquals(nameSkeleton(letter.normalize(form)), skeleton, letter);
    }
    if (nameSkeleton(nameKey(letter)) === skeleton) continue;
    const [base = ""] = letter.normalize("NFD");
    if (!byCase.includes(base)) byCase.push(base);
  }
  assertEquals(byCase, ["\u0189", "\u01bc", "Υ", "Ν"]);
});

Deno.test("what the package maps to, it maps to itself", () => {
  for (const letter of nameLetters()) {
    const once = unhomoglyph(letter);
    assertEquals(unhomoglyph(once), once, letter);
  }
});

/** No `~`: it ends a name for the skeleton, so that what is left may have one, too. */
const names = fc.oneof(
  fc.string({ unit: codePoint }),
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: fc.constantFrom(..."IiLl10OoMmnrвВгГкКανéÉ\u0301\u0323カ力ĲǅﬁЮю") }),
).filter((name) => !nameSkeleton(name).includes("~"));

Deno.test("nameSkeleton: idempotent, equal for NFC and NFD", () => {
  fc.assert(fc.property(names, (name) => {
    const skeleton = nameSkeleton(name);
    assertEquals(nameSkeleton(skeleton), skeleton);
    assertEquals(nameSkeleton(name.normalize("NFC")), skeleton);
    assertEquals(nameSkeleton(name.normalize("NFD")), skeleton);
  }));
});

Deno.test("nameSkeleton: equal in upper and lower case, and for the key", () => {
  const letters = fc.string({
    unit: fc.constantFrom(..."abilomrwzéñöåκωйжДЖбгэǆạ語1-\u0301\u0323"),
  });
  fc.assert(fc.property(letters, (name) => {
    for (const other of [name.toUpperCase(), name.toLowerCase(), nameKey(name)]) {
      assertEquals(nameSkeleton(other), nameSkeleton(name));
    }
  }));
});
