import { encodeFrame } from "../../lib/protocol/frame.ts";
import { encodeLine } from "../../lib/protocol/line.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { RegistryBench } from "../support/registry_bench.ts";

Deno.test("a framed registrant gets LIST, the others a JOIN", () => {
  const bench = new RegistryBench();
  const ann = bench.join("ann");
  const bob = bench.connect("framed");
  bob.say("REGISTER:bob:127.0.0.1:5002");
  assertEquals(bob.heard(), ["LIST:bob:127.0.0.1:5002:ann:127.0.0.1:5001"]);
  assertEquals(ann.heard(), ["UPDATE:JOIN:bob:127.0.0.1:5002"]);
  assertEquals(bench.events.at(-1), {
    event: "join",
    username: "bob",
    ip: "127.0.0.1",
    udpPort: 5002,
  });
});

Deno.test("a classic registrant gets its own JOIN, then LIST", () => {
  const bench = new RegistryBench();
  bench.join("ann");
  const bob = bench.connect("classic");
  bob.say("REGISTER:bob:127.0.0.1:5002");
  assertEquals(bob.heard(), [
    "UPDATE:JOIN:bob:127.0.0.1:5002",
    "LIST:bob:127.0.0.1:5002:ann:127.0.0.1:5001",
  ]);
});

Deno.test("what came before registration is in LIST, what comes after it follows LIST", () => {
  const bench = new RegistryBench();
  const ann = bench.join("ann");
  const bob = bench.connect("framed");
  // All in one turn: bob must not get what was said before he was in.
  ann.say("BROADCAST:ann:6:before");
  bob.say("REGISTER:bob:127.0.0.1:5002");
  ann.say("BROADCAST:ann:5:after");
  bob.say("BROADCAST:bob:4:mine");
  ann.say("BROADCAST:ann:4:last");
  assertEquals(bob.heard(), [
    "LIST:bob:127.0.0.1:5002:ann:127.0.0.1:5001",
    "BROADCAST:ann:5:after",
    "BROADCAST:ann:4:last",
  ]);
  assertEquals(ann.heard(), ["UPDATE:JOIN:bob:127.0.0.1:5002", "BROADCAST:bob:4:mine"]);
});

Deno.test("an error stands where it belongs among what was delivered", () => {
  const bench = new RegistryBench();
  const [ann, bob] = [bench.join("ann"), bench.join("bob")];
  ann.heard();
  bob.say("BROADCAST:bob:1:1");
  ann.say("NONSENSE");
  bob.say("BROADCAST:bob:1:2");
  assertEquals(ann.heard(), [
    "BROADCAST:bob:1:1",
    "ERROR:bad-message:unknown verb",
    "BROADCAST:bob:1:2",
  ]);
});

Deno.test("one's own name may be written in any case; others see it as registered", () => {
  const bench = new RegistryBench();
  const [ann, bob] = [bench.join("Ann"), bench.join("bob")];
  ann.heard();
  ann.say("BROADCAST:aNN:2:hi");
  assertEquals(bob.heard(), ["BROADCAST:Ann:2:hi"]);
});

for (const how of ["QUIT", "hangUp"] as const) {
  Deno.test(`a leave is announced exactly once: ${how}, then the end of the connection`, () => {
    const bench = new RegistryBench();
    const [ann, bob] = [bench.join("ann"), bench.join("bob")];
    ann.heard();
    if (how === "QUIT") bob.say("QUIT");
    else bob.hangUp();
    bob.hangUp();
    bob.say("BROADCAST:bob:5:ghost");
    assertEquals(ann.heard(), ["UPDATE:LEAVE:bob:127.0.0.1:5001"]);
    assertEquals(bench.events.filter(({ event }) => event === "leave").length, 1);
    assertEquals(bench.join("bob").closed, false, "the name is free again");
  });
}

Deno.test("what was sent before QUIT is delivered", () => {
  const bench = new RegistryBench();
  const [ann, bob] = [bench.join("ann"), bench.join("bob")];
  ann.heard();
  bob.raw(new Uint8Array([...encodeFrame("BROADCAST:bob:3:bye"), ...encodeFrame("QUIT")]));
  assertEquals(ann.heard(), ["BROADCAST:bob:3:bye", "UPDATE:LEAVE:bob:127.0.0.1:5001"]);
});

