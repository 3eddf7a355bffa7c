/** What `/wire` says of each thing that travels, held against the vectors: explained, and no secret in it. */
import {
  noteOfClassic,
  noteOfDatagram,
  noteOfFrame,
  noteOfHandshake,
  noteOfSealed,
} from "../../lib/peer/wire_notes.ts";
import { decodeUtf8 } from "../../lib/protocol/utf8.ts";
import { renderClientEvent } from "../../lib/ui/render.ts";
import { bytesOf, type Vector, VECTORS } from "../protocol/vectors.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { Dice, seedOfRun } from "../support/dice.ts";

const THERE = { ip: "2001:db8::5", port: 7 };
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Documented rows by what they are called, and what is said of them. */
const NOTES: Readonly<Record<string, string>> = {
  "client: REGISTER over IPv4":
    "27 REGISTER name=ann ip=127.0.0.1 udp=5001 (into the room, under that name; offers of private chats go to that address)",
  "client: QUIT": "4 QUIT (out of the room)",
  "client: SAY": '36 SAY id=7a7b….1 text="caffè 🙂" (to everybody in the room, to be acknowledged)',
  "client: RESUME":
    "76 RESUME token=5051… epoch=0e1e2e3e… number=43 presence=9 ip=127.0.0.1 udp=5001 (goes on with a lost session, from these numbers)",
  "client: OBSERVE": "7 OBSERVE (what address do you see?)",
  "server: WELCOME":
    "68 WELCOME epoch=0e1e2e3e… number=41 presence=7 token=5051… grace=30 rate=10 (in; the token lets a lost session go on)",
  "server: OBSERVED":
    "69 OBSERVED ip=203.0.113.9 port=40001 token=6061… udp=1337,1338 (the address that it sees; with the token it tells the same by UDP)",
  "server: ROSTER of two, one without a key":
    "147 ROSTER left=0 users=2 (ann, old) (who is here, with their keys, oneself first)",
  "server: UPDATE:JOIN with a key of its session":
    "113 UPDATE change=JOIN name=bob ip=192.0.2.7 udp=5005 session=b0b1b2b3… key=7d59c562… (of this session) (somebody came or left)",
  "datagram: a signed offer":
    "339 offer username=ann tcp_port=54485 session=a0a1a2a3… to=bob to_session=b0b1b2b3… counter=1 offer=00010203… signature=a6547855…, to [2001:db8::5]:7 (a private chat: dial this TCP port at the address that this comes from)",
  "datagram: a classic offer":
    "58 offer username=ann tcp_port=54485, not signed, to [2001:db8::5]:7 (a private chat: dial this TCP port at the address that this comes from)",
  "datagram: an observation":
    "112 observed token=6061… ip=203.0.113.9 port=40002, to [2001:db8::5]:7 (from there)",
};

/** What is noted of a row; `undefined` for what does not travel as it is. */
function noteOf({ kind, hex }: Vector) {
  const bytes = bytesOf(hex);
  switch (kind) {
    case "client":
      return noteOfFrame("out", bytes.subarray(4));
    case "server":
      return noteOfFrame("in", bytes.subarray(4));
    case "datagram":
      return noteOfDatagram("out", bytes, THERE);
    default:
      return undefined;
  }
}

for (const [row, expected] of Object.entries(NOTES)) {
  Deno.test(`wire: ${row}`, () => {
    const vector = VECTORS.find(({ kind, name }) => `${kind}: ${name}` === row);
    const note = vector && noteOf(vector);
    assert(note, "a row of the vectors");
    assertEquals(`${note.bytes} ${note.text}`, expected);
  });
}

