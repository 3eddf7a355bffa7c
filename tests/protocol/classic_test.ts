import fc from "fast-check";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";
import { classicLines, classicText, parseClassicLine } from "../../lib/protocol/classic.ts";
import { ProtocolError } from "../../lib/protocol/error.ts";
import {
  type Broadcast,
  formatMessage,
  parseClientMessage,
  parseServerMessage,
  type User,
} from "../../lib/protocol/message.ts";
import { encodeUtf8 } from "../../lib/protocol/utf8.ts";
import { text } from "./arbitraries.ts";
import { DELIVERY_VECTORS } from "./delivery_vectors.ts";

const ANN: User = { username: "ann", ip: "192.0.2.1", udpPort: 5001 };
const EVE: User = { username: "eve", ip: "::1", udpPort: 5002 };
const broadcast = (it: string): Broadcast => ({ verb: "BROADCAST", username: "ann", text: it });

Deno.test("parseClassicLine: no QUIT and no IPv6 here", () => {
  for (const line of ["QUIT", "REGISTER:eve:[::1]:5002", "REGISTER:eve:[2001:db8::5]:1"]) {
    assertEquals(assertThrows(() => parseClassicLine(line), ProtocolError).code, "bad-message");
  }
});

Deno.test("parseClassicLine: IPv4 in the spelling of IPv6 is IPv4", () => {
  assertEquals(parseClassicLine("REGISTER:ann:[::ffff:192.0.2.1]:5001"), {
    verb: "REGISTER",
    ...ANN,
  });
});

Deno.test("parseClassicLine: a bare CR or LF in a text is part of it", () => {
  assertEquals(parseClassicLine("BROADCAST:ann:4:a\rb\n"), broadcast("a\rb\n"));
});

Deno.test("parseClassicLine: refused as a framed message would be", () => {
  const refused = { "BROADCAST:ann:2:x": "bad-length", "": "bad-message", "LIST": "bad-message" };
  for (const [line, code] of Object.entries(refused)) {
    assertEquals(assertThrows(() => parseClassicLine(line), ProtocolError).code, code);
  }
});

Deno.test("parseClassicLine: no CAPS, IDENTITY nor PONG here, however good they are", () => {
  const hex = (digits: number) => "0".repeat(digits);
  for (
    const line of [
      `CAPS:1:${hex(32)}:keys`,
      `CAPS:1:${hex(32)}:`,
      `IDENTITY:ann:${hex(64)}:kept:${hex(128)}`,
      `IDENTITY:ann:${hex(64)}:session:${hex(128)}`,
      "PONG:1f",
    ]
  ) {
    // Good to a framed client: it is the dialect that has none.
    assertEquals(parseClientMessage(line).verb, line.split(":")[0]);
    const refusal = assertThrows(() => parseClassicLine(line), ProtocolError);
    assertEquals([refusal.code, refusal.message], ["bad-message", "unknown verb"], line);
  }
});

Deno.test("parseClassicLine: nothing of delivery here, however good it is", () => {
  for (const { kind, name, value } of DELIVERY_VECTORS) {
    if (kind !== "client") continue;
    const refusal = assertThrows(() => parseClassicLine(formatMessage(value)), ProtocolError);
    assertEquals([refusal.code, refusal.message], ["bad-message", "unknown verb"], name);
  }
});

Deno.test("classicLines: nothing of delivery", () => {
  for (const { kind, name, value } of DELIVERY_VECTORS) {
    if (kind === "server") assertEquals(classicLines(value), [], name);
  }
});

Deno.test("classicLines: nothing of CAPS, ROSTER and PING", () => {
  const hex = (digits: number) => "0".repeat(digits);
  const user = { ...ANN, session: hex(16), key: { publicKey: hex(64), kept: true } };
  const capabilities = ["keys"];
  const proof = { nonce: hex(32), registryKey: hex(64), signature: hex(128), capabilities };
  assertEquals(classicLines({ verb: "CAPS", ...proof }), []);
  assertEquals(classicLines({ verb: "ROSTER", left: 0, users: [user] }), []);
  assertEquals(classicLines({ verb: "PING", token: "1f" }), []);
});

