/** 1 GiB from program to program: whole, and in little memory. */
import { assert, assertEquals } from "../support/assert.ts";
import { seedOfRun } from "../support/dice.ts";
import { testWith } from "../support/permitted.ts";
import { PipeProgram, seededBytes } from "../support/pipe_program.ts";
import { startServer } from "../support/program.ts";

const SEED = seedOfRun();
const BYTES = 1_024 * 1_024 * 1_024;
/** What each side may have needed at most, in bytes of resident memory. */
const MAX_RESIDENT = 120_000_000;

testWith(
  ["net", "run", "read"],
  "1 GiB through a pipe: the same hash at both ends, at most 120 MB a side",
  async () => {
    const { server, port } = await startServer();
    await using _ = server;
    const where = ["--port", String(port)];
    await using to = new PipeProgram(["--from", "ann", "--username", "bob", ...where]);
    await using from = new PipeProgram(["bob", "--username", "ann", ...where]);
    const { pieces, hash } = seededBytes(BYTES, SEED);
    for (const piece of pieces) await from.write(piece);
    await to.has(BYTES - 16 * 1_024 * 1_024);
    const most = await Promise.all([mostResident(from.pid), mostResident(to.pid)]);
    await from.endInput();
    assertEquals([await from.exit(), await to.exit()], [0, 0], `${from.stderr}${to.stderr}`);
    assertEquals([to.count, to.hash()], [BYTES, hash()], `CONFAB_SEED=${SEED}`);
    const told = most.map((bytes) => `${(bytes / 1_000_000).toFixed(0)} MB`).join(" and ");
    console.log(`CONFAB_SEED=${SEED}: sender and receiver needed ${told}`);
    assert(most.every((bytes) => bytes > 0 && bytes <= MAX_RESIDENT), told);
  },
  { holds: Deno.build.os === "linux", need: "Linux" },
);

/** The most memory that a process ever had resident, in bytes. Deno itself opens nothing in `/proc` without all permissions. */
async function mostResident(pid: number): Promise<number> {
  const args = ["-c", 'grep VmHWM "/proc/$0/status"', String(pid)];
  const { stdout } = await new Deno.Command("sh", { args }).output();
  const [kilobytes = "0"] = /\d+/.exec(new TextDecoder().decode(stdout)) ?? [];
  return Number(kilobytes) * 1_024;
}
