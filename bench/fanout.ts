import type { Bed, Server } from "./bed.ts";
import type { ClientKind } from "./load/member.ts";
import { forgetPeak, memoryOf } from "./process_figures.ts";
import { ACCOUNT_COLUMNS, BUSY_COLUMNS, busyRow, cpuEach, times } from "./figures.ts";
import { type Row, rowOf, type Section } from "./section.ts";

interface Cell {
  readonly members: number;
  readonly publishers: number;
  readonly bytes: number;
  readonly window: number;
  readonly kind: ClientKind;
}

/** Until the runtime has compiled what is hot, and then to measure, in milliseconds. */
const WARM_MS = 400;
const MEASURE_MS = 700;

/** How many messages a second one room gets to all its members. */
export const FANOUT: Section = {
  key: "fanout",
  title: "Fan-out: messages said as fast as they are delivered",
  columns: [
    { key: "members", title: "members" },
    { key: "publishers", title: "publishers" },
    { key: "bytes", title: "bytes" },
    { key: "window", title: "window" },
    { key: "clients", title: "clients" },
    { key: "deliveries", title: "1,000 deliveries/s" },
    { key: "cpu", title: "server CPU-s per million", digits: 2 },
    { key: "peak", title: "server peak MB" },
    ...BUSY_COLUMNS,
    ...ACCOUNT_COLUMNS,
  ],
  async *measure(bed) {
    await using server = await bed.startServer();
    for (const cell of cells(bed.quick)) yield await measureCell(bed, server, cell);
  },
};

function cells(quick: boolean): Cell[] {
  const cells: Cell[] = [];
  for (const window of [64, 1]) {
    for (const bytes of [64, 1_024]) {
      for (const publishers of [1, 10]) {
        for (const members of [10, 100, 1_000]) {
          const typical = publishers === 1 && bytes === 64 && (window === 64 || members === 100);
          if (quick && !typical) continue;
          for (const kind of ["plain", "resume"] as const) {
            cells.push({ members, publishers, bytes, window, kind });
          }
        }
      }
    }
  }
  return cells;
}

function measureCell(bed: Bed, server: Server, { kind, ...cell }: Cell): Promise<Row> {
  return rowOf({ ...cell, clients: kind }, async () => {
    const { port, pid } = server;
    await forgetPeak(pid);
    const duration = { warmMs: WARM_MS, measureMs: MEASURE_MS };
    const options = { port, prefix: bed.nextPrefix(), kind, ...cell, ...duration };
    const measured = await bed.load("fanout", options, server);
    const { deliveries, seconds, lost, disordered } = measured.figures;
    const memory = await memoryOf(pid);
    return {
      deliveries: deliveries / seconds / 1_000,
      cpu: times(cpuEach(measured, deliveries), 1e6),
      peak: times(memory?.peak, 1e-6),
      ...busyRow(measured),
      lost,
      disordered,
    };
  });
}
