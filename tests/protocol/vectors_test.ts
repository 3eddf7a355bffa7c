import { assert, assertEquals, assertThrows } from "../support/assert.ts";
import { ProtocolError } from "../../lib/protocol/error.ts";
import { byteByByte, concat, decode, decoderFor, drain, encode } from "./codecs.ts";
import { bytesOf, type Message, type Vector, VECTORS } from "./vectors.ts";

const PAGE = new URL("../../docs/PROTOCOL.md", import.meta.url);
const canRead = Deno.permissions.querySync({ name: "read", path: PAGE }).state === "granted";
const KINDS: readonly Message["kind"][] = [
  "client",
  "server",
  "classic client",
  "classic server",
  "datagram",
  "private",
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

  if (kind === "datagram") {
    Deno.test(`vector: ${kind}: ${name}: neither a part nor more of it is a message`, () => {
      const wrong = [bytes.subarray(0, -1), bytes.subarray(1), concat(bytes, bytes.subarray(0, 1))];
      for (const other of wrong) assertThrows(() => decode(kind, [other]), ProtocolError);
    });
  } else {
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
  const seen = new Set(VECTORS.map(({ kind, value }) => {
    if ("verb" in value) {
      return `${kind} ${value.verb}${value.verb === "UPDATE" ? `:${value.change}` : ""}`;
    }
    return value.kind === "answer" ? value.state : `offer, ours: ${value.ours !== undefined}`;
  }));
  assertEquals(
    [...seen].sort(),
    [
      ...["client BROADCAST", "client QUIT", "client REGISTER"],
      ...["server BROADCAST", "server ERROR", "server LIST"],
      ...["server UPDATE:JOIN", "server UPDATE:LEAVE"],
      ...["classic client BROADCAST", "classic client REGISTER"],
      ...["classic server BROADCAST", "classic server LIST"],
      ...["classic server UPDATE:JOIN", "classic server UPDATE:LEAVE"],
      ...["offer, ours: false", "offer, ours: true"],
      ...["accepted", "expired", "pending", "rejected"],
      ...["private CLOSE", "private HELLO", "private TEXT"],
    ].sort(),
  );
});

Deno.test("vectors: no two rows are one kind and name", () => {
  const rows = VECTORS.map(({ kind, name }) => `${kind}: ${name}`);
  assertEquals(rows.length, new Set(rows).size);
  assertEquals(new Set(VECTORS.map(({ kind }) => kind)), new Set(KINDS));
});

Deno.test({
  name: "docs/PROTOCOL.md: its examples are the rows marked documented (needs --allow-read)",
  ignore: !canRead,
  fn() {
    const examples = examplesOf(Deno.readTextFileSync(PAGE));
    assert(examples.length > 0, "no example found: has the form of the page changed?");
    for (const { text, hex } of examples) {
      const [row] = VECTORS.filter((vector) => bytesOf(vector.hex).toHex() === hex);
      assert(row?.documented, `not in the table, or not marked: ${text}`);
      assertEquals(hex, wireOf(row, text).toHex(), `not the bytes of: ${text}`);
    }
    const documented = VECTORS.filter((vector) => vector.documented);
    assertEquals(
      examples.map(({ hex }) => hex).sort(),
      documented.map((vector) => bytesOf(vector.hex).toHex()).sort(),
    );
  },
});

/** The bytes of `text` by the rule for `kind`, with nothing of `lib/protocol`. */
function wireOf({ kind }: Vector, text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  if (kind === "datagram") return bytes;
  if (kind.startsWith("classic")) return concat(bytes, Uint8Array.of(0x0d, 0x0a));
  return concat(Uint8Array.of(0, 0, bytes.length >> 8, bytes.length & 0xff), bytes);
}

/** A text and, one empty line on, its bytes; or a datagram, which is a text alone. */
function examplesOf(page: string): { text: string; hex: string }[] {
  const framed = page.matchAll(/^ {4}(.+)\n\n((?: {4}(?:[0-9a-f]{2} ?)+\n)+)/gm);
  const json = page.matchAll(/^```json\n(.+)\n```$/gm);
  return [
    ...Array.from(framed, ([, text = "", hex = ""]) => ({ text, hex: bytesOf(hex).toHex() })),
    ...Array.from(json, ([, text = ""]) => ({ text, hex: new TextEncoder().encode(text).toHex() })),
  ];
}
