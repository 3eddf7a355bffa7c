/** `send` and `tail`, as processes of their own beside real clients. */
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { testWith } from "../support/permitted.ts";
import { Program, ROOT, startClient, startServer, taskArgs } from "../support/program.ts";

const NEEDS = ["net", "run", "read"] as const;
const notOnWindows = { holds: Deno.build.os !== "windows", need: "signals" };

function one(verb: "send" | "tail", port: number, ...args: string[]): Program {
  return new Program("client", [verb, "--port", String(port), "--ephemeral", ...args]);
}

function send(port: number, to: string, ...args: string[]): Program {
  return one("send", port, "--username", "ann", "--to", to, ...args);
}

/** A tail that is in the room. */
async function startTail(watcher: Program, port: number, ...args: string[]): Promise<Program> {
  const tail = one("tail", port, "--username", "eve", ...args);
  await watcher.some("join", { username: "eve" });
  return tail;
}

async function ended(program: Program): Promise<[code: number, stdout: string, stderr: string]> {
  return [await program.exit(), program.stdout, program.stderr];
}

testWith(
  NEEDS,
  "send --to room: a text, standard input as one message, and its lines as they come",
  async () => {
    const { server, port } = await startServer();
    await using _ = server;
    await using bob = await startClient("bob", port);
    await using first = send(port, "room", "caffè 🙂: yes");
    await bob.next("broadcast", { from: "ann", text: "caffè 🙂: yes" });
    assertEquals(await ended(first), [0, "", ""]);

    await using second = send(port, "room");
    await second.type("two", "", "lines");
    await second.endInput();
    await bob.next("broadcast", { text: "two\n\nlines" });
    assertEquals(await ended(second), [0, "", ""]);

    await using third = send(port, "room", "--lines");
    await third.type("one");
    await bob.next("broadcast", { text: "one" });
    await third.type("", "/quit");
    await bob.next("broadcast", { text: "/quit" });
    await third.endInput();
    assertEquals(await ended(third), [0, "", ""]);

    const line = "x".repeat(3_000);
    await using fourth = send(port, "room");
    await fourth.type(line, line);
    await fourth.endInput();
    for (let i = 0; i < 2; i++) await bob.next("broadcast", { text: line });
    assertEquals(await ended(fourth), [0, "", ""]);
    await bob.some("leave", { username: "ann" });
  },
);

testWith(NEEDS, "send --to NAME: said once it is accepted; several texts in order", async () => {
  const { server, port } = await startServer();
  await using _ = server;
  await using bob = await startClient("bob", port);
  await using asking = send(port, "BOB", "are you there?");
  await bob.next("invite", { from: "ann" });
  await bob.type("/accept ann");
  await bob.next("private", { from: "ann", text: "are you there?", encrypted: true });
  assertEquals(await ended(asking), [0, "", ""]);
  await bob.next("session", { state: "closed", reason: "quit" });

  await using cam = await startClient("cam", port, ["--accept", "all"]);
  await using lines = send(port, "cam", "--lines");
  const texts = Array.from({ length: 150 }, (_, i) => `line ${i}`);
  await lines.type(...texts);
  for (const text of texts) await cam.next("private", { text });
  await lines.type("late");
  await cam.next("private", { text: "late" });
  await lines.endInput();
  assertEquals(await ended(lines), [0, "", ""]);
});

testWith(
  NEEDS,
  "send --to NAME that comes to nothing: exit code 1, one line that says why",
  async () => {
    const { server, port } = await startServer();
    await using _ = server;
    await using bob = await startClient("bob", port);
    await using dan = await startClient("dan", port, ["--accept", "none"]);
    const rejected = send(port, "bob", "hi");
    await bob.next("invite", { from: "ann" });
    await bob.type("/reject ann");
    // One after the other: each has a key of its own for the same name.
    const cases: [() => Program, RegExp][] = [
      [() => rejected, /^confab-client: bob does not want to chat \(1 not delivered\)\n$/],
      [() => send(port, "cam", "hi"), /^confab-client: cam is not here\n$/],
      [() => send(port, "bob~2", "hi"), /^confab-client: bob~2 is not here\n$/],
      [() => send(port, "ann", "hi"), /^confab-client: that is yourself\n$/],
      [
        () => send(port, "dan", "--wait", "1", "hi"),
        /^confab-client: dan has not accepted within 1 s\n$/,
      ],
    ];
    for (const [start, why] of cases) {
      await using each = start();
      assertEquals(await each.exit(), 1);
      assertMatch(each.stderr, why);
      assertEquals(each.stdout, "");
    }
    assert(dan.events.all.every(({ event }) => event !== "invite"));
  },
);

