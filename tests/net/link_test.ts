import { dial } from "../../lib/net/dial.ts";
import type { Link } from "../../lib/net/link.ts";
import { LOW_WATER_BYTES } from "../../lib/net/outbox.ts";
import { concatBytes } from "../../lib/protocol/bytes.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { Dice, seedOfRun } from "../support/dice.ts";
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

/** Reads `conn` until `bytes` have come. */
async function take(conn: Deno.TcpConn, bytes: number): Promise<void> {
  const buffer = new Uint8Array(1_000_000);
  while (bytes > 0) bytes -= await conn.read(buffer.subarray(0, bytes)) ?? bytes;
}

testWith(["net"], "link: a backlog of pieces of all sizes arrives whole and in order", async () => {
  await using pair = await connect();
  const { link, far } = pair;
  read(link);
  const seed = seedOfRun();
  const dice = new Dice(seed);
  const sent: Uint8Array[] = [];
  for (let i = 0; i < 2_000; i++) {
    const piece = dice.bytes(1 + dice.below(dice.pick([10, 10, 300, 5_000])));
    const bytes = i % 50 === 0 ? new Uint8Array(100_000).fill(i) : piece;
    sent.push(bytes);
    link.send(bytes);
  }
  link.end();
  const got = new Uint8Array(await new Response(far.readable).arrayBuffer());
  assertEquals(got.toHex() === concatBytes(sent).toHex(), true, `CONFAB_SEED=${seed}`);
});

testWith(
  ["net"],
  "link: queued is what the system has not taken; drained tells as it falls",
  async () => {
    await using pair = await connect();
    const { link, far } = pair;
    const told = new Inbox<number>("drained");
    link.start({ received: () => {}, drained: () => told.push(link.queued), ended: () => {} });
    const [size, piece] = [60_000_000, new Uint8Array(50_000)];
    for (let round = 1; round <= 2; round++) {
      for (let rest = size; rest > 0; rest -= piece.length) link.send(piece);
      assertEquals(told.all.length, round - 1, "not from within send");
      await take(far, size / 4);
      // What was read was taken, but for a write that has not told yet; of the rest, systems hold up to 37 MB.
      assert(link.queued <= size * 3 / 4 + piece.length && link.queued > LOW_WATER_BYTES);
      assertEquals(told.all.length, round - 1, "not yet");
      await take(far, size * 3 / 4);
      await told.next(() => true);
      assertEquals(told.all.length, round);
      assert(told.all.every((queued) => queued <= LOW_WATER_BYTES));
    }
  },
);

testWith(["net"], "link: drained is not told of a link that is ending", async () => {
  await using pair = await connect();
  const { link, far } = pair;
  const told = new Inbox<string>("link");
  link.start({
    received: () => {},
    drained: () => told.push("drained"),
    ended: () => told.push("ended"),
  });
  link.send(new Uint8Array(20_000_000));
  link.end();
  await take(far, 20_000_000);
  far.close();
  await link.closed;
  assertEquals(told.all, ["ended"]);
});

testWith(
  ["net"],
  "link: a peer that has said its last still gets the answer, however long",
  async () => {
    await using pair = await connect();
    const { link, far } = pair;
    const told = new Inbox<string>("link");
    link.start({
      received: () => link.send(new Uint8Array(10_000_000)),
      ended: () => told.push("ended"),
    });
    await far.write(new Uint8Array(1));
    await far.closeWrite();
    await take(far, 10_000_000);
    assertEquals(await far.read(new Uint8Array(1)), null);
    await link.closed;
    assertEquals(told.all, ["ended"]);
  },
);

testWith(
  ["net"],
  "link: a reset with much queued ends it once, and what follows is ignored",
  async () => {
    await using pair = await connect();
    const { link, far } = pair;
    const inbox = read(link);
    link.send(new Uint8Array(20_000_000));
    // Closed with bytes unread, which makes the system answer with a reset.
    far.close();
    await inbox.next((text) => text === "(ended)");
    link.send(new Uint8Array(1));
    link.end();
    link.cut(new Uint8Array(1));
    await link.closed;
    assertEquals([inbox.all, link.queued], [["(ended)"], 0]);
  },
);

testWith(["net"], "link: abort closes at once, whatever is queued", async () => {
  await using pair = await connect();
  const { link, far } = pair;
  const inbox = read(link);
  link.send(new Uint8Array(20_000_000));
  link.abort();
  await link.closed;
  assertEquals([inbox.all, link.queued], [["(ended)"], 0]);
  // All that the system had taken, then the end; it may be told as a reset.
  const got = await readAll(far).then((text) => text.length, () => 0);
  assert(got < 20_000_000);
});
