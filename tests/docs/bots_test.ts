/** The programs in `docs/BOTS.md`, as they stand there. */
import { assert, assertEquals } from "../support/assert.ts";
import {
  BlockFolder,
  type CodeBlock,
  codeBlocks,
  countBlocks,
  hasProgram,
} from "../support/code_blocks.ts";
import { granted, testWith } from "../support/permitted.ts";
import { startClient, startServer } from "../support/program.ts";

const NEEDS = ["net", "run", "read", "write", "env"] as const;
const PAGE = "docs/BOTS.md";
const blocks = granted("read") ? codeBlocks(PAGE) : new Map<string, CodeBlock>();
const having = (...programs: string[]): { holds: boolean; need: string } => ({
  holds: granted("run") && programs.every(hasProgram),
  need: programs.join(", "),
});

/** The bots that do the same in three languages, and what they are run by. */
const BOTS = { "echo_bot.ts": [], "echo_bot.py": ["python3"], "echo_bot.sh": ["jq"] };

testWith(["read"], "every block of the page is run here", () => {
  const run = [
    ...["one_shots.sh", "echo_bot.py", "echo_bot.sh", "echo_bot.ts", "own_registry.sh"],
    "echo_bot_test.ts",
  ];
  assertEquals([...blocks.keys()].sort(), run.sort());
  assertEquals(countBlocks(PAGE), run.length, "no block is without a name");
});

testWith(NEEDS, "one_shots.sh: to the room, to bob, and what tail prints", async () => {
  const { server, port } = await startServer();
  await using _ = server;
  await using bob = await startClient("bob", port, ["--accept", "all"]);
  await using folder = new BlockFolder(port);
  const { code, stdout } = await folder.run(block("one_shots.sh"));
  assertEquals(code, 0);
  const lines = stdout.trimEnd().split("\n").map((line) => line.replace(/^\[-\d+ s\] /, ""));
  assertEquals(lines, ["<cron> backup done", "<cron> disk at 91 %"]);
  await bob.some("broadcast", { text: "disk at 91 %" });
  await bob.some("private", { from: "cron", text: "only for you", encrypted: true });
}, having("sh"));

for (const [name, program] of Object.entries(BOTS)) {
  testWith(NEEDS, `${name} says back what it is told in private`, async () => {
    const { server, port } = await startServer();
    await using _ = server;
    await using ann = await startClient("ann", port);
    await using folder = new BlockFolder(port);
    const bot = folder.start(block(name), [String(port)]);
    await ann.some("join", { username: "echo" });
    for (const text of ["hello", 'caffè 🙂 "\\ two\nlines']) {
      await ann.type(JSON.stringify({ command: "chat", to: "echo", text }));
      await ann.some("private", { from: "echo", text: `> ${text}`, encrypted: true });
    }
    // What quotes is left alone, or two bots would go on for ever.
    await ann.type("/chat echo > hello", "/chat echo last");
    await ann.some("private", { from: "echo", text: "> last" });
    assert(!ann.stdout.includes("> > hello"), ann.stdout);
    await folder.stop();
    await bot.stdout.cancel();
    assertEquals((await bot.status).code, 0);
  }, having("sh", ...program));
}

testWith(NEEDS, "own_registry.sh: a registry on any free port", async () => {
  await using folder = new BlockFolder(1);
  assertEquals((await folder.run(block("own_registry.sh"))).code, 0);
}, having("sh", "jq"));

testWith(NEEDS, "echo_bot_test.ts passes", async () => {
  await using folder = new BlockFolder(1);
  const { code, stdout } = await folder.run(block("echo_bot_test.ts"));
  assertEquals(code, 0, stdout);
});

function block(name = ""): CodeBlock {
  const found = blocks.get(name);
  if (!found) throw new Error(`no block ${name}`);
  return found;
}
