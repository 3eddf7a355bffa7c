/** Broadcasts told in the bytes in which they came are told as if they had been read and encoded again. */
import fc from "fast-check";
import { concatBytes } from "../../lib/protocol/bytes.ts";
import { encodeFrame } from "../../lib/protocol/frame.ts";
import { encodeUtf8 } from "../../lib/protocol/utf8.ts";
import { Verbatim, verbatimOf } from "../../lib/registry/verbatim.ts";
import { sizes, text } from "../protocol/arbitraries.ts";
import { chunked } from "../protocol/codecs.ts";
import { assert, assertEquals } from "../support/assert.ts";
import {
  type BenchClient,
  CLIENT_NONCE,
  identityNumber,
  RegistryBench,
} from "../support/registry_bench.ts";

const LONGEST = "x".repeat(4_096);

/** Payloads that are told as they came, or are not, by a hair. */
const PAYLOADS: Record<string, boolean> = {
  "BROADCAST:ann:5:hello": true,
  "BROADCAST:ann:0:": true,
  "BROADCAST:ann:3:a:b": true,
  "BROADCAST:ann:3:\u0000\r\n": true,
  [`BROADCAST:ann:4096:${LONGEST}`]: true,
  [`BROADCAST:ann:4097:x${LONGEST}`]: false,
  [`BROADCAST:ann:10000:${LONGEST}`]: false,
  "BROADCAST:ann:4:hello": false,
  "BROADCAST:ann:6:hello": false,
  "BROADCAST:ann:05:hello": false,
  "BROADCAST:ann:00:": false,
  "BROADCAST:ann:+5:hello": false,
  "BROADCAST:ann:5.:hello": false,
  "BROADCAST:ann::hello": false,
  "BROADCAST:ann::": false,
  "BROADCAST:ann:": false,
  "BROADCAST:ann:5": false,
  "BROADCAST:ann": false,
  "BROADCAST:Ann:5:hello": false,
  "BROADCAST:ann~2:5:hello": false,
  "BROADCAST:bob:5:hello": false,
  "BROADCAST:ann:1:\u00e8": false,
  "BROADCASt:ann:5:hello": false,
  "SAY:0000000000000000.1:5:hello": false,
  "QUIT": false,
};

for (const [payload, expected] of Object.entries(PAYLOADS)) {
  Deno.test(`as it came: ${expected ? "" : "not "}${payload.slice(0, 40)}`, () => {
    const bytes = encodeUtf8(payload);
    const padded = concatBytes([encodeUtf8("5:"), bytes, encodeUtf8("5:hello")]);
    assertEquals(new Verbatim("ann").has(padded, 2, 2 + bytes.length), expected);
  });
}

Deno.test("as it came: under names in ASCII alone", () => {
  assert(verbatimOf("ann"));
  assertEquals(verbatimOf("ren\u00e9"), undefined);
});

const payloads = fc.oneof(
  fc.constantFrom(...Object.keys(PAYLOADS).filter((payload) => payload !== "QUIT")).map(encodeUtf8),
  text.map((said) => encodeUtf8(`BROADCAST:ann:${[...said].length}:${said}`)),
  // Mostly good, with one byte that is not what it was.
  fc.tuple(fc.string({ maxLength: 12 }), fc.nat(30), fc.integer({ min: 1, max: 255 }))
    .map(([said, at, change]) => {
      const bytes = encodeUtf8(`BROADCAST:ann:${[...said].length}:${said}`);
      return bytes.map((byte, index) => index === at ? byte ^ change : byte);
    }),
  fc.uint8Array({ minLength: 1, maxLength: 30 }),
);

/** Somebody who may come back, and ask what was said before. */
function joinCapable(bench: RegistryBench): BenchClient {
  const client = bench.greet("127.0.0.1", CLIENT_NONCE, "keys,resume,replay");
  client.say(bench.claim(client, "eve", identityNumber(1)));
  client.say("REGISTER:eve:127.0.0.1:5001");
  client.heard();
  return client;
}

/** What a room hears, and what becomes of it, when ann sends these chunks; and what a newcomer is told of it. */
function told(chunks: readonly Uint8Array[], messageRate: number, last: "framed" | "classic") {
  const bench = new RegistryBench({ messageRate });
  // From here on the room remembers, and eve has left.
  joinCapable(bench).say("QUIT");
  const [ann, bob] = [bench.join("ann"), bench.join("bob")];
  const keyed = bench.greet();
  keyed.say("REGISTER:kim:127.0.0.1:5001");
  // Who is no framed client has everything read.
  const zed = bench.join("zed", last);
  for (const each of [ann, bob, keyed, zed]) each.heard();
  for (const chunk of chunks) {
    if (!ann.closed) ann.raw(chunk);
    bench.pass(1);
  }
  const { broadcasts, deliveries, refused } = bench.counters;
  const closes = { ...bench.counters.closes };
  const heard = [ann, bob, keyed].map((each) => each.heard());
  const eve = joinCapable(bench);
  eve.say("REPLAY:50");
  heard.push(eve.heard());
  return { heard, closed: ann.closed, broadcasts, deliveries, refused, closes };
}

for (const messageRate of [0, 10]) {
  Deno.test(`as they came or read: the same is told, rate ${messageRate}`, () => {
    fc.assert(fc.property(fc.array(payloads, { maxLength: 30 }), sizes, (sent, cuts) => {
      const chunks = chunked(concatBytes(sent.map((payload) => encodeFrame(payload))), cuts);
      assertEquals(told(chunks, messageRate, "framed"), told(chunks, messageRate, "classic"));
    }));
  });
}

Deno.test("as they came: who floods is told, then cut, and what was taken before is told to all", () => {
  const bench = new RegistryBench({ messageRate: 1 });
  const [ann, bob] = [bench.join("ann"), bench.join("bob")];
  ann.heard();
  const frame = encodeFrame("BROADCAST:ann:2:hi");
  ann.raw(concatBytes(Array.from({ length: 200 }, () => frame)));
  assertEquals(ann.closed, true);
  const heard = bob.heard();
  assertEquals(heard.at(-1), "UPDATE:LEAVE:ann:127.0.0.1:5001");
  assertEquals(new Set(heard.slice(0, -1)), new Set(["BROADCAST:ann:2:hi"]));
  assertEquals(bench.counters.broadcasts, heard.length - 1);
});