Deno.test("QUIT is never too fast", () => {
  const bench = new RegistryBench();
  const [ann, bob] = [bench.join("ann"), bench.join("bob")];
  ann.heard();
  for (let i = 0; i < 30; i++) bob.say("BROADCAST:bob:2:hi");
  bob.say("QUIT");
  assertEquals(bob.closed, true);
  assertEquals(ann.heard().at(-1), "UPDATE:LEAVE:bob:127.0.0.1:5001");
});

Deno.test("who never registered never leaves", () => {
  const bench = new RegistryBench();
  const ann = bench.join("ann");
  const stranger = bench.connect("framed");
  stranger.say("REGISTER:ann:127.0.0.1:5009");
  stranger.hangUp();
  bench.connect("classic").hangUp();
  assertEquals(ann.heard(), []);
  assertEquals(bench.events.length, 1);
});

Deno.test("CR LF in a framed text reaches a classic client as one line from its true sender", () => {
  const bench = new RegistryBench();
  const [ann, bob] = [bench.join("ann"), bench.join("bob", "classic")];
  const text = "hi\r\nBROADCAST:bob:5:forgd\r\n\x00\x7f\tend";
  ann.say(`BROADCAST:ann:${[...text].length}:${text}`);
  assertEquals(bob.heard(), [
    `BROADCAST:ann:${[...text].length}:hi  BROADCAST:bob:5:forgd     end`,
  ]);
});

Deno.test("a long text reaches a classic client in whole lines of at most 1,000 bytes", () => {
  const bench = new RegistryBench();
  const [ann, bob] = [bench.join("ann"), bench.join("bob", "classic")];
  const text = "é🙂漢".repeat(1_000);
  ann.say(`BROADCAST:ann:3000:${text}`);
  bench.pass(1_000);
  const pieces = bob.heard().map((line) => {
    const [verb, name, length, piece = ""] = line.split(":");
    assertEquals([verb, name, length], ["BROADCAST", "ann", String([...piece].length)]);
    assert(new TextEncoder().encode(piece).length <= 1_000);
    return piece;
  });
  assertEquals(pieces.join(""), text);
});

Deno.test("to a classic client, what is not ASCII goes out in pieces that its reads cannot cut", () => {
  const bench = new RegistryBench({ messageRate: 0 });
  const [ann, bob] = [bench.join("ann"), bench.join("bob", "classic")];
  const writes: { at: number; text: string; size: number }[] = [];
  bob.send = (bytes) => {
    // As the original does it: each read by itself.
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    writes.push({ at: bench.now, text, size: bytes.length });
  };
  const texts = Array.from({ length: 30 }, (_, i) => `${i} ${"漢字é🙂".repeat(20)}`);
  for (const text of texts) ann.say(`BROADCAST:ann:${[...text].length}:${text}`);
  bench.pass(1_000);
  const lines = texts.map((text) => `BROADCAST:ann:${[...text].length}:${text}\r\n`);
  assertEquals(writes.map(({ text }) => text).join(""), lines.join(""));
  assert(writes.every(({ size }) => size <= 1_000));
  assert(writes.every(({ at }, i) => i === 0 || at - (writes[i - 1]?.at ?? 0) >= 5));
  ann.say("BROADCAST:ann:5:plain");
  ann.say("BROADCAST:ann:4:text");
  bench.flush();
  assertEquals(writes.at(-1)?.text, "BROADCAST:ann:5:plain\r\nBROADCAST:ann:4:text\r\n");
});

Deno.test("to a classic client, ASCII and what is not never share a read that could cut a character", () => {
  const bench = new RegistryBench({ messageRate: 0 });
  const [ann, bob] = [bench.join("ann"), bench.join("bob", "classic")];
  const writes: { at: number; size: number }[] = [];
  bob.send = ({ length }) => writes.push({ at: bench.now, size: length });
  ann.say(`BROADCAST:ann:900:${"x".repeat(900)}`);
  bench.flush();
  ann.say(`BROADCAST:ann:300:${"é".repeat(300)}`);
  bench.pass(100);
  assertEquals(writes.length, 2);
  assert((writes[1]?.at ?? 0) - (writes[0]?.at ?? 0) >= 5);
});

