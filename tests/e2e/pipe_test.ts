/** `pipe`, as processes of their own over loopback: bytes, consent, and every way to be cut. */
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { seedOfRun } from "../support/dice.ts";
import { OriginStore } from "../support/origin_store.ts";
import { testWith } from "../support/permitted.ts";
import { PipeProgram, seededBytes } from "../support/pipe_program.ts";
import { startClient, startServer } from "../support/program.ts";

const NEEDS = ["net", "run", "read"] as const;
const notOnWindows = { holds: Deno.build.os !== "windows", need: "signals" };
const SEED = seedOfRun();

function sender(port: number, ...args: string[]): PipeProgram {
  return new PipeProgram(["bob", "--username", "ann", "--port", String(port), ...args]);
}

function receiver(port: number, ...args: string[]): PipeProgram {
  return new PipeProgram(["--from", "ann", "--username", "bob", "--port", String(port), ...args]);
}

/** Writes until nothing is taken any more, or `count` bytes were. */
async function pour(into: PipeProgram, count: number): Promise<string> {
  const { pieces, hash } = seededBytes(count, SEED);
  for (const piece of pieces) await into.write(piece);
  return hash();
}

/** Both ends of a pipe that never ends by itself, with some bytes at the receiver, and its registry. */
interface Flowing extends AsyncDisposable {
  readonly from: PipeProgram;
  readonly to: PipeProgram;
}

