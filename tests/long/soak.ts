/** Clients come, talk, lose their connections, come back, leave or vanish: nothing stays behind in the registry. */
import { Crowd } from "../faults/crowd.ts";
import { Jitter } from "../faults/jitter.ts";
import { Storm } from "../faults/storm.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { budgetMs } from "../support/budget.ts";
import { Dice, seedOfRun } from "../support/dice.ts";
import { FaultProxy } from "../support/fault_proxy.ts";
import { readMetric } from "../support/metrics.ts";
import { Pulse } from "../support/pulse.ts";
import { testWith } from "../support/permitted.ts";
import { Program } from "../support/program.ts";

const SEED = seedOfRun();
/** The whole of `--minutes`, not the third that others take. */
const SOAK_MS = 3 * budgetMs();
/**
 * Part of the time after which memory should grow no more, and of that at both ends in which it is measured: the least
 * counts, as what is garbage goes at any time.
 */
const [WARM_UP, SAMPLE] = [0.4, 0.2];
/**
 * How much it may grow from there. What the process takes is warm after some minutes only, as the runtime gives memory
 * back late: in a short soak what is in use is judged in its place. In a long one that still fills what is bounded (the
 * 20,000 runs of senders that are remembered).
 */
const MAX_GROWTH = 1.05;
/** Clients of a round, and bytes that one run of a sender takes in memory, roughly. */
const [CLIENTS_OF_ROUND, RUN_BYTES] = [26, 400];
const RESIDENT_IS_WARM_MS = 5 * 60_000;
const FLAGS =
  "--host 127.0.0.1 --port 0 --json --message-rate 0 --max-per-ip 0 --grace 1 --metrics 0";

testWith(
  ["net", "run", "read"],
  "a soak: the registry's memory grows no more, and no socket stays behind",
  async () => {
    const dice = new Dice(SEED);
    using _ = new Jitter(new Dice(SEED + 1));
    await using server = new Program("server", FLAGS.split(" "));
    const { port, metricsPort } = await server.next("listening");
    const metric = (name: string): Promise<number> => readMetric(Number(metricsPort), name);
    const pulse = new Pulse();
    const sockets = await openFiles(server.pid);
    const start = performance.now();
    const samples: { at: number; used: number; resident: number }[] = [];
    let [broadcasts, cuts] = [0, 0];
    while (performance.now() - start < SOAK_MS) {
      const round = await playRound(Number(port), dice);
      broadcasts += round.broadcasts;
      cuts += round.cuts;
      // Those who vanished are kept for a second.
      let left = Infinity;
      await pulse.until(() => {
        metric("confab_users").then((users) => left = users);
        return left === 0;
      }, () => `an empty room, but ${left}`);
      const used = await metric("confab_memory_used_bytes");
      const resident = await metric("process_resident_memory_bytes");
      samples.push({ at: (performance.now() - start) / SOAK_MS, used, resident });
    }
    const growth = (what: "used" | "resident"): number => {
      const between = (from: number, to: number): number =>
        Math.min(...samples.filter(({ at }) => at >= from && at < to).map((each) => each[what]));
      const [warm, end] = [between(WARM_UP, WARM_UP + SAMPLE), between(1 - SAMPLE, Infinity)];
      told.push(`${what} ${megabytes(warm)} warm, ${megabytes(end)} at the end`);
      // Each client of each round is a run of a sender, of which the registry remembers 20,000.
      const remembered = what === "used" ? samples.length * CLIENTS_OF_ROUND * RUN_BYTES : 0;
      return (end - remembered) / warm;
    };
    const told: string[] = [];
    const [used, resident] = [growth("used"), growth("resident")];
    let open = Infinity;
    await pulse.until(() => {
      openFiles(server.pid).then((count) => open = count);
      return open <= sockets;
    }, () => `${sockets} files, but ${open}`);
    console.log(
      `CONFAB_SEED=${SEED}: ${samples.length} rounds, ${broadcasts} broadcasts, ${cuts} cuts; ` +
        `${told.join("; ")}; ${open} of ${sockets} files`,
    );
    assert(samples.length >= 10 && cuts > 0);
    assert((SOAK_MS < RESIDENT_IS_WARM_MS ? used : resident) <= MAX_GROWTH, `${told}`);
  },
  { holds: Deno.build.os === "linux", need: "Linux" },
);

/** A room that fills, talks through faults, and empties: half of them quit, the others vanish. */
async function playRound(port: number, dice: Dice): Promise<{ broadcasts: number; cuts: number }> {
  const storm = new Storm(dice);
  await using proxy = await FaultProxy.start(port, (passage) => storm.opened(passage));
  await using crowd = new Crowd({ maxBehind: 500, heldUp: () => storm.relent() });
  await crowd.join("capable", 1, port);
  await crowd.join("capable", 20, proxy.port);
  await crowd.join("product", 5, proxy.port);
  storm.begin(40, 1_000);
  for (let i = 0; i < 1_000; i++) {
    storm.blow();
    if (dice.below(20) === 0) crowd.visit(port);
    await crowd.say(dice);
  }
  storm.calm();
  await crowd.answered();
  await crowd.heardAll();
  const { complaints } = crowd.room.truth;
  assertEquals(complaints.count, 0, `CONFAB_SEED=${SEED}: ${complaints}`);
  await crowd.quitSome();
  return { broadcasts: crowd.said, cuts: storm.cuts };
}

/** Files and sockets that a process has open. */
async function openFiles(pid: number): Promise<number> {
  const { stdout } = await new Deno.Command("ls", { args: [`/proc/${pid}/fd`] }).output();
  return new TextDecoder().decode(stdout).trim().split("\n").length;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
