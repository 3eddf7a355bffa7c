import { escapeForTerminal, toJsonLine } from "../../lib/ui/escape.ts";
import { assert, assertEquals } from "../support/assert.ts";

const HOSTILE: readonly [name: string, text: string, shown: string][] = [
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
];

for (const [name, text, shown] of HOSTILE) {
  Deno.test(`escape: ${name} is shown, not done`, () => {
    assertEquals(escapeForTerminal(text), shown);
    const line = toJsonLine({ text });
    assertEquals(JSON.parse(line), { text }, "parsed, the text is exact");
    assert(/^[\x20-\x7e]*$/.test(line), line);
  });
}

for (const text of ["plain", "caffè 漢字 🙂", "👩‍🚀", "👩🏽‍🤝‍👨🏿", "🏳️‍🌈", "a\\nb", ""]) {
  Deno.test(`escape: ${JSON.stringify(text)} is left alone`, () => {
    assertEquals(escapeForTerminal(text), text);
    assertEquals(JSON.parse(toJsonLine(text)), text);
  });
}
