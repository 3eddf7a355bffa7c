import { ACCOUNT_COLUMNS, BUSY_COLUMNS, busyRow } from "./figures.ts";
import { rowOf, type Section } from "./section.ts";

const MEMBERS = 100;
const RATE = 200;
const BYTES = 64;
const WARM_MS = 500;
const MEASURE_MS = 4_000;
const QUICK_MEASURE_MS = 2_000;

/** How long a message takes where there is little to do. */
export const LATENCY: Section = {
  key: "latency",
  title: `Latency: ${MEMBERS} members, ${RATE} messages a second of ${BYTES} bytes`,
  columns: [
    { key: "clients", title: "clients" },
    { key: "p50", title: "p50 us" },
    { key: "p99", title: "p99 us" },
    { key: "p999", title: "p99.9 us" },
    { key: "samples", title: "deliveries" },
    ...BUSY_COLUMNS,
    ...ACCOUNT_COLUMNS,
  ],
  async *measure(bed) {
    await using server = await bed.startServer();
    const { port } = server;
    const measureMs = bed.quick ? QUICK_MEASURE_MS : MEASURE_MS;
    const fixed = { members: MEMBERS, publishers: 1, bytes: BYTES, window: RATE, rate: RATE };
    for (const kind of ["plain", "resume"] as const) {
      yield await rowOf({ clients: kind }, async () => {
        const prefix = bed.nextPrefix();
        const options = { port, prefix, kind, ...fixed, warmMs: WARM_MS, measureMs };
        const measured = await bed.load("latency", options, server);
        const { samples, p50, p99, p999, lost, disordered } = measured.figures;
        return { samples, p50, p99, p999, ...busyRow(measured), lost, disordered };
      });
    }
  },
};
