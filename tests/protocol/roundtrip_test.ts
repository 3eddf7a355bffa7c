import fc from "fast-check";
import { assertEquals } from "../support/assert.ts";
import { MESSAGES, sizes } from "./arbitraries.ts";
import { byteByByte, chunked, concat, decode, encode, type StreamKind } from "./codecs.ts";

const STREAMS: readonly StreamKind[] = [
  "client",
  "server",
  "classic client",
  "classic server",
];

for (const kind of STREAMS) {
  Deno.test(`round trip: ${kind}: any messages, under any chunking`, () => {
    fc.assert(fc.property(fc.array(MESSAGES[kind], { maxLength: 4 }), sizes, (messages, cuts) => {
      const stream = concat(...messages.map(encode));
      const values = messages.map(({ value }) => value);
      assertEquals(decode(kind, chunked(stream, cuts)), values);
    }));
  });

  Deno.test(`round trip: ${kind}: any message, byte by byte`, () => {
    fc.assert(
      fc.property(MESSAGES[kind], (message) => {
        assertEquals(decode(kind, byteByByte(encode(message))), [message.value]);
      }),
      { numRuns: 50 },
    );
  });
}

for (const kind of ["datagram", "link identity", "private", "pipe"] as const) {
  Deno.test(`round trip: ${kind}: any message`, () => {
    fc.assert(fc.property(MESSAGES[kind], (message) => {
      assertEquals(decode(kind, [encode(message)]), [message.value]);
    }));
  });
}
