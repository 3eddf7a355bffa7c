import { Outbox } from "../../lib/net/outbox.ts";
import { assertEquals } from "../support/assert.ts";

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
  assertEquals(writer.writes[1]?.bytes === second, true);
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

Deno.test("outbox: replace keeps the write in flight whole and drops the rest", async () => {
  const writer = new ManualWriter();
  const outbox = new Outbox(writer);
  outbox.send(bytes("in flight"));
  outbox.send(bytes("dropped"));
  outbox.replace(bytes("last"));
  await writer.finish(3);
  await writer.finish();
  assertEquals(writer.sent, ["in flight", "flight", "last"]);
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
  assertEquals([writer.sent, outbox.queued], [["a", "b"], 0]);
});
