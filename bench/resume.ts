import { ACCOUNT_COLUMNS, BUSY_COLUMNS, busyRow, cpuEach, median, times } from "./figures.ts";
import { rowOf, type Section } from "./section.ts";

const MEMBERS = 100;
const MISSED = 200;
const BYTES = 64;
const ROUNDS = 5;
/** Longer than any round takes. */
const GRACE_SECONDS = 30;

/** What it takes when everybody's connection has died at once. */
export const RESUME: Section = {
  key: "resume",
  title: `Resume: ${MEMBERS} members cut at once come back to ${MISSED} messages that they missed`,
  columns: [
    { key: "time", title: "until all have all, ms (median)" },
    { key: "slowest", title: "slowest round ms" },
    { key: "cpu", title: "server CPU ms a round" },
    ...BUSY_COLUMNS,
    ...ACCOUNT_COLUMNS,
  ],
  async *measure(bed) {
    yield await rowOf({}, async () => {
      await using server = await bed.startServer(GRACE_SECONDS);
      const room = { kind: "resume", members: MEMBERS + 1, publishers: 1, bytes: BYTES } as const;
      const measured = await bed.load("resume", {
        ...room,
        port: server.port,
        prefix: bed.nextPrefix(),
        window: MISSED,
        missed: MISSED,
        rounds: ROUNDS,
      }, server);
      const { rounds, lost, disordered } = measured.figures;
      return {
        time: median(rounds),
        slowest: Math.max(...rounds),
        cpu: times(cpuEach(measured, ROUNDS), 1e3),
        ...busyRow(measured),
        lost,
        disordered,
      };
    });
  },
};
