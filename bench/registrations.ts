import { BUSY_COLUMNS, busyRow, cpuEach, times } from "./figures.ts";
import { rowOf, type Section } from "./section.ts";

const AT_ONCE = 64;
const WARM_MS = 500;
const MEASURE_MS = 1_500;

/** How fast clients come into an empty room, and what each costs. */
export const REGISTRATIONS: Section = {
  key: "registrations",
  title: `Registrations: ${AT_ONCE} clients at a time connect, register, close`,
  columns: [
    { key: "clients", title: "clients" },
    { key: "rate", title: "registrations/s" },
    { key: "cpu", title: "server CPU us each" },
    ...BUSY_COLUMNS,
  ],
  async *measure(bed) {
    await using server = await bed.startServer();
    const { port } = server;
    for (const kind of ["plain", "resume"] as const) {
      yield await rowOf({ clients: kind }, async () => {
        const duration = { warmMs: WARM_MS, measureMs: MEASURE_MS };
        const options = { port, prefix: bed.nextPrefix(), kind, atOnce: AT_ONCE, ...duration };
        const measured = await bed.load("registrations", options, server);
        const { registrations, seconds } = measured.figures;
        return {
          rate: registrations / seconds,
          cpu: times(cpuEach(measured, registrations), 1e6),
          ...busyRow(measured),
        };
      });
    }
  },
};
