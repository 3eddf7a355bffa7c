import { assert, assertEquals, assertThrows } from "../support/assert.ts";
import {
  encodeDatagram,
  type Offer,
  offerFields,
  parseDatagram,
  type SignedPart,
} from "../../lib/protocol/datagram.ts";
import { type ErrorCode, ProtocolError } from "../../lib/protocol/error.ts";
import { checkName } from "../../lib/protocol/name.ts";
import { bytesOf } from "./vectors.ts";

const ID = "000102030405060708090a0b0c0d0e0f";
const SESSION = "a0a1a2a3a4a5a6a7";
const TO_SESSION = "b0b1b2b3b4b5b6b7";
const SIGNATURE = ID.repeat(4);
const STATES = ["pending", "accepted", "rejected", "expired"] as const;
const bytes = (text: string) => new TextEncoder().encode(text);
const json = (value: unknown) => bytes(JSON.stringify(value));

const CLASSIC = { type: "tcp_port_info", username: "ann", ["tcp_port"]: 54485 };
const SIGNED = {
  ...CLASSIC,
  confab: 1,
  session: SESSION,
  to: "bob",
  ["to_session"]: TO_SESSION,
  counter: 1,
  offer: ID,
  signature: SIGNATURE,
};
const ANSWER = { type: "confab_answer", confab: 1, offer: ID, state: "pending" };
const offer: Offer = { kind: "offer", username: "ann", tcpPort: 54485 };
const signed: SignedPart = {
  session: SESSION,
  to: "bob",
  toSession: TO_SESSION,
  counter: 1,
  offer: ID,
  signature: SIGNATURE,
};

/** `object` with `key` as each of `values`; `undefined` leaves it out. */
function variants(name: string, object: object, key: string, values: unknown[]) {
  return values.map((value) => {
    const shown = value === undefined ? "missing" : JSON.stringify(value).slice(0, 40);
    return [`${name}: ${key} ${shown}`, json({ ...object, [key]: value })] as const;
  });
}

const NO_STRING = [undefined, null, "", 1, true, ["x"], { a: 1 }];
/** What is not so many hexadecimal digits as `good`. */
const noHex = (good: string) => [
  ...[...NO_STRING, good.slice(1), good + "0", good.slice(2), good.toUpperCase(), good + "\n"],
  ...["g".repeat(good.length), "-", "٣".repeat(good.length), ` ${good.slice(1)}`, [good]],
  ...[good.slice(1) + "\n", good.slice(1) + "A"],
];
const NO_ID = noHex(ID);
const NO_COUNTER = [
  ...[undefined, null, 0, -1, -0, 1.5, 0.5, 2 ** 53, 2 ** 53 + 2, 1e300, -(2 ** 53)],
  ...["1", "", true, [1], {}],
];
const NO_PORT = [undefined, null, 0, -1, 65_536, 1.5, 1e300, "54485", true, [54485]];
const NO_VERSION = [null, 0, 2, 1.5, "1", true, [1]];

