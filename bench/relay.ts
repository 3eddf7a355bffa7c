import { BUSY_COLUMNS, busyRow } from "./figures.ts";
import { rowOf, type Section } from "./section.ts";

const BYTES = 1_024;
const WARM_MS = 500;
const MEASURE_MS = 4_000;
const QUICK_MEASURE_MS = 1_500;
const CASES = [
  { pairs: 1, stalled: 0 },
  { pairs: 4, stalled: 0 },
  { pairs: 5, stalled: 1 },
  { pairs: 50, stalled: 0 },
] as const;

/** Private links that go through the registry. */
export const RELAY: Section = {
  key: "relay",
  title: `Relay: messages of ${BYTES} bytes through the registry, one direction of each pair`,
  columns: [
    { key: "pairs", title: "pairs" },
    { key: "stalled", title: "of them stalled" },
    { key: "messages", title: "1,000 messages/s", digits: 1 },
    { key: "slowest", title: "slowest pair", digits: 2 },
    { key: "fastest", title: "fastest pair", digits: 2 },
    ...BUSY_COLUMNS,
  ],
  async *measure(bed) {
    await using server = await bed.startServer();
    const measureMs = bed.quick ? QUICK_MEASURE_MS : MEASURE_MS;
    for (const { pairs, stalled } of CASES) {
      yield await rowOf({ pairs, stalled }, async () => {
        const options = { port: server.port, prefix: bed.nextPrefix(), pairs, stalled };
        const times = { warmMs: WARM_MS, measureMs };
        const measured = await bed.load("relay", { ...options, bytes: BYTES, ...times }, server);
        const { each, seconds } = measured.figures;
        const rates = each.map((count) => count / seconds / 1_000);
        return {
          messages: rates.reduce((sum, rate) => sum + rate, 0),
          slowest: Math.min(...rates),
          fastest: Math.max(...rates),
          ...busyRow(measured),
        };
      });
    }
  },
};
