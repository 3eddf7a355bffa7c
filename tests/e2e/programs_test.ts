/** The real programs, as processes of their own, over loopback. */
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { encodeFrame } from "../../lib/protocol/frame.ts";
import { testWith } from "../support/permitted.ts";
import { Program, startClient, startServer } from "../support/program.ts";
import { RawClient } from "../support/raw_client.ts";

const NEEDS = ["net", "run", "read"] as const;
const notOnWindows = { holds: Deno.build.os !== "windows", need: "signals" };

for (const [host, server] of [["127.0.0.1", "127.0.0.1"], ["::1", "::1"]] as const) {
  testWith(NEEDS, `two clients on ${host}: join, broadcast, private chat, leave`, async () => {
    const { server: registry, port } = await startServer([], host);
    await using _ = registry;
    await using ann = await startClient("ann", port, [], server);
    await using bob = await startClient("bob", port, [], server);
    await ann.next("join", { username: "bob", ip: host });
    await registry.next("join", { username: "bob" });

    await ann.type("/broadcast caffè 🙂: yes");
    await bob.next("broadcast", { from: "ann", text: "caffè 🙂: yes" });
    await bob.type('{"command":"broadcast","text":"two\\nlines"}');
    await ann.next("broadcast", { from: "bob", text: "two\nlines" });

    await ann.type("/start bob");
    await bob.next("invite", { from: "ann" });
    await bob.type("/accept ann");
    for (const each of [ann, bob]) await each.next("session", { state: "open", path: "direct" });
    await ann.type("/chat bob hello  there");
    await bob.next("private", { from: "ann", text: "hello  there" });
    await bob.type("/msg ann hi");
    await ann.next("private", { from: "bob", text: "hi" });

    await bob.type("/quit");
    await bob.next("bye", { reason: "quit" });
    assertEquals(await bob.exit(), 0);
    await ann.some("session", { peer: "bob", state: "closed", reason: "quit" });
    await ann.some("leave", { username: "bob" });
    await ann.endInput();
    assertEquals(await ann.exit(), 0);
    assertEquals([ann.stderr, bob.stderr], ["", ""]);
    assert(ann.events.all.every(({ event }) => event !== "error"));
  });
}

testWith(NEEDS, "mixed on --host ::, IPv4 and IPv6 in one room, chats across", async () => {
  const { server, port } = await startServer([], "::");
  await using _ = server;
  await using four = await startClient("four", port, ["--accept", "all"], "127.0.0.1");
  await using six = await startClient("six", port, ["--accept", "all"], "::1");
  await using old = await RawClient.join(port, "old", "classic");
  await four.next("join", { username: "six", ip: "::1" });
  await six.type("/broadcast hello from six");
  await four.next("broadcast", { from: "six" });
  await old.hears("BROADCAST:six:14:hello from six");
  await four.type("/chat six over the other family");
  await six.next("private", { from: "four", text: "over the other family" });
  await six.type("/chat four and back", "/close four");
  await four.next("private", { from: "six", text: "and back" });
  await four.next("session", { state: "closed", reason: "closed" });
  await six.type("/chat four the other way round");
  await four.next("private", { from: "six", text: "the other way round" });
  assertEquals(
    old.heard.all.filter((line) => line.includes("six:[")),
    [],
    "IPv6 is hidden from it",
  );
});

