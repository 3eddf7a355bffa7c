/** Who somebody is, from one run of the programs to the next. */
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { OriginStore } from "../support/origin_store.ts";
import { testWith } from "../support/permitted.ts";
import { Program, startClient, startServer } from "../support/program.ts";

const NEEDS = ["net", "run", "read", "write", "env"] as const;
const HOST = "127.0.0.1";

/** A registry that keeps its names, and the stores of two machines. */
async function place(): Promise<
  & { server: Program; port: number; kept: OriginStore; here: OriginStore; there: OriginStore }
  & AsyncDisposable
> {
  const kept = new OriginStore();
  const [here, there] = [new OriginStore(), new OriginStore()];
  const { server, port } = await startServer([], HOST, kept);
  const all = [server, kept, here, there];
  return {
    ...{ server, port, kept, here, there },
    async [Symbol.asyncDispose]() {
      for (const each of all) await each[Symbol.asyncDispose]();
    },
  };
}

async function fingerprint(client: Program): Promise<unknown> {
  await client.type("/whoami");
  return (await client.next("whoami")).fingerprint;
}

async function quit(client: Program): Promise<void> {
  await client.endInput();
  assertEquals(await client.exit(), 0);
}

testWith(
  NEEDS,
  "a name is its key's: kept over restarts, refused to others, told helpfully",
  async () => {
    await using at = await place();
    const seen: unknown[] = [];
    for (let run = 0; run < 2; run++) {
      await using ann = await startClient("ann", at.port, [], HOST, at.here);
      seen.push(await fingerprint(ann));
      await quit(ann);
    }
    assertEquals(seen[0], seen[1]);
    const where = ["--port", `${at.port}`, "--username", "Ann", "--json"];
    for (const store of [at.there, undefined]) {
      await using other = new Program("client", where, store);
      await other.next("error", { code: "name-taken" });
      assertEquals(await other.exit(), 1);
      assertMatch(
        other.stderr,
        /another key.*; choose another with --username, .*: confab-client key --help\n$/,
      );
    }
  },
);

testWith(NEEDS, "the same user twice is ann and ann~2, and each is spoken to", async () => {
  await using at = await place();
  await using bob = await startClient("bob", at.port, ["--accept", "all"], HOST, at.there);
  await using ann = await startClient("ann", at.port, [], HOST, at.here);
  const args = ["--port", `${at.port}`, "--username", "ann", "--json"];
  await using second = new Program("client", args, at.here);
  await second.next("registered", { username: "ann~2" });
  assertEquals(await fingerprint(ann), await fingerprint(second));
  await second.type("/broadcast from the second", "/chat bob sealed");
  await bob.some("broadcast", { from: "ann~2", text: "from the second" });
  await bob.some("private", { from: "ann~2", text: "sealed", encrypted: true });
  await bob.type("/chat ann~2 back");
  await second.some("private", { from: "bob", text: "back" });
});

testWith(
  NEEDS,
  "killed and stopped: the next one has the name, within a second if nobody answers",
  async () => {
    await using at = await place();
    await using stopped = await startClient("ann", at.port, [], HOST, at.here);
    stopped.kill("SIGSTOP");
    await using next = await startClient("ann", at.port, [], HOST, at.here);
    await at.server.next("leave", { username: "ann", reason: "taken-over" });
    next.kill("SIGKILL");
    await next.exit();
    await using last = await startClient("ann", at.port, [], HOST, at.here);
    await quit(last);
  },
  { holds: Deno.build.os !== "windows", need: "signals" },
);

testWith(NEEDS, "eight programs of a new user at once: one key, eight names of it", async () => {
  await using at = await place();
  const args = ["--port", `${at.port}`, "--username", "new", "--json"];
  const clients = Array.from({ length: 8 }, () => new Program("client", args, at.here));
  try {
    const names = await Promise.all(
      clients.map(async (each) => (await each.next("registered")).username),
    );
    const expected = ["new", ...Array.from({ length: 7 }, (_, i) => `new~${i + 2}`)];
    assertEquals(names.toSorted(), expected.toSorted());
    assertEquals(new Set(await Promise.all(clients.map(fingerprint))).size, 1);
  } finally {
    for (const client of clients) await client[Symbol.asyncDispose]();
  }
});

testWith(
  NEEDS,
  "--passphrase seals the key: without it, or with a wrong one, nobody goes in",
  async () => {
    await using at = await place();
    const run = async (passphrase: string | undefined): Promise<[number, string, string]> => {
      const args = ["--port", `${at.port}`, "--username", "ann"];
      const input = passphrase === undefined ? "/whoami\n" : `${passphrase}\n/whoami\n`;
      if (passphrase !== undefined) args.push("--passphrase");
      const { code, stdout, stderr } = await at.here.run("client.ts", args, input);
      return [code, /key ((?:[0-9a-f]{4} ?){10})/.exec(stdout)?.[1] ?? stdout, stderr];
    };
    const [, open] = await run(undefined);
    assertEquals((await run("s3cret"))[1], open, "sealed, it is the same");
    assertEquals((await run("s3cret"))[1], open);
    for (
      const [wrong, told] of [
        ["S3cret", /^confab-client: the passphrase is wrong, .*\n$/],
        [undefined, /^confab-client: the key of ann is sealed .*: start with --passphrase\n$/],
      ] as const
    ) {
      const [code, stdout, stderr] = await run(wrong);
      assertEquals([code, stdout], [1, ""]);
      assertMatch(stderr, told);
    }
  },
);

testWith(NEEDS, "a store that is no store: told as an error, and in all the same", async () => {
  await using at = await place();
  const folder = await at.here.folder();
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/local_storage`, "no database".repeat(1_000));
  await using ann = await startClient("ann", at.port, [], HOST, at.here);
  const told = await ann.some("error", { code: "store" });
  assert(String(told.message).length > 20);
  await ann.type("/whoami");
  assertEquals((await ann.next("whoami")).kept, false);
});

testWith(NEEDS, "met, changed, trusted: what two runs of a client know of a peer", async () => {
  await using at = await place();
  await using bob = await startClient("bob", at.port, ["--accept", "all"], HOST, at.there);
  await using ann = await startClient("ann", at.port, [], HOST, at.here);
  await ann.type("/chat bob hello", "/verify bob", "/verified bob");
  await bob.next("private", { text: "hello" });
  await ann.next("trust", { trust: "verified" });
  await quit(ann);
  await quit(bob);
  await at.server.some("leave", { username: "bob" });
  // As the owner of the registry would: bob has lost his machine.
  assertEquals((await at.kept.run("server.ts", ["--forget", "bob"])).code, 0);
  await using next = await startClient("bob", at.port, ["--accept", "all"]);
  await using again = await startClient("ann", at.port, [], HOST, at.here);
  const { message } = await again.next("error", { code: "key-changed" });
  assertMatch(String(message), /\/verify bob.*\/trust bob/);
  await again.type("/chat bob for the old one");
  await again.next("error", { code: "key-changed" });
  await again.type("/trust bob", "/chat bob for the new one");
  await next.next("private", { from: "ann" });
  assertEquals(next.events.all.filter(({ event }) => event === "private").length, 1);
  await again.next("session", { peer: "bob", state: "open", encrypted: true, verified: false });
});