testWith(NEEDS, "send without a key at the other side: not with --no-classic", async () => {
  const { server, port } = await startServer();
  await using _ = server;
  const { RawClient } = await import("../support/raw_client.ts");
  await using _old = await RawClient.join(port, "old", "classic");
  await using program = send(port, "old", "--no-classic", "hi");
  assertEquals(await program.exit(), 1);
  assertMatch(program.stderr, /^confab-client: .*old has no key.*\n$/);
});

testWith(
  NEEDS,
  "send: no registry, a taken name, no text: exit code 1; no name: 2; each in one line",
  async () => {
    const { server, port } = await startServer();
    await using _ = server;
    await using _bob = await startClient("ann", port);
    await using nothing = send(port, "room");
    await nothing.endInput();
    const cases: [Program, number, RegExp][] = [
      [send(1, "room", "hi"), 1, /^confab-client: .*\n$/],
      [send(port, "room", "hi"), 1, /^confab-client: .*already.*--username.*\n$/],
      [nothing, 1, /^confab-client: nothing to send.*\n$/],
      [one("send", port, "--to", "room", "hi"), 2, /^confab-client: --username .*send --help\n$/],
      [one("tail", 1, "--username", "x"), 1, /^confab-client: .*\n$/],
      [one("tail", port), 2, /^confab-client: --username .*tail --help\n$/],
    ];
    for (const [program, code, why] of cases) {
      await using each = program;
      assertEquals(await each.exit(), code);
      assertMatch(each.stderr, why);
      assertEquals(each.stdout, "");
    }
  },
);

testWith(
  NEEDS,
  "tail: what is said, a line each as it is said, after what the registry remembers; --count ends it",
  async () => {
    const { server, port } = await startServer();
    await using _ = server;
    await using bob = await startClient("bob", port);
    await bob.type("/broadcast one", "/broadcast two", "/broadcast three");
    await bob.type('{"command":"whoami"}');
    await bob.next("whoami");
    await using watcher = await startClient("watcher", port, ["--replay", "3"]);
    await watcher.next("replay", { state: "end", count: 3 });
    await using tail = await startTail(bob, port, "--replay", "2", "--count", "4");
    await tail.lines.next((line) => /^\[-\d+ s\] <bob> two$/.test(line));
    await tail.lines.next((line) => /^\[-\d+ s\] <bob> three$/.test(line));
    await bob.type('{"command":"broadcast","text":"two\\nlines"}');
    await tail.lines.next((line) => line === "<bob> two\\nlines");
    await bob.type("/broadcast the end", "/broadcast after it");
    const [code, stdout, stderr] = await ended(tail);
    assertEquals([code, stderr, stdout.split("\n").length], [0, "", 5]);
    assert(stdout.endsWith("<bob> the end\n"));
  },
);

testWith(
  NEEDS,
  "tail --json --private: events of the schema; a signal ends it with exit code 0",
  async () => {
    const { server, port } = await startServer();
    await using _ = server;
    await using bob = await startClient("bob", port);
    await using tail = await startTail(
      bob,
      port,
      ...["--json", "--private", "--accept", "all", "--replay", "5"],
    );
    await bob.type("/broadcast to all", "/chat eve to you alone");
    await tail.some("broadcast", { from: "bob", text: "to all" });
    await tail.some("private", { from: "bob", text: "to you alone", encrypted: true });
    tail.kill("SIGTERM");
    assertEquals(await tail.exit(), 0);
    assertEquals(tail.stderr, "");
    assertEquals(tail.events.all.length, 2);
  },
  notOnWindows,
);

