import { assertEquals, assertThrows } from "../support/assert.ts";
import { type ErrorCode, ProtocolError } from "../../lib/protocol/error.ts";
import {
  formatLinkIdentity,
  formatPrivate,
  linkPrologue,
  parseLinkIdentity,
  parsePrivate,
  type PrivateMessage,
} from "../../lib/protocol/private.ts";

const ID = "000102030405060708090a0b0c0d0e0f";
const [KEY, SIGNATURE] = [ID.repeat(2), ID.repeat(4)];

const REFUSED: [payload: string, code: ErrorCode][] = [
  ["", "bad-message"],
  [":", "bad-message"],
  ["hello", "bad-message"],
  ["QUIT", "bad-message"],
  ["BROADCAST:ann:1:a", "bad-message"],
  ["TEXT", "bad-message"],
  ["TEXT:", "bad-message"],
  ["TEXT:a", "bad-message"],
  ["TEXT:1", "bad-message"],
  ["TEXT:1:", "bad-message"],
  ["TEXT:0:a", "bad-message"],
  ["TEXT:01:a", "bad-message"],
  ["TEXT:-1:a", "bad-message"],
  ["TEXT:1.5:a", "bad-message"],
  ["TEXT::a", "bad-message"],
  ["TEXT:9007199254740992:a", "bad-message"],
  ["text:1:a", "bad-message"],
  [`TEXT:1:${"🙂".repeat(4_097)}`, "too-long"],
  [`TEXT:1:${"a".repeat(4_097)}`, "too-long"],
  ["SEEN", "bad-message"],
  ["SEEN:", "bad-message"],
  ["SEEN:1:", "bad-message"],
  ["SEEN:00", "bad-message"],
  ["SEEN:-0", "bad-message"],
  ["SEEN:9007199254740992", "bad-message"],
  ["PATHS", "bad-message"],
  ["PATHS:-", "bad-message"],
  ["PATHS:-:192.168.1.2", "bad-message"],
  ["PATHS:-:192.168.1.2:0", "bad-message"],
  ["PATHS:-:192.168.1.2:1:", "bad-message"],
  [`PATHS:-${":192.168.1.2:1".repeat(5)}`, "bad-message"],
  ["PATHS:--:192.168.1.2:1", "bad-message"],
  ["PATHS:bob:192.168.1.2:1", "bad-message"],
  ["GO:0:192.168.1.2:1", "bad-message"],
  ["GO:1:192.168.1.2", "bad-message"],
  ["GO:1:192.168.1.2:1:2", "bad-message"],
  ["PING", "bad-message"],
  ["PONG:-1", "bad-message"],
  ["CLOSE", "bad-message"],
  ["CLOSE:", "bad-message"],
  ["CLOSE:Quit", "bad-message"],
  ["CLOSE:quit:", "bad-message"],
  ["CLOSE:quit\n", "bad-message"],
  ["CLOSE:quit 2", "bad-message"],
  ["CLOSE:é", "bad-message"],
  [`CLOSE:${"q".repeat(33)}`, "bad-message"],
  ["OPEN:", "bad-message"],
  ["OPEN:1", "bad-message"],
  ["OPEN\n", "bad-message"],
  [" OPEN", "bad-message"],
  ["open", "bad-message"],
  [`HELLO:1:bob:ann:${ID}`, "bad-message"],
  [`IDENTITY:ann:${KEY}:kept:${SIGNATURE}`, "bad-message"],
];
for (const [payload, code] of REFUSED) {
  Deno.test(`private message refused, ${code}: ${JSON.stringify(payload.slice(0, 50))}`, () => {
    assertEquals(assertThrows(() => parsePrivate(payload), ProtocolError).code, code);
  });
}

