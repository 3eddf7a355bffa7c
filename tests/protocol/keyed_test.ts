import { assertEquals, assertThrows } from "../support/assert.ts";
import { ProtocolError } from "../../lib/protocol/error.ts";
import {
  formatMessage,
  parseClientMessage,
  parseServerMessage,
  type ServerMessage,
} from "../../lib/protocol/message.ts";
import { almostHex, otherCounts, variants } from "./malformed.ts";

const SESSION = "0123456789abcdef";
const NONCE = SESSION.repeat(2);
const KEY = SESSION.repeat(4);
const SIGNATURE = SESSION.repeat(8);
const ANN = "ann:192.0.2.1:5001";

const NO_VERSION = ["", "0", "2", "01", "+1", "1.0", "1 ", "１", "v1", "-1"];
const NO_CAPABILITIES = [
  ...[",", "keys,", ",keys", "keys,,more", "Keys", "KEYS", "keys more", "keys, more", "keys\n"],
  ...["keys:more", "keys:", ":", "k_s", "kéys", "ключ", "keys;more", "k".repeat(33)],
  ...[`keys,${"k".repeat(33)}`, Array(33).fill("keys").join(",")],
];
const NO_HOLD = ["", "Kept", "KEPT", "kept ", "keep", "sessions", "Session", "1", "true", "~"];
const NO_KEY = [
  ...almostHex(KEY).filter((key) => key !== "-"),
  ...["--", "~", "~-", "-~", `-${KEY}`, `~~${KEY}`, `~ ${KEY}`, `${KEY}~`],
  ...almostHex(KEY).map((key) => `~${key}`),
];
const NO_TOKEN = [
  ...[
    "",
    "g",
    "1F",
    "A",
    "-",
    "~",
    "1 ",
    " 1",
    "1\n",
    "0x1",
    "١",
    `${SESSION}0`,
    SESSION + SESSION,
  ],
];
const NO_LEFT = [
  ...["", "-1", "+1", "01", "00", "1.0", "1e3", "0x1", " 0", "0 ", "0\n", "١", "x", "-"],
  ...["1234567890", "9007199254740993", "ann"],
];

const CLIENT_CAPS = ["CAPS", "1", NONCE, "keys"];
const REGISTRY_CAPS = ["CAPS", "1", NONCE, KEY, SIGNATURE, "keys"];
const IDENTITY = ["IDENTITY", "ann", KEY, "kept", SIGNATURE];
const ROSTER = ["ROSTER", "0", ...ANN.split(":"), SESSION, KEY];
const JOIN = ["UPDATE", "JOIN", ...ANN.split(":"), SESSION, KEY];

const CLIENT_REFUSED = [
  ...["CAPS", "CAPS:", "CAPS:1", "CAPS:1:", "caps:1"],
  // The registry's, too: its key is no capability.
  ...[REGISTRY_CAPS.join(":"), ...otherCounts(CLIENT_CAPS)],
  ...variants(CLIENT_CAPS, 1, NO_VERSION),
  ...variants(CLIENT_CAPS, 2, [...almostHex(NONCE), KEY]),
  ...variants(CLIENT_CAPS, 3, NO_CAPABILITIES),
  ...["IDENTITY", "IDENTITY:", "IDENTITY:ann", "identity:ann", ...otherCounts(IDENTITY)],
  ...variants(IDENTITY, 1, ["a:b", ":"]),
  ...variants(IDENTITY, 2, [...almostHex(KEY), `~${KEY}`]),
  ...variants(IDENTITY, 3, NO_HOLD),
  ...variants(IDENTITY, 4, [...almostHex(SIGNATURE), KEY]),
  ...["PONG", "PONG:1:", "PONG:1:2", "pong:1", ...variants(["PONG", "1"], 1, NO_TOKEN)],
  ...["PING", "PING:1:", "PING:1:2", "ping:1", ...variants(["PING", "1"], 1, NO_TOKEN)],
  ...[ROSTER.join(":"), "ROSTER:0"],
];

