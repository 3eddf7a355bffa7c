import { assert, assertEquals, assertThrows } from "../support/assert.ts";
import {
  encodeDatagram,
  isOfferId,
  type Offer,
  parseDatagram,
} from "../../lib/protocol/datagram.ts";
import { type ErrorCode, ProtocolError } from "../../lib/protocol/error.ts";
import { bytesOf } from "./vectors.ts";

const ID = "000102030405060708090a0b0c0d0e0f";
const bytes = (text: string) => new TextEncoder().encode(text);
const json = (value: unknown) => bytes(JSON.stringify(value));

const CLASSIC = { type: "tcp_port_info", username: "ann", ["tcp_port"]: 54485 };
const OURS = { ...CLASSIC, confab: 1, to: "bob", offer: ID };
const ANSWER = { type: "confab_answer", confab: 1, offer: ID, state: "pending" };
const offer: Offer = { kind: "offer", username: "ann", tcpPort: 54485 };

/** `object` with `key` as each of `values`; `undefined` leaves it out. */
function variants(name: string, object: object, key: string, values: unknown[]) {
  return values.map((value) => {
    const shown = value === undefined ? "missing" : JSON.stringify(value).slice(0, 40);
    return [`${name}: ${key} ${shown}`, json({ ...object, [key]: value })] as const;
  });
}

const NO_STRING = [undefined, null, "", 1, true, ["x"], { a: 1 }];
const NO_ID = [...NO_STRING, ID.slice(1), ID + "0", ID.toUpperCase(), ID + "\n", "g".repeat(32)];
const NO_PORT = [undefined, null, 0, -1, 65_536, 1.5, 1e300, "54485", true, [54485]];
const NO_VERSION = [null, 0, 2, 1.5, "1", true, [1]];

const REFUSED = [
  ["no bytes", bytes("")],
  ["no JSON", bytes("hello")],
  ["half an object", bytes('{"type":"tcp_port_info"')],
  ["a byte order mark", bytes("\ufeff" + JSON.stringify(OURS))],
  ["two objects", bytes(JSON.stringify(OURS) + JSON.stringify(OURS))],
  ["an array", json([OURS])],
  ["null", json(null)],
  ["a string", json("tcp_port_info")],
  ["a number", json(1)],
  ["deep nesting", bytes("[".repeat(1_000))],
  ["an empty object", json({})],
  ["a type inherited by nobody", bytes('{"__proto__":{"type":"tcp_port_info"}}')],
  ...variants("an offer", OURS, "type", [...NO_STRING, "TCP_PORT_INFO", "constructor"]),
  ...variants("a classic offer", CLASSIC, "username", NO_STRING),
  ...variants("a classic offer", CLASSIC, "tcp_port", NO_PORT),
  ...variants("an offer", OURS, "username", NO_STRING),
  ...variants("an offer", OURS, "tcp_port", NO_PORT),
  ...variants("an offer", OURS, "confab", NO_VERSION),
  ...variants("an offer", OURS, "to", NO_STRING),
  ...variants("an offer", OURS, "offer", NO_ID),
  ...variants("an answer", ANSWER, "confab", [undefined, ...NO_VERSION]),
  ...variants("an answer", ANSWER, "offer", NO_ID),
  ...variants("an answer", ANSWER, "state", [...NO_STRING, "PENDING", "lost"]),
] as const;
for (const [what, datagram] of REFUSED) {
  Deno.test(`datagram refused: ${what}`, () => {
    const refusal = assertThrows(() => parseDatagram(datagram), ProtocolError);
    assertEquals<ErrorCode>(refusal.code, "bad-message");
  });
}

Deno.test("datagram refused: invalid UTF-8", () => {
  const datagram = bytesOf("7b2261223a22ff227d");
  assertEquals(assertThrows(() => parseDatagram(datagram), ProtocolError).code, "bad-frame");
});

Deno.test("datagram: other keys are ignored, their order and white space too", () => {
  const text = `\r\n { "x": {}, "tcp_port": 54485, "to": "bob", "username" : "ann",
    "type": "tcp_port_info", "offer": ${JSON.stringify(ID)} }\t`;
  assertEquals(parseDatagram(bytes(text)), offer, "to and offer mean nothing without confab");
  assertEquals(parseDatagram(json({ ...ANSWER, username: "x" })), {
    kind: "answer",
    offer: ID,
    state: "pending",
  });
});

Deno.test("datagram: the original's offer, as Python's json.dumps writes it", () => {
  const text = '{"type": "tcp_port_info", "username": "jos\\u00e9", "tcp_port": 1}';
  assertEquals(parseDatagram(bytes(text)), { kind: "offer", username: "josé", tcpPort: 1 });
});

Deno.test("datagram: 1,000 bytes are read, 1,001 are not", () => {
  const room = 1_000 - json(CLASSIC).length;
  const padded = (count: number) => bytes(JSON.stringify(CLASSIC) + " ".repeat(count));
  assertEquals(parseDatagram(padded(room)), offer);
  assertThrows(() => parseDatagram(padded(room + 1)), ProtocolError);
});

Deno.test("datagram: 1,000 bytes are sent, 1,001 are a misuse", () => {
  const named = (length: number): Offer => ({ ...offer, username: "n".repeat(length) });
  const room = 1_000 - encodeDatagram(named(0)).length;
  assertEquals(encodeDatagram(named(room)).length, 1_000);
  assertEquals(parseDatagram(encodeDatagram(named(room))), named(room));
  assertThrows(() => encodeDatagram(named(room + 1)), RangeError);
  const wide = { ...offer, username: "è".repeat(Math.ceil((room + 1) / 2)) };
  assertThrows(() => encodeDatagram(wide), RangeError, "", "bytes count, not characters");
});

Deno.test("datagram: an answer is never longer than the shortest offer it can answer", () => {
  const shortest = encodeDatagram({
    kind: "offer",
    username: "a",
    tcpPort: 1,
    ours: { to: "b", offer: ID },
  });
  for (const state of ["pending", "accepted", "rejected", "expired"] as const) {
    assert(encodeDatagram({ kind: "answer", offer: ID, state }).length <= shortest.length, state);
  }
});

Deno.test("isOfferId: 32 lower-case hexadecimal digits", () => {
  assert(isOfferId(ID));
  for (const text of NO_ID) assert(!isOfferId(text), JSON.stringify(text));
});
