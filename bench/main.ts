/**
 * `deno task bench`: the real programs, measured by load from processes of its own. `bench/README.md` says how and
 * what the rows mean.
 *
 * @module
 */
import { UsageError } from "../lib/ui/flags.ts";
import { Bed } from "./bed.ts";
import { FANOUT } from "./fanout.ts";
import { LATENCY } from "./latency.ts";
import { describeMachine } from "./machine.ts";
import { MEMORY } from "./memory.ts";
import { MICRO } from "./micro.ts";
import { type BenchConfig, helpText, parseBenchFlags } from "./options.ts";
import { findCores } from "./pinning.ts";
import { PIPE } from "./pipe.ts";
import { PRESENCE } from "./presence.ts";
import { PRIVATE_LINK } from "./private_link.ts";
import { REGISTRATIONS } from "./registrations.ts";
import { RELAY } from "./relay.ts";
import { RESUME } from "./resume.ts";
import type { Row, Section } from "./section.ts";
import { STARTUP } from "./startup.ts";
import { formatTable } from "./table.ts";

const SECTIONS: readonly Section[] = [
  ...[FANOUT, LATENCY, REGISTRATIONS, MEMORY, PRESENCE, RESUME],
  ...[PRIVATE_LINK, PIPE, RELAY, STARTUP, MICRO],
];

/** The longest that a run may take, in milliseconds: about twice what it does. */
const RUN_MS = 300_000;
const QUICK_RUN_MS = 90_000;

/** The figures of one section. */
interface Result {
  readonly key: string;
  readonly title: string;
  readonly rows: readonly Row[];
}

/** Measures a section until it is done or `signal` says stop; what was measured by then is in the result. */
async function measure(section: Section, bed: Bed, signal: AbortSignal): Promise<Result> {
  const { key, title, columns } = section;
  const rows: Row[] = [];
  console.error(`measuring: ${key}`);
  try {
    for await (const row of section.measure(bed)) rows.push(row);
  } catch (error) {
    rows.push({ note: signal.aborted ? "stopped" : String(error) });
  }
  console.log(`\n### ${title}\n\n${formatTable(columns, rows)}`);
  return { key, title, rows };
}

async function run({ sections, quick, json }: BenchConfig): Promise<boolean> {
  const stop = new AbortController();
  const limit = quick ? QUICK_RUN_MS : RUN_MS;
  const timer = setTimeout(() => stop.abort(new Error("out of time")), limit);
  const interrupt = (): void => stop.abort(new Error("interrupted"));
  Deno.addSignalListener("SIGINT", interrupt);
  Deno.addSignalListener("SIGTERM", interrupt);
  const cores = await findCores();
  const machine = describeMachine(cores);
  const date = new Date().toISOString();
  console.log(Object.entries({ date, ...machine }).map((each) => each.join(": ")).join(", "));
  const bed = new Bed(cores, quick, stop.signal);
  const results: Result[] = [];
  for (const section of sections) {
    if (!stop.signal.aborted) results.push(await measure(section, bed, stop.signal));
  }
  clearTimeout(timer);
  const report = { date, quick, machine, sections: results };
  await Deno.writeTextFile(json, JSON.stringify(report, null, 2) + "\n");
  if (stop.signal.aborted) console.error(`stopped: ${stop.signal.reason.message}`);
  return !stop.signal.aborted;
}

try {
  const config = parseBenchFlags(Deno.args, SECTIONS);
  if (!config) console.log(helpText(SECTIONS));
  Deno.exit(!config || await run(config) ? 0 : 1);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}; --help tells more`);
  Deno.exit(2);
}
