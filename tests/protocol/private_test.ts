import { assertEquals, assertThrows } from "../support/assert.ts";
import { type ErrorCode, ProtocolError } from "../../lib/protocol/error.ts";
import { formatPrivate, parsePrivate, type PrivateMessage } from "../../lib/protocol/private.ts";

const ID = "000102030405060708090a0b0c0d0e0f";

const REFUSED: [payload: string, code: ErrorCode][] = [
  ["", "bad-message"],
  [":", "bad-message"],
  ["hello", "bad-message"],
  ["QUIT", "bad-message"],
  ["BROADCAST:ann:1:a", "bad-message"],
  ["TEXT", "bad-message"],
  ["TEXT:", "bad-message"],
  ["text:a", "bad-message"],
  [`TEXT:${"🙂".repeat(4_097)}`, "too-long"],
  [`TEXT:${"a".repeat(4_097)}`, "too-long"],
  ["CLOSE", "bad-message"],
  ["CLOSE:", "bad-message"],
  ["CLOSE:Quit", "bad-message"],
  ["CLOSE:quit:", "bad-message"],
  ["CLOSE:quit\n", "bad-message"],
  ["CLOSE:quit 2", "bad-message"],
  ["CLOSE:é", "bad-message"],
  [`CLOSE:${"q".repeat(33)}`, "bad-message"],
  ["HELLO", "bad-message"],
  ["HELLO:1", "bad-message"],
  ["HELLO:1:bob", "bad-message"],
  ["HELLO:1:bob:ann", "bad-message"],
  ["HELLO:1:bob:ann:", "bad-message"],
  [`HELLO:2:bob:ann:${ID}`, "bad-message"],
  [`HELLO:01:bob:ann:${ID}`, "bad-message"],
  [`HELLO::bob:ann:${ID}`, "bad-message"],
  [`HELLO:1:bob:ann:${ID}:`, "bad-message"],
  [`HELLO:1:bob:ann:${ID}0`, "bad-message"],
  [`HELLO:1:bob:ann:${ID.slice(1)}`, "bad-message"],
  [`HELLO:1:bob:ann:${ID.toUpperCase()}`, "bad-message"],
  [`HELLO:1:b:o:ann:${ID}`, "bad-message"],
];
for (const [payload, code] of REFUSED) {
  Deno.test(`private message refused, ${code}: ${JSON.stringify(payload.slice(0, 50))}`, () => {
    assertEquals(assertThrows(() => parsePrivate(payload), ProtocolError).code, code);
  });
}

const PASSED: Record<string, PrivateMessage> = {
  "TEXT of one character": { verb: "TEXT", text: "a" },
  "TEXT of 4,096 characters": { verb: "TEXT", text: "🙂".repeat(4_096) },
  "TEXT of colons and line ends": { verb: "TEXT", text: "::\r\n\0" },
  "CLOSE of one character": { verb: "CLOSE", reason: "-" },
  "CLOSE of 32 characters": { verb: "CLOSE", reason: "q".repeat(32) },
  "HELLO beyond ASCII": { verb: "HELLO", from: "josé", to: "田中", offer: ID },
};
for (const [what, message] of Object.entries(PASSED)) {
  Deno.test(`private message there and back: ${what}`, () => {
    assertEquals(parsePrivate(formatPrivate(message)), message);
  });
}
