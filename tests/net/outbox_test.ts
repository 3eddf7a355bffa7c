import { LOW_WATER_BYTES, Outbox } from "../../lib/net/outbox.ts";
import { UntriedWrites } from "../../lib/net/untried_writes.ts";
import { assert, assertEquals } from "../support/assert.ts";

/** A writer whose writes are finished by hand. */
class ManualWriter {
  readonly writes: { bytes: Uint8Array; done: (count: number) => void; fail: () => void }[] = [];

  write(bytes: Uint8Array): Promise<number> {
    return new Promise((done, reject) => {
      this.writes.push({ bytes, done, fail: () => reject(new Deno.errors.BrokenPipe()) });
    });
  }

  /** Finishes the last write, all of it or some. */
  async finish(count?: number): Promise<void> {
    const last = this.writes.at(-1);
    last?.done(count ?? last.bytes.length);
    await Promise.resolve();
    await Promise.resolve();
  }

  get sent(): string[] {
    return this.writes.map(({ bytes }) => new TextDecoder().decode(bytes));
  }
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

Deno.test("outbox: one write in flight, what comes meanwhile goes out joined", async () => {
  const writer = new ManualWriter();
  const outbox = new Outbox(writer);
  for (const part of ["a", "b", "c"]) outbox.send(bytes(part));
  assertEquals([writer.sent, outbox.queued], [["a"], 3]);
  await writer.finish();
  assertEquals([writer.sent, outbox.queued], [["a", "bc"], 2]);
  await writer.finish();
  assertEquals(outbox.queued, 0);
});

Deno.test("outbox: a lone waiting array is handed on as it is, not copied", async () => {
  const writer = new ManualWriter();
  const outbox = new Outbox(writer);
  const second = bytes("second");
  outbox.send(bytes("first"));
  outbox.send(second);
  await writer.finish();
  assert(writer.writes[1]?.bytes === second);
});

Deno.test("outbox: a large piece among small ones is not copied, whatever is taken of it", async () => {
  const writer = new ManualWriter();
  const outbox = new Outbox(writer);
  const shared = new Uint8Array(300_000);
  const large = shared.subarray(1_000, 201_000);
  for (const piece of [bytes("in flight"), bytes("a"), bytes("b"), large, bytes("c"), bytes("d")]) {
    outbox.send(piece);
  }
  await writer.finish();
  await writer.finish();
  assert(writer.writes[2]?.bytes === large);
  await writer.finish(50_000);
  assert(writer.writes[3]?.bytes.buffer === shared.buffer);
  assertEquals(writer.writes[3]?.bytes.byteOffset, 51_000);
  assertEquals(outbox.queued, 150_002);
  await writer.finish();
  const lengths = writer.writes.map((write) => write.bytes.length);
  assertEquals(lengths, [9, 2, 200_000, 150_000, 2]);
  assertEquals(writer.sent.at(-1), "cd");
});

Deno.test("outbox: a partial write is continued before anything else", async () => {
  const writer = new ManualWriter();
  const outbox = new Outbox(writer);
  outbox.send(bytes("hello"));
  outbox.send(bytes("!"));
  await writer.finish(2);
  assertEquals([writer.sent, outbox.queued], [["hello", "llo"], 4]);
  await writer.finish();
  assertEquals(writer.sent.at(-1), "!");
});

Deno.test("outbox: queued and written count what was taken, at each partial write", async () => {
  const writer = new ManualWriter();
  const outbox = new Outbox(writer);
  outbox.send(new Uint8Array(1_000));
  outbox.send(new Uint8Array(500));
  const seen: number[][] = [];
  for (const count of [1, 600, 399, 500]) {
    await writer.finish(count);
    seen.push([outbox.queued, outbox.written]);
  }
  assertEquals(seen, [[1_499, 1], [899, 601], [500, 1_000], [0, 1_500]]);
});

Deno.test("outbox: replace keeps the write in flight whole and drops the rest", async () => {
  const writer = new ManualWriter();
  const outbox = new Outbox(writer);
  outbox.send(bytes("in flight"));
  outbox.send(bytes("dropped"));
  outbox.replace(bytes("last"));
  assertEquals(outbox.queued, 13);
  await writer.finish(3);
  await writer.finish();
  await writer.finish();
  assertEquals([writer.sent, outbox.queued], [["in flight", "flight", "last"], 0]);
});

Deno.test("outbox: drained resolves when all is written, and when a write fails", async () => {
  const writer = new ManualWriter();
  const outbox = new Outbox(writer);
  await outbox.drained();
  outbox.send(bytes("a"));
  outbox.send(bytes("b"));
  let drained = false;
  const waiting = outbox.drained().then(() => drained = true);
  await writer.finish();
  assertEquals(drained, false);
  writer.writes.at(-1)?.fail();
  await waiting;
  outbox.send(bytes("nobody is there"));
  assertEquals([writer.sent, outbox.queued, outbox.failed], [["a", "b"], 0, true]);
});

Deno.test("outbox: the low water mark is told once each time it is reached from above", async () => {
  const writer = new ManualWriter();
  const told: number[] = [];
  const outbox = new Outbox(writer, { onLowWater: () => told.push(outbox.queued) });
  outbox.send(new Uint8Array(LOW_WATER_BYTES));
  await writer.finish();
  assertEquals(told, [], "never above it");

  outbox.send(new Uint8Array(LOW_WATER_BYTES));
  outbox.send(bytes("!"));
  assertEquals(told, [], "not from within send");
  await writer.finish(1);
  assertEquals(told, [LOW_WATER_BYTES]);
  await writer.finish();
  await writer.finish();
  assertEquals([told.length, outbox.queued], [1, 0]);

  outbox.send(new Uint8Array(3 * LOW_WATER_BYTES));
  await writer.finish(2 * LOW_WATER_BYTES - 1);
  assertEquals(told.length, 1);
  await writer.finish(1);
  assertEquals(told, [LOW_WATER_BYTES, LOW_WATER_BYTES]);
});

Deno.test("outbox: what is dropped or fails is not told as written", async () => {
  const writer = new ManualWriter();
  let told = 0;
  const outbox = new Outbox(writer, { onLowWater: () => told++ });
  outbox.send(bytes("in flight"));
  outbox.send(new Uint8Array(2 * LOW_WATER_BYTES));
  outbox.replace();
  await writer.finish();
  outbox.send(new Uint8Array(2 * LOW_WATER_BYTES));
  writer.writes.at(-1)?.fail();
  await outbox.drained();
  assertEquals([told, outbox.queued], [0, 0]);
});

Deno.test("outbox: who is told of low water may send at once, in order", async () => {
  const writer = new ManualWriter();
  const more = ["c", "d"];
  const outbox = new Outbox(writer, {
    onLowWater: () => {
      for (const text of more.splice(0)) outbox.send(bytes(text));
    },
  });
  outbox.send(new Uint8Array(LOW_WATER_BYTES));
  outbox.send(bytes("a"));
  outbox.send(bytes("b"));
  await writer.finish();
  await writer.finish();
  assertEquals(writer.sent.slice(1), ["ab", "cd"]);
});

Deno.test("outbox: a write counts as untried until its first bytes are taken, then no more", async () => {
  const writer = new ManualWriter();
  const untried = new UntriedWrites();
  const outbox = new Outbox(writer, { untried });
  const over: string[] = [];
  outbox.send(bytes("hello"));
  untried.whenNone(() => over.push("first"));
  await Promise.resolve();
  assertEquals(over, []);
  await writer.finish(1);
  await Promise.resolve();
  assertEquals(over, ["first"]);
  // The rest waits for a reader, which nobody else has to.
  untried.whenNone(() => over.push("second"));
  await Promise.resolve();
  assertEquals(over, ["first", "second"]);
  writer.writes.at(-1)?.fail();
  await outbox.drained();
});
