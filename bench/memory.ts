import { memoryOf } from "./process_figures.ts";
import { rowOf, type Section } from "./section.ts";

const MEMBERS = 5_000;
const QUICK_MEMBERS = 1_000;
/** From the last join to the look, in milliseconds. */
const REST_MS = 1_000;

/** What a registered connection that does nothing costs. */
export const MEMORY: Section = {
  key: "memory",
  title: "Memory: a room that is filled, then still",
  columns: [
    { key: "members", title: "members" },
    { key: "clients", title: "clients" },
    { key: "each", title: "kB each", digits: 1 },
    { key: "empty", title: "empty server MB", digits: 1 },
    { key: "resident", title: "full server MB", digits: 1 },
    { key: "peak", title: "peak MB", digits: 1 },
    { key: "fill", title: "filled in s", digits: 1 },
  ],
  async *measure(bed) {
    const members = bed.quick ? QUICK_MEMBERS : MEMBERS;
    for (const kind of ["plain", "resume"] as const) {
      yield await rowOf({ members, clients: kind }, async () => {
        await using server = await bed.startServer();
        const { pid, port } = server;
        const looks: Awaited<ReturnType<typeof memoryOf>>[] = [];
        const look = async (): Promise<void> => void looks.push(await memoryOf(pid));
        const options = { port, prefix: bed.nextPrefix(), kind, members, restMs: REST_MS };
        const { figures } = await bed.load("crowd", options, server, { look });
        const [empty, full] = looks;
        if (!empty || !full) return { fill: figures.fillSeconds };
        return {
          each: (full.resident - empty.resident) / members / 1e3,
          empty: empty.resident / 1e6,
          resident: full.resident / 1e6,
          peak: full.peak / 1e6,
          fill: figures.fillSeconds,
        };
      });
    }
  },
};
