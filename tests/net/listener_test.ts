import { dial } from "../../lib/net/dial.ts";
import type { Link } from "../../lib/net/link.ts";
import { Listener } from "../../lib/net/listener.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";
import { Inbox, PATIENCE_MS } from "../support/eventually.ts";
import { testWith } from "../support/permitted.ts";
import { ROOT } from "../support/program.ts";

/** A listener, and the links it has accepted, which read. */
function listen(hostname = "127.0.0.1"): { listener: Listener; links: Inbox<Link> } {
  const links = new Inbox<Link>("listener");
  const listener = new Listener(hostname, 0, {
    accepted: (link) => {
      link.start({ received: () => {}, ended: () => {} });
      links.push(link);
    },
    acceptFailed: () => {},
  });
  return { listener, links };
}

function connect(port: number, hostname = "127.0.0.1"): Promise<Deno.TcpConn> {
  return Deno.connect({ hostname, port });
}

/** One message there and back. */
async function echoes(conn: Deno.TcpConn, text: string): Promise<void> {
  await conn.write(new TextEncoder().encode(text));
  const buffer = new Uint8Array(text.length);
  for (let count = 0; count < buffer.length;) {
    count += await conn.read(buffer.subarray(count)) ?? buffer.length;
  }
  assertEquals(new TextDecoder().decode(buffer), text);
}

testWith(["net"], "listener: close is idempotent, accepted links live on", async () => {
  const { listener, links } = listen();
  await using near = await dial("127.0.0.1", listener.addr.port, AbortSignal.timeout(PATIENCE_MS));
  await using far = await links.next(() => true);
  listener.close();
  await listener[Symbol.asyncDispose]();
  await listener[Symbol.asyncDispose]();
  const inbox = new Inbox<string>("near");
  near.start({
    received: (chunk) => inbox.push(new TextDecoder().decode(chunk)),
    ended: () => inbox.push("(ended)"),
  });
  far.send(new TextEncoder().encode("still here"));
  await inbox.next((text) => text === "still here");
});

testWith(["net"], "listener: a port in use is told at once", async () => {
  await using first = listen().listener;
  const handler = { accepted: () => {}, acceptFailed: () => {} };
  assertThrows(
    () => new Listener("127.0.0.1", first.addr.port, handler),
    Deno.errors.AddrInUse,
  );
});

testWith(["net"], "listener: :: serves both families", async () => {
  const { listener, links } = listen("::");
  await using _ = listener;
  for (const [hostname, seen] of [["127.0.0.1", "::ffff:127.0.0.1"], ["::1", "::1"]] as const) {
    using _conn = await connect(listener.addr.port, hostname);
    await using link = await links.next(() => true);
    assertEquals(link.remoteAddr.hostname, seen);
  }
});

testWith(
  ["net"],
  "listener: after the writes of 300 links all is written, in spite of one that does not read",
  async () => {
    const { listener, links } = listen();
    await using _ = listener;
    const conns: Deno.TcpConn[] = [];
    try {
      for (let i = 0; i <= 300; i++) conns.push(await connect(listener.addr.port));
      const all = await Promise.all(conns.map(() => links.next(() => true)));
      const [stuck, ...others] = all;
      assert(stuck);
      stuck.send(new Uint8Array(20_000_000));
      for (let turn = 1; turn <= 3; turn++) {
        for (const link of others) link.send(new Uint8Array(1_000));
        const over = Promise.withResolvers<number>();
        const queued = (): number => others.reduce((sum, link) => sum + link.queued, 0);
        listener.afterWrites(() => over.resolve(queued()));
        assertEquals(await over.promise, 0, `turn ${turn}`);
      }
      assert(stuck.queued > 0);
      for (const link of all) link.abort();
    } finally {
      for (const conn of conns) conn.close();
    }
  },
);

testWith(
  ["net", "run", "read"],
  "listener: out of file descriptors, those who are in go on; told once; then accepts again",
  async () => {
    const program = "tests/net/echo_program.ts";
    const deno = "run --allow-net --ignore-env --no-prompt --deny-import --quiet".split(" ");
    const child = new Deno.Command("sh", {
      args: ["-c", 'ulimit -n 60 && exec "$@"', "sh", Deno.execPath(), ...deno, program],
      cwd: ROOT,
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const lines = new Inbox<string>("echo program");
    const reading = (async () => {
      let rest = "";
      for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
        const parts = (rest + text).split("\n");
        rest = parts.pop() ?? "";
        for (const line of parts) lines.push(line);
      }
    })();
    const flood: Deno.TcpConn[] = [];
    try {
      const port = Number(await lines.next(() => true, "a port"));
      using early = await connect(port);
      await echoes(early, "early");
      for (let i = 0; i < 80; i++) flood.push(await connect(port));
      await lines.next((line) => line.startsWith("failed"), "a failure");
      await echoes(early, "still in");
      // It waits in the queue of the system, and is served once there is room.
      using waiting = await connect(port);
      for (const conn of flood.splice(0)) conn.close();
      await echoes(waiting, "in at last");
      using late = await connect(port);
      await echoes(late, "late");
      assertEquals(lines.all.length, 2, "told once");
    } finally {
      for (const conn of flood) conn.close();
      child.kill("SIGKILL");
      await Promise.all([child.status, reading]);
    }
  },
  { holds: Deno.build.os === "linux", need: "Linux" },
);