Deno.test("classicLines: who is on IPv6 is in no LIST, JOIN or LEAVE", () => {
  assertEquals(classicLines({ verb: "LIST", users: [EVE, ANN, EVE] }), [
    "LIST:ann:192.0.2.1:5001",
  ]);
  assertEquals(classicLines({ verb: "LIST", users: [EVE] }), ["LIST"]);
  assertEquals(classicLines({ verb: "UPDATE", change: "JOIN", user: EVE }), []);
  assertEquals(classicLines({ verb: "UPDATE", change: "LEAVE", user: EVE }), []);
  assertEquals(classicLines({ verb: "UPDATE", change: "LEAVE", user: ANN }), [
    "UPDATE:LEAVE:ann:192.0.2.1:5001",
  ]);
});

Deno.test("classicLines: a LIST is one line of any length", () => {
  const [line, ...more] = classicLines({ verb: "LIST", users: Array(5_000).fill(ANN) });
  assertEquals(more, []);
  assertEquals(line?.length, 4 + 5_000 * ":ann:192.0.2.1:5001".length);
});

Deno.test("classicLines: an error is a BROADCAST of the user server", () => {
  const error = { verb: "ERROR", code: "bad-message", text: "unknown verb" } as const;
  assertEquals(classicLines(error), ["BROADCAST:server:25:bad-message: unknown verb"]);
  assertEquals(classicLines({ ...error, text: "a\r\nBROADCAST:ann:2:hi" }), [
    "BROADCAST:server:34:bad-message: a  BROADCAST:ann:2:hi",
  ]);
});

Deno.test("classicText: each of U+0000 to U+001F and U+007F is one space, nothing else is", () => {
  for (let code = 0; code < 0x300; code++) {
    const character = String.fromCharCode(code);
    const masked = code < 0x20 || code === 0x7f;
    assertEquals(
      classicText(`a${character}${character}b`),
      masked ? "a  b" : `a${character}${character}b`,
    );
  }
});

Deno.test("classicLines: a text cannot forge a line", () => {
  assertEquals(classicLines(broadcast("x\r\nUPDATE:LEAVE:bob:192.0.2.7:5005")), [
    "BROADCAST:ann:34:x  UPDATE:LEAVE:bob:192.0.2.7:5005",
  ]);
});

const PIECES: [name: string, text: string, lengths: number[]][] = [
  ["nothing", "", [0]],
  ["1,000 bytes", "a".repeat(1_000), [1_000]],
  ["1,001 bytes", "a".repeat(1_001), [1_000, 1]],
  ["4,096 characters of four bytes", "🙂".repeat(4_096), [...Array(16).fill(250), 96]],
  ["a character over the cut", "a".repeat(999) + "è", [999, 1]],
  ["a character up to the cut", "a".repeat(998) + "è", [999]],
];
for (const [name, it, lengths] of PIECES) {
  Deno.test(`classicLines: ${name}: in BROADCASTs of ${lengths.slice(0, 2)}... characters`, () => {
    const lines = classicLines(broadcast(it));
    assertEquals(lines.map((line) => Number(line.split(":")[2])), lengths);
    assertEquals(lines.map(textOf).join(""), it);
  });
}

Deno.test("classicLines: the pieces of any text are what it was but for the masked characters", () => {
  const longer = fc.array(text, { maxLength: 10 }).map((texts) => texts.join(""));
  fc.assert(fc.property(longer, (it) => {
    const pieces = classicLines(broadcast(it)).map(textOf);
    assertEquals(pieces.join(""), classicText(it));
    assertEquals([...classicText(it)].length, [...it].length);
    for (const piece of pieces) assert(encodeUtf8(piece).length <= 1_000);
  }));
});

/** The text in a BROADCAST line, whose length is right or the parser would refuse it. */
function textOf(line: string): string {
  const message = parseServerMessage(line);
  assert(message.verb === "BROADCAST");
  return message.text;
}
