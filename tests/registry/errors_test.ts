/**
 * Every row of the error table (`docs/PROTOCOL.md` section 5) in both dialects: the code is told, the
 * registry goes on, nobody else notices.
 *
 * @module
 */
import type { Dialect } from "../../lib/protocol/dialect.ts";
import { encodeFrame } from "../../lib/protocol/frame.ts";
import { encodeLine } from "../../lib/protocol/line.ts";
import { encodeUtf8 } from "../../lib/protocol/utf8.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { type BenchClient, identityNumber, RegistryBench } from "../support/registry_bench.ts";

interface Case {
  readonly name: string;
  /** Text is a message of the dialect; bytes are sent as they are. */
  readonly input: string | Uint8Array;
  readonly code: string;
  readonly then: "open" | "closed";
  readonly registered?: boolean;
  readonly dialects?: readonly Dialect[];
}

const REGISTER = "REGISTER:ann:127.0.0.1:5001";
const frameHeader = (length: number): Uint8Array => {
  const header = new Uint8Array(4);
  new DataView(header.buffer).setUint32(0, length);
  return header;
};
const concat = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(parts.flatMap((p) => [...p]));

const open = "open";
const closed = "closed";
const framed = ["framed"] as const;
const classic = ["classic"] as const;

const CASES: readonly Case[] = [
  { name: "length 0", input: frameHeader(0), code: "bad-frame", then: closed, dialects: framed },
  {
    name: "length 65,537",
    input: frameHeader(65_537),
    code: "bad-frame",
    then: closed,
    dialects: framed,
  },
  {
    name: "length 4 GiB after a good frame",
    input: concat(encodeFrame(REGISTER), frameHeader(0xffff_ffff)),
    code: "bad-frame",
    then: closed,
    dialects: framed,
  },
  {
    name: "invalid UTF-8",
    input: encodeFrame(new Uint8Array([0x52, 0xff, 0xfe])),
    code: "bad-frame",
    then: closed,
    dialects: framed,
  },
  {
    name: "invalid UTF-8 when registered",
    input: encodeFrame(new Uint8Array([0x42, 0xc3])),
    code: "bad-frame",
    then: closed,
    registered: true,
    dialects: framed,
  },
  {
    name: "invalid UTF-8",
    input: concat(encodeUtf8("R"), new Uint8Array([0xff]), encodeUtf8("\r\n")),
    code: "bad-frame",
    then: closed,
    dialects: classic,
  },
  {
    name: "a line over 8,192 bytes",
    input: encodeLine("R".repeat(8_193)),
    code: "bad-frame",
    then: closed,
    dialects: classic,
  },
  {
    name: "a line over 8,192 bytes that never ends",
    input: encodeUtf8("R".repeat(8_194)),
    code: "bad-frame",
    then: closed,
    dialects: classic,
  },
  { name: "unknown verb", input: "RENAME:bob", code: "bad-message", then: open },
  { name: "missing fields", input: "REGISTER:ann:127.0.0.1", code: "bad-message", then: open },
  { name: "no fields", input: "REGISTER", code: "bad-message", then: open },
  { name: "extra field", input: `${REGISTER}:x`, code: "bad-message", then: open },
  {
    name: "a name with a colon",
    input: "REGISTER:an:n:127.0.0.1:5001",
    code: "bad-message",
    then: open,
  },
  { name: "port 0", input: "REGISTER:ann:127.0.0.1:0", code: "bad-message", then: open },
  { name: "port 70000", input: "REGISTER:ann:127.0.0.1:70000", code: "bad-message", then: open },
  { name: "port 05001", input: "REGISTER:ann:127.0.0.1:05001", code: "bad-message", then: open },
  { name: "port -1", input: "REGISTER:ann:127.0.0.1:-1", code: "bad-message", then: open },
  { name: "no IP", input: "REGISTER:ann:localhost:5001", code: "bad-message", then: open },
  {
    name: "IP 127.0.0.256",
    input: "REGISTER:ann:127.0.0.256:5001",
    code: "bad-message",
    then: open,
  },
  { name: "unspecified IP", input: "REGISTER:ann:0.0.0.0:5001", code: "bad-message", then: open },
  { name: "multicast IP", input: "REGISTER:ann:224.0.0.1:5001", code: "bad-message", then: open },
  {
    name: "broadcast IP",
    input: "REGISTER:ann:255.255.255.255:5001",
    code: "bad-message",
    then: open,
  },
  {
    name: "multicast IPv6",
    input: "REGISTER:ann:[ff02::1]:5001",
    code: "bad-message",
    then: open,
  },
  {
    name: "unspecified IPv6",
    input: "REGISTER:ann:[::]:5001",
    code: "bad-message",
    then: open,
  },
  {
    name: "IPv6 with a zone",
    input: "REGISTER:ann:[fe80::1%eth0]:5001",
    code: "bad-message",
    then: open,
  },
  { name: "IPv6, unbracketed", input: "REGISTER:ann:::1:5001", code: "bad-message", then: open },
  {
    name: "IPv6, which is not its kind",
    input: "REGISTER:ann:[::1]:5001",
    code: "bad-message",
    then: open,
    dialects: classic,
  },
  { name: "an empty name", input: "REGISTER::127.0.0.1:5001", code: "bad-name", then: open },
  {
    name: "a name with a control character",
    input: "REGISTER:a\x07nn:127.0.0.1:5001",
    code: "bad-name",
    then: open,
  },
  {
    name: "a name with a space",
    input: "REGISTER:a n:127.0.0.1:5001",
    code: "bad-name",
    then: open,
  },
  { name: "a name with ~", input: "REGISTER:ann~2:127.0.0.1:5001", code: "bad-name", then: open },
  {
    name: "a name of 33 code points",
    input: `REGISTER:${"é".repeat(33)}:127.0.0.1:5001`,
    code: "bad-name",
    then: open,
  },
  {
    name: "a reserved name",
    input: "REGISTER:Server:127.0.0.1:5001",
    code: "bad-name",
    then: open,
  },
  {
    name: "a name taken in another case",
    input: "REGISTER:WITNESS:127.0.0.1:5001",
    code: "name-taken",
    then: open,
  },
  {
    name: "BROADCAST before REGISTER",
    input: "BROADCAST:ann:2:hi",
    code: "not-registered",
    then: open,
    dialects: framed,
  },
  {
    name: "QUIT before REGISTER",
    input: "QUIT",
    code: "not-registered",
    then: open,
    dialects: framed,
  },
  {
    name: "QUIT",
    input: "QUIT",
    code: "bad-message",
    then: open,
    dialects: classic,
    registered: true,
  },
  {
    name: "REGISTER twice",
    input: REGISTER,
    code: "already-registered",
    then: open,
    registered: true,
  },
  {
    name: "a length that lies",
    input: "BROADCAST:ann:3:hi",
    code: "bad-length",
    then: open,
    registered: true,
  },
  {
    name: "a length in UTF-16 units",
    input: "BROADCAST:ann:2:🙂",
    code: "bad-length",
    then: open,
    registered: true,
  },
  {
    name: "no length",
    input: "BROADCAST:ann:x:hi",
    code: "bad-length",
    then: open,
    registered: true,
  },
  { name: "no text", input: "BROADCAST:ann:2", code: "bad-message", then: open, registered: true },
  {
    name: "a text over 4,096 code points",
    input: `BROADCAST:ann:4097:${"x".repeat(4_097)}`,
    code: "too-long",
    then: open,
    registered: true,
  },
  {
    name: "a BROADCAST that names somebody else",
    input: "BROADCAST:witness:2:hi",
    code: "bad-sender",
    then: open,
    registered: true,
  },
];

