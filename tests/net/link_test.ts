import { dial } from "../../lib/net/dial.ts";
import type { Link } from "../../lib/net/link.ts";
import { Listener } from "../../lib/net/listener.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { Inbox } from "../support/eventually.ts";
import { testWith } from "../support/permitted.ts";

/** Both ends of a TCP connection on loopback, the near one a link. */
async function connect(): Promise<{ link: Link; far: Deno.TcpConn } & AsyncDisposable> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const [link, far] = await Promise.all([
    dial("127.0.0.1", listener.addr.port, AbortSignal.timeout(5_000)),
    listener.accept(),
  ]);
  return {
    link,
    far,
    [Symbol.asyncDispose]: async () => {
      try {
        far.close();
      } catch {
        // Closed by the test.
      }
      await link[Symbol.asyncDispose]();
    },
  };
}

function read(link: Link): Inbox<string> {
  const inbox = new Inbox<string>("link");
  link.start({
    received: (chunk) => inbox.push(new TextDecoder().decode(chunk)),
    ended: () => inbox.push("(ended)"),
  });
  return inbox;
}

async function readAll(conn: Deno.TcpConn): Promise<string> {
  return await new Response(conn.readable).text();
}

testWith(["net"], "link: end writes what is queued, then ends", async () => {
  await using pair = await connect();
  const { link, far } = pair;
  const inbox = read(link);
  const big = "x".repeat(3_000_000);
  link.send(new TextEncoder().encode(big));
  link.send(new TextEncoder().encode("last"));
  link.end();
  link.send(new TextEncoder().encode("too late"));
  assertEquals(await readAll(far), big + "last");
  await link.closed;
  assertEquals(inbox.all, ["(ended)"]);
});

testWith(
  ["net"],
  "link: end reaches a peer that goes on sending (no reset destroys it)",
  async () => {
    await using pair = await connect();
    const { link, far } = pair;
    read(link);
    const noise = new Uint8Array(200_000);
    const writing = far.write(noise).catch(() => 0);
    link.send(new TextEncoder().encode("good bye"));
    link.end();
    assertEquals(await readAll(far), "good bye");
    await writing;
  },
);

testWith(["net"], "link: cut drops what is queued but for the last word", async () => {
  await using pair = await connect();
  const { link, far } = pair;
  read(link);
  const block = new Uint8Array(1_000_000).fill(120);
  for (let i = 0; i < 20; i++) link.send(block);
  link.cut(new TextEncoder().encode("slow"));
  const text = await readAll(far);
  assert(text.endsWith("xslow"));
  assert(text.length < 20_000_000, "most was dropped");
});

testWith(["net"], "link: end waits for a peer that reads slowly", async () => {
  await using pair = await connect();
  const { link, far } = pair;
  read(link);
  const size = 12_000_000;
  link.send(new Uint8Array(size));
  link.end();
  // Read in pieces, the first after the kernel's buffers are full for sure: nothing is lost.
  const buffer = new Uint8Array(1_000_000);
  let got = 0;
  for (let count; (count = await far.read(buffer)) !== null;) got += count;
  assertEquals(got, size);
  await link.closed;
});

testWith(["net"], "link: a peer that reads nothing cannot keep an ended link open", async () => {
  await using pair = await connect();
  const { link } = pair;
  const inbox = read(link);
  for (let i = 0; i < 20; i++) link.send(new Uint8Array(1_000_000));
  link.end();
  await link.closed;
  assertEquals(inbox.all, ["(ended)"]);
});

testWith(
  ["net"],
  "link: what the peer sent before its end is handed over, then the end",
  async () => {
    await using pair = await connect();
    const { link, far } = pair;
    await far.write(new TextEncoder().encode("hello"));
    far.close();
    const inbox = read(link);
    await inbox.next((text) => text === "(ended)");
    assertEquals(inbox.all.join(""), "hello(ended)");
    await link.closed;
  },
);

testWith(["net"], "link: disposing twice, before and after the start, is harmless", async () => {
  for (const started of [true, false]) {
    await using pair = await connect();
    const inbox = started ? read(pair.link) : undefined;
    await pair.link[Symbol.asyncDispose]();
    await pair.link[Symbol.asyncDispose]();
    assertEquals(inbox?.all ?? ["(ended)"], ["(ended)"]);
  }
});

testWith(
  ["net"],
  "link: bursts of any size arrive whole (the read buffer grows and shrinks)",
  async () => {
    await using pair = await connect();
    const { link, far } = pair;
    let count = 0;
    const done = Promise.withResolvers<void>();
    link.start({ received: (chunk) => count += chunk.length, ended: () => done.resolve() });
    let sent = 0;
    for (const size of [1, 2_048, 2_049, 500_000, ...Array(40).fill(10), 70_000]) {
      for (let rest = new Uint8Array(size); rest.length > 0;) {
        rest = rest.subarray(await far.write(rest));
      }
      sent += size;
    }
    far.close();
    await done.promise;
    assertEquals(count, sent);
  },
);

testWith(["net"], "listener: close is idempotent, accepted links live on", async () => {
  const accepted = Promise.withResolvers<Link>();
  const listener = new Listener("127.0.0.1", 0, {
    accepted: (link) => accepted.resolve(link),
    acceptFailed: () => {},
  });
  await using near = await dial("127.0.0.1", listener.addr.port, AbortSignal.timeout(5_000));
  await using far = await accepted.promise;
  listener.close();
  await listener[Symbol.asyncDispose]();
  await listener[Symbol.asyncDispose]();
  const inbox = read(near);
  read(far);
  far.send(new TextEncoder().encode("still here"));
  await inbox.next((text) => text === "still here");
});
