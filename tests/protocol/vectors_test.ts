import { assert, assertEquals, assertThrows } from "../support/assert.ts";
import { ProtocolError } from "../../lib/protocol/error.ts";
import { encodeFrame } from "../../lib/protocol/frame.ts";
import type { KeyedUser } from "../../lib/protocol/keyed.ts";
import { testWith } from "../support/permitted.ts";
import { byteByByte, concat, decode, decoderFor, drain, encode, isStream } from "./codecs.ts";
import { examplesOf, hexBlocks, LINK_SECTION, readPage, sectionOf } from "./page.ts";
import { bytesOf, type Message, type Vector, VECTORS } from "./vectors.ts";

const KINDS: readonly Message["kind"][] = [
  "client",
  "server",
  "classic client",
  "classic server",
  "datagram",
  "link identity",
  "private",
  "pipe",
];

for (const vector of VECTORS) {
  const { kind, name, value } = vector;
  const bytes = bytesOf(vector.hex);

  Deno.test(`vector: ${kind}: ${name}: its value gives exactly its bytes`, () => {
    assertEquals(encode(vector).toHex(), bytes.toHex());
  });

  Deno.test(`vector: ${kind}: ${name}: its bytes give back its value`, () => {
    assertEquals(decode(kind, [bytes]), [value]);
  });

  if (kind === "datagram" || kind === "link identity") {
    Deno.test(`vector: ${kind}: ${name}: neither a part nor more of it is a message`, () => {
      const wrong = [bytes.subarray(0, -1), bytes.subarray(1), concat(bytes, bytes.subarray(0, 1))];
      for (const other of wrong) assertThrows(() => decode(kind, [other]), ProtocolError);
    });
  }

  if (kind === "link identity" || kind === "private" || kind === "pipe") {
    Deno.test(`vector: ${kind}: ${name}: neither its frame nor a part is it`, () => {
      for (const other of [encodeFrame(bytes), bytes.subarray(1)]) {
        assertThrows(() => decode(kind, [other]), ProtocolError);
      }
    });
  }

  if (isStream(kind)) {
    Deno.test(`vector: ${kind}: ${name}: byte by byte`, () => {
      assertEquals(decode(kind, byteByByte(bytes)), [value]);
    });

    Deno.test(`vector: ${kind}: ${name}: with a second one and a part of a third behind`, () => {
      const stream = concat(bytes, bytes, bytes.subarray(0, -1));
      assertEquals(decode(kind, [stream]), [value, value]);
      assertEquals(decode(kind, byteByByte(stream)), [value, value]);
    });

    Deno.test(`vector: ${kind}: ${name}: every part of it is no message yet`, () => {
      for (let length = 0; length < bytes.length; length++) {
        assertEquals(drain(decoderFor(kind), [bytes.subarray(0, length)]), []);
      }
    });
  }
}

Deno.test("vectors: every verb, in every kind that has it", () => {
  const seen = new Set(VECTORS.map(verbOf));
  assertEquals(
    [...seen].sort(),
    [
      ...["client BROADCAST", "client QUIT", "client REGISTER"],
      ...["client CAPS", "client IDENTITY kept", "client IDENTITY", "client PONG"],
      ...["server BROADCAST", "server ERROR", "server LIST"],
      ...["server UPDATE:JOIN", "server UPDATE:LEAVE"],
      ...["server CAPS", "server ROSTER", "server PING"],
      ...["client SAY", "client RESUME", "client PING", "server PONG"],
      ...["server WELCOME", "server SAID", "server SAID, -", "server ACK", "server NAK"],
      ...["server JOINED, kept", "server JOINED", "server JOINED, -", "server LEFT"],
      ...["server GAP", "server RETRY"],
      ...["client REPLAY", "server REPLAYING", "server PAST", "server REPLAYED"],
      ...["client PASS", "client MEET", "client RELAY", "client TAKEN", "client PART"],
      ...["server PASSED", "server UNPASSED", "server MET", "server RELAY", "server TAKEN"],
      "server PARTED",
      ...["server UPDATE:JOIN of 5, kept", "server UPDATE:JOIN of 5", "server UPDATE:JOIN of 5, -"],
      ...["classic client BROADCAST", "classic client REGISTER"],
      ...["classic server BROADCAST", "classic server LIST"],
      ...["classic server UPDATE:JOIN", "classic server UPDATE:LEAVE"],
      ...["offer, signed: false", "offer, signed: true"],
      ...["accepted", "expired", "pending", "rejected", "observe", "observed"],
      ...["client OBSERVE", "server OBSERVED"],
      "link identity",
      ...["private CLOSE", "private OPEN", "private SEEN", "private TEXT"],
      ...["private PATHS", "private GO", "private PING", "private PONG"],
      ...["pipe ALIVE", "pipe CLOSE", "pipe DATA", "pipe DONE", "pipe END"],
      "offer of bytes",
    ].sort(),
  );
});