const SERVER_REFUSED = [
  ...["CAPS", "CAPS:", "CAPS:1", "CAPS:1:", "caps:1"],
  ...[CLIENT_CAPS.join(":"), ...otherCounts(REGISTRY_CAPS)],
  ...variants(REGISTRY_CAPS, 1, NO_VERSION),
  ...variants(REGISTRY_CAPS, 2, [...almostHex(NONCE), KEY]),
  ...variants(REGISTRY_CAPS, 3, [...almostHex(KEY), `~${KEY}`, NONCE]),
  ...variants(REGISTRY_CAPS, 4, [...almostHex(SIGNATURE), KEY]),
  ...variants(REGISTRY_CAPS, 5, NO_CAPABILITIES),
  ...["ROSTER", "ROSTER:", "ROSTER:0:", "ROSTER:0:ann", `ROSTER:0:${ANN}`, "roster:0"],
  ...[`ROSTER:0:${ANN}:${SESSION}`, `ROSTER:${ANN}:${SESSION}:${KEY}`],
  ...[`${ROSTER.join(":")}:`, `${ROSTER.join(":")}:${ANN}`, `ROSTER:0:${ANN}:${ANN}`],
  ...otherCounts(ROSTER),
  ...variants(ROSTER, 1, NO_LEFT),
  ...variants(ROSTER, 2, ["", "🙂".repeat(65)]),
  ...variants(ROSTER, 3, ["", "localhost", "::1", "[192.0.2.1]"]),
  ...variants(ROSTER, 4, ["0", "65536", ""]),
  ...variants(ROSTER, 5, [...almostHex(SESSION), NONCE]),
  ...variants(ROSTER, 6, NO_KEY),
  ...otherCounts(JOIN).filter((payload) => payload !== `UPDATE:JOIN:${ANN}`),
  ...[`UPDATE:JOIN:${ANN}:`, `UPDATE:JOIN:${ANN}::`, `UPDATE:JOIN:${ANN}:-`],
  ...variants(JOIN, 2, ["", "🙂".repeat(65)]),
  ...variants(JOIN, 5, [...almostHex(SESSION), NONCE]),
  ...variants(JOIN, 6, NO_KEY),
  // Who leaves has three fields, key or not.
  JOIN.with(1, "LEAVE").join(":"),
  ...["PING", "PING:1:", "PING:1:2", "ping:1", ...variants(["PING", "1"], 1, NO_TOKEN)],
  ...["PONG", "PONG:1:", "PONG:1:2", "pong:1", ...variants(["PONG", "1"], 1, NO_TOKEN)],
  IDENTITY.join(":"),
];

for (
  const [of, parse, payloads] of [
    ["client", parseClientMessage, CLIENT_REFUSED],
    ["server", parseServerMessage, SERVER_REFUSED],
  ] as const
) {
  const verbs = Map.groupBy(new Set(payloads), (payload) => payload.split(":")[0] ?? "");
  for (const [verb, table] of verbs) {
    Deno.test(`keyed ${of} message refused, bad-message: ${table.length} of ${verb}`, () => {
      for (const payload of table) {
        const refusal = assertThrows(() => parse(payload), ProtocolError, "", payload);
        assertEquals(refusal.code, "bad-message", payload);
        assertEquals(refusal.fatal, false, payload);
      }
    });
  }
}

