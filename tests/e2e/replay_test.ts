/** What the room remembers, with the real programs: who is given it, who is told so, who turns it off. */
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { testWith } from "../support/permitted.ts";
import { type JsonEvent, Program, startClient, startServer } from "../support/program.ts";

const NEEDS = ["net", "run", "read"] as const;

/** A client with a line face, in the room. */
async function startPlain(port: number, name: string, ...args: string[]): Promise<Program> {
  const client = new Program("client", ["--port", `${port}`, "--username", name, ...args]);
  await client.lines.next((line) => line.startsWith(`-!- you are ${name}`));
  return client;
}

/** Says each of these. */
async function say(client: Program, ...texts: string[]): Promise<void> {
  await client.type(...texts.map((text) => `/broadcast ${text}`));
}

/** What it has told of one kind. */
function told(client: Program, event: string): readonly JsonEvent[] {
  return client.events.all.filter((each) => each.event === event);
}

testWith(
  NEEDS,
  "people are told that the registry remembers, and shown what, marked; programs only if they ask",
  async () => {
    const { server, port } = await startServer();
    await using _ = server;
    await using ann = await startClient("ann", port);
    await using bob = await startClient("bob", port);
    await say(ann, "one", "two", "three");
    await bob.next("broadcast", { text: "three" });
    await using cam = await startPlain(port, "cam");
    await cam.lines.next((line) => line === "-!- that was before you came");
    const shown = cam.lines.all.slice(1);
    assertEquals(
      shown[0],
      "-!- the registry keeps the last 50 messages for those who come: 3 follow",
    );
    for (const [i, text] of ["one", "two", "three"].entries()) {
      assertMatch(shown[i + 1] ?? "", new RegExp(`^\\[-\\d+ s\\] <ann> ${text}$`));
    }
    await ann.type("/broadcast live");
    await cam.lines.next((line) => line === "<ann> live");

    await using asks = await startClient("dan", port, ["--replay", "2"]);
    await asks.next("replay", { state: "begin", count: 2, limit: 50 });
    await asks.next("broadcast", { from: "ann", text: "three", replayed: true });
    await asks.next("broadcast", { from: "ann", text: "live", replayed: true });
    await asks.next("replay", { state: "end", count: 2, limit: 50 });
    await using program = await startClient("eve", port);
    await using knows = await startClient("fay", port, ["--replay", "0"]);
    await knows.next("replay", { state: "end", count: 0, limit: 50 });
    await ann.type("/broadcast live again");
    for (const each of [asks, program, knows]) {
      const { replayed } = await each.next("broadcast", { text: "live again" });
      assertEquals(replayed, undefined);
    }
    assert(program.events.all.every(({ event }) => event !== "replay"));
  },
);

testWith(
  NEEDS,
  "server --replay 0: nothing is given, and people are told; --replay 1: one",
  async () => {
    for (const limit of [0, 1]) {
      const { server, port } = await startServer(["--replay", `${limit}`]);
      await using _ = server;
      await using ann = await startClient("ann", port);
      await using bob = await startClient("bob", port);
      await say(ann, "one", "two");
      await bob.next("broadcast", { text: "two" });
      await using cam = await startPlain(port, "cam");
      await using dan = await startClient("dan", port, ["--replay", "9"]);
      await dan.next("replay", { state: "end", count: limit, limit });
      await ann.type("/broadcast live");
      await cam.lines.next((line) => line === "<ann> live");
      const lines = cam.lines.all.filter((line) => /registry|\[-/.test(line));
      if (limit === 0) {
        assertEquals(lines, ["-!- the registry gives newcomers nothing of what was said before"]);
        assert(dan.events.all.every(({ replayed }) => replayed === undefined));
      } else {
        assertMatch(
          lines.join("\n"),
          /^-!- .* the last message .* 1 follows\n\[-\d+ s\] <ann> two$/,
        );
      }
    }
  },
);

testWith(NEEDS, "a registry that comes back: nothing that was shown is shown again", async () => {
  const first = await startServer();
  await using bob = await startClient("bob", first.port, ["--replay", "50"]);
  {
    await using ann = await startClient("ann", first.port);
    await ann.type("/broadcast one");
    await bob.next("broadcast", { text: "one" });
  }
  await first.server[Symbol.asyncDispose]();
  await using server = new Program("server", [
    ...["--host", "127.0.0.1", "--port", `${first.port}`, "--json"],
  ]);
  await server.next("listening");
  await using ann = await startClient("ann", first.port);
  await ann.type("/broadcast two");
  await bob.next("error", { code: "not-connected" });
  await bob.next("registered");
  await ann.type("/broadcast three");
  await bob.next("broadcast", { text: "three" });
  assertEquals(told(bob, "replay").length, 2, "once, when it came first");
  assert(told(bob, "broadcast").every(({ replayed }) => replayed === undefined));
});