Deno.test("a cut in the middle of a turn: its leave comes after its text in both dialects", () => {
  const bench = new RegistryBench({ messageRate: 0 });
  const slow = bench.join("slow");
  const readers = [bench.join("framed"), bench.join("classic", "classic")];
  for (const reader of readers) reader.heard();
  slow.stalled = [];
  const [talker] = readers;
  const text = "y".repeat(4_000);
  for (let i = 0; i < 70; i++) {
    slow.say(`BROADCAST:slow:4:${String(i).padStart(4, "0")}`);
    talker?.say(`BROADCAST:framed:4000:${text}`);
  }
  for (const reader of readers) {
    const heard = reader.heard();
    const leave = heard.findIndex((line) => line.startsWith("UPDATE:LEAVE:slow"));
    const last = heard.findLastIndex((line) => line.startsWith("BROADCAST:slow"));
    assert(leave > 0 && last >= 0 && leave > last, `${last} ${leave}`);
  }
});

Deno.test("a classic client's last lines are written before it is closed, without waiting", () => {
  const bench = new RegistryBench({ messageRate: 0 });
  const [ann, bob] = [bench.join("ann"), bench.join("bob", "classic")];
  const text = "漢".repeat(300);
  for (let i = 0; i < 5; i++) ann.say(`BROADCAST:ann:300:${text}`);
  bob.raw("é".repeat(5_000));
  assertEquals(bob.closed, true);
  const heard = bob.heard();
  assertEquals(heard.slice(0, 5), Array(5).fill(`BROADCAST:ann:300:${text}`));
  assert(heard[5]?.startsWith("BROADCAST:server:"));
});

Deno.test("users on IPv6 are hidden from classic clients; their broadcasts are not", () => {
  const bench = new RegistryBench();
  const bob = bench.join("bob", "classic");
  const eve = bench.join("eve", "framed", "::1");
  const late = bench.connect("classic");
  late.say("REGISTER:late:127.0.0.1:5003");
  assertEquals(late.heard(), [
    "UPDATE:JOIN:late:127.0.0.1:5003",
    "LIST:late:127.0.0.1:5003:bob:127.0.0.1:5001",
  ]);
  eve.say("BROADCAST:eve:2:hi");
  assertEquals(eve.heard(), ["UPDATE:JOIN:late:127.0.0.1:5003"]);
  eve.say("QUIT");
  assertEquals(bob.heard(), ["UPDATE:JOIN:late:127.0.0.1:5003", "BROADCAST:eve:2:hi"]);
});

Deno.test("an IPv6 address is repeated in RFC 5952 form, a mapped one as IPv4", () => {
  const bench = new RegistryBench();
  const eve = bench.connect("framed", "2001:db8::1");
  eve.say("REGISTER:eve:[2001:DB8:0:0:0:0:0:0005]:5001");
  assertEquals(eve.heard(), ["LIST:eve:[2001:db8::5]:5001"]);
  const max = bench.connect("framed", "2001:db8::1");
  max.say("REGISTER:max:[::ffff:192.0.2.1]:5001");
  assertEquals(max.heard(), ["LIST:max:192.0.2.1:5001:eve:[2001:db8::5]:5001"]);
});

/** Registers so many users, all in one turn, with names of over 100 bytes each. */
function fill(bench: RegistryBench, count: number): void {
  for (let i = 0; i < count; i++) {
    const name = String(i).padStart(4, "0") + "\u{20000}".repeat(28);
    const member = bench.connect("framed");
    member.stalled = [];
    member.say(`REGISTER:${name}:127.0.0.1:5001`);
  }
}