testWith(NEEDS, "end of input is /quit after the work already queued", async () => {
  const { server, port } = await startServer();
  await using _ = server;
  await using bob = await startClient("bob", port, ["--accept", "all"]);
  await using ann = new Program("client", ["--port", String(port), "--username", "ann", "--json"]);
  await ann.type("/broadcast early", "/chat bob one", "/chat bob two", "/chat nobody x");
  await ann.endInput();
  assertEquals(await ann.exit(), 0);
  await bob.some("broadcast", { text: "early" });
  await bob.next("private", { text: "one" });
  await bob.next("private", { text: "two" });
  await bob.some("leave", { username: "ann" });
  const errors = ann.events.all.filter(({ event }) => event === "error");
  assertEquals(errors.map(({ code }) => code), ["no-such-peer"]);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  testWith(
    NEEDS,
    `${signal}: the registry tells everybody and exits 0; clients go on`,
    async () => {
      const { server, port } = await startServer();
      await using _ = server;
      await using ann = await startClient("ann", port, ["--accept", "all"]);
      await using bob = await startClient("bob", port, ["--accept", "all"]);
      await using old = await RawClient.join(port, "old", "classic");
      await ann.next("join", { username: "bob" });
      await ann.type("/chat bob before");
      await bob.next("private", { text: "before" });
      server.kill(signal);
      assertEquals(await server.exit(), 0);
      await ann.next("error", { code: "closing" });
      await ann.next("error", { code: "not-connected" });
      await old.hears((line) => line.startsWith("BROADCAST:server:") && line.includes("closing"));
      await old.hears("(closed)");
      await bob.type("/chat ann after");
      await ann.next("private", { from: "bob", text: "after" });
      ann.kill(signal);
      assertEquals(await ann.exit(), 0);
      await bob.next("session", { peer: "ann", state: "closed", reason: "quit" });
    },
    notOnWindows,
  );
}

testWith(
  NEEDS,
  "a client killed without a word: its chat is lost, it leaves after the grace",
  async () => {
    const { server, port } = await startServer(["--grace", "1"]);
    await using _ = server;
    await using ann = await startClient("ann", port);
    await using bob = await startClient("bob", port, ["--accept", "all"]);
    await ann.next("join", { username: "bob" });
    await ann.type("/start bob");
    await ann.next("session", { state: "open" });
    bob.kill("SIGKILL");
    await ann.some("session", { state: "closed", reason: "lost" });
    await ann.some("leave", { username: "bob" });
    await using again = await startClient("bob", port);
    await ann.next("join", { username: "bob" });
    assertEquals(ann.events.all.filter(({ event }) => event === "leave").length, 1);
    await again.endInput();
  },
);

testWith(NEEDS, "the registry comes back at its port: clients return by themselves", async () => {
  const { server, port } = await startServer();
  await using ann = await startClient("ann", port);
  await server[Symbol.asyncDispose]();
  await ann.next("error", { code: "not-connected" });
  await using _ = new Program("server", ["--host", "127.0.0.1", "--port", String(port), "--json"]);
  await ann.next("registered");
  await ann.type("/broadcast anybody?", "/quit");
  assertEquals(await ann.exit(), 0);
});

const WRONG: readonly [program: "server" | "client", args: string, code: number, says: RegExp][] = [
  ["client", "--username ann --port 1 --json", 1, /no registry answers at 127\.0\.0\.1:1:/],
  ["client", "--json", 2, /--username/],
  ["client", "--username a:b", 2, /not hold : or ~; a name is 1 to 32 letters, .*; see --help/],
  ["client", "--username ann --nonsense", 2, /--nonsense/],
  ["client", "--username ann extra", 2, /extra/],
  ["client", "--username ann --accept some", 2, /--accept takes ask, known, all, none/],
  ["client", "--username ann --ip nowhere", 2, /--ip/],
  ["client", "--username ann --udp-port 70000", 2, /--udp-port/],
  ["client", "--username", 2, /--username needs a value/],
  ["client", "--username ann --profile x --ephemeral", 2, /exclude/],
  ["server", "--port 70000", 2, /--port/],
  ["server", "--port", 2, /--port needs a value/],
  ["server", "--host nowhere", 2, /--host/],
  ["server", "--max-clients=-1", 2, /--max-clients/],
  ["server", "--grace soon", 2, /--grace/],
  ["server", "--json=yes", 2, /--json takes no value/],
  ["server", "--forget a:b --profile p", 2, /this user name may not hold : or ~; see --help/],
  ["client", "--username ann -- junk", 2, /unknown argument/],
  ["server", "--host 192.0.2.1 --port 0", 1, /cannot listen on 192\.0\.2\.1/],
];
for (const [program, args, code, says] of WRONG) {
  testWith(NEEDS, `${program} ${args}: exit code ${code}, one line on stderr`, async () => {
    await using run = new Program(program, args.split(" "));
    assertEquals(await run.exit(), code);
    assertMatch(run.stderr, says);
    assertEquals(run.stderr.trimEnd().split("\n").length, 1, run.stderr);
  });
}

testWith(NEEDS, "a registry's words on stderr are one line, shown and not done", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    using conn = await listener.accept();
    await conn.read(new Uint8Array(100));
    await conn.write(encodeFrame("ERROR:x:\x1b]0;owned\x07\x1b[2J\nforged\u202e"));
    await conn.read(new Uint8Array(100));
  })();
  const { port } = listener.addr;
  await using ann = new Program("client", ["--port", `${port}`, "--username", "ann"]);
  assertEquals(await ann.exit(), 1);
  await serving;
  const shown = "\\u001b]0;owned\\u0007\\u001b[2J\\nforged\\u202e";
  assertEquals(ann.stderr, `confab-client: ${shown}\n`);
});