Deno.test("CAPS: no capability, unknown ones, 32 of 32 characters: all pass in their order", () => {
  const longest = Array.from({ length: 32 }, (_, i) => `${i}-`.padEnd(32, "k"));
  for (const capabilities of [[], ["keys"], ["x-1", "keys", "0", "-"], ["keys", "keys"], longest]) {
    const text = capabilities.join(",");
    const client = { verb: "CAPS", nonce: NONCE, capabilities } as const;
    const registry = { ...client, registryKey: KEY, signature: SIGNATURE } as const;
    assertEquals(parseClientMessage(`CAPS:1:${NONCE}:${text}`), client);
    assertEquals(formatMessage(client), `CAPS:1:${NONCE}:${text}`);
    assertEquals(parseServerMessage(`CAPS:1:${NONCE}:${KEY}:${SIGNATURE}:${text}`), registry);
    assertEquals(formatMessage(registry), `CAPS:1:${NONCE}:${KEY}:${SIGNATURE}:${text}`);
  }
});

Deno.test("IDENTITY: kept or of a session; whether its name is one is not asked yet", () => {
  for (const [hold, kept] of [["kept", true], ["session", false]] as const) {
    for (const username of ["ann", "[x]", "~", "server", "", "🙂"]) {
      const claim = {
        verb: "IDENTITY",
        username,
        key: { publicKey: KEY, kept },
        signature: SIGNATURE,
      } as const;
      const payload = `IDENTITY:${username}:${KEY}:${hold}:${SIGNATURE}`;
      assertEquals(parseClientMessage(payload), claim);
      assertEquals(formatMessage(claim), payload);
    }
  }
});

const USERS: [fields: string, key: { publicKey: string; kept: boolean } | undefined][] = [
  [KEY, { publicKey: KEY, kept: true }],
  [`~${KEY}`, { publicKey: KEY, kept: false }],
  ["-", undefined],
];
for (const [field, key] of USERS) {
  Deno.test(`ROSTER, UPDATE:JOIN: a key told as ${field.slice(0, 3)}`, () => {
    const user = { username: "ann~2", ip: "2001:db8::5", udpPort: 1, session: SESSION, key };
    const fields = `ann~2:[2001:db8::5]:1:${SESSION}:${field}`;
    const join = { verb: "UPDATE", change: "JOIN", user } as const;
    assertEquals(parseServerMessage(`UPDATE:JOIN:${fields}`), join);
    assertEquals(formatMessage(join), `UPDATE:JOIN:${fields}`);
    const roster = { verb: "ROSTER", left: 7, users: [user, user] } as const;
    assertEquals(parseServerMessage(`ROSTER:7:${fields}:${fields}`), roster);
    assertEquals(formatMessage(roster), `ROSTER:7:${fields}:${fields}`);
  });
}

Deno.test("ROSTER: how many are left: 0 to nine digits", () => {
  for (const left of [0, 1, 9, 10, 4_999, 999_999_999]) {
    const roster: ServerMessage = { verb: "ROSTER", left, users: [] };
    assertEquals(parseServerMessage(`ROSTER:${left}`), roster);
    assertEquals(formatMessage(roster), `ROSTER:${left}`);
  }
});

Deno.test("ROSTER: a fault in its last user refuses all of it", () => {
  const good = `${ANN}:${SESSION}:-`;
  assertEquals(parseServerMessage(`ROSTER:0:${good}:${good}`).verb, "ROSTER");
  for (const bad of [`${ANN}:${SESSION}:`, `${ANN}:${SESSION}`, `${ANN}:-:-`, `:${good}`]) {
    assertThrows(() => parseServerMessage(`ROSTER:0:${good}:${bad}`), ProtocolError, "", bad);
  }
});

Deno.test("PING, PONG: 1 to 16 lower-case hexadecimal digits, from either side", () => {
  for (const token of ["0", "f", "1f", "0".repeat(16), "f".repeat(16), SESSION]) {
    for (const parse of [parseClientMessage, parseServerMessage]) {
      assertEquals(parse(`PING:${token}`), { verb: "PING", token });
      assertEquals(parse(`PONG:${token}`), { verb: "PONG", token });
    }
    assertEquals(formatMessage({ verb: "PING", token }), `PING:${token}`);
    assertEquals(formatMessage({ verb: "PONG", token }), `PONG:${token}`);
  }
});
