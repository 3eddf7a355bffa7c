/** `confab-client doctor` as a program: against registries of all kinds, and against none. */
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { FakeNat } from "../support/fake_nat.ts";
import { OriginStore } from "../support/origin_store.ts";
import { testWith } from "../support/permitted.ts";
import { Program, startClient, startServer } from "../support/program.ts";

const NEEDS = ["net", "run", "read", "write", "env"] as const;

/** What it told, by check and by feature, and how it ended. */
async function doctor(port: number, ...args: string[]) {
  await using program = new Program("client", ["doctor", "--port", `${port}`, "--json", ...args]);
  const code = await program.exit();
  const checks: Record<string, string> = {};
  const features: Record<string, string> = {};
  for (const event of program.events.all) {
    if (event.event === "check") checks[String(event["check"])] = String(event["status"]);
    if (event.event === "feature") features[String(event["feature"])] = String(event["works"]);
  }
  return { code, checks, features, events: program.events.all, stderr: program.stderr };
}

/** A registry with two UDP ports; the system may have given away the one after its TCP port. */
async function startObserving(): Promise<{ server: Program; port: number }> {
  for (let tries = 0; tries < 20; tries++) {
    const { server, port } = await startServer();
    const [listening] = server.events.all;
    const udpPorts = listening?.["udpPorts"];
    if (Array.isArray(udpPorts) && udpPorts.length === 2) return { server, port };
    await server[Symbol.asyncDispose]();
  }
  throw new Error("no two UDP ports in a row are free");
}

testWith(
  NEEDS,
  "doctor: a registry in order: all is well, and nobody in the room sees it",
  async () => {
    const { server, port } = await startObserving();
    await using _ = server;
    await using ann = await startClient("ann", port);
    const { code, checks, features, stderr } = await doctor(port);
    assertEquals(stderr, "");
    assertEquals(code, 0);
    const names = ["name", "tcp", "confab", "key", "udp-port", "udp", "address", "nat", "udp-in"];
    assertEquals(
      checks,
      Object.fromEntries([...names, "tcp-in", "store", "terminal"].map((name) => [name, "ok"])),
    );
    assertEquals(features, {
      "room": "yes",
      "private": "yes",
      "private-nat": "yes",
      "pipes": "yes",
      "keys": "no",
    });
    await ann.type("/quit");
    assertEquals(await ann.exit(), 0);
    assertEquals(ann.events.all.map(({ event }) => event), ["registered", "bye"]);
  },
);

testWith(NEEDS, "doctor: no registry there: exit code 1, one line on standard error", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const { code, checks, features, stderr } = await doctor(port);
  assertEquals(code, 1);
  assertEquals([checks["tcp"], checks["confab"], checks["tcp-in"]], ["fail", undefined, "ok"]);
  assertEquals(features["room"], "no");
  assertMatch(stderr, /^confab-client: 127\.0\.0\.1 port \d+ cannot be joined: tcp: .*\n$/);
});

testWith(NEEDS, "doctor: what can be no name is not said to be found", async () => {
  for (const server of ["a b", "\u00fcmlaut.invalid"]) {
    const { code, checks, stderr } = await doctor(1, "--server", server);
    assertEquals([code, checks["name"], checks["tcp"]], [1, "fail", undefined], server);
    assertMatch(stderr, /cannot be joined: name: /);
  }
});

testWith(NEEDS, "doctor: something else listens there", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept().then(async (conn) => {
    await conn.write(new TextEncoder().encode("220 mail.example ESMTP\r\n"));
    return conn;
  });
  const { code, checks, stderr } = await doctor(listener.addr.port);
  (await accepted).close();
  assertEquals([code, checks["tcp"], checks["confab"]], [1, "ok", "fail"]);
  assertMatch(stderr, /confab: what answers there is no confab registry/);
});

testWith(
  NEEDS,
  "doctor: a registry that does not observe by UDP",
  async () => {
    const { server, port } = await startServer(["--udp-port", "0"]);
    await using _ = server;
    const { code, checks, features } = await doctor(port);
    assertEquals([code, checks["udp"], checks["nat"]], [0, "warn", "warn"]);
    assertEquals([features["room"], features["private"]], ["yes", "yes"]);
  },
);

testWith(NEEDS, "doctor: a UDP port that is taken is why the client would not start", async () => {
  const { server, port } = await startServer();
  await using _ = server;
  const busy = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const taken = `${(busy.addr as Deno.NetAddr).port}`;
  const { code, checks, stderr } = await doctor(port, "--udp-port", taken);
  busy.close();
  assertEquals([code, checks["udp-port"]], [1, "fail"]);
  assertMatch(stderr, /taken by another program/);
});