Deno.test("vectors: no two rows are one kind and name", () => {
  const rows = VECTORS.map(({ kind, name }) => `${kind}: ${name}`);
  assertEquals(rows.length, new Set(rows).size);
  assertEquals(new Set(VECTORS.map(({ kind }) => kind)), new Set(KINDS));
});

testWith(["read"], "docs/PROTOCOL.md: its examples are the rows marked documented", () => {
  const page = readPage();
  const link = sectionOf(page, LINK_SECTION);
  // What is sealed has a test of its own: tests/crypto/documented_handshake_test.ts.
  const rest = page.replace(link, "");
  assertEquals(page.length - rest.length, link.length);
  const examples = examplesOf(rest);
  const blocks = hexBlocks(rest).length + [...rest.matchAll(/^```\w/gm)].length;
  assert(blocks > 0, "no example found: has the form of the page changed?");
  assertEquals(examples.length, blocks, "bytes without a text before them");
  for (const { text, hex } of examples) {
    const row = VECTORS.find((it) => it.documented && bytesOf(it.hex).toHex() === hex);
    assert(row, `not in the table, or not marked: ${text}`);
    assertEquals(hex, wireOf(row, text).toHex(), `not the bytes of: ${text}`);
  }
  const documented = VECTORS.filter((vector) => vector.documented);
  assertEquals(
    examples.map(({ hex }) => hex).sort(),
    documented.map((vector) => bytesOf(vector.hex).toHex()).sort(),
  );
});

/** What a row is an example of. */
function verbOf({ kind, value }: Vector): string {
  if ("kind" in value) {
    if (value.kind === "answer") return value.state;
    if (value.kind !== "offer") return value.kind;
    if (value.signed?.purpose) return "offer of bytes";
    return `offer, signed: ${value.signed !== undefined}`;
  }
  if (!("verb" in value)) return kind;
  const verb = `${kind} ${value.verb}`;
  if (value.verb === "IDENTITY") return `${verb}${value.key.kept ? " kept" : ""}`;
  if (value.verb === "SAID") return `${verb}${value.id ? "" : ", -"}`;
  if (value.verb === "JOINED") return `${verb}${keyOf(value.user)}`;
  if (value.verb !== "UPDATE") return verb;
  const { change, user } = value;
  if (!("session" in user)) return `${verb}:${change}`;
  return `${verb}:${change} of 5${keyOf(user)}`;
}

/** Which of its three forms the key of `user` has. */
function keyOf({ key }: KeyedUser): string {
  if (!key) return ", -";
  return key.kept ? ", kept" : "";
}

/** The bytes of `text` by the rule for `kind`, with nothing of `lib/protocol`. */
function wireOf({ kind }: Vector, text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  if (!isStream(kind)) return bytes;
  if (kind.startsWith("classic")) return concat(bytes, Uint8Array.of(0x0d, 0x0a));
  return concat(Uint8Array.of(0, 0, bytes.length >> 8, bytes.length & 0xff), bytes);
}
