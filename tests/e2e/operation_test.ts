/** The registry's program as an operator meets it: signals, metrics, file descriptors, its log. */
import { FrameDecoder } from "../../lib/protocol/frame.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { Inbox, PATIENCE_MS } from "../support/eventually.ts";
import { testWith } from "../support/permitted.ts";
import { type JsonEvent, Program, ROOT, startServer, taskArgs } from "../support/program.ts";
import { RawClient } from "../support/raw_client.ts";

const NEEDS = ["net", "run", "read"] as const;
const SIGNALS = { holds: Deno.build.os !== "windows", need: "signals" };
const LINUX = { holds: Deno.build.os === "linux", need: "Linux" };
const UNLIMITED = ["--ephemeral", "--message-rate", "0", "--max-per-ip", "0"];

/** Its exit code; -1 where it had to be killed. */
async function exitOf(server: Program): Promise<number> {
  let isKilled = false;
  const timer = setTimeout(() => {
    isKilled = true;
    server.kill("SIGKILL");
  }, PATIENCE_MS);
  const code = await server.exit();
  clearTimeout(timer);
  return isKilled ? -1 : code;
}

/** A connection that registers, and reads nothing before it is told to. */
class LateReader implements AsyncDisposable {
  readonly #conn: Deno.TcpConn;

  private constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
  }

  static async join(port: number, username: string, others: RawClient): Promise<LateReader> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    const text = `REGISTER:${username}:127.0.0.1:5001`;
    await conn.write(new Uint8Array([0, 0, 0, text.length, ...new TextEncoder().encode(text)]));
    await others.hears(`UPDATE:JOIN:${username}:127.0.0.1:5001`);
    return new LateReader(conn);
  }

  /** All that is there for it, to the end of the connection. */
  async readAll(): Promise<string[]> {
    const decoder = new FrameDecoder();
    const heard: string[] = [];
    const buffer = new Uint8Array(65_536);
    for (;;) {
      const count = await this.#conn.read(buffer).catch(() => null);
      if (count === null) return heard;
      decoder.push(buffer.subarray(0, count));
      for (let part = decoder.next(); part; part = decoder.next()) {
        heard.push(new TextDecoder().decode(part));
      }
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#conn.close();
    return Promise.resolve();
  }
}

/** What ann sends in one round, and how many bytes that is for each recipient. */
const ROUND = Array.from({ length: 8 }, () => `BROADCAST:ann:4000:${"x".repeat(4_000)}`);
const MAX_ROUNDS = 1_000;
/** Rounds that are not sent, so that what waits stays under the bound of 256 KiB: half of it. */
const SPARE_ROUNDS = 4;

/** Sends a round, and waits until `bob` has it. */
async function sendRound(ann: RawClient, bob: RawClient, number: number): Promise<void> {
  const end = `round ${number}`;
  await ann.say(...ROUND, `BROADCAST:ann:${end.length}:${end}`);
  await bob.hears(`BROADCAST:ann:${end.length}:${end}`);
}

/** How many rounds can be sent to who does not read until it is cut: most of them the kernel holds. */
async function roundsUntilCut(port: number, ann: RawClient, bob: RawClient): Promise<number> {
  await using _ = await LateReader.join(port, "probe", ann);
  const isGone = (): boolean => bob.heard.all.includes("UPDATE:LEAVE:probe:127.0.0.1:5001");
  for (let round = 1; round < MAX_ROUNDS; round++) {
    await sendRound(ann, bob, round);
    if (isGone()) return round;
  }
  throw new Error("who does not read was not cut");
}

testWith(
  NEEDS,
  "SIGTERM: who reads, however late, has everything and closing; who does not holds nothing up",
  async () => {
    const { server, port } = await startServer(UNLIMITED);
    await using _ = server;
    await using ann = await RawClient.join(port, "ann");
    await using bob = await RawClient.join(port, "bob");
    const rounds = await roundsUntilCut(port, ann, bob) - SPARE_ROUNDS;
    await using _stuck = await LateReader.join(port, "stuck", ann);
    await using late = await LateReader.join(port, "late", ann);
    for (let round = 1; round <= rounds; round++) await sendRound(ann, bob, round);
    const names = Array.from({ length: 46 }, (_, i) => `u${i}`);
    const others = await Promise.all(names.map((name) => RawClient.join(port, name)));
    try {
      const last = Array.from({ length: 20 }, (_, i) => `BROADCAST:ann:7:last ${i + 10}`);
      await ann.say(...last);
      await bob.hears(last.at(-1) ?? "");
      // Twice at once is once: `deno task` passes on what a terminal has told both.
      server.kill("SIGTERM");
      server.kill("SIGINT");
      await server.next("closing");
      const lateHeard = late.readAll();
      for (const other of others) {
        await other.hears("(closed)");
        const said = other.heard.all.filter((line) => /^(BROADCAST|ERROR):/.test(line));
        assertEquals(said.slice(0, -1), last);
        assertMatch(said.at(-1) ?? "", /^ERROR:closing:/);
      }
      const heard = await lateHeard;
      assertMatch(heard.at(-1) ?? "", /^ERROR:closing:/);
      const texts = heard.filter((line) => line.startsWith("BROADCAST:"));
      assertEquals(texts.length, rounds * (ROUND.length + 1) + last.length);
      assertEquals(texts.slice(-last.length), last);
      // Somebody has not taken all, and the end came all the same.
      assertEquals((await server.next("closed")).flushed, false);
      assertEquals(await exitOf(server), 0);
      assertEquals(server.stderr, "");
    } finally {
      await Promise.all(others.map((other) => other[Symbol.asyncDispose]()));
    }
  },
  SIGNALS,
);