testWith(NEEDS, "doctor: lines for people, help, and wrong usage", async () => {
  const { server, port } = await startServer();
  await using _ = server;
  await using plain = new Program("client", ["doctor", "--port", `${port}`]);
  assertEquals(await plain.exit(), 0);
  assertMatch(plain.stdout, /^OK {3}tcp {7}connected in /m);
  assertMatch(plain.stdout, /^What will work:\n/m);
  for (const line of plain.lines.all) {
    assert(line === "" || /^(OK {3}|WARN |NO {3}|What)/.test(line), line);
  }
  await using help = new Program("client", ["doctor", "--help"]);
  assertEquals(await help.exit(), 0);
  assertMatch(help.stdout, /^Usage: confab-client doctor/m);
  await using wrong = new Program("client", ["doctor", "--username", "ann"]);
  assertEquals(await wrong.exit(), 2);
  assertMatch(wrong.stderr, /^confab-client: .*; see doctor --help\n$/);
});

testWith(NEEDS, "doctor: what accepts and says nothing is given up in seconds", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept();
  const { code, checks, stderr } = await doctor(listener.addr.port);
  (await accepted).close();
  const some = [checks["confab"], checks["udp"], checks["tcp-in"]];
  assertEquals([code, ...some], [1, "fail", undefined, "ok"]);
  assertMatch(stderr, /no answer within 3 s/);
});

testWith(
  NEEDS,
  "server: UDP ports asked for by number and taken: exit code 1, one line",
  async () => {
    const busy = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
    const { port: taken } = busy.addr as Deno.NetAddr;
    const args = ["--host", "127.0.0.1", "--port", "0", "--udp-port", `${taken}`];
    await using server = new Program("server", args);
    assertEquals(await server.exit(), 1);
    busy.close();
    assertMatch(
      server.stderr,
      /^confab-server: cannot listen on 127\.0\.0\.1 port 0 or UDP ports \d+ and \d+: .*\n$/,
    );
  },
);

testWith(
  NEEDS,
  "doctor: a registry that is known by another key, and the store in order",
  async () => {
    await using store = new OriginStore();
    const { server, port } = await startServer([], "127.0.0.1", store);
    const known = async (): Promise<Record<string, unknown>[]> => {
      const { stdout } = await store.run("client.ts", ["doctor", "--port", `${port}`, "--json"]);
      return stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
    };
    const textOf = (events: Record<string, unknown>[], check: string): string => {
      const event = events.find((each) => each["check"] === check);
      return `${event?.["status"]}: ${event?.["text"]}`;
    };
    {
      await using _ = server;
      assertMatch(textOf(await known(), "key"), /^ok: .*new to this profile$/);
      const ann = await startClient("ann", port, [], "127.0.0.1", store);
      await ann.endInput();
      assertEquals(await ann.exit(), 0);
      const events = await known();
      assertMatch(textOf(events, "key"), /^ok: .*the one known$/);
      assertMatch(textOf(events, "store"), /^ok: keys are kept: profile default$/);
    }
    const args = ["--host", "127.0.0.1", "--port", `${port}`, "--json", "--profile", "other"];
    await using other = new Program("server", args, store);
    await other.next("listening");
    assertMatch(textOf(await known(), "key"), /^fail: .*ANOTHER KEY.*--trust-registry$/);
  },
);

testWith(NEEDS, "doctor: a store that is no store is told, and the rest goes on", async () => {
  await using store = new OriginStore();
  const folder = await store.folder();
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/local_storage`, "no database".repeat(1_000));
  const { server, port } = await startServer();
  await using _ = server;
  const { code, stdout } = await store.run("client.ts", ["doctor", "--port", `${port}`]);
  assertEquals(code, 0);
  assertMatch(stdout, /^WARN store .*the store is damaged/m);
  assertMatch(stdout, /^NO {3}keys and history: not kept: see above/m);
});

for (const dependent of [false, true]) {
  const kind = dependent ? "endpoint-dependent" : "endpoint-independent";
  testWith(NEEDS, `doctor: behind a NAT, ${kind}: it says so`, async () => {
    const { server, port } = await startObserving();
    await using _ = server;
    await using nat = new FakeNat(port, [port, port + 1], { dependent });
    const { code, checks, features, events } = await doctor(port, "--server", nat.hostname);
    assertEquals([code, checks["udp"], checks["nat"]], [0, "ok", dependent ? "warn" : "ok"]);
    const text = events.find((event) => event["check"] === "nat")?.["text"];
    assertMatch(String(text), new RegExp(`^a NAT, ${kind}`));
    assertEquals([features["private"], features["private-nat"]], ["yes", "yes"]);
    assertEquals(features["pipes"], "if");
  }, { holds: Deno.build.os === "linux", need: "127.0.0.2" });
}
