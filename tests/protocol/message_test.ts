import { assertEquals, assertThrows } from "../support/assert.ts";
import { type ErrorCode, ProtocolError } from "../../lib/protocol/error.ts";
import {
  checkText,
  formatMessage,
  formatUser,
  parseClientMessage,
  parseServerMessage,
} from "../../lib/protocol/message.ts";

const long = (count: number) => "🙂".repeat(count);

/** Payloads that are refused, for what. */
type Refused = readonly (readonly [payload: string, code: ErrorCode])[];

/** What BROADCAST is refused for, whoever sent it. */
const BROADCASTS: Refused = [
  ["BROADCAST", "bad-message"],
  ["BROADCAST:ann", "bad-message"],
  ["BROADCAST:ann:0", "bad-message"],
  ["BROADCAST:ann:1:", "bad-length"],
  ["BROADCAST:ann::", "bad-length"],
  ["BROADCAST:ann:x:a", "bad-length"],
  ["BROADCAST:ann:-1:a", "bad-length"],
  ["BROADCAST:ann:+1:a", "bad-length"],
  ["BROADCAST:ann:01:a", "bad-length"],
  ["BROADCAST:ann:00:", "bad-length"],
  ["BROADCAST:ann: 1:a", "bad-length"],
  ["BROADCAST:ann:1.0:a", "bad-length"],
  ["BROADCAST:ann:1e0:a", "bad-length"],
  ["BROADCAST:ann:0x1:a", "bad-length"],
  ["BROADCAST:ann:١:a", "bad-length"],
  ["BROADCAST:ann:2:🙂", "bad-length"],
  ["BROADCAST:ann:4:🙂", "bad-length"],
  ["BROADCAST:ann:4294967297:a", "bad-length"],
  [`BROADCAST:ann:4097:${"a".repeat(4_097)}`, "too-long"],
  [`BROADCAST:ann:4097:${long(4_097)}`, "too-long"],
  [`BROADCAST:ann:1:${"a".repeat(60_000)}`, "too-long"],
];

const VERBS: Refused = ["", ":", "x", "quit", "register:a:1.2.3.4:1", " QUIT", "QUIT\r\n", "SERVER"]
  .map((payload) => [payload, "bad-message"]);

const CLIENT_REFUSED: Refused = [
  ...VERBS,
  ...BROADCASTS,
  ["QUIT:", "bad-message"],
  ["QUIT:ann", "bad-message"],
  ["REGISTER", "bad-message"],
  ["REGISTER:ann", "bad-message"],
  ["REGISTER:ann:127.0.0.1", "bad-message"],
  ["REGISTER:ann:127.0.0.1:", "bad-message"],
  ["REGISTER:ann:127.0.0.1:0", "bad-message"],
  ["REGISTER:ann:127.0.0.1:65536", "bad-message"],
  ["REGISTER:ann:127.0.0.1:5001:", "bad-message"],
  ["REGISTER:ann:127.0.0.1:5001:x", "bad-message"],
  ["REGISTER:a:b:127.0.0.1:5001", "bad-message"],
  ["REGISTER:ann:127.0.0.1:5001\r\n", "bad-message"],
  ["REGISTER:ann:localhost:5001", "bad-message"],
  ["REGISTER:ann:::1:5001", "bad-message"],
  ["LIST:ann:127.0.0.1:5001", "bad-message"],
  ["UPDATE:JOIN:ann:127.0.0.1:5001", "bad-message"],
  ["ERROR:full:no room", "bad-message"],
];

const SERVER_REFUSED: Refused = [
  ...VERBS,
  ...BROADCASTS,
  ["LIST:", "bad-message"],
  ["LIST:ann", "bad-message"],
  ["LIST:ann:127.0.0.1", "bad-message"],
  ["LIST:ann:127.0.0.1:5001:", "bad-message"],
  ["LIST:ann:127.0.0.1:5001:bob:192.0.2.7", "bad-message"],
  ["LIST::127.0.0.1:5001", "bad-message"],
  [`LIST:${long(41)}:127.0.0.1:5001`, "bad-message"],
  ["UPDATE", "bad-message"],
  ["UPDATE:", "bad-message"],
  ["UPDATE:MOVE:ann:127.0.0.1:5001", "bad-message"],
  ["UPDATE:JOIN", "bad-message"],
  ["UPDATE:JOIN:ann:127.0.0.1", "bad-message"],
  ["UPDATE:JOIN:ann:127.0.0.1:5001:", "bad-message"],
  ["UPDATE:LEAVE::127.0.0.1:5001", "bad-message"],
  [`UPDATE:JOIN:${long(41)}:127.0.0.1:5001`, "bad-message"],
  ["ERROR", "bad-message"],
  ["ERROR:full", "bad-message"],
  ["REGISTER:ann:127.0.0.1:5001", "bad-message"],
  ["QUIT", "bad-message"],
];

for (
  const [of, parse, table] of [
    ["client", parseClientMessage, CLIENT_REFUSED],
    ["server", parseServerMessage, SERVER_REFUSED],
  ] as const
) {
  for (const [payload, code] of table) {
    Deno.test(`${of} message refused, ${code}: ${JSON.stringify(payload.slice(0, 50))}`, () => {
      const refusal = assertThrows(() => parse(payload), ProtocolError);
      assertEquals(refusal.code, code);
      assertEquals(refusal.fatal, false);
    });
  }
}

Deno.test("BROADCAST: 4,096 code points pass, however many UTF-16 units they are", () => {
  for (const text of ["a".repeat(4_096), long(4_096), "\ufeff".repeat(4_096)]) {
    const message = { verb: "BROADCAST", username: "ann", text } as const;
    assertEquals(parseClientMessage(`BROADCAST:ann:4096:${text}`), message);
    assertEquals(parseServerMessage(formatMessage(message)), message);
  }
});

Deno.test("checkText: 4,096 code points and no more", () => {
  checkText("");
  checkText(long(4_096));
  assertEquals(assertThrows(() => checkText(long(4_097)), ProtocolError).code, "too-long");
  assertEquals(assertThrows(() => checkText("a".repeat(4_097)), ProtocolError).code, "too-long");
});

Deno.test("an IP address is given in one spelling, IPv6 without brackets", () => {
  const spelled: Record<string, string> = {
    "[2001:DB8:0:0::0005]": "2001:db8::5",
    "[::ffff:192.0.2.1]": "192.0.2.1",
    "[::]": "::",
  };
  for (const [field, ip] of Object.entries(spelled)) {
    const user = { username: "eve", ip, udpPort: 1 };
    assertEquals(parseClientMessage(`REGISTER:eve:${field}:1`), { verb: "REGISTER", ...user });
    assertEquals(parseServerMessage(`LIST:eve:${field}:1`), { verb: "LIST", users: [user] });
    const update = { verb: "UPDATE", change: "LEAVE", user } as const;
    assertEquals(parseServerMessage(`UPDATE:LEAVE:eve:${field}:1`), update);
  }
});

Deno.test("a name of up to 40 code points from a registry passes: a later one may allow more", () => {
  const user = { username: long(40), ip: "192.0.2.1", udpPort: 65_535 };
  assertEquals(parseServerMessage(`LIST:${long(40)}:192.0.2.1:65535`), {
    verb: "LIST",
    users: [user],
  });
});

Deno.test("formatUser: three fields, IPv6 in brackets", () => {
  const user = { username: "ann", ip: "192.0.2.1", udpPort: 5001 };
  assertEquals(formatUser(user), "ann:192.0.2.1:5001");
  assertEquals(formatUser({ ...user, ip: "2001:db8::5" }), "ann:[2001:db8::5]:5001");
});