async function flowing(): Promise<Flowing> {
  await using ends = new AsyncDisposableStack();
  const { server, port } = await startServer();
  ends.use(server);
  const [from, to] = [sender(port), receiver(port)];
  // Ends once there is nobody to write to.
  const pouring = pour(from, 1_000_000_000).catch(() => {});
  ends.defer(() => pouring.then(() => {}));
  ends.use(from);
  ends.use(to);
  await to.has(1_000_000);
  const all = ends.move();
  return { from, to, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

for (const count of [0, 1, 3_000_000]) {
  testWith(NEEDS, `pipe: ${count} bytes arrive, and both ends say so`, async () => {
    const { server, port } = await startServer();
    await using _ = server;
    // Who takes may come first or last.
    await using early = count === 1 ? sender(port) : receiver(port);
    await early.says("waiting for");
    await using late = count === 1 ? receiver(port) : sender(port);
    const [from, to] = count === 1 ? [early, late] : [late, early];
    const hash = await pour(from, count);
    await from.endInput();
    assertEquals([await from.exit(), await to.exit()], [0, 0], `${from.stderr}${to.stderr}`);
    assertEquals([to.count, to.hash()], [count, hash], `CONFAB_SEED=${SEED}`);
    const said = `${count.toLocaleString("en-US")} bytes`;
    assert(from.stderr.includes(`${said} sent, all there`), from.stderr);
    assert(to.stderr.includes(`${said} taken, all there`), to.stderr);
  });
}

testWith(NEEDS, "pipe: beside the chat of the same person, which sees none of it", async () => {
  const { server, port } = await startServer();
  await using _ = server;
  await using store = new OriginStore();
  const kept = ["--profile", "p"];
  await using chat = await startClient("bob", port, kept, "127.0.0.1", store);
  const args = ["--from", "ann", "--username", "bob", "--port", String(port), ...kept];
  await using to = new PipeProgram(args, store);
  await chat.next("join", { username: "bob~2" });
  await using from = sender(port);
  const hash = await pour(from, 100_000);
  await from.endInput();
  assertEquals([await from.exit(), await to.exit()], [0, 0], `${from.stderr}${to.stderr}`);
  assertEquals([to.count, to.hash()], [100_000, hash]);
  await chat.type("/quit");
  assertEquals(await chat.exit(), 0);
  assert(!chat.events.all.some(({ event }) => event === "session" || event === "private"));
});

testWith(NEEDS, "pipe: who only chats is told, takes nothing, and may say no", async () => {
  const { server, port } = await startServer();
  await using _ = server;
  await using bob = await startClient("bob", port, ["--accept", "all"]);
  await using from = sender(port);
  await from.write(new Uint8Array(1_000));
  await bob.next("invite", { from: "ann", for: "pipe" });
  await bob.type("/reject ann");
  assertEquals(await from.exit(), 1);
  assertMatch(from.stderr, /^confab-client: bob does not want it \(rejected\)$/m);
  assert(!from.stderr.includes("sending"), from.stderr);
});

testWith(NEEDS, "pipe: nobody there within --wait: exit code 1, and what to run", async () => {
  const { server, port } = await startServer();
  await using _ = server;
  await using from = sender(port, "--wait", "1");
  await using to = new PipeProgram(
    ["--from", "eve", "--username", "joe", "--port", String(port), "--wait", "1"],
  );
  assertEquals([await from.exit(), await to.exit()], [1, 1]);
  assertMatch(from.stderr, /bob did not take it within 1 s; there, run: confab-client pipe --from/);
  assertMatch(to.stderr, /eve sent nothing within 1 s/);
});

testWith(
  NEEDS,
  "pipe: one who is not named gets nothing, and nobody else's bytes get in",
  async () => {
    const { server, port } = await startServer();
    await using _ = server;
    await using to = receiver(port);
    await to.says("waiting for ann");
    const args = ["bob", "--username", "eve", "--port", String(port), "--wait", "1"];
    await using stranger = new PipeProgram(args);
    await stranger.write(new Uint8Array(1_000));
    assertEquals(await stranger.exit(), 1);
    assertEquals(to.count, 0);
    await using from = sender(port);
    await from.write(new TextEncoder().encode("hello"));
    await from.endInput();
    assertEquals([await from.exit(), await to.exit(), to.count], [0, 0, 5]);
  },
);

testWith(
  NEEDS,
  "pipe: two receivers of one key at once: one gets all, the other nothing",
  async () => {
    const { server, port } = await startServer();
    await using _ = server;
    await using store = new OriginStore();
    const args = ["--from", "ann", "--username", "bob", "--port", String(port), "--profile", "p"];
    await using one = new PipeProgram(args, store);
    await one.says("waiting for");
    await using two = new PipeProgram(args, store);
    await two.says("waiting for");
    await using from = sender(port);
    const hash = await pour(from, 1_000_000);
    await from.endInput();
    assertEquals(await from.exit(), 0, from.stderr);
    const [done, other] = one.count > 0 ? [one, two] : [two, one];
    assertEquals([await done.exit(), done.count, done.hash()], [0, 1_000_000, hash]);
    other.kill("SIGINT");
    assertEquals([await other.exit(), other.count], [1, 0], other.stderr);
  },
  notOnWindows,
);

testWith(
  NEEDS,
  "pipe: the receiver is killed: the sender says how much is known to be there",
  async () => {
    await using flow = await flowing();
    const { from, to } = flow;
    to.kill("SIGKILL");
    assertEquals(await from.exit(), 1);
    assertMatch(from.stderr, /cut after [\d,]+ bytes, of which [\d,]+ are known to be there: lost/);
  },
  notOnWindows,
);

testWith(
  NEEDS,
  "pipe: the sender is killed: the receiver says how much it has, and has it",
  async () => {
    await using flow = await flowing();
    const { from, to } = flow;
    from.kill("SIGKILL");
    assertEquals(await to.exit(), 1);
    const [, bytes = ""] = /cut after ([\d,]+) bytes: lost/.exec(to.stderr) ?? [];
    assertEquals(Number(bytes.replaceAll(",", "")), to.count, to.stderr);
  },
  notOnWindows,
);

testWith(NEEDS, "pipe: Ctrl-C at either end: the other end hears of it, both fail", async () => {
  for (const which of ["from", "to"] as const) {
    await using flow = await flowing();
    const { from, to } = flow;
    flow[which].kill("SIGINT");
    assertEquals([await from.exit(), await to.exit()], [1, 1]);
    assertMatch(from.stderr, /cut after [\d,]+ bytes.*: quit/);
    assertMatch(to.stderr, /cut after [\d,]+ bytes: quit/);
  }
}, notOnWindows);

testWith(
  NEEDS,
  "pipe: nobody reads the receiver's output any more: both fail, and say so",
  async () => {
    await using flow = await flowing();
    const { from, to } = flow;
    await to.closeOutput();
    assertEquals([await from.exit(), await to.exit()], [1, 1]);
    assertMatch(from.stderr, /output-closed/);
    assertMatch(to.stderr, /output-closed/);
  },
  notOnWindows,
);

testWith(NEEDS, "pipe: called wrongly: exit code 2 and one line", async () => {
  for (
    const args of [
      [],
      ["bob"],
      ["bob", "--from", "ann", "--username", "bob"],
      ["--from", "ann"],
      ["bob", "--username", "ann", "--wait", "soon"],
      ["b:b", "--username", "ann"],
      ["bob", "--username", "ann", "--accept", "all"],
    ]
  ) {
    await using wrong = new PipeProgram(args);
    assertEquals(await wrong.exit(), 2, args.join(" "));
    assertMatch(wrong.stderr, /^confab-client: .*; see pipe --help\n$/, args.join(" "));
  }
});
