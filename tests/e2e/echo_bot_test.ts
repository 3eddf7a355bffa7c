/** `examples/echo_bot.ts` as anybody runs it, at a real registry. */
import { assert, assertEquals } from "../support/assert.ts";
import { testWith } from "../support/permitted.ts";
import { type Program, ROOT, startClient, startServer, taskArgs } from "../support/program.ts";

/** The bot as a process with the permissions of a client, once `watcher` sees it come. */
async function startBot(port: number, name: string, watcher: Program): Promise<AsyncDisposable> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...taskArgs("client").slice(0, -1),
      "examples/echo_bot.ts",
      "127.0.0.1",
      `${port}`,
      name,
    ],
    cwd: ROOT,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const bot = {
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
    },
  };
  try {
    await watcher.some("join", { username: name });
    return bot;
  } catch (error) {
    await bot[Symbol.asyncDispose]();
    throw error;
  }
}

/** All that `from` has said to `client` in this way. */
function told(client: Program, event: "broadcast" | "private", from: string): unknown[] {
  return client.events.all
    .filter((each) => each.event === event && each.from === from)
    .map(({ text }) => text);
}

testWith(
  ["net", "run", "read"],
  "the echo bot answers who speaks to it, and no other bot",
  async () => {
    const { server, port } = await startServer();
    await using _ = server;
    await using ann = await startClient("ann", port);
    await using _echo = await startBot(port, "echo", ann);
    await using _other = await startBot(port, "echo2", ann);

    await ann.type("hello all", "echo: hello", "echo2: echo: two bots", "echo: > quoted");
    await ann.next("broadcast", { from: "echo", text: "> hello" });
    await ann.some("broadcast", { from: "echo2", text: "> echo: two bots" });
    await ann.some("broadcast", { from: "echo", text: "> > quoted" });

    await ann.type("/chat echo in private", "/chat echo > an answer", "/chat echo last");
    await ann.next("private", { from: "echo", text: "> last" });
    assertEquals(told(ann, "private", "echo"), ["> in private", "> last"]);
    // Had they answered each other, that would be between these by now.
    await ann.type("echo2: the end", "echo: the end");
    for (const from of ["echo", "echo2"]) {
      await ann.some("broadcast", { from, text: "> the end" });
    }
    assertEquals(told(ann, "broadcast", "echo"), ["> hello", "> > quoted", "> the end"]);
    assertEquals(told(ann, "broadcast", "echo2"), ["> echo: two bots", "> the end"]);
  },
);

testWith(["read"], "the echo bot has under 25 lines, and uses the library alone", () => {
  const source = Deno.readTextFileSync(new URL("examples/echo_bot.ts", ROOT));
  assert(source.trimEnd().split("\n").length < 25);
  assertEquals(Array.from(source.matchAll(/from "([^"]+)"/g), ([, from]) => from), ["../mod.ts"]);
});