function assertTold(client: BenchClient, dialect: Dialect, code: string): void {
  const last = client.heard().at(-1) ?? "nothing";
  const expected = dialect === "framed" ? `ERROR:${code}:` : "BROADCAST:server:";
  assert(last.startsWith(expected), `told ${last}, not ${expected}`);
  if (dialect === "framed") return;
  const [, , length, told, ...rest] = last.split(":");
  assertEquals(told, code);
  assertEquals(
    Number(length),
    [...`${told}:${rest.join(":")}`].length,
    "its length counts the text",
  );
}

for (const dialect of ["framed", "classic"] as const) {
  for (const { name, input, code, then, registered, dialects } of CASES) {
    if (dialects && !dialects.includes(dialect)) continue;
    Deno.test(`${dialect}: ${name}: ${code}, ${then}`, () => {
      const bench = new RegistryBench();
      const witness = bench.join("witness");
      const client = bench.connect(dialect);
      if (registered) client.say(REGISTER);
      witness.heard();
      client.heard();

      if (typeof input === "string") client.say(input);
      else client.raw(input);

      assertTold(client, dialect, code);
      assertEquals(client.closed, then === "closed");
      const noticed = witness.heard().filter((line) => !line.startsWith("UPDATE:"));
      assertEquals(noticed, [], "nobody else is told anything of it");
      if (then === "closed") {
        bench.join("next", dialect).say("BROADCAST:next:3:yes");
        assertEquals(witness.heard().at(-1), "BROADCAST:next:3:yes", "the registry goes on");
        return;
      }
      // The same connection goes on.
      if (!registered) client.say(REGISTER);
      client.say("BROADCAST:ann:5:still");
      client.say("BROADCAST:ann:3:yes");
      const lines = witness.heard();
      if (!registered) assertEquals(lines.shift(), "UPDATE:JOIN:ann:127.0.0.1:5001");
      assertEquals(lines.at(-1), "BROADCAST:ann:3:yes");
    });
  }
}