testWith(NEEDS, "another signal ends it at once", async () => {
  const { server, port } = await startServer(UNLIMITED);
  await using _ = server;
  await using ann = await RawClient.join(port, "ann");
  await using bob = await RawClient.join(port, "bob");
  const rounds = await roundsUntilCut(port, ann, bob) - SPARE_ROUNDS;
  await using _stuck = await LateReader.join(port, "stuck", ann);
  for (let round = 1; round <= rounds; round++) await sendRound(ann, bob, round);
  server.kill("SIGINT");
  await server.next("closing");
  await ann.hears((line) => line.startsWith("ERROR:closing:"), "closing");
  // Not too soon after the first one, or it counts as the same.
  const impatience = setInterval(() => server.kill("SIGTERM"), 50);
  const code = await exitOf(server).finally(() => clearInterval(impatience));
  assertEquals(code, 0);
  assertEquals(server.events.all.at(-1)?.event, "closing", "it did not wait to be closed");
}, SIGNALS);

testWith(NEEDS, "every line says when, in both faces; nothing else is said", async () => {
  const { server, port } = await startServer(["--ephemeral"]);
  await using _ = server;
  const ann = await RawClient.join(port, "ann");
  await server.next("join", { username: "ann", ip: "127.0.0.1", udpPort: 5001 });
  await ann[Symbol.asyncDispose]();
  await server.next("leave", { username: "ann", reason: "ended" });
  server.kill("SIGTERM");
  assertEquals(await exitOf(server), 0);
  const events = server.events.all.map(({ event }) => event);
  assertEquals(events, ["listening", "join", "leave", "closing", "closed"]);
  const times = server.events.all.map(({ time }) => String(time));
  for (const time of times) assertMatch(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assertEquals(times, times.toSorted());
  assertEquals(server.events.all.at(-1)?.flushed, true);

  await using plain = new Program("server", ["--host", "127.0.0.1", "--port", "0"]);
  await plain.lines.next((line) => line.includes("listening on 127.0.0.1 port "));
  plain.kill("SIGTERM");
  assertEquals(await exitOf(plain), 0);
  assertEquals(plain.lines.all.length, 3);
  for (const line of plain.lines.all) assertMatch(line, /^\d\d:\d\d:\d\d /);
  assertEquals(server.stderr + plain.stderr, "");
}, SIGNALS);

/** One sample of `/metrics`. */
async function sample(port: number, name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const line = text.split("\n").find((each) => each.startsWith(`${name} `));
  return Number(line?.slice(name.length));
}

testWith(NEEDS, "--metrics: who is here, health, and 503 while it closes", async () => {
  const { server, port } = await startServer([...UNLIMITED, "--metrics", "0"]);
  await using _ = server;
  const metrics = Number(server.events.all[0]?.metricsPort);
  const response = await fetch(`http://127.0.0.1:${metrics}/metrics`);
  assertEquals(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  assertStringIncludes(await response.text(), "\n# TYPE confab_deliveries_total counter\n");
  await using ann = await RawClient.join(port, "ann");
  await using bob = await RawClient.join(port, "bob");
  assertEquals(await sample(metrics, "confab_users"), 2);
  assertEquals(await sample(metrics, "confab_connections"), 2);
  assert(await sample(metrics, "process_resident_memory_bytes") > 1_000_000);
  const started = await sample(metrics, "process_start_time_seconds");
  assert(Math.abs(started - Date.now() / 1_000) < 3_600, `${started} is a time of today`);
  const health = await fetch(`http://127.0.0.1:${metrics}/healthz`);
  assertEquals([health.status, await health.text()], [200, "ok\n"]);

  const rounds = await roundsUntilCut(port, ann, bob) - SPARE_ROUNDS;
  await using _stuck = await LateReader.join(port, "stuck", ann);
  for (let round = 1; round <= rounds; round++) await sendRound(ann, bob, round);
  server.kill("SIGTERM");
  await ann.hears("(closed)");
  const closing = await fetch(`http://127.0.0.1:${metrics}/healthz`);
  assertEquals([closing.status, await closing.text()], [503, "closing\n"]);
  assertEquals(await exitOf(server), 0);
}, SIGNALS);

testWith(NEEDS, "--metrics: hostile scrapers take nothing from the users", async () => {
  const { server, port } = await startServer([...UNLIMITED, "--metrics", "0"]);
  await using _ = server;
  const metrics = Number(server.events.all[0]?.metricsPort);
  const hostile: Deno.TcpConn[] = [];
  try {
    await using ann = await RawClient.join(port, "ann");
    await using bob = await RawClient.join(port, "bob");
    for (let i = 0; i < 200; i++) {
      const conn = await Deno.connect({ hostname: "127.0.0.1", port: metrics });
      hostile.push(conn);
      const request = ["", "GET /metrics HTT", "GET /metrics HTTP/1.1\r\n\r\n", "\0\0\0"][i % 4];
      // It may be closed already, by the next ones.
      await conn.write(new TextEncoder().encode(request)).catch(() => {});
    }
    await ann.say("BROADCAST:ann:5:still");
    await bob.hears("BROADCAST:ann:5:still");
    assertEquals(await sample(metrics, "confab_users"), 2);
    // The first ones have been closed for the later ones.
    const first = hostile[0];
    assertEquals(await first?.read(new Uint8Array(1)).catch(() => null), null);
    assertEquals(server.events.all.map(({ event }) => event), ["listening", "join", "join"]);
  } finally {
    for (const conn of hostile) conn.close();
  }
});

testWith(
  NEEDS,
  "a port in use is one line and exit code 1, for users and for metrics",
  async () => {
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = taken.addr;
    for (
      const [args, complaint] of [
        [["--port", `${port}`], `confab-server: cannot listen on 127.0.0.1 port ${port}: `],
        [
          ["--port", "0", "--metrics", `${port}`],
          `confab-server: cannot serve metrics on 127.0.0.1 port ${port}: `,
        ],
      ] as const
    ) {
      await using server = new Program("server", ["--host", "127.0.0.1", "--json", ...args]);
      assertEquals(await exitOf(server), 1);
      assertEquals(server.stdout, "");
      assert(server.stderr.startsWith(complaint), server.stderr);
      assertEquals(server.stderr.trimEnd().split("\n").length, 1);
    }
  },
);

/** A server that may have so many file descriptors, its events, and what ends it. */
function startLimited(descriptors: number): AsyncDisposable & { events: Inbox<JsonEvent> } {
  const events = new Inbox<JsonEvent>("a server with few file descriptors");
  const flags = ["--host", "127.0.0.1", "--port", "0", "--json", ...UNLIMITED];
  const child = new Deno.Command("sh", {
    args: [
      ...["-c", `ulimit -n ${descriptors} && exec "$@"`, "sh", Deno.execPath()],
      ...[...taskArgs("server"), ...flags],
    ],
    cwd: ROOT,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reading = (async () => {
    let rest = "";
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) events.push(JSON.parse(line));
    }
  })();
  return {
    events,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await Promise.all([reading, child.status]);
    },
  };
}

testWith(
  NEEDS,
  "out of file descriptors: those who are in go on, who waits gets in when others have gone",
  async () => {
    await using server = startLimited(80);
    const { port } = await server.events.next(({ event }) => event === "listening", "listening");
    const inside: RawClient[] = [];
    const enter = async (): Promise<RawClient> => {
      const client = await RawClient.connect(Number(port), "framed");
      inside.push(client);
      await client.say(`REGISTER:u${inside.length}:127.0.0.1:5001`);
      return client;
    };
    try {
      let told = "";
      while (told !== "error" && inside.length < 80) {
        await enter();
        const isEither = ({ event }: JsonEvent): boolean => event === "join" || event === "error";
        told = (await server.events.next(isEither, "whether it is in")).event;
      }
      assertEquals(told, "error", "80 descriptors are fewer than 80 connections");
      // The runtime has files of its own open for a moment, when it writes what it compiled: more wait than those.
      const waiting = [inside.at(-1)];
      while (waiting.length < 10) waiting.push(await enter());
      const [ann, ...others] = inside.slice(0, -waiting.length);
      assert(ann && others.length > 2 * waiting.length, `${others.length} others`);
      await ann.say("BROADCAST:u1:5:still");
      for (const other of others) await other.hears("BROADCAST:u1:5:still");
      for (const guest of others.slice(-waiting.length)) {
        // It is shown the door, but does not close its side: for a second its place is not free yet.
        await guest.raw(new Uint8Array(4));
        await guest.hears((line) => line.startsWith("ERROR:bad-frame:"), "bad-frame");
      }
      for (const client of waiting) await client?.hears((line) => line.startsWith("LIST:"), "LIST");
      const name = `u${inside.length}`;
      await waiting.at(-1)?.say(`BROADCAST:${name}:2:in`);
      await ann.hears(`BROADCAST:${name}:2:in`);
      // What the server prints takes a way of its own.
      await server.events.some((event) => event.username === name, `join ${name}`);
      const log = server.events.all.map(({ event, username }) => [event, username].join(" "));
      const firstLeave = log.findIndex((line) => line.startsWith("leave "));
      assert(firstLeave >= 0, "who was shown the door has left");
      assert(firstLeave < log.indexOf(`join ${name}`), "it had to wait for a place");
      const errors = server.events.all.filter(({ event }) => event === "error");
      assert(errors.every(({ code }) => code === "accept"));
      assert(errors.length <= 3, `told ${errors.length} times, not each time that it got full`);
    } finally {
      await Promise.all(inside.map((client) => client[Symbol.asyncDispose]()));
    }
  },
  LINUX,
);