testWith(
  NEEDS,
  "tail without --private: nobody gets in, and no private text is printed",
  async () => {
    const { server, port } = await startServer();
    await using _ = server;
    await using bob = await startClient("bob", port);
    await using tail = await startTail(bob, port, "--count", "1");
    await bob.type("/start eve", "/broadcast hi");
    assertEquals(await ended(tail), [0, "<bob> hi\n", ""]);
    await bob.next("session", { peer: "eve", state: "closed" });
  },
);

testWith(NEEDS, "tail whose reader is gone: exit code 1, one line on stderr", async () => {
  const { server, port } = await startServer();
  await using _ = server;
  await using bob = await startClient("bob", port);
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...taskArgs("client"),
      ...["tail", "--port", `${port}`, "--username", "eve", "--ephemeral"],
    ],
    cwd: ROOT,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stderr = new Response(child.stderr).text();
  await bob.next("join", { username: "eve" });
  await child.stdout.cancel();
  let isOver = false;
  const status = child.status.finally(() => isOver = true);
  // The first write may still be taken by a pipe that nobody reads.
  for (let i = 0; i < 1_000 && !isOver; i++) {
    await bob.type(`/broadcast ${i}`, '{"command":"whoami"}');
    await bob.next("whoami");
  }
  assertEquals((await status).code, 1);
  assertMatch(await stderr, /^confab-client: nobody reads the output\n$/);
}, notOnWindows);

testWith(
  NEEDS,
  "tail goes on when the registry comes back; what is missed is told on stderr, or as an event",
  async () => {
    const { server, port } = await startServer();
    await using plain = one("tail", port, "--username", "eve", "--count", "2");
    await using json = one("tail", port, "--username", "fay", "--count", "2", "--json");
    for (const username of ["eve", "fay"]) await server.some("join", { username });
    {
      await using bob = await startClient("bob", port);
      await bob.type("/broadcast here");
      await plain.lines.next((line) => line === "<bob> here");
      await json.next("broadcast", { text: "here" });
    }
    await server[Symbol.asyncDispose]();
    await using again = new Program("server", [
      "--host",
      "127.0.0.1",
      "--port",
      `${port}`,
      "--json",
    ]);
    for (const username of ["eve", "fay"]) await again.some("join", { username });
    await using bob = await startClient("bob", port);
    await bob.type("/broadcast back");
    assertEquals([await plain.exit(), plain.stdout], [0, "<bob> here\n<bob> back\n"]);
    assertMatch(
      plain.stderr,
      /^! The registry is gone .*\n(.*\n)*! the registry has started anew.*\n$/,
    );
    assertEquals([await json.exit(), json.stderr], [0, ""]);
    await json.some("gap", { missed: null });
    await json.some("error", { code: "not-connected" });
  },
);

testWith(
  NEEDS,
  "send: a peer that dies in the middle, and a registry that does: exit code 1",
  async () => {
    const { server, port } = await startServer();
    {
      await using bob = await startClient("bob", port, ["--accept", "all"]);
      await using lines = send(port, "bob", "--lines");
      await lines.type("one");
      await bob.next("private", { text: "one" });
      bob.kill("SIGKILL");
      await server.some("drop", { username: "bob" });
      await lines.type("two", "three");
      await lines.endInput();
      assertEquals(await lines.exit(), 1);
      assertMatch(lines.stderr, /^confab-client: .*bob.*\n$/);
    }
    await using cam = await startClient("cam", port);
    await using lines = send(port, "room", "--lines", "--wait", "1");
    await lines.type("one");
    await cam.next("broadcast", { text: "one" });
    await server[Symbol.asyncDispose]();
    await lines.type("nobody hears this");
    await lines.endInput();
    assertEquals(await lines.exit(), 1);
    assertMatch(
      lines.stderr,
      /^confab-client: the registry has not acknowledged all within 1 s\n$/,
    );
  },
  notOnWindows,
);
