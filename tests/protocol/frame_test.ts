import fc from "fast-check";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";
import { ProtocolError } from "../../lib/protocol/error.ts";
import { encodeFrame, FrameDecoder } from "../../lib/protocol/frame.ts";
import { MAX_FRAME_BYTES } from "../../lib/protocol/limits.ts";
import { sizes } from "./arbitraries.ts";
import { byteByByte, chunked, concat, drain } from "./codecs.ts";

const payloadOf = (length: number) => Uint8Array.from({ length }, (_, i) => i * 7);
const header = (length: number) => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, length);
  return bytes;
};

Deno.test("encodeFrame: a header of 32 bits, big-endian, then the payload", () => {
  assertEquals(encodeFrame("è").toHex(), "00000002c3a8");
  assertEquals(encodeFrame(Uint8Array.of(0, 255)).toHex(), "0000000200ff");
  const longest = encodeFrame(payloadOf(MAX_FRAME_BYTES));
  assertEquals(longest.subarray(0, 4).toHex(), "00010000");
  assertEquals(longest.subarray(4).toHex(), payloadOf(65_536).toHex());
});

for (const payload of ["", new Uint8Array(0), "è".repeat(32_769), new Uint8Array(65_537)]) {
  Deno.test(`encodeFrame: misused with ${typeof payload} of ${payload.length}`, () => {
    assertThrows(() => encodeFrame(payload), RangeError);
  });
}

const LENGTHS = [1, 2, 3, 59, 60, 61, 255, 256, 65_535, 65_536];
for (const length of LENGTHS) {
  Deno.test(`FrameDecoder: ${length} bytes whole, byte by byte, with trailing data`, () => {
    const frame = encodeFrame(payloadOf(length));
    const expected = [payloadOf(length).toHex()];
    const hex = (chunks: Uint8Array[]) =>
      drain(new FrameDecoder(), chunks).map((bytes) => bytes.toHex());
    assertEquals(hex([frame]), expected);
    assertEquals(hex(byteByByte(frame)), expected);
    assertEquals(hex([concat(frame, frame.subarray(0, -1))]), expected);
    assertEquals(hex([concat(frame, frame)]), [...expected, ...expected]);
  });

  Deno.test(`FrameDecoder: a header that promises ${length} bytes is waited for`, () => {
    for (const chunks of [[header(length)], byteByByte(header(length))]) {
      const decoder = new FrameDecoder();
      assertEquals(drain(decoder, chunks), []);
    }
  });
}

for (const length of [0, 65_537, 0x0100_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
  Deno.test(`FrameDecoder: ${length} bytes are refused by the header alone`, () => {
    const ways = {
      "whole": [header(length)],
      "byte by byte": byteByByte(header(length)),
      "behind a frame": [concat(encodeFrame("x"), header(length))],
      "with a payload": [concat(header(length), payloadOf(10))],
    };
    for (const [way, chunks] of Object.entries(ways)) {
      const refusal = assertThrows(() => drain(new FrameDecoder(), chunks), ProtocolError, "", way);
      assertEquals(refusal.code, "bad-frame");
      assert(refusal.fatal);
    }
  });
}

Deno.test("FrameDecoder: three bytes of a header that will be refused are no error yet", () => {
  assertEquals(drain(new FrameDecoder(), [Uint8Array.of(0, 1, 0)]), []);
  assertEquals(drain(new FrameDecoder(), [Uint8Array.of(255, 255, 255)]), []);
});

Deno.test("FrameDecoder: what came before a bad frame is given back", () => {
  const decoder = new FrameDecoder();
  decoder.push(concat(encodeFrame("good"), header(0)));
  assertEquals(decoder.next(), new TextEncoder().encode("good"));
  assertThrows(() => decoder.next(), ProtocolError);
});

Deno.test("FrameDecoder: three frames, cut at every pair of positions", () => {
  const payloads = [payloadOf(1), payloadOf(70), payloadOf(6)];
  const stream = concat(...payloads.map(encodeFrame));
  for (let first = 0; first <= stream.length; first++) {
    for (let second = first; second <= stream.length; second++) {
      const found = drain(new FrameDecoder(), chunked(stream, [first, second - first]));
      const at = `cut at ${first} and ${second}`;
      assertEquals(found.map((b) => b.toHex()), payloads.map((b) => b.toHex()), at);
    }
  }
});

Deno.test("FrameDecoder: a chunk may begin anywhere in its buffer", () => {
  const memory = concat(payloadOf(5), encodeFrame("ab"), encodeFrame("c"), payloadOf(3));
  const decoder = new FrameDecoder();
  decoder.push(memory.subarray(5, 5 + 6 + 5));
  assertEquals(decoder.next()?.toHex(), "6162");
  assertEquals(decoder.next()?.toHex(), "63");
  assertEquals(decoder.next(), undefined);
});

Deno.test("FrameDecoder: misused: a second push before the first chunk is used up", () => {
  const decoder = new FrameDecoder();
  decoder.push(concat(encodeFrame("a"), encodeFrame("b")));
  decoder.next();
  assertThrows(() => decoder.push(encodeFrame("c")), RangeError);
  decoder.next();
  decoder.push(encodeFrame("c"));
  assertEquals(decoder.next()?.toHex(), "63");
});

Deno.test("FrameDecoder: whole frames can be looked at together, then taken together or one by one", () => {
  const [a, b, c] = ["aa", "bb", "cc"].map(encodeFrame);
  assert(a && b && c);
  const decoder = new FrameDecoder();
  const hex = (accepted: string, enough = 100): string =>
    decoder.peek(
      enough,
      (chunk, start, end) =>
        accepted.includes(new TextDecoder().decode(chunk.subarray(start, end))),
    ).toHex();
  decoder.push(concat(a, b, c.subarray(0, 5)));
  assertEquals(hex("aa bb cc"), concat(a, b).toHex(), "what is not whole is not shown");
  assertEquals(hex("aa"), a.toHex());
  assertEquals(hex("bb"), "", "only what comes next");
  assertEquals(hex("aa bb", 1), a.toHex(), "no more than enough");
  decoder.skip(a.length);
  assertEquals(hex("bb"), b.toHex());
  assertEquals(decoder.next()?.toHex(), "6262");
  assertEquals(hex("cc"), "");
  assertEquals(decoder.next(), undefined);
  decoder.push(concat(c.subarray(5), a));
  assertEquals(hex("aa cc"), "", "nor what began in another chunk");
  assertEquals(decoder.next()?.toHex(), "6363");
  assertEquals(hex("aa"), a.toHex());
});

Deno.test("FrameDecoder: a frame that is refused is not shown", () => {
  for (const length of [0, MAX_FRAME_BYTES + 1, 2 ** 32 - 1]) {
    const decoder = new FrameDecoder();
    decoder.push(concat(encodeFrame("good"), header(length), payloadOf(70_000)));
    assertEquals(decoder.peek(100, () => true).toHex(), encodeFrame("good").toHex());
  }
});

Deno.test("FrameDecoder: any payloads come back under any chunking", () => {
  const payloads = fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { maxLength: 6 });
  fc.assert(fc.property(payloads, sizes, (sent, cuts) => {
    const found = drain(new FrameDecoder(), chunked(concat(...sent.map(encodeFrame)), cuts));
    assertEquals(found.map((bytes) => bytes.toHex()), sent.map((bytes) => bytes.toHex()));
  }));
});