const REFUSED = [
  ["no bytes", bytes("")],
  ["no JSON", bytes("hello")],
  ["half an object", bytes('{"type":"tcp_port_info"')],
  ["a byte order mark", bytes("\ufeff" + JSON.stringify(SIGNED))],
  ["two objects", bytes(JSON.stringify(SIGNED) + JSON.stringify(SIGNED))],
  ["an array", json([SIGNED])],
  ["null", json(null)],
  ["a string", json("tcp_port_info")],
  ["a number", json(1)],
  ["deep nesting", bytes("[".repeat(1_000))],
  ["an empty object", json({})],
  ["a type inherited by nobody", bytes('{"__proto__":{"type":"tcp_port_info"}}')],
  ...variants("a signed offer", SIGNED, "type", [...NO_STRING, "TCP_PORT_INFO", "constructor"]),
  ...variants("a classic offer", CLASSIC, "username", NO_STRING),
  ...variants("a classic offer", CLASSIC, "tcp_port", NO_PORT),
  ...variants("a signed offer", SIGNED, "username", NO_STRING),
  ...variants("a signed offer", SIGNED, "tcp_port", NO_PORT),
  ...variants("a signed offer", SIGNED, "confab", NO_VERSION),
  ...variants("a signed offer", SIGNED, "to", NO_STRING),
  ...variants("a signed offer", SIGNED, "offer", [...NO_ID, SESSION]),
  ...variants("a signed offer", SIGNED, "session", [...noHex(SESSION), ID]),
  ...variants("a signed offer", SIGNED, "to_session", [...noHex(SESSION), ID]),
  ...variants("a signed offer", SIGNED, "signature", [...noHex(SIGNATURE), ID]),
  ...variants("a signed offer", SIGNED, "counter", NO_COUNTER),
  ["a signed offer: counter 1e999", bytes(JSON.stringify(SIGNED).replace('r":1,', 'r":1e999,'))],
  [
    "the offer of a version without sessions",
    json({ ...CLASSIC, confab: 1, to: "bob", offer: ID }),
  ],
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
  const text = `\r\n { "x": {}, "tcp_port": 54485, "to": "bob", "username" : "ann", "counter": 0,
    "type": "tcp_port_info", "offer": ${JSON.stringify(ID)}, "signature": 1 }\t`;
  assertEquals(parseDatagram(bytes(text)), offer, "the others mean nothing without confab");
  const reversed = Object.fromEntries(Object.entries({ ...SIGNED, toSession: "x" }).reverse());
  assertEquals(parseDatagram(json(reversed)), { ...offer, signed });
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

Deno.test("datagram: a signed offer, every key in its place", () => {
  assertEquals(parseDatagram(json(SIGNED)), { ...offer, signed });
  assertEquals(JSON.parse(new TextDecoder().decode(encodeDatagram({ ...offer, signed }))), SIGNED);
});

Deno.test("datagram: counters from 1 to 2^53 - 1, each told exactly", () => {
  for (const counter of [1, 2, 10, 2 ** 32, 2 ** 53 - 2, 2 ** 53 - 1]) {
    const one: Offer = { ...offer, signed: { ...signed, counter } };
    const text = new TextDecoder().decode(encodeDatagram(one));
    assert(text.includes(`"counter":${counter},`), text);
    assertEquals(parseDatagram(bytes(text)), one);
  }
  const written = (counter: string) =>
    bytes(JSON.stringify(SIGNED).replace('"counter":1,', `"counter":${counter},`));
  assertEquals(parseDatagram(written("9007199254740991")), {
    ...offer,
    signed: { ...signed, counter: 2 ** 53 - 1 },
  });
  // The nearest double of each of these is 2^53.
  for (const counter of ["9007199254740992", "9007199254740993"]) {
    assertThrows(() => parseDatagram(written(counter)), ProtocolError, "", counter);
  }
});

Deno.test("offerFields: all but the signature, in the order of docs/PROTOCOL.md 7.1", () => {
  const fields = offerFields("key", offer, { ...signed, counter: 2 ** 53 - 1 });
  assertEquals(fields, [
    ...["key", "ann", SESSION, "bob", TO_SESSION, "9007199254740991", ID, "54485"],
  ]);
});

const ESCAPED = ['"', "\\"].flatMap((sign) => [sign.repeat(32), `${sign.repeat(31)}a`]);
const LONG_NAMES = ["𠀀".repeat(32), "语".repeat(32), "n".repeat(32), ...ESCAPED, '"\\'.repeat(16)];

for (const name of LONG_NAMES) {
  // `~99`, and the number of a room full of sessions of one key.
  for (const suffix of ["", "~99", "~5000"]) {
    const shown = `${name.slice(0, 4)}...${suffix}`;
    Deno.test(`datagram: two names of 32 characters, ${shown}: within 1,000 bytes`, () => {
      checkName(name);
      const username = name + suffix;
      const longest: Offer = {
        kind: "offer",
        username,
        tcpPort: 65_535,
        signed: { ...signed, to: username, counter: 2 ** 53 - 1 },
      };
      const datagram = encodeDatagram(longest);
      assert(datagram.length <= 1_000, `${datagram.length} bytes`);
      assertEquals(parseDatagram(datagram), longest);
    });
  }
}

/** The least that is an offer with `confab`: whatever is left out of it, it is none. */
const SHORTEST = {
  ...SIGNED,
  username: "a",
  ["tcp_port"]: 1,
  to: "b",
};

Deno.test("datagram: an answer is never longer than the shortest offer it can answer", () => {
  const shortest = json(SHORTEST);
  const read = parseDatagram(shortest);
  assert(read.kind === "offer" && read.signed);
  assertEquals(encodeDatagram(read), shortest, "ours are as short");
  for (const key of Object.keys(SHORTEST)) {
    const without = parsed(json({ ...SHORTEST, [key]: undefined }));
    assert(without?.kind !== "offer" || !without.signed, `an offer to be answered without ${key}`);
  }
  for (const state of STATES) {
    const answer = encodeDatagram({ kind: "answer", offer: ID, state });
    assert(answer.length <= shortest.length, state);
    assertEquals(parseDatagram(answer), { kind: "answer", offer: ID, state });
  }
});

/** What `datagram` is, or `undefined` if it is refused. */
function parsed(datagram: Uint8Array): ReturnType<typeof parseDatagram> | undefined {
  try {
    return parseDatagram(datagram);
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}