Deno.test("wire: every vector is understood; of tokens there are four digits, in text and in hex", () => {
  let [seen, secrets] = [0, 0];
  for (const vector of VECTORS) {
    const note = noteOf(vector);
    if (!note) continue;
    seen++;
    assert(!/undefined|\[object|not understood/.test(note.text), `${vector.name}: ${note.text}`);
    const { value } = vector;
    const isPing = "verb" in value && (value.verb === "PING" || value.verb === "PONG");
    if (!("token" in value) || isPing) continue;
    secrets++;
    const five = value.token.slice(0, 5);
    assert(!note.text.includes(five), note.text);
    assert(!(note.hex ?? "").includes(encode(five).toHex()), note.hex);
  }
  assert(seen > 50 && secrets >= 8, `${seen} ${secrets}`);
});

Deno.test("wire: the handshake by its parts, from sizes that are documented", () => {
  const sizes = [[1, 0x20], [2, 0x133], [3, 0x113]] as const;
  assertEquals(sizes.map(([n, size]) => noteOfHandshake(new Uint8Array(size), n).text), [
    "Noise handshake 1 of 3: e (32 B)",
    "Noise handshake 2 of 3: e (32 B), ee, s (32 B, sealed to 48), es, IDENTITY (211 B, sealed to 227)",
    "Noise handshake 3 of 3: s (32 B, sealed to 48), se, IDENTITY (211 B, sealed to 227)",
  ]);
  for (const [n, size] of [[2, 10], [3, 0], [4, 7]] as const) {
    assertMatch(noteOfHandshake(new Uint8Array(size), n).text, /^Noise handshake/);
  }
});

Deno.test("wire: of private texts the length alone, sealed or not", () => {
  const sealed = new Uint8Array(33);
  const text = { verb: "TEXT", number: 7, text: "hello, ann 🙂" } as const;
  assertEquals(noteOfSealed("out", sealed, text).text, "TEXT 7, 12 code points -> 33 B sealed");
  assertEquals(noteOfSealed("in", sealed, text).text, "33 B sealed -> TEXT 7, 12 code points");
  const seen = { verb: "SEEN", number: 7 } as const;
  assertEquals(noteOfSealed("in", sealed, seen).text, "33 B sealed -> SEEN up to 7");
  const close = { verb: "CLOSE", reason: "quit" } as const;
  assertEquals(noteOfSealed("in", sealed, close).text, "33 B sealed -> CLOSE reason=quit");
  const classic = noteOfClassic(encode("hello"));
  assertEquals([classic.bytes, classic.hex], [5, undefined]);
  assert(!classic.text.includes("hello"));
});

Deno.test("wire: what others say is harmless in a terminal", () => {
  const hostile = encode("BROADCAST:eve:8:\x1b[2J\u202eab\n");
  const note = noteOfFrame("in", hostile);
  const event = { event: "wire", direction: "in", channel: "registry", ...note } as const;
  for (const line of renderClientEvent(event)) {
    // deno-lint-ignore no-control-regex -- these are what must not be there.
    assert(!/[\x00-\x1f\x7f-\x9f\u202e]/.test(line), JSON.stringify(line));
  }
  const named = { ...event, peer: "b\u202eob" } as const;
  assert(!renderClientEvent(named).join("").includes("\u202e"));
});

Deno.test("wire: anything is noted, whatever it is", () => {
  const seed = seedOfRun();
  const random = new Dice(seed);
  for (let n = 0; n < 2_000; n++) {
    const { hex } = random.pick(VECTORS);
    const bytes = random.below(4) === 0
      ? random.bytes(random.below(200))
      : bytesOf(hex).subarray(4).slice();
    for (let faults = random.below(3); faults > 0 && bytes.length > 0; faults--) {
      bytes[random.below(bytes.length)] = random.below(256);
    }
    const where = `CONFAB_SEED=${seed}, input ${n}`;
    for (const direction of ["in", "out"] as const) {
      for (const note of [noteOfFrame(direction, bytes), noteOfDatagram(direction, bytes, THERE)]) {
        assertEquals(note.bytes, bytes.length, where);
        assert(note.text !== "" && (note.hex ?? "").length <= 64, where);
      }
    }
    noteOfHandshake(bytes, random.below(5));
  }
  assert(decodeUtf8(encode("ok")));
});
