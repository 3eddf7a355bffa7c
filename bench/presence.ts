import { BUSY_COLUMNS, busyRow } from "./figures.ts";
import { rowOf, type Section } from "./section.ts";

const MEMBERS = 500;
const RATE = 200;
const BYTES = 64;
const WARM_MS = 1_000;
const MEASURE_MS = 4_000;
const QUICK_MEASURE_MS = 2_000;

/** What it costs to tell a room who comes and goes. */
export const PRESENCE: Section = {
  key: "presence",
  title: `Presence storm: ${RATE} joins and ${RATE} leaves a second, ${MEMBERS} members`,
  columns: [
    { key: "clients", title: "clients" },
    { key: "joins", title: "joins/s" },
    { key: "notices", title: "1,000 notices/s" },
    ...BUSY_COLUMNS,
    { key: "mistaken", title: "mistaken" },
  ],
  async *measure(bed) {
    await using server = await bed.startServer();
    const { port } = server;
    const measureMs = bed.quick ? QUICK_MEASURE_MS : MEASURE_MS;
    const fixed = { members: MEMBERS, publishers: 0, bytes: BYTES, window: 1, rate: RATE };
    for (const kind of ["plain", "resume"] as const) {
      yield await rowOf({ clients: kind }, async () => {
        const prefix = bed.nextPrefix();
        const options = { port, prefix, kind, ...fixed, warmMs: WARM_MS, measureMs };
        const measured = await bed.load("presence", options, server);
        const { joins, notices, seconds, mistaken } = measured.figures;
        return {
          joins: joins / seconds,
          notices: notices / seconds / 1_000,
          ...busyRow(measured),
          mistaken,
        };
      });
    }
  },
};
