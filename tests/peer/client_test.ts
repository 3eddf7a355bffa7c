/** The client as a library: how it ends, and what its promises and iterators do then. */
import { Client, ClientError, type ClientEvent, joinRegistry, startRegistry } from "../../mod.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../support/assert.ts";
import { FakeRegistry, OWN_KEY } from "../support/fake_registry.ts";
import { testWith } from "../support/permitted.ts";

const LOCAL = { hostname: "127.0.0.1", port: 0 } as const;

testWith(["net"], "library: a bot over events(); quitting twice, disposing after it", async () => {
  await using registry = startRegistry(LOCAL);
  const { port } = registry.addr;
  await using bot = await joinRegistry({ port, username: "bot", accept: "all" });
  const ann = await joinRegistry({ port, username: "ann" });
  const answering = (async () => {
    for await (const event of bot.events()) {
      if (event.event === "private") bot.chat(event.from, `you said ${event.text}`);
    }
  })();
  const heard = ann.events();
  ann.chat("bot", "hi");
  const texts: string[] = [];
  for await (const event of heard) {
    if (event.event !== "private") continue;
    texts.push(event.text);
    break;
  }
  assertEquals(texts, ["you said hi"]);
  const [first, second] = await Promise.all([ann.quit(), ann.quit()]);
  assertEquals([first.reason, second.reason], ["quit", "quit"]);
  await ann[Symbol.asyncDispose]();
  await bot.quit();
  await answering;
});

testWith(["net"], "library: the README's example bot echoes", async () => {
  await using registry = startRegistry(LOCAL);
  const { port } = registry.addr;
  await using echo = await joinRegistry({ port, username: "echo", accept: "all" });
  const running = (async () => {
    for await (const event of echo.events()) {
      if (event.event === "private") echo.chat(event.from, event.text);
    }
  })();
  const told: ClientEvent[] = [];
  const back = Promise.withResolvers<void>();
  await using ann = await joinRegistry({
    port,
    username: "ann",
    onEvent: (event) => {
      told.push(event);
      if (event.event === "private") back.resolve();
    },
  });
  ann.chat("echo", "漢字 🙂");
  await back.promise;
  assertEquals(told.find((event) => event.event === "private")?.text, "漢字 🙂");
  await echo.quit();
  await running;
});

testWith(
  ["net"],
  "library: events() of a client that has ended is empty; all waiting reads end",
  async () => {
    await using registry = startRegistry(LOCAL);
    const client = await joinRegistry({ port: registry.addr.port, username: "ann" });
    const events = client.events();
    const reads = [events.next(), events.next(), events.next()];
    await client.quit();
    const done = (await Promise.all(reads)).map(({ done }) => done);
    assertEquals(done, [false, true, true], "bye, then the end for each");
    for await (const event of client.events()) throw new Error(`told ${event.event}`);
  },
);

testWith(
  ["net"],
  "library: abort settles everything, and commands after it do nothing",
  async () => {
    await using registry = startRegistry(LOCAL);
    const { port } = registry.addr;
    await using bob = await joinRegistry({ port, username: "bob" });
    const ann = new Client({ port, username: "ann" });
    const events = ann.events();
    const waiting = assertRejects(() => ann.registered, ClientError, "aborted");
    await ann.abort();
    await waiting;
    ann.chat("bob", "from beyond");
    ann.command({ command: "start", to: "bob" });
    assertEquals((await ann.finished).reason, "aborted");
    assertEquals((await events.next()).done, true);
    await ann[Symbol.asyncDispose]();
    assertEquals(bob.peers.some(({ username }) => username === "ann"), false);
  },
);

testWith(
  ["net"],
  "library: quit before registered; no registry; a bad name; a bad address",
  async () => {
    await using registry = startRegistry(LOCAL);
    const { port } = registry.addr;
    const early = new Client({ port, username: "early" });
    assertEquals((await early.quit()).reason, "quit");
    await assertRejects(
      () => joinRegistry({ port: 1, username: "ann" }),
      ClientError,
      "127.0.0.1:1",
    );
    assertThrows(() => new Client({ port, username: "a b" }));
    assertThrows(() => new Client({ port, username: "ann", ip: "nowhere" }), RangeError);
    await assertRejects(
      () => joinRegistry({ port, username: "ann", ip: "127.0.0.1", udpPort: 1_000_000 }),
      ClientError,
    );
  },
);

testWith(["net"], "library: stop() of a registry twice, with clients in it", async () => {
  const registry = startRegistry(LOCAL);
  const told: ClientEvent[] = [];
  const ann = await joinRegistry({
    port: registry.addr.port,
    username: "ann",
    onEvent: (event) => told.push(event),
  });
  await Promise.all([registry.stop(), registry.stop()]);
  await ann.quit();
  assert(told.some((event) => event.event === "error" && event.code === "closing"));
});

testWith(["net"], "library: what a registry says before its roster is no event", async () => {
  const bob = `bob:127.0.0.1:5002:${"b0".repeat(8)}:-`;
  await using registry = new FakeRegistry(() => [
    "UPDATE:JOIN:early:127.0.0.1:5001",
    "BROADCAST:early:2:hi",
    `ROSTER:1:ann:127.0.0.1:5001:${"a0".repeat(8)}:${OWN_KEY}`,
    "BROADCAST:early:2:hi",
    `ROSTER:0:${bob}`,
    "BROADCAST:bob:2:hi",
  ]);
  const told: string[] = [];
  const heard = Promise.withResolvers<void>();
  await using _client = new Client({
    port: registry.port,
    username: "ann",
    onEvent: (event) => {
      told.push(event.event);
      if (event.event === "broadcast") heard.resolve();
    },
  });
  await heard.promise;
  assertEquals(told, ["registered", "broadcast"]);
});
