import fc from "fast-check";
import { assert, assertEquals, assertNotEquals, assertThrows } from "../support/assert.ts";
import { ProtocolError } from "../../lib/protocol/error.ts";
import { checkName, nameKey } from "../../lib/protocol/name.ts";
import { codePoint } from "./arbitraries.ts";

const ALLOWED: [name: string, key: string][] = [
  ["ann", "ann"],
  ["Ann", "ann"],
  ["x", "x"],
  ["0", "0"],
  ["servers", "servers"],
  ["o'neil-2_(a)", "o'neil-2_(a)"],
  ["!\"#$%&'()*+,-./;<=>?@[\\]^_`{|}", "!\"#$%&'()*+,-./;<=>?@[\\]^_`{|}"],
  ["José", "josé"],
  ["Jose\u0301", "josé"],
  ["ΣΊΣΥΦΟΣ", "σίσυφοσ"],
  ["straße", "straße"],
  ["ЖЕНЯ", "женя"],
  ["محمد", "محمد"],
  ["שלום", "שלום"],
  ["नमस्ते", "नमस्ते"],
  ["田中〇", "田中〇"],
  ["각", "각"],
  ["\u1100\u1161", "가"],
  ["Ａｎｎ１", "ann1"],
  ["ｶﾞ", "ガ"],
  ["𠮷野", "𠮷野"],
  ["Женя-2", "женя-2"],
  ["ann漢字かな", "ann漢字かな"],
  ["ann한글漢字", "ann한글漢字"],
  ["ㄅㄆann漢", "ㄅㄆann漢"],
  ["ア・イ", "ア・イ"],
  ["col·lega", "col·lega"],
  ["א׳", "א׳"],
  ["שלום1", "שלום1"],
  ["_123", "_123"],
  ["n".repeat(32), "n".repeat(32)],
  ["語".repeat(32), "語".repeat(32)],
  ["𠀀".repeat(32), "𠀀".repeat(32)],
];
for (const [name, key] of ALLOWED) {
  Deno.test(`name allowed: ${JSON.stringify(name)}, looked up as ${JSON.stringify(key)}`, () => {
    assertEquals(checkName(name) as string, key);
    assertEquals(checkName(key) as string, key, "its key is a name, and its own key");
  });
}

const REFUSED: Record<string, string> = {
  "nothing": "",
  "33 characters": "n".repeat(33),
  "33 characters of two units": "𠀀".repeat(33),
  "33 characters before NFC, fewer after": "n".repeat(31) + "e\u0301",
  "32 characters before NFC, more after": "\u0958".repeat(32),
  "a space": "a b",
  "a wide space": "a\u3000b",
  "a no-break space": "a\u00a0b",
  "a tab": "a\tb",
  "a line end": "ann\n",
  "NUL": "a\0",
  "DEL": "a\x7f",
  "a C1 control": "a\x9bm",
  "ESC": "\x1b[31m",
  "a colon": "a:b",
  "a wide colon": "a\uff1ab",
  "a tilde": "~ann",
  "a wide tilde": "\uff5eann",
  "server": "server",
  "SERVER": "SERVER",
  "wide server": "ｓｅｒｖｅｒ",
  "room": "Room",
  "all": "aLL",
  "Cyrillic among Latin": "аnn",
  "Latin among Cyrillic": "раypal",
  "Greek among Latin": "annα",
  "Hangul among Katakana": "한글カナ",
  "Cyrillic beside Han": "жен漢",
  "a script of few": "ᏣᎳᎩ",
  "a script of the past": "𐐀",
  "Hebrew after Latin": "annא",
  "Latin after Hebrew": "אann",
  "a digit before Hebrew": "1א",
  "Hebrew that ends in punctuation": "א-",
  "European and Arabic digits": "ا1٠",
  "two kinds of Arabic digits": "ا٠۰",
  "a middle dot between others": "a·b",
  "a geresh after nothing": "׳א",
  "a katakana middle dot alone": "・",
  "a combining mark first": "\u0301a",
  "an emoji": "🙂",
  "a symbol": "a€",
  "punctuation beyond ASCII": "a…b",
  "quotes beyond ASCII": "“ann”",
  "a ligature": "ﬁ",
  "a Roman numeral": "Ⅷ",
  "a superscript": "x²",
  "long s": "ſam",
  "a zero-width joiner": "a\u200db",
  "a zero-width non-joiner": "a\u200cb",
  "a soft hyphen": "a\u00ad",
  "right-to-left override": "\u202enna",
  "a byte order mark": "\ufeffann",
  "a variation selector": "a\ufe0f",
  "tatweel": "a\u0640",
  "a conjoining jamo": "\u1100",
  "a Hangul filler": "\u3164",
  "private use": "\ue000",
  "unassigned": "\u0378",
  "a noncharacter": "\uffff",
  "a lone surrogate": "a\ud83d",
};
for (const [what, name] of Object.entries(REFUSED)) {
  Deno.test(`name refused: ${what}`, () => {
    assertEquals(assertThrows(() => checkName(name), ProtocolError).code, "bad-name");
  });
}