testWith(NEEDS, "a name that is taken: exit code 1, and the code as an event", async () => {
  const { server, port } = await startServer();
  await using _ = server;
  await using _ann = await startClient("ann", port);
  await using second = new Program("client", ["--port", `${port}`, "--username", "Ann", "--json"]);
  await second.next("error", { code: "name-taken" });
  await second.next("bye", { reason: "name-taken" });
  assertEquals(await second.exit(), 1);
  assertMatch(second.stderr, /has that name; choose another with --username, .*key --help\n$/);
  assertEquals(second.stderr.trimEnd().split("\n").length, 1);
});

testWith(NEEDS, "--help and --version say what they should on stdout", async () => {
  for (const program of ["server", "client"] as const) {
    await using help = new Program(program, ["--help"]);
    assertEquals([await help.exit(), help.stderr], [0, ""]);
    for (const flag of ["--port", "--json", "--profile", "--ephemeral", "--version"]) {
      assert(help.stdout.includes(flag), flag);
    }
    await using version = new Program(program, ["--version"]);
    assertEquals(await version.exit(), 0);
    assertMatch(version.stdout, /^confab-\w+ \d+\.\d+\.\d+\n$/);
  }
});

testWith(NEEDS, "without --json, lines for people; hostile text is shown, not done", async () => {
  const { server, port } = await startServer();
  await using _ = server;
  await using bob = await RawClient.join(port, "bob");
  await using ann = new Program("client", ["--port", `${port}`, "--username", "ann"]);
  await bob.hears((line) => line.startsWith("UPDATE:JOIN:ann:"));
  const text = "\x1b[31mred\x07\u202e\u009b\nforged";
  await bob.say(`BROADCAST:bob:${[...text].length}:${text}`);
  const shown = "<bob> \\u001b[31mred\\u0007\\u202e\\u009b\\nforged";
  await ann.lines.next((line) => line === shown, shown);
  await ann.type("a plain line", "/help");
  await bob.hears("BROADCAST:ann:12:a plain line");
  await ann.endInput();
  assertEquals(await ann.exit(), 0);
  assert(ann.lines.all.some((line) => line.startsWith("/broadcast <message>")));
  await bob.hears((line) => line.startsWith("UPDATE:LEAVE:ann:"));
});

testWith(
  NEEDS,
  "--json: what is for people changes nothing, and a plain line is the room's",
  async () => {
    const { server, port } = await startServer();
    await using _ = server;
    await using bob = await RawClient.join(port, "bob");
    await using ann = await startClient("ann", port);
    await ann.type(
      "/to bob",
      "plain",
      "/me waves",
      "/ignore bob",
      "/unignore bob",
      "/xyzzy secret",
    );
    for (const verb of ["to", "ignore", "unignore"]) {
      const message = `/${verb} is for people, not with --json`;
      await ann.some("error", { code: "bad-command", message });
    }
    await ann.next("error", {
      code: "bad-command",
      message: "unknown command /xyzzy, nothing was sent: /help lists all",
    });
    await bob.hears("BROADCAST:ann:5:plain");
    await bob.hears("BROADCAST:ann:9:/me waves");
    await bob.say("BROADCAST:bob:9:/me waves");
    await ann.next("broadcast", { from: "bob", text: "/me waves" });
    await ann.type("/quit");
    assertEquals(await ann.exit(), 0);
  },
);
