import { assertEquals, assertThrows } from "../support/assert.ts";
import { formatMessageId, parseMessageId } from "../../lib/protocol/delivery.ts";
import { ProtocolError } from "../../lib/protocol/error.ts";
import {
  formatMessage,
  parseClientMessage,
  parseServerMessage,
} from "../../lib/protocol/message.ts";
import { BOB_KEY, BOB_SESSION } from "./cast.ts";
import { DELIVERY_VECTORS } from "./delivery_vectors.ts";
import { almostHex, NO_NUMBER, otherCounts, variants } from "./malformed.ts";

const EPOCH = "0e1e2e3e4e5e6e7e";
const RUN = "7a7b7c7d7e7f8081";
const TOKEN = "505152535455565758595a5b5c5d5e5f";
const ID = `${RUN}.1`;

const NO_EPOCH = [...almostHex(EPOCH), TOKEN];
const NO_RESUME_TOKEN = [...almostHex(TOKEN), EPOCH];
const NO_SESSION = [...almostHex(BOB_SESSION), TOKEN];
/** What is no id of a message. Neither is `-`, but SAID may have that in place of one. */
const NO_ID = [
  ...["", ".", "..", "0", "1", "~", "--", "- ", RUN, `${RUN}.`, ".1", `${RUN}1`, `${RUN}..1`],
  ...[`${ID}.`, `${ID}.1`, `.${ID}`, `${RUN},1`, `${RUN}-1`, `${RUN}．1`, `${RUN}。1`, `1.${RUN}`],
  ...[` ${ID}`, `${ID} `, `${ID}\n`, `\n${ID}`, `~${ID}`, `-${ID}`, `[${ID}]`, `${ID},${ID}`],
  ...almostHex(RUN).map((run) => `${run}.1`),
  // No message is the 0th.
  ...["0", ...NO_NUMBER].map((count) => `${RUN}.${count}`),
];
const NO_IP = [
  ...["", "-", "localhost", "1.2.3", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", "192.0.2.1.", "٣.2.3.4"],
  ...["[192.0.2.1]", "[]", "[", "]", "::1", "[::1", "::1]", "[::1]x", "[[::1]]", "[::1%eth0]"],
];
const NO_PORT = ["", "0", "00", "01", "-1", "+1", "65536", "1e3", "0x10", " 1", "1 ", "1\n", "１"];
const NO_NAME = ["", "🙂".repeat(41), "a".repeat(41)];
const NO_KEY = [
  ...almostHex(BOB_KEY).filter((key) => key !== "-"),
  ...["--", "~", "~-", "-~", `-${BOB_KEY}`, `~~${BOB_KEY}`, `${BOB_KEY}~`],
  ...almostHex(BOB_KEY).map((key) => `~${key}`),
];
const NO_SECONDS = [...NO_NUMBER, "3601", "36000", "9007199254740991"];

const SAY = ["SAY", ID, "2", "hi"];
const RESUME = ["RESUME", TOKEN, EPOCH, "43", "9", "192.0.2.1", "5001"];
const WELCOME = ["WELCOME", EPOCH, "41", "7", TOKEN, "30", "10"];
const SAID = ["SAID", EPOCH, "42", "ann", ID, "2", "hi"];
const ACK = ["ACK", ID, EPOCH, "42"];
const NAK = ["NAK", ID, "flood", "too fast"];
const JOINED = ["JOINED", "8", "bob", "192.0.2.7", "5005", BOB_SESSION, BOB_KEY];
const LEFT = ["LEFT", "9", BOB_SESSION];
const GAP = ["GAP", "904", "4999"];
const RETRY = ["RETRY", "1"];
const REPLAY = ["REPLAY", "50"];
const REPLAYING = ["REPLAYING", "2", "50"];
const PAST = ["PAST", "41", "180", "ann", "2", "hi"];
const REPLAYED = ["REPLAYED", "2"];

const CLIENT_REFUSED = [
  ...["SAY", "SAY:", "SAY::", `SAY:${ID}`, `SAY:${ID}:2`, `say:${ID}:2:hi`, "SAY:2:hi"],
  ...["SAY:ann:2:hi", `SAY::${ID}:2:hi`, `SAY:${EPOCH}:42:${ID}:2:hi`],
  ...variants(SAY, 1, ["-", ...NO_ID]),
  ...["RESUME", "RESUME:", `RESUME:${TOKEN}`, RESUME.join(":").toLowerCase()],
  ...otherCounts(RESUME),
  ...variants(RESUME, 1, NO_RESUME_TOKEN),
  ...variants(RESUME, 2, NO_EPOCH),
  ...variants(RESUME, 3, NO_NUMBER),
  ...variants(RESUME, 4, NO_NUMBER),
  ...variants(RESUME, 5, NO_IP),
  ...variants(RESUME, 6, NO_PORT),
  ...["REPLAY", "REPLAY:", "replay:1", ...otherCounts(REPLAY), ...variants(REPLAY, 1, NO_NUMBER)],
];

const SERVER_REFUSED = [
  ...["WELCOME", "WELCOME:", `WELCOME:${EPOCH}`, WELCOME.join(":").toLowerCase()],
  ...otherCounts(WELCOME),
  ...variants(WELCOME, 1, NO_EPOCH),
  ...[2, 3, 5, 6].flatMap((index) => variants(WELCOME, index, NO_NUMBER)),
  ...variants(WELCOME, 4, NO_RESUME_TOKEN),
  ...["SAID", "SAID:", SAID.slice(0, 5).join(":"), SAID.slice(0, 6).join(":")],
  ...[SAID.with(0, "said").join(":"), SAY.with(0, "SAID").join(":"), "SAID:ann:2:hi"],
  ...variants(SAID, 1, NO_EPOCH),
  ...variants(SAID, 2, NO_NUMBER),
  ...variants(SAID, 3, NO_NAME),
  ...variants(SAID, 4, NO_ID),
  ...["ACK", "ACK:", `ACK:${ID}`, `ACK:${ID}:42`, ACK.join(":").toLowerCase()],
  ...otherCounts(ACK),
  ...variants(ACK, 1, ["-", ...NO_ID]),
  ...variants(ACK, 2, NO_EPOCH),
  ...variants(ACK, 3, NO_NUMBER),
  ...["NAK", "NAK:", `NAK:${ID}`, `NAK:${ID}:flood`, `NAK:flood:too fast`],
  ...[NAK.with(0, "nak").join(":"), `NAK::${ID}:flood:too fast`],
  ...variants(NAK, 1, ["-", ...NO_ID]),
  ...["JOINED", "JOINED:", "JOINED:8", `JOINED:8:bob:192.0.2.7:5005`],
  ...[JOINED.toSpliced(1, 1).join(":"), JOINED.join(":").toLowerCase()],
  ...otherCounts(JOINED),
  ...variants(JOINED, 1, NO_NUMBER),
  ...variants(JOINED, 2, NO_NAME),
  ...variants(JOINED, 3, NO_IP),
  ...variants(JOINED, 4, NO_PORT),
  ...variants(JOINED, 5, NO_SESSION),
  ...variants(JOINED, 6, NO_KEY),
  // Two in one.
  [...JOINED, ...JOINED.slice(2)].join(":"),
  ...["LEFT", "LEFT:", "LEFT:9", LEFT.join(":").toLowerCase(), ...otherCounts(LEFT)],
  // By session, not as UPDATE:LEAVE has it.
  "LEFT:9:bob:192.0.2.7:5005",
  ...variants(LEFT, 1, NO_NUMBER),
  ...variants(LEFT, 2, NO_SESSION),
  ...["GAP", "GAP:", "GAP:904", "gap:904:4999", ...otherCounts(GAP)],
  ...variants(GAP, 1, NO_NUMBER),
  ...variants(GAP, 2, NO_NUMBER),
  ...["RETRY", "RETRY:", "retry:1", ...otherCounts(RETRY)],
  ...variants(RETRY, 1, NO_SECONDS),
  ...["REPLAYING", "REPLAYING:2", "REPLAYING:51:50", ...otherCounts(REPLAYING)],
  ...[1, 2].flatMap((index) => variants(REPLAYING, index, NO_NUMBER)),
  ...["PAST", "PAST:41", PAST.slice(0, 4).join(":"), PAST.slice(0, 5).join(":")],
  ...[1, 2].flatMap((index) => variants(PAST, index, NO_NUMBER)),
  ...variants(PAST, 3, NO_NAME),
  ...["REPLAYED", "REPLAYED:", ...otherCounts(REPLAYED), ...variants(REPLAYED, 1, NO_NUMBER)],
];

for (
  const [of, parse, payloads] of [
    ["client", parseClientMessage, CLIENT_REFUSED],
    ["server", parseServerMessage, SERVER_REFUSED],
  ] as const
) {
  const verbs = Map.groupBy(new Set(payloads), (payload) => payload.split(":")[0] ?? "");
  for (const [verb, table] of verbs) {
    Deno.test(`delivery: ${of} message refused, bad-message: ${table.length} of ${verb}`, () => {
      for (const payload of table) {
        const refusal = assertThrows(() => parse(payload), ProtocolError, "", payload);
        assertEquals(refusal.code, "bad-message", payload);
        assertEquals(refusal.fatal, false, payload);
      }
    });
  }
}

/** What stands before the length of a text, and what reads it. */
const TEXTS = [
  [`SAY:${ID}`, parseClientMessage],
  [`SAID:${EPOCH}:42:ann:${ID}`, parseServerMessage],
  [`SAID:${EPOCH}:42:ann:-`, parseServerMessage],
  ["PAST:41:180:ann", parseServerMessage],
] as const;
const NO_LENGTH_OF_HI = ["1", "3", "0", "4294967298", "02", "2.0", "+2", " 2", "2 ", "２", "٢"];

for (const [head, parse] of TEXTS) {
  const [verb] = head.split(":");
  const refusalOf = (text: string) =>
    assertThrows(() => parse(`${head}:${text}`), ProtocolError, "", text.slice(0, 50));

  Deno.test(`${head}: the length is the number of code points, or bad-length`, () => {
    for (const length of [...NO_NUMBER, ...NO_LENGTH_OF_HI]) {
      assertEquals(refusalOf(`${length}:hi`).code, "bad-length", length);
    }
    for (const bad of ["2:🙂", "4:🙂", "1:", "0:x", "7:caffe\u0300 🙂", "3:a:b:", "5::a:b"]) {
      assertEquals(refusalOf(bad).code, "bad-length", bad);
    }
  });

  Deno.test(`${head}: a text over 4,096 code points is too-long, whatever its length says`, () => {
    for (const unit of ["a", "🙂", ":"]) {
      for (const length of ["4097", "1", "x", "-1"]) {
        assertEquals(refusalOf(`${length}:${unit.repeat(4_097)}`).code, "too-long");
      }
    }
  });

  Deno.test(`${head}: a text of 0 to 4,096 code points, whatever they are, is read`, () => {
    const whole = ["", ":", "a:b", "::-:", "-", "\r\n", "\0", "\ufeff", "5:hello", "\u{10ffff}"];
    for (const text of [...whole, "a".repeat(4_096), "🙂".repeat(4_096)]) {
      const payload = `${head}:${[...text].length}:${text}`;
      const message = parse(payload);
      assertEquals(message.verb, verb);
      assertEquals("text" in message ? message.text : undefined, text);
      assertEquals(formatMessage(message), payload);
    }
  });
}

Deno.test("SAY, SAID: a fault in a field is told before one in the text", () => {
  const long = "a".repeat(4_097);
  for (const rest of ["3:hi", `4097:${long}`]) {
    const client = assertThrows(() => parseClientMessage(`SAY:${RUN}.0:${rest}`), ProtocolError);
    assertEquals(client.code, "bad-message");
    for (const head of [`SAID:${EPOCH}:01:ann:${ID}`, `SAID:${EPOCH}:1::${ID}`]) {
      const server = assertThrows(() => parseServerMessage(`${head}:${rest}`), ProtocolError);
      assertEquals(server.code, "bad-message");
    }
  }
});

Deno.test("NAK: a code not known and any text, also none, pass", () => {
  for (const [code, text] of [["flood", ""], ["new-code", "a: b\r\n"], ["x", ":"]] as const) {
    const payload = `NAK:${ID}:${code}:${text}`;
    assertEquals(parseServerMessage(payload), {
      verb: "NAK",
      id: { run: RUN, count: 1 },
      code,
      text,
    });
  }
});

Deno.test("RESUME, JOINED: an address is given in one spelling, IPv6 without brackets", () => {
  const spelled: Record<string, string> = {
    "[2001:DB8:0:0::0005]": "2001:db8::5",
    "[::ffff:192.0.2.1]": "192.0.2.1",
    "192.0.2.1": "192.0.2.1",
  };
  for (const [field, ip] of Object.entries(spelled)) {
    const resume = parseClientMessage(RESUME.with(5, field).join(":"));
    assertEquals(resume.verb === "RESUME" ? resume.ip : undefined, ip);
    const joined = parseServerMessage(JOINED.with(3, field).join(":"));
    assertEquals(joined.verb === "JOINED" ? joined.user.ip : undefined, ip);
  }
});

Deno.test("JOINED, SAID: a name of up to 40 code points, with brackets or a number, passes", () => {
  for (const username of ["🙂".repeat(40), "[x]", "[", "ann~2", "-"]) {
    const joined = parseServerMessage(JOINED.with(2, username).join(":"));
    assertEquals(joined.verb === "JOINED" ? joined.user.username : undefined, username);
    const said = parseServerMessage(SAID.with(3, username).join(":"));
    assertEquals(said.verb === "SAID" ? said.username : undefined, username);
  }
});

Deno.test("ids of messages: every one has one spelling", () => {
  const most = Number.MAX_SAFE_INTEGER;
  for (const run of [RUN, "0".repeat(16), "f".repeat(16), "1234567890123456"]) {
    for (const count of [1, 9, 10, 4_096, most - 1, most]) {
      assertEquals(parseMessageId(`${run}.${count}`), { run, count });
      assertEquals(formatMessageId({ run, count }), `${run}.${count}`);
    }
  }
  for (const text of ["-", ...NO_ID]) assertEquals(parseMessageId(text), undefined, text);
});

Deno.test("delivery: but for PING and PONG no side says what the other does", () => {
  for (const { kind, name, value } of DELIVERY_VECTORS) {
    if (kind !== "client" && kind !== "server") continue;
    if (value.verb === "PING" || value.verb === "PONG") continue;
    const other = kind === "client" ? parseServerMessage : parseClientMessage;
    const refusal = assertThrows(() => other(formatMessage(value)), ProtocolError, "", name);
    assertEquals(refusal.code, "bad-message", name);
  }
});
