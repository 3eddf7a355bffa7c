/** The registry's program and what it stores from one run to the next. */
import { assertEquals, assertMatch, assertNotEquals } from "../support/assert.ts";
import { OriginStore } from "../support/origin_store.ts";
import { testWith } from "../support/permitted.ts";
import { type Program, startServer } from "../support/program.ts";
import { RawClient } from "../support/raw_client.ts";
import { identityNumber } from "../support/registry_bench.ts";

const NEEDS = ["net", "run", "read", "write", "env"] as const;
const SIGNALS = { holds: Deno.build.os !== "windows", need: "signals" };
const ANN = identityNumber(1);
const BOB = identityNumber(2);

/** Asks a registry to stop, and waits until it has and all is stored. */
async function stop(server: Program): Promise<void> {
  server.kill("SIGTERM");
  assertEquals(await server.exit(), 0);
}

/** What REGISTER is answered with, and who answered. */
async function ask(port: number, name: string, identity = ANN): Promise<[string, RawClient]> {
  await using client = await RawClient.ask(port, name, identity);
  const answer = await client.hears((line) => /^(ROSTER|ERROR):/.test(line), "an answer");
  return [/^(ROSTER|ERROR:[a-z-]+)/.exec(answer)?.[0] ?? answer, client];
}

testWith(
  NEEDS,
  "the registry's key and a binding outlive the program, for each profile",
  async () => {
    await using store = new OriginStore();
    const keys: string[] = [];
    for (
      const args of [[], [], ["--profile", "default"], ["--profile", "other"], ["--ephemeral"]]
    ) {
      const { server, port } = await startServer(args, "127.0.0.1", store);
      await using _ = server;
      const [answer, { registryKey, capabilities }] = await ask(
        port,
        "ann",
        keys.length ? BOB : ANN,
      );
      const isOfSame = keys.length > 0 && keys.length < 3;
      assertEquals(answer, isOfSame ? "ERROR:name-taken" : "ROSTER");
      assertEquals(
        capabilities,
        args.includes("--ephemeral")
          ? "keys,resume,replay,observe,relay,ephemeral"
          : "keys,resume,replay,observe,relay",
      );
      if (isOfSame) assertEquals((await ask(port, "ann"))[0], "ROSTER");
      keys.push(registryKey);
      await stop(server);
    }
    assertEquals(keys.slice(0, 3), Array(3).fill(keys[0]));
    assertEquals(new Set(keys).size, 3, "another profile's is another, and so is an ephemeral one");
  },
  SIGNALS,
);

testWith(
  NEEDS,
  "--forget: one line, and the name is free, also while the registry runs",
  async () => {
    await using store = new OriginStore();
    const forget = (...args: string[]): ReturnType<OriginStore["run"]> =>
      store.run("server.ts", ["--forget", ...args]);
    const none = await forget("ann");
    assertEquals([none.code, none.stdout], [1, ""]);
    assertMatch(none.stderr, /^confab-server: no key has the name ann \(profile default\)\n$/);

    const { server, port } = await startServer([], "127.0.0.1", store);
    await using _ = server;
    assertEquals((await ask(port, "ann"))[0], "ROSTER");
    await server.next("leave");
    assertEquals((await ask(port, "ann", BOB))[0], "ERROR:name-taken");
    assertEquals((await forget("ann", "--profile", "other")).code, 1, "not in that profile");
    assertEquals(await forget("ANN"), {
      code: 0,
      stdout: "ANN is free: whoever comes next under that name has it\n",
      stderr: "",
    });
    assertEquals((await ask(port, "ann", BOB))[0], "ROSTER");
    assertEquals((await ask(port, "ann"))[0], "ERROR:name-taken");
    await stop(server);

    const json = await forget("ann", "--json");
    assertEquals(JSON.parse(json.stdout), { event: "forgotten", username: "ann" });
    assertEquals((await forget("ann")).code, 1);
  },
  SIGNALS,
);

testWith(NEEDS, "wrong flags about what is stored are wrong usage", async () => {
  await using store = new OriginStore();
  for (
    const args of [
      ["--forget", "ann", "--ephemeral"],
      ["--profile", "a", "--ephemeral"],
      ["--profile", "a b"],
      ["--profile", "../x"],
      ["--profile", "x".repeat(33)],
      ["--forget"],
      ["--no-classic=1"],
    ]
  ) {
    const { code, stdout, stderr } = await store.run("server.ts", args);
    assertEquals([code, stdout], [2, ""], args.join(" "));
    assertEquals(stderr.trimEnd().split("\n").length, 1);
  }
});

