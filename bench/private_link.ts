import type { Bed, Server } from "./bed.ts";
import { type Row, rowOf, type Section } from "./section.ts";

const WINDOW = 1_024;
const WARM_MS = 700;
const MEASURE_MS = 1_500;

/** How much goes over a private chat's sealed link, from one program with the library to another. */
export const PRIVATE_LINK: Section = {
  key: "private",
  title: "Private link: one sealed chat between two processes, a core each",
  columns: [
    { key: "bytes", title: "bytes" },
    { key: "rate", title: "messages/s" },
    { key: "megabytes", title: "MB/s", digits: 1 },
    { key: "sender", title: "sender %" },
    { key: "disordered", title: "disordered" },
  ],
  async *measure(bed) {
    await using server = await bed.startServer();
    for (const bytes of [64, 4_096]) {
      yield await rowOf({ bytes }, () => chat(bed, server, bytes));
    }
  },
};

async function chat(bed: Bed, server: Server, bytes: number): Promise<Row> {
  const { port } = server;
  const [username, peer] = [`${bed.nextPrefix()}s`, `${bed.nextPrefix()}r`];
  const present = Promise.withResolvers<void>();
  const look = (): void => present.resolve();
  const listening = bed.load("privateReceiver", { port, username: peer }, server, { look });
  // Where it fails before that, there is nobody to talk to.
  await Promise.race([present.promise, listening]);
  const duration = { warmMs: WARM_MS, measureMs: MEASURE_MS };
  const options = { port, username, peer, bytes, window: WINDOW, ...duration };
  const [sent, heard] = await Promise.all([
    bed.load("privateSender", options, server, { core: "server" }),
    listening,
  ]);
  const { texts, seconds, loadBusy } = sent.figures;
  return {
    rate: texts / seconds,
    megabytes: texts * bytes / seconds / 1e6,
    sender: loadBusy * 100,
    disordered: heard.figures.disordered,
  };
}
