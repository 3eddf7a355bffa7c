import fc from "fast-check";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";
import { ProtocolError } from "../../lib/protocol/error.ts";
import { codePoints, decodeUtf8, encodeUtf8, splitByBytes } from "../../lib/protocol/utf8.ts";
import { text, utf16 } from "./arbitraries.ts";
import { bytesOf } from "./vectors.ts";

const VALID: Record<string, string> = {
  "": "",
  "00": "\0",
  "7f": "\x7f",
  "c280": "\u0080",
  "dfbf": "\u07ff",
  "e0a080": "\u0800",
  "ed9fbf": "\ud7ff",
  "ee8080": "\ue000",
  "efbfbf": "\uffff",
  "f0908080": "\u{10000}",
  "f48fbfbf": "\u{10ffff}",
  "efbbbf61": "\ufeffa",
  "61efbbbf": "a\ufeff",
};
for (const [hex, expected] of Object.entries(VALID)) {
  Deno.test(`utf8: ${hex || "nothing"} is a text, and back`, () => {
    assertEquals(decodeUtf8(bytesOf(hex)), expected);
    assertEquals(encodeUtf8(expected).toHex(), hex);
  });
}

const INVALID: Record<string, string> = {
  "a continuation byte alone": "80",
  "a cut sequence of two": "c3",
  "a cut sequence of three": "e282",
  "a cut sequence of four": "f09f99",
  "an overlong NUL": "c080",
  "an overlong slash": "e080af",
  "an overlong sequence of four": "f08080af",
  "a surrogate": "eda080",
  "a surrogate pair": "eda0bdedb880",
  "beyond U+10FFFF": "f4908080",
  "FE": "fe",
  "FF": "ff",
  "a good text with a bad end": "61c3",
};
for (const [name, hex] of Object.entries(INVALID)) {
  Deno.test(`decodeUtf8: ${name} is bad-frame`, () => {
    assertEquals(assertThrows(() => decodeUtf8(bytesOf(hex)), ProtocolError).code, "bad-frame");
    assertEquals(decodeUtf8(bytesOf("c3a8")), "è", "and nothing of it stays behind");
  });
}

Deno.test("encodeUtf8: a lone surrogate becomes U+FFFD", () => {
  assertEquals(encodeUtf8("a\ud83d").toHex(), "61efbfbd");
  assertEquals(encodeUtf8("\ude42\ud83d").toHex(), "efbfbdefbfbd");
});

const COUNTS: [text: string, count: number][] = [
  ["", 0],
  ["a", 1],
  ["caffè 🙂", 7],
  ["🙂🙂", 2],
  ["e\u0301", 2],
  ["👩‍👧", 3],
  ["\ud83d", 1],
  ["\ude42", 1],
  ["\ude42\ud83d", 2],
  ["\ud83d\ud83d\ude42", 2],
  ["\ud83d\ude42\ude42", 2],
  ["\ufeff", 1],
  ["\ud7ff\udc00", 2],
  ["\ud800\udc00", 1],
  ["\udbff\udfff", 1],
  ["\udbff\ue000", 2],
];
for (const [it, count] of COUNTS) {
  Deno.test(`codePoints: ${JSON.stringify(it)} has ${count}`, () => {
    assertEquals(codePoints(it), count);
  });
}

Deno.test("codePoints: as many as the string iterates over, also with lone surrogates", () => {
  fc.assert(fc.property(utf16, (it) => assertEquals(codePoints(it), [...it].length)), {
    numRuns: 500,
  });
});

const SPLITS: [text: string, maxBytes: number, pieces: string[]][] = [
  ["", 4, [""]],
  ["abcd", 4, ["abcd"]],
  ["abcde", 4, ["abcd", "e"]],
  ["abcdefgh", 4, ["abcd", "efgh"]],
  ["abc🙂", 4, ["abc", "🙂"]],
  ["🙂🙂", 7, ["🙂", "🙂"]],
  ["🙂🙂", 8, ["🙂🙂"]],
  ["ab語", 4, ["ab", "語"]],
  ["aèè", 4, ["aè", "è"]],
  ["\ud83d\ud83d\ude42", 4, ["\ud83d", "🙂"]],
  ["\x7f\x80\x80", 4, ["\x7f\x80", "\x80"]],
  ["\u07ff\u07ff\u0800", 4, ["\u07ff\u07ff", "\u0800"]],
  ["\u0800\u0800", 5, ["\u0800", "\u0800"]],
  ["\uffff\uffff\u{10000}\u{10000}", 7, ["\uffff\uffff", "\u{10000}", "\u{10000}"]],
];
for (const [it, maxBytes, pieces] of SPLITS) {
  Deno.test(`splitByBytes: ${JSON.stringify(it)} by ${maxBytes}`, () => {
    assertEquals(splitByBytes(it, maxBytes), pieces);
  });
}

Deno.test("splitByBytes: misused with fewer bytes than a code point has", () => {
  for (const maxBytes of [3, 0, -1]) assertThrows(() => splitByBytes("a", maxBytes), RangeError);
});

Deno.test("splitByBytes: pieces join to the text, fit, are cut between code points, as few as can be", () => {
  fc.assert(
    fc.property(fc.oneof(text, utf16), fc.integer({ min: 4, max: 30 }), (it, maxBytes) => {
      const pieces = splitByBytes(it, maxBytes);
      assertEquals(pieces.join(""), it);
      assertEquals(pieces.flatMap((piece) => [...piece]), [...it]);
      for (const [index, piece] of pieces.entries()) {
        assert(encodeUtf8(piece).length <= maxBytes, `piece ${index} is too long`);
        const [next = ""] = pieces[index + 1] ?? "";
        assert(
          index === pieces.length - 1 || encodeUtf8(piece + next).length > maxBytes,
          `piece ${index} had room for more`,
        );
      }
    }),
    { numRuns: 300 },
  );
});