testWith(NEEDS, "a damaged key of the registry is told, and left alone", async () => {
  await using store = new OriginStore();
  const seen: string[] = [];
  const damage = `data:text/javascript,localStorage.setItem("confab/default/registry/key", "{")`;
  assertEquals((await store.run(damage, [])).code, 0);
  for (let i = 0; i < 2; i++) {
    const { server, port } = await startServer([], "127.0.0.1", store);
    await using _ = server;
    assertMatch(server.lines.all[0] ?? "", /"error".*"store".*damaged/);
    const [answer, { registryKey, capabilities }] = await ask(port, "ann");
    assertEquals([answer, capabilities], ["ROSTER", "keys,resume,replay,observe,relay,ephemeral"]);
    seen.push(registryKey);
    await stop(server);
  }
  assertNotEquals(seen[0], seen[1]);
}, SIGNALS);

testWith(
  NEEDS,
  "--no-classic: told in its dialect, closed; framed clients are served",
  async () => {
    const { server, port } = await startServer(["--ephemeral", "--no-classic"]);
    await using _ = server;
    await using classic = await RawClient.connect(port, "classic");
    await classic.say("REGISTER:old:127.0.0.1:5001");
    await classic.hears("(closed)");
    assertMatch(classic.heard.all[0] ?? "", /^BROADCAST:server:\d+:no-classic: /);
    assertEquals(classic.heard.all.length, 2);
    await using ann = await RawClient.join(port, "ann");
    assertEquals(ann.heard.all, ["LIST:ann:127.0.0.1:5001"]);
  },
);

testWith(
  NEEDS,
  "a session that does not answer is cut by the clock, its name is its key's",
  async () => {
    const { server, port } = await startServer(["--ephemeral"]);
    await using _ = server;
    await using silent = await RawClient.ask(port, "ann", ANN);
    await silent.hears((line) => line.startsWith("ROSTER:"), "ROSTER");
    const from = performance.now();
    await using next = await RawClient.ask(port, "ann", ANN);
    await silent.hears((line) => line.startsWith("PING:"), "PING");
    await next.hears((line) => line.startsWith("ROSTER:0:ann:"), "its name");
    assertEquals(performance.now() - from >= 490, true);
    await silent.hears("(closed)");
    await server.next("leave", { username: "ann", reason: "taken-over" });
    const again = await RawClient.ask(port, "ann", ANN);
    await using __ = again;
    const ping = await next.hears((line) => line.startsWith("PING:"), "PING");
    await next.say(ping.replace("PING", "PONG"));
    await again.hears((line) => line.startsWith("ROSTER:0:ann~2:"), "a number");
  },
);

testWith(
  ["net", "run", "read"],
  "500 connections of one byte a second over real sockets: closed within 6 s, 20 users lose nothing",
  async () => {
    const { server, port } = await startServer(["--ephemeral", "--max-per-ip", "0"]);
    await using _ = server;
    const users: RawClient[] = [];
    for (let i = 0; i < 20; i++) {
      users.push(await RawClient.join(port, `user${i}`, i % 2 ? "classic" : "framed"));
    }
    const bytes = new TextEncoder().encode("REGISTER:slow:127.0.0.1:5001\r\n");
    const slow = await Promise.all(
      Array.from({ length: 500 }, () => Deno.connect({ hostname: "127.0.0.1", port })),
    );
    const from = performance.now();
    const ends = slow.map(async (conn) => {
      const buffer = new Uint8Array(1_024);
      while (await conn.read(buffer).catch(() => null) !== null);
      return performance.now() - from;
    });
    const said: string[] = [];
    let second = 0;
    const beat = (): void => {
      for (const conn of slow) conn.write(bytes.subarray(second, second + 1)).catch(() => {});
      users.forEach((user, i) => user.say(`BROADCAST:user${i}:1:${second}`));
      said.push(...users.map((_, i) => `BROADCAST:user${i}:1:${second}`));
      second++;
    };
    beat();
    const timer = setInterval(beat, 1_000);
    try {
      const took = await Promise.all(ends);
      assertEquals(took.filter((ms) => ms > 6_000), []);
    } finally {
      clearInterval(timer);
      for (const conn of slow) conn.close();
    }
    for (const [i, user] of users.entries()) {
      const others = said.filter((line) => !line.startsWith(`BROADCAST:user${i}:`));
      for (const line of others) await user.heard.some((each) => each === line, line);
      const heard = user.heard.all.filter((line) => line.startsWith("BROADCAST:"));
      assertEquals(heard.toSorted(), others.toSorted());
      await user[Symbol.asyncDispose]();
    }
  },
);
