/** The registry's program, spoken to over bare sockets. */
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { testWith } from "../support/permitted.ts";
import { ROOT, startServer, taskArgs } from "../support/program.ts";
import { RawClient } from "../support/raw_client.ts";

const NEEDS = ["net", "run", "read"] as const;

testWith(
  NEEDS,
  "a line and a half-closed connection, as nc sends them: JOIN, LIST, then the end",
  async () => {
    const { server, port } = await startServer(["--ephemeral"]);
    await using _ = server;
    await using nc = await RawClient.connect(port, "classic");
    await nc.say("REGISTER:bob:127.0.0.1:5001");
    await nc.halfClose();
    await nc.hears("(closed)");
    assertEquals(nc.heard.all, [
      "UPDATE:JOIN:bob:127.0.0.1:5001",
      "LIST:bob:127.0.0.1:5001",
      "(closed)",
    ]);
    await server.next("leave", { username: "bob", reason: "ended" });
  },
);

testWith(
  NEEDS,
  "both dialects in one room, in any pieces, a character split across writes",
  async () => {
    const { server, port } = await startServer(["--ephemeral"]);
    await using _ = server;
    await using ann = await RawClient.join(port, "ann", "framed");
    await using old = await RawClient.join(port, "old", "classic");
    await ann.hears("UPDATE:JOIN:old:127.0.0.1:5001");
    const line = new TextEncoder().encode("BROADCAST:old:7:caffè 🙂\r\n");
    for (const byte of line) await old.raw(new Uint8Array([byte]));
    await ann.hears("BROADCAST:old:7:caffè 🙂");
    await ann.say("BROADCAST:ann:4:漢字🙂!", "QUIT");
    await old.hears("BROADCAST:ann:4:漢字🙂!");
    await old.hears("UPDATE:LEAVE:ann:127.0.0.1:5001");
    await ann.hears("(closed)");
  },
);

for (const [host, ip] of [["127.0.0.1", "127.0.0.1"], ["::1", "[::1]"]] as const) {
  testWith(NEEDS, `${host}: a reset is a leave, told once`, async () => {
    const { server, port } = await startServer(["--ephemeral"], host);
    await using _ = server;
    await using ann = await RawClient.join(port, "ann", "framed", host);
    const noisy = await RawClient.join(port, "noisy", "framed", host);
    await ann.hears(`UPDATE:JOIN:noisy:${ip}:5001`);
    // Closing with bytes unread makes the kernel send a reset.
    await ann.say(...Array.from({ length: 10 }, () => `BROADCAST:ann:1000:${"x".repeat(1_000)}`));
    await noisy[Symbol.asyncDispose]();
    await ann.hears(`UPDATE:LEAVE:noisy:${ip}:5001`);
    await using again = await RawClient.join(port, "noisy", "framed", host);
    await again.say("BROADCAST:noisy:4:back");
    await ann.hears("BROADCAST:noisy:4:back");
    assertEquals(ann.heard.all.filter((each) => each.startsWith("UPDATE:LEAVE:")).length, 1);
  });

  testWith(
    NEEDS,
    "a first length of 4 GiB or any other first byte: closed with no answer",
    async () => {
      const { server, port } = await startServer(["--ephemeral"], host);
      await using _ = server;
      for (const bytes of [[0xff, 0xff, 0xff, 0xff], [0x47, 0x45, 0x54]]) {
        await using client = await RawClient.connect(port, "framed", host);
        await client.raw(new Uint8Array(bytes));
        await client.hears("(closed)");
        assertEquals(client.heard.all, ["(closed)"]);
      }
      await using after = await RawClient.join(port, "after", "framed", host);
      assertEquals(after.heard.all, [`LIST:after:${ip}:5001`]);
    },
  );

  testWith(
    NEEDS,
    "errors are told before the end: 4 GiB later, invalid UTF-8, a full room",
    async () => {
      const { server, port } = await startServer(["--ephemeral", "--max-clients", "1"], host);
      await using _ = server;
      await using ann = await RawClient.join(port, "ann", "framed", host);
      await ann.raw(new Uint8Array([0xff, 0xff, 0xff, 0xff]));
      await ann.hears("(closed)");
      assertMatch(ann.heard.all.at(-2) ?? "", /^ERROR:bad-frame:/);
      await server.next("leave", { username: "ann" });
      await using bob = await RawClient.join(port, "bob", "framed", host);
      await using old = await RawClient.connect(port, "classic", host);
      await old.say("REGISTER:old:127.0.0.1:5001");
      await old.hears("(closed)");
      assertMatch(old.heard.all.at(-2) ?? "", /^BROADCAST:server:\d+:full: /);
      await bob.raw(new Uint8Array([0, 0, 0, 1, 0xff]));
      await bob.hears("(closed)");
      assertMatch(bob.heard.all.at(-2) ?? "", /^ERROR:bad-frame:/);
    },
  );
}

testWith(NEEDS, "who does not read is cut and told, the others lose nothing", async () => {
  const { server, port } = await startServer(["--ephemeral", "--message-rate", "0"]);
  await using _ = server;
  await using ann = await RawClient.join(port, "ann");
  await using bob = await RawClient.join(port, "bob");
  // A connection of its own that registers and then never reads.
  using stuck = await Deno.connect({ hostname: "127.0.0.1", port });
  const text = "REGISTER:stuck:127.0.0.1:5001";
  await stuck.write(new Uint8Array([0, 0, 0, text.length, ...new TextEncoder().encode(text)]));
  await ann.hears("UPDATE:JOIN:stuck:127.0.0.1:5001");
  let left = false;
  const leave = ann.hears("UPDATE:LEAVE:stuck:127.0.0.1:5001").then(() => left = true);
  const message = `BROADCAST:ann:4000:${"x".repeat(4_000)}`;
  let sent = 0;
  while (!left && sent < 10_000) {
    await ann.say(...Array(16).fill(message));
    sent += 16;
    // All of them, so that bob is never the slow one.
    for (let i = 0; i < 16; i++) await bob.hears(message, "what ann said");
  }
  await leave;
  assert(left, `still there after ${sent} messages`);
  await ann.say("BROADCAST:ann:4:done");
  await bob.hears("BROADCAST:ann:4:done");
  assertEquals(bob.heard.all.filter((each) => each === message).length, sent);
  await server.next("error", { code: "slow" });
  await server.some("leave", { username: "stuck", reason: "slow" });
});

testWith(NEEDS, "a reader of --json that pauses does not stop the registry", async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...taskArgs("server"),
      ..."--ephemeral --host 127.0.0.1 --port 0 --json --max-per-ip 0".split(" "),
    ],
    cwd: ROOT,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.getReader();
  try {
    const { value } = await reader.read();
    const { port } = JSON.parse(new TextDecoder().decode(value));
    // Two events of 70 bytes each: more than a pipe and the stream before it hold.
    for (let i = 0; i < 40; i++) {
      const names = Array.from({ length: 25 }, (_, j) => `u${i}x${j}`);
      const users = await Promise.all(names.map((name) => RawClient.join(port, name)));
      await Promise.all(users.map((user) => user[Symbol.asyncDispose]()));
    }
    await using ann = await RawClient.join(port, "ann");
    child.kill("SIGTERM");
    await ann.hears((line) => line.startsWith("ERROR:closing:"), "closing");
  } finally {
    child.kill("SIGKILL");
    await reader.cancel();
    await child.status;
  }
}, { holds: Deno.build.os !== "windows", need: "signals" });
