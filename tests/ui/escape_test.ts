import fc from "fast-check";
import { escapeForTerminal, toJsonLine } from "../../lib/ui/escape.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { seedOfRun } from "../support/dice.ts";
import { HARMLESS, HOSTILE, HOSTILE_JSON } from "./hostile_corpus.ts";

const SEED = seedOfRun();

const SHOWN: readonly [name: string, text: string, shown: string][] = [
  ["ESC and BEL", "\x1b[2J\x07", "\\u001b[2J\\u0007"],
  ["line ends and tab", "a\r\nb\tc", "a\\r\\nb\\tc"],
  ["NUL and DEL", "\0\x7f", "\\u0000\\u007f"],
  ["C1", "\x80\x9b31m\x9f", "\\u0080\\u009b31m\\u009f"],
  ["bidi controls", "\u202eabc\u2066\u200f\u061c", "\\u202eabc\\u2066\\u200f\\u061c"],
  ["zero width", "a\u200bb\u2060\ufeff\u00ad", "a\\u200bb\\u2060\\ufeff\\u00ad"],
  ["line and paragraph separators", "\u2028\u2029", "\\u2028\\u2029"],
  ["tag characters", "\u{e0041}", "\\u{e0041}"],
  ["a lone surrogate", "\ud83d", "\\ud83d"],
  ["ZWJ outside an emoji", "a\u200db", "a\\u200db"],
  ["fillers", "\u115f\u3164\uffa0\u17b4\u180b", "\\u115f\\u3164\\uffa0\\u17b4\\u180b"],
  ["noncharacters", "\ufdd0\uffff\u{1fffe}", "\\ufdd0\\uffff\\u{1fffe}"],
  ["blanks", "\u2003\u2800\u1680", "\\u2003\\u2800\\u1680"],
  ["annotations", "\ufff9a\ufffa\ufffb", "\\ufff9a\\ufffa\\ufffb"],
  ["a selector for what has one form", "a\ufe0f\ufe00", "a\\ufe0f\\ufe00"],
  ["tags that make no flag", "\u{1f3f4}\u{e0068}\u{e007f}", "\u{1f3f4}\\u{e0068}\\u{e007f}"],
];
for (const [name, text, shown] of SHOWN) {
  Deno.test(`escape: ${name}: shown, not done`, () => {
    assertEquals(escapeForTerminal(text), shown);
    const line = toJsonLine({ text });
    assertEquals(JSON.parse(line), { text }, "parsed, the text is exact");
    assert(/^[\x20-\x7e\u{1f3f4}]*$/u.test(line), line);
  });
}

const MARKS: readonly [name: string, text: string, shown: string][] = [
  ["three stay, a fourth is shown", "a\u0300\u0301\u0302\u0303", "a\u0300\u0301\u0302\\u0303"],
  ["each base has its own", "a\u0300\u0301\u0302b\u0303", "a\u0300\u0301\u0302b\u0303"],
  ["one first", "\u0301a", "\\u0301a"],
  ["one behind what is shown escaped", "\n\u0301a\u0301", "\\n\\u0301a\u0301"],
  ["a selector is one", "1\ufe0f\u20e3\u0301\u0302", "1\ufe0f\u20e3\u0301\\u0302"],
  [
    "a joiner does not begin a new count",
    "\u0915\u0300\u0301\u094d\u200d\u0302",
    "\u0915\u0300\u0301\u094d\u200d\\u0302",
  ],
  ["no joiner behind a virama that is not there", "\u094d\u200d", "\\u094d\\u200d"],
  ["beyond the BMP", "\u{1d165}", "\\u{1d165}"],
  ["jamo without a first one", "\u1161\u11a8", "\\u1161\\u11a8"],
];
for (const [name, text, shown] of MARKS) {
  Deno.test(`escape: marks: ${name}`, () => {
    assertEquals(escapeForTerminal(text), shown);
    assertEquals(JSON.parse(toJsonLine(text)), text);
  });
}

for (const [name, text] of Object.entries(HARMLESS)) {
  Deno.test(`escape: ${name}: left alone`, () => {
    assertEquals(escapeForTerminal(text), text);
    assertEquals(JSON.parse(toJsonLine(text)), text);
  });
}

/** What no terminal is sent and no line of JSON holds, whatever it is for. */
const NEVER =
  /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Cs}\p{Noncharacter_Code_Point}\u200b\u2060\ufeff]/u;
const PILE = /[\p{M}\u1160-\u11ff](?:\p{Default_Ignorable_Code_Point}*[\p{M}\u1160-\u11ff]){3}/u;

function check(text: string): void {
  const shown = escapeForTerminal(text);
  assert(!NEVER.test(shown), JSON.stringify(shown));
  assert(!PILE.test(shown), `over three marks: ${JSON.stringify(shown)}`);
  assert(!/^[\p{M}\p{Default_Ignorable_Code_Point}]/u.test(shown), JSON.stringify(shown));
  assertEquals(escapeForTerminal(shown), shown, "escaped once, escaped for good");
  for (const value of [text, { [text]: [text] }]) {
    const line = toJsonLine(value);
    assertEquals(JSON.parse(line), value);
    assert(!NEVER.test(line) && !/\p{Default_Ignorable_Code_Point}/u.test(line), line);
  }
}

for (const [name, text] of Object.entries({ ...HOSTILE, ...HARMLESS })) {
  Deno.test(`escape: ${name}: nothing gets through`, () => check(text));
}

for (const json of HOSTILE_JSON) {
  Deno.test(`escape: ${json}: nothing gets through`, () => check(JSON.parse(json)));
}

/** Any UTF-16, with more of what is about something: characters with a property, parts of emoji. */
const anything = fc.string({
  unit: fc.oneof(
    fc.nat(0x10ffff).map((point) => String.fromCodePoint(point)),
    fc.nat(0x2ff).map((point) => String.fromCodePoint(point)),
    fc.integer({ min: 0xd800, max: 0xdfff }).map((unit) => String.fromCharCode(unit)),
    fc.constantFrom(...Object.values(HOSTILE).flatMap((text) => [...new Set(text)])),
    fc.constantFrom("\u0301", "\u094d", "\u200d", "\ufe0f", "\u{1f3fd}", "👩", "🚀", "\u{1f3f4}"),
  ),
  maxLength: 60,
});

Deno.test(`escape: any text (CONFAB_SEED=${SEED}): nothing gets through`, () => {
  fc.assert(fc.property(anything, check), { seed: SEED | 0, numRuns: 3_000 });
});

Deno.test("escape: every code point, by itself and behind a letter: nothing gets through", () => {
  for (let from = 0; from < 0x110000; from += 64) {
    const points = Array.from({ length: 64 }, (_, i) => String.fromCodePoint(from + i));
    check(points.join("a"));
  }
});