Deno.test("a roster over one frame goes on as JOINs, before anything else", () => {
  const bench = new RegistryBench({ maxPerIp: 0 });
  const count = 600;
  fill(bench, count);
  const late = bench.connect("framed");
  late.say("REGISTER:late:127.0.0.1:5001");
  bench.join("next");
  const [list = "", ...rest] = late.heard();
  assert(new TextEncoder().encode(list).length <= 65_536);
  assert(new TextEncoder().encode(list).length > 65_000, "the frame is filled");
  const listed = (list.split(":").length - 1) / 3;
  const joins = rest.slice(0, count + 1 - listed);
  assert(joins.length > 100 && joins.every((line) => line.startsWith("UPDATE:JOIN:")));
  assertEquals(rest.slice(joins.length), ["UPDATE:JOIN:next:127.0.0.1:5001"]);
  const classic = bench.connect("classic");
  classic.say("REGISTER:old:127.0.0.1:5001");
  bench.pass(1_000);
  const [, line = ""] = classic.heard();
  assertEquals((line.split(":").length - 1) / 3, count + 3, "a classic LIST is one line");
});

Deno.test("a first LIST over the bound on what may wait is not held against its reader", () => {
  const bench = new RegistryBench({ maxPerIp: 0, messageRate: 0 });
  fill(bench, 2_000);
  const slow = bench.connect("framed");
  slow.stalled = [];
  slow.say("REGISTER:slow:127.0.0.1:5001");
  assert(slow.queued > 262_144);
  bench.join("next");
  bench.flush();
  assertEquals(slow.closed, false);
});

Deno.test("each recipient gets each sender's messages in order, nobody their own", () => {
  const bench = new RegistryBench({ messageRate: 0 });
  const names = ["a", "b", "c", "d", "e"];
  const members = names.map((name, i) => bench.join(name, i % 2 ? "classic" : "framed"));
  for (const member of members) member.heard();
  for (let round = 0; round < 200; round++) {
    members.forEach((member, i) =>
      member.say(`BROADCAST:${names[i]}:3:${String(round).padStart(3, "0")}`)
    );
    if (round % 7 === 0) bench.flush();
  }
  for (const [i, member] of members.entries()) {
    const heard = member.heard();
    assertEquals(heard.length, 200 * (names.length - 1));
    for (const name of names) {
      const from = heard.filter((line) => line.startsWith(`BROADCAST:${name}:`));
      assertEquals(from.length, name === names[i] ? 0 : 200);
      assertEquals(from, from.toSorted());
    }
  }
});

Deno.test("frames and lines may arrive in any pieces, many in one", () => {
  for (const dialect of ["framed", "classic"] as const) {
    const bench = new RegistryBench({ messageRate: 0 });
    const witness = bench.join("witness");
    const encode = dialect === "framed" ? encodeFrame : encodeLine;
    const bytes = new Uint8Array([
      ...encode("REGISTER:ann:127.0.0.1:5001"),
      ...encode("BROADCAST:ann:7:caffè 🙂"),
      ...encode("BROADCAST:ann:1:2"),
    ]);
    const expected = [
      "UPDATE:JOIN:ann:127.0.0.1:5001",
      "BROADCAST:ann:7:caffè 🙂",
      "BROADCAST:ann:1:2",
    ];
    const whole = bench.connect(dialect);
    whole.raw(bytes);
    assertEquals(witness.heard(), expected);
    whole.hangUp();
    witness.heard();
    const dribble = bench.connect(dialect);
    for (const byte of bytes) dribble.raw(new Uint8Array([byte]));
    assertEquals(witness.heard(), expected);
  }
});

Deno.test("a member cut in the middle of a fan-out leaves, and the rest hear all of it", () => {
  const bench = new RegistryBench({ messageRate: 0 });
  const talker = bench.join("talker");
  const slow = ["s1", "s2", "s3"].map((name) => bench.join(name));
  const reader = bench.join("reader");
  for (const member of slow) member.stalled = [];
  const text = "y".repeat(4_000);
  for (let i = 0; i < 80; i++) talker.say(`BROADCAST:talker:4000:${text}`);
  const heard = reader.heard();
  assertEquals(heard.filter((line) => line.startsWith("BROADCAST:")).length, 80);
  const left = heard.filter((line) => line.startsWith("UPDATE:LEAVE:"));
  assertEquals(left.map((line) => line.split(":")[2]), ["s1", "s2", "s3"]);
  assert(slow.every(({ closed }) => closed));
  assertEquals(talker.heard().filter((line) => line.startsWith("UPDATE:LEAVE:")), left);
});
