/** What is said on a link for bytes: the forms of `docs/PROTOCOL.md` 9.5, and what is none of them. */
import { ProtocolError } from "../../lib/protocol/error.ts";
import {
  DATA_PREFIX_BYTES,
  formatPipe,
  MAX_DATA_BYTES,
  newDataRoom,
  parsePipe,
} from "../../lib/protocol/pipe.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";
import { concat } from "./codecs.ts";

const HASH = "0123456789abcdef".repeat(4);
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

const REFUSED = [
  ...["", ":", "DATA", "DATA:", "data:x", " DATA:x", "OPEN", "TEXT:a", "PING", "x".repeat(60_000)],
  ...["END", "END:", "END:1", `END:${HASH}`, `END:1:${HASH}:`, `END:1:${HASH}0`, `END::${HASH}`],
  ...[`END:01:${HASH}`, `END:-1:${HASH}`, `END:+1:${HASH}`, `END:1.0:${HASH}`, `END:1e3:${HASH}`],
  ...[`END:9007199254740992:${HASH}`, `END:1:${HASH.toUpperCase()}`, `END:1:${HASH.slice(1)}g`],
  ...[`DONE:1`, `DONE:1:${HASH.slice(1)}`, `DONE: 1:${HASH}`, `Done:1:${HASH}`],
  ...["ALIVE", "ALIVE:", "ALIVE:x", "ALIVE:1:", "ALIVE:1:2", "ALIVE:00", "ALIVE:1\n"],
  ...["CLOSE", "CLOSE:", "CLOSE:Quit", "CLOSE:quit:"],
];
for (const payload of REFUSED) {
  Deno.test(`pipe message refused: ${JSON.stringify(payload.slice(0, 40))}`, () => {
    assertEquals(assertThrows(() => parsePipe(utf8(payload)), ProtocolError).code, "bad-message");
  });
}

Deno.test("DATA: any bytes, up to what fills a frame; a view, not a copy; no more", () => {
  const every = Uint8Array.from({ length: 256 }, (_, at) => at);
  const payload = formatPipe({ verb: "DATA", bytes: every });
  const message = parsePipe(payload);
  assert(message.verb === "DATA");
  assertEquals(message.bytes, every);
  assertEquals(message.bytes.buffer, payload.buffer);
  assertEquals(newDataRoom().length, 65_536 - 16);
  assertEquals(parsePipe(newDataRoom()).verb, "DATA");
  assertThrows(() => parsePipe(concat(newDataRoom(), Uint8Array.of(0))), ProtocolError);
  for (const bytes of [0, MAX_DATA_BYTES + 1]) assertThrows(() => newDataRoom(bytes), RangeError);
  assertEquals(new TextDecoder().decode(newDataRoom(1).subarray(0, DATA_PREFIX_BYTES)), "DATA:");
});

Deno.test("whatever is not DATA has to be UTF-8, or is refused as a message", () => {
  const broken = concat(utf8("ALIVE:"), Uint8Array.of(0xff));
  assertThrows(() => parsePipe(broken), ProtocolError);
});