const PASSED: Record<string, PrivateMessage> = {
  "TEXT of one character": { verb: "TEXT", number: 1, text: "a" },
  "TEXT of 4,096 characters": { verb: "TEXT", number: 2, text: "🙂".repeat(4_096) },
  "TEXT of colons and line ends": {
    verb: "TEXT",
    number: Number.MAX_SAFE_INTEGER,
    text: "::\r\n\0",
  },
  "SEEN of none": { verb: "SEEN", number: 0 },
  "SEEN of all": { verb: "SEEN", number: Number.MAX_SAFE_INTEGER },
  "CLOSE of one character": { verb: "CLOSE", reason: "-" },
  "CLOSE of 32 characters": { verb: "CLOSE", reason: "q".repeat(32) },
  "OPEN": { verb: "OPEN" },
};
for (const [what, message] of Object.entries(PASSED)) {
  Deno.test(`private message there and back: ${what}`, () => {
    assertEquals(parsePrivate(formatPrivate(message)), message);
  });
}

Deno.test("CLOSE: every reason of docs/PROTOCOL.md 9.4 is one, and such as may come later", () => {
  const known = [
    ...["quit", "closed", "lost", "replaced", "slow", "blocked", "key-changed", "bad-tag"],
    ...["bad-frame", "bad-message", "too-long"],
  ];
  for (const reason of [...known, "something-new"]) {
    assertEquals(parsePrivate(`CLOSE:${reason}`), { verb: "CLOSE", reason });
  }
});

const NO_KEY = ["", "-", KEY.slice(1), `${KEY}0`, KEY.toUpperCase(), `${KEY.slice(1)}g`, `~${KEY}`];
const NO_SIGNATURE = [
  ...["", SIGNATURE.slice(1), `${SIGNATURE}0`, SIGNATURE.toUpperCase(), `${SIGNATURE}\n`, KEY],
];
const GOOD = ["IDENTITY", "ann", KEY, "kept", SIGNATURE];
const NO_IDENTITY = [
  ...["", ":", "OPEN", "TEXT:a", `${GOOD.join(":")}:`, `${GOOD.join(":")}:x`, ` ${GOOD.join(":")}`],
  ...GOOD.map((_, at) => GOOD.toSpliced(at, 1).join(":")),
  ...GOOD.map((_, at) => GOOD.slice(0, at).join(":")),
  ...GOOD.slice(1).map((_, at) =>
    GOOD.with(at, GOOD[at + 1] ?? "").with(at + 1, GOOD[at] ?? "").join(":")
  ),
  GOOD.with(0, "identity").join(":"),
  GOOD.with(1, "a:b").join(":"),
  ...["", "Kept", "keep", "~", "1"].map((hold) => GOOD.with(3, hold).join(":")),
  ...NO_KEY.map((key) => GOOD.with(2, key).join(":")),
  ...NO_SIGNATURE.map((signature) => GOOD.with(4, signature).join(":")),
];
for (const payload of NO_IDENTITY) {
  const shown = JSON.stringify(payload.replaceAll(ID, "<16>")).slice(0, 60);
  Deno.test(`link identity refused: ${shown}`, () => {
    const refusal = assertThrows(() => parseLinkIdentity(payload), ProtocolError);
    assertEquals<ErrorCode>(refusal.code, "bad-message");
  });
}

Deno.test("link identity: there and back, whatever the name", () => {
  for (const name of ["ann", "ann~2", "josé", "𠀀".repeat(32), "[x]", '"\\']) {
    for (const [hold, kept] of [["kept", true], ["session", false]] as const) {
      const identity = { name, key: { publicKey: KEY, kept }, signature: SIGNATURE };
      assertEquals(formatLinkIdentity(identity), `IDENTITY:${name}:${KEY}:${hold}:${SIGNATURE}`);
      assertEquals(parseLinkIdentity(formatLinkIdentity(identity)), identity);
    }
  }
});

Deno.test("linkPrologue: dialler, listener, offer, in UTF-8; no two links have the same", () => {
  const shown = (...of: [string, string, string]) => new TextDecoder().decode(linkPrologue(...of));
  assertEquals(shown("josé", "ann~2", ID), `confab-link-v1:josé:ann~2:${ID}`);
  const other = `${ID.slice(1)}0`;
  const links = [
    shown("a", "b", ID),
    shown("b", "a", ID),
    shown("a", "b", other),
    shown("A", "b", ID),
  ];
  assertEquals(new Set(links).size, links.length);
});
