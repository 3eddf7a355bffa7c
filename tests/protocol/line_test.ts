import fc from "fast-check";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";
import { ProtocolError } from "../../lib/protocol/error.ts";
import { MAX_LINE_BYTES } from "../../lib/protocol/limits.ts";
import { encodeLine, LineDecoder } from "../../lib/protocol/line.ts";
import { sizes } from "./arbitraries.ts";
import { byteByByte, chunked, concat, drain } from "./codecs.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const lines = (chunks: Uint8Array[]) =>
  drain(new LineDecoder(), chunks).map((line) => new TextDecoder().decode(line));

Deno.test("encodeLine: the text and CR LF; a bare CR or LF is part of it", () => {
  assertEquals(encodeLine("è"), bytes("è\r\n"));
  assertEquals(encodeLine(""), bytes("\r\n"));
  assertEquals(encodeLine("a\rb\nc\n\rd"), bytes("a\rb\nc\n\rd\r\n"));
});

Deno.test("encodeLine: misused with a text that holds CR LF", () => {
  for (const text of ["\r\n", "a\r\nb", "a\r\r\n"]) {
    assertThrows(() => encodeLine(text), RangeError);
  }
});

const STREAMS: Record<string, [stream: string, found: string[]]> = {
  "nothing": ["", []],
  "an empty line": ["\r\n", [""]],
  "two empty lines": ["\r\n\r\n", ["", ""]],
  "one line": ["ab\r\n", ["ab"]],
  "two lines and a part": ["ab\r\nc\r\nd", ["ab", "c"]],
  "a bare LF": ["a\nb\r\n", ["a\nb"]],
  "a bare CR": ["a\rb\r\n", ["a\rb"]],
  "LF CR": ["a\n\rb\r\n", ["a\n\rb"]],
  "an LF first": ["\na\r\n", ["\na"]],
  "an LF first in the second line": ["a\r\n\nb\r\n", ["a", "\nb"]],
  "CR CR LF": ["a\r\r\n", ["a\r"]],
  "CR LF LF": ["a\r\n\n\r\n", ["a", "\n"]],
  "a CR last": ["a\r\nb\r", ["a"]],
  "many bare LFs": ["\n\n\n\r\n", ["\n\n\n"]],
  "characters of two, three and four bytes": ["è語🙂\r\n🙂\r\n", ["è語🙂", "🙂"]],
};
for (const [name, [stream, found]] of Object.entries(STREAMS)) {
  Deno.test(`LineDecoder: ${name}: whole, byte by byte, cut at every pair of positions`, () => {
    const all = bytes(stream);
    assertEquals(lines([all]), found);
    assertEquals(lines(byteByByte(all)), found);
    for (let first = 0; first <= all.length; first++) {
      for (let second = first; second <= all.length; second++) {
        const cut = chunked(all, [first, second - first]);
        assertEquals(lines(cut), found, `cut at ${first} and ${second}`);
      }
    }
  });
}

const ways = (stream: Uint8Array): Record<string, Uint8Array[]> => ({
  "whole": [stream],
  "byte by byte": byteByByte(stream),
  "behind another line": [concat(bytes("a\r\n"), stream)],
  "with trailing data": [concat(stream, bytes("b\r\nc"))],
  "cut between CR and LF": chunked(stream, [stream.length - 1]),
  "cut before CR LF": chunked(stream, [stream.length - 2]),
});

for (const length of [0, 1, MAX_LINE_BYTES - 1, MAX_LINE_BYTES]) {
  Deno.test(`LineDecoder: a line of ${length} bytes`, () => {
    const line = "x".repeat(length);
    for (const [way, chunks] of Object.entries(ways(encodeLine(line)))) {
      assert(lines(chunks).includes(line), way);
    }
  });
}

for (const length of [MAX_LINE_BYTES + 1, MAX_LINE_BYTES + 2, 65_536]) {
  Deno.test(`LineDecoder: a line of ${length} bytes is refused`, () => {
    for (const [way, chunks] of Object.entries(ways(encodeLine("x".repeat(length))))) {
      const refusal = assertThrows(() => lines(chunks), ProtocolError, "", way);
      assertEquals(refusal.code, "bad-frame");
    }
  });
}

Deno.test("LineDecoder: the limit is 8,192 bytes, not characters", () => {
  assertEquals(lines([encodeLine("è".repeat(4_096))]), ["è".repeat(4_096)]);
  assertThrows(() => lines([encodeLine("è".repeat(4_096) + "x")]), ProtocolError);
});

Deno.test("LineDecoder: an endless line is refused before it is kept", () => {
  const decoder = new LineDecoder();
  drain(decoder, [bytes("x".repeat(MAX_LINE_BYTES + 1))]);
  assertThrows(() => drain(decoder, [bytes("x")]), ProtocolError);
});

Deno.test("LineDecoder: a CR after the longest line may still end it, or make it too long", () => {
  const longest = bytes("x".repeat(MAX_LINE_BYTES) + "\r");
  assertEquals(lines([longest, bytes("\n")]), ["x".repeat(MAX_LINE_BYTES)]);
  assertThrows(() => lines([longest, bytes("\r")]), ProtocolError);
  assertThrows(() => lines([longest, bytes("y\r\n")]), ProtocolError);
});

Deno.test("LineDecoder: what came before a line that is too long is given back", () => {
  const decoder = new LineDecoder();
  decoder.push(concat(encodeLine("good"), bytes("x".repeat(9_000))));
  assertEquals(decoder.next(), bytes("good"));
  assertThrows(() => decoder.next(), ProtocolError);
});

Deno.test("LineDecoder: misused: a second push before the first chunk is used up", () => {
  const decoder = new LineDecoder();
  decoder.push(bytes("a\r\nb"));
  decoder.next();
  assertThrows(() => decoder.push(bytes("c")), RangeError);
  assertEquals(decoder.next(), undefined);
  decoder.push(bytes("c\r\n"));
  assertEquals(decoder.next(), bytes("bc"));
});

Deno.test("LineDecoder: any lines come back under any chunking", () => {
  const line = fc.string({ unit: fc.constantFrom("\r", "\n", "a", "è", "🙂") })
    .filter((text) => !text.includes("\r\n"));
  fc.assert(fc.property(fc.array(line, { maxLength: 8 }), sizes, (sent, cuts) => {
    assertEquals(lines(chunked(concat(...sent.map(encodeLine)), cuts)), sent);
  }));
});
