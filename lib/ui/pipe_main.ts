import { Client } from "../peer/client.ts";
import { baseName } from "../protocol/name.ts";
import type { PipeEnd } from "../peer/pipe_task.ts";
import { complain, exitCodeOf } from "./complaint.ts";
import { UsageError } from "./flags.ts";
import { completeJoining } from "./joining.ts";
import { endText, otherSide } from "./pipe_ends.ts";
import { parsePipeFlags, PIPE_HELP, type PipeConfig } from "./pipe_flags.ts";
import { countText, note, PipeProgressLine } from "./pipe_progress.ts";
import { type PipeRun, sendInput, writeOutput } from "./pipe_run.ts";
import { safe } from "./safe.ts";
import { onStopSignal } from "./signals.ts";
import { writeLines } from "./stdout.ts";

type Run = Exclude<PipeConfig, { mode: "help" }>;

/**
 * Runs `pipe`: bytes from a program to another one's; resolves to the exit code.
 *
 * @param args those after `pipe`
 */
export async function pipeMain(args: readonly string[]): Promise<number> {
  return await exitCodeOf(() => pipe(args), "pipe --help");
}

async function pipe(args: readonly string[]): Promise<number> {
  const config = parsePipeFlags(args);
  if (config.mode === "help") return writeLines([PIPE_HELP.trimEnd()]) ? 0 : 1;
  refuseTerminal(config);
  const { mode, peer, joining, waitMs, quiet } = config;
  const joined = await completeJoining(joining);
  if (!joined) return 0;
  const { options, keys } = joined;
  const line: { progress?: PipeProgressLine } = {};
  const opened = (name: string): void => {
    if (quiet) return;
    note(mode === "send" ? safe`sending to ${name}` : safe`taking what ${name} sends`);
    if (Deno.stderr.isTerminal()) {
      line.progress = new PipeProgressLine(() => client.pipe.progress());
    }
  };
  const run: PipeRun = (mode === "send" ? sendInput : writeOutput)(() => client, opened);
  const client: Client = new Client({
    ...options,
    // Bytes do not go through the registry: it is made for what people say.
    ...{ accept: "none", classic: false, relay: "never" },
    pipe: { direction: mode, peer, waitMs, handler: run.handler },
    onEvent: (event) => {
      if (event.event === "registered" && !quiet) tellWaiting(config, event.username);
    },
  }, keys);
  using _signals = onStopSignal(once(() => client.pipe.cancel("quit")));
  const end = await Promise.race([run.ended, client.finished.then(() => run.ended)]);
  line.progress?.[Symbol.dispose]();
  const outcome = await client.quit();
  if (end.reason === "done") {
    if (!quiet) {
      note(`${countText(end.total)} bytes ${mode === "send" ? "sent" : "taken"}, all there`);
    }
    return 0;
  }
  if (outcome.reason !== "quit") complain(outcome.message, outcome.reason);
  else complain(textOf(end, config, options.username));
  return 1;
}

function textOf(end: PipeEnd, { mode, peer, waitMs }: Run, username: string): string {
  return endText(end, { mode, peer, username, waitMs });
}

function tellWaiting({ mode, peer }: Run, username: string): void {
  note(
    mode === "send"
      ? safe`waiting for ${peer}, who has to run: ${otherSide(baseName(username))}`
      : safe`waiting for ${peer}, who has to run: confab-client pipe ${baseName(username)}`,
  );
}

/** Bytes typed by hand, or shown on a screen, are a mistake; and could make the terminal do things. */
function refuseTerminal({ mode, force }: Run): void {
  if (force) return;
  if (mode === "send" && Deno.stdin.isTerminal()) {
    throw new UsageError("what to send comes from standard input, which is a terminal: --force");
  }
  if (mode === "receive" && Deno.stdout.isTerminal()) {
    throw new UsageError("what comes goes to standard output, which is a terminal: --force");
  }
}

/** The first time it does so; the second time the program ends at once. */
function once(act: () => void): () => void {
  let isSecond = false;
  return () => {
    if (isSecond) Deno.exit(1);
    isSecond = true;
    act();
  };
}