for (const first of [0x01, 0x41, 0x51, 0x53, 0x80, 0xff]) {
  Deno.test(`first byte ${first.toString(16)}: closed with no answer`, () => {
    const bench = new RegistryBench();
    const client = bench.connect("framed");
    client.raw(new Uint8Array([first, 0, 0, 1, 65]));
    assertEquals(client.closed, true);
    assertEquals(client.heard(), []);
    assertEquals(bench.join("ann").closed, false);
  });
}

for (const dialect of ["framed", "classic"] as const) {
  Deno.test(`${dialect}: loopback from another host: bad-message`, () => {
    const bench = new RegistryBench();
    const client = bench.connect(dialect, "192.0.2.7");
    client.say(REGISTER);
    assertTold(client, dialect, "bad-message");
    client.say("REGISTER:ann:192.0.2.7:5001");
    assertStringIncludes(client.heard().at(-1) ?? "", "LIST:ann:192.0.2.7:5001");
  });

  Deno.test(`${dialect}: ten errors before registration close the connection`, () => {
    const bench = new RegistryBench();
    const client = bench.connect(dialect);
    for (let i = 0; i < 9; i++) client.say("REGISTER");
    assertEquals(client.closed, false);
    client.say("REGISTER");
    assertEquals(client.closed, true);
    assertEquals(client.heard().length, 10);
  });

  Deno.test(`${dialect}: silence for 5 s after connecting: idle`, () => {
    const bench = new RegistryBench();
    const member = bench.join("ann");
    const silent = bench.connect(dialect);
    const half = bench.connect(dialect);
    half.raw(dialect === "framed" ? encodeFrame(REGISTER).subarray(0, 9) : "REGISTER:x");
    bench.pass(4_999);
    assertEquals([silent.closed, half.closed], [false, false]);
    bench.pass(1);
    assertEquals([silent.closed, half.closed, member.closed], [true, true, false]);
    assertEquals(silent.heard(), [], "its dialect is not known");
    assertTold(half, dialect, "idle");
    assertEquals(member.heard(), []);
  });

  Deno.test(`${dialect}: not registered within 60 s: idle`, () => {
    const bench = new RegistryBench();
    const client = bench.connect(dialect);
    client.say("REGISTER");
    bench.pass(59_999);
    assertEquals(client.closed, false);
    bench.pass(1);
    assertTold(client, dialect, "idle");
    assertEquals(client.closed, true);
  });

  Deno.test(`${dialect}: a full room: full, and a place again when one leaves`, () => {
    const bench = new RegistryBench({ maxClients: 2 });
    const members = [bench.join("ann"), bench.join("bob")];
    const third = bench.connect(dialect);
    third.say("REGISTER:carl:127.0.0.1:5001");
    assertTold(third, dialect, "full");
    assertEquals(third.closed, true);
    assertEquals(members.map((member) => member.heard().length), [1, 0]);
    members[0]?.hangUp();
    assertEquals(bench.join("carl", dialect).closed, false);
  });

  Deno.test(`${dialect}: too many connections from one address: full`, () => {
    const bench = new RegistryBench({ maxPerIp: 4 });
    const first = ["a", "b"].map((name) => bench.join(name));
    bench.pass(10_000);
    first.push(...["c", "d"].map((name) => bench.join(name)));
    bench.pass(10_000);
    const fifth = bench.connect(dialect);
    fifth.say(REGISTER);
    assertTold(fifth, dialect, "full");
    assertEquals(fifth.closed, true);
    assertEquals(bench.join("x", dialect, "192.0.2.1").closed, false, "another address may");
    fifth.hangUp();
    first[0]?.hangUp();
    assertEquals(bench.join("e", dialect).closed, false, "a place is free again");
  });

  Deno.test(`${dialect}: too many new connections from one address: flood`, () => {
    const bench = new RegistryBench({ maxPerIp: 64 });
    for (let i = 0; i < 32; i++) bench.connect(dialect).hangUp();
    const next = bench.connect(dialect);
    next.say(REGISTER);
    assertTold(next, dialect, "flood");
    assertEquals(next.closed, true);
    bench.pass(10_000);
    assertEquals(bench.join("ann", dialect).closed, false);
  });

  Deno.test(`${dialect}: messages over the rate: flood once a second, cut after 100 refusals`, () => {
    const bench = new RegistryBench();
    const witness = bench.join("witness");
    const client = bench.join("ann", dialect);
    witness.heard();
    // 20 at once are allowed; REGISTER was one of them.
    for (let i = 0; i < 21; i++) client.say("BROADCAST:ann:2:hi");
    assertEquals(witness.heard().length, 19);
    assertTold(client, dialect, "flood");
    for (let i = 0; i < 50; i++) client.say("BROADCAST:ann:2:hi");
    assertEquals(client.heard(), [], "told once a second");
    bench.pass(1_000);
    for (let i = 0; i < 11; i++) client.say("BROADCAST:ann:2:hi");
    assertEquals(witness.heard().length, 10, "ten a second");
    assertTold(client, dialect, "flood");
    for (let i = 0; i < 100 && !client.closed; i++) client.say("BROADCAST:ann:2:hi");
    assertTold(client, dialect, "flood");
    assertEquals(client.closed, true);
    assertEquals(witness.heard(), ["UPDATE:LEAVE:ann:127.0.0.1:5001"]);
  });

  Deno.test(`${dialect}: who does not read is cut at 256 KiB: slow`, () => {
    const bench = new RegistryBench({ messageRate: 0 });
    const [talker, reader] = [bench.join("talker"), bench.join("reader")];
    const client = bench.join("ann", dialect);
    reader.heard();
    client.stalled = [];
    const text = "x".repeat(4_000);
    let sent = 0;
    for (; !client.closed && sent < 100; sent++) {
      assert(client.queued <= 262_144, "never more than the bound waits");
      talker.say(`BROADCAST:talker:4000:${text}`);
      bench.flush();
    }
    assert(sent === 65 || sent === 66, `cut by the first message over the bound, not by ${sent}`);
    assertTold(client, dialect, "slow");
    const lines = reader.heard();
    assertEquals(lines.filter((line) => line.startsWith("BROADCAST:")).length, sent);
    assertEquals(lines.filter((line) => line.startsWith("UPDATE:LEAVE:ann")).length, 1);
  });

  Deno.test(`${dialect}: the registry stops: closing`, () => {
    const bench = new RegistryBench();
    const member = bench.join("ann", dialect);
    const stranger = bench.connect(dialect);
    stranger.say("REGISTER");
    bench.registry.shutdown();
    assertTold(member, dialect, "closing");
    assertTold(stranger, dialect, "closing");
    assertEquals([member.closed, stranger.closed], [true, true]);
  });
}

Deno.test("the lowest message rate lets a client greet, and once more where its name is taken", () => {
  const bench = new RegistryBench({ messageRate: 1 });
  bench.joinKeyed("ann", identityNumber(1));
  const client = bench.ask("ann", identityNumber(2));
  client.say(bench.claim(client, "bob", identityNumber(2)));
  client.say("REGISTER:bob:127.0.0.1:5001");
  assertEquals(client.heardKinds(), ["ERROR:name-taken", "ROSTER"]);
  client.say("BROADCAST:bob:2:hi");
  assertEquals(client.heardKinds(), ["ERROR:flood"], "the sixth at once");
});