// RFC 8265 3.3.1 maps a halfwidth letter to its one-step decomposition: U+FFA1 to U+3131, which is a
// compatibility character and so refused, not on to the jamo U+1100, which would compose to U+AC00.
Deno.test("name refused: halfwidth jamo, also where they would make a syllable", () => {
  for (const name of ["\uffa1", "\uffa1\uffc2"]) assertThrows(() => checkName(name), ProtocolError);
});

Deno.test("a refusal holds nothing of the name", () => {
  assert(!assertThrows(() => checkName("\x1bsecret"), ProtocolError).message.includes("secret"));
});

const SAME: [string, string][] = [
  ["ann", "ANN"],
  ["José", "JOSE\u0301"],
  ["ＡＮＮ", "ann"],
  ["\u212bngström", "ångström"],
  ["\u212aelvin", "kelvin"],
  ["ẞ", "ß"],
  ["ガ", "ｶﾞ"],
  ["q\u0323\u0307", "Q\u0307\u0323"],
];
for (const [one, other] of SAME) {
  Deno.test(`nameKey: ${JSON.stringify(one)} and ${JSON.stringify(other)} are the same`, () => {
    assertEquals(nameKey(one), nameKey(other));
  });
}

const DIFFERENT = [["ann", "anna"], ["jose", "josé"], ["a", "а"], ["ss", "ß"], ["i", "ı"]] as const;
for (const [one, other] of DIFFERENT) {
  Deno.test(`nameKey: ${JSON.stringify(one)} and ${JSON.stringify(other)} are different`, () => {
    assertNotEquals<string>(nameKey(one), nameKey(other));
  });
}

const anyText = fc.oneof(fc.string({ unit: codePoint }), fc.string({ unit: "grapheme" }));
/** Letters whose upper case has one lower case: not so ß, ı, the final sigma. */
const letters = fc.string({
  unit: fc.constantFrom(..."abzéñöåκσωйжДЖǆạ\u0301\u0323ａｚ語1-ǰ\ud801\udc28".normalize("NFC")),
});

Deno.test("nameKey: idempotent", () => {
  fc.assert(fc.property(anyText, (name) => assertEquals(nameKey(nameKey(name)), nameKey(name))), {
    numRuns: 500,
  });
});

Deno.test("nameKey: equal for NFC and NFD", () => {
  fc.assert(
    fc.property(anyText, (name) => {
      assertEquals(nameKey(name.normalize("NFC")), nameKey(name));
      assertEquals(nameKey(name.normalize("NFD")), nameKey(name));
    }),
    { numRuns: 500 },
  );
});

Deno.test("nameKey: equal in upper and lower case, composed or not", () => {
  fc.assert(fc.property(letters, (name) => {
    for (const form of ["NFC", "NFD"] as const) {
      assertEquals(nameKey(name.toUpperCase().normalize(form)), nameKey(name));
      assertEquals(nameKey(name.toLowerCase().normalize(form)), nameKey(name));
    }
  }));
});

Deno.test("checkName: the key of any name, or bad-name; its key is a name too", () => {
  fc.assert(fc.property(fc.oneof(anyText, letters), (name) => {
    let key: string;
    try {
      key = checkName(name);
    } catch (error) {
      assert(error instanceof ProtocolError && error.code === "bad-name", String(error));
      return;
    }
    assertEquals(nameKey(name) as string, key);
    assert(!key.includes(":") && [...key].length <= 33);
  }));
});
