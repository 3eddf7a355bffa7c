import { Client } from "../peer/client.ts";
import type { ClientEvent } from "../peer/events.ts";
import { complain, exitCodeOf } from "./complaint.ts";
import { toJsonLine } from "./escape.ts";
import { completeJoining } from "./joining.ts";
import { renderClientEvent } from "./render.ts";
import { onStopSignal } from "./signals.ts";
import { LineOutput, writeLines } from "./stdout.ts";
import { parseTailFlags, TAIL_HELP, type TailConfig } from "./tail_flags.ts";

type Run = Extract<TailConfig, { mode: "run" }>;

/**
 * Runs `tail`; resolves to the exit code.
 *
 * @param args those after `tail`
 */
export async function tailMain(args: readonly string[]): Promise<number> {
  return await exitCodeOf(() => tail(args), "tail --help");
}

async function tail(args: readonly string[]): Promise<number> {
  const config = parseTailFlags(args);
  if (config.mode === "help") return writeLines([TAIL_HELP.trimEnd()]) ? 0 : 1;
  const joined = await completeJoining(config.joining);
  if (!joined) return 1;
  const { options, keys } = joined;
  const { replay } = config;
  const printer = new Printer(config, () => client.quit());
  const onEvent = (event: ClientEvent): void => printer.show(event);
  const client: Client = new Client({ ...options, replay, onEvent }, keys);
  using _signals = onStopSignal(() => client.quit());
  const outcome = await client.finished;
  await printer.drained();
  if (printer.failure !== undefined) complain(printer.failure);
  else if (outcome.reason !== "quit") complain(outcome.message, outcome.reason);
  else return 0;
  return 1;
}

/** Prints what is said. */
class Printer {
  readonly #config: Run;
  /** Nothing more is to be printed. */
  readonly #ended: () => void;
  readonly #output = new LineOutput();
  #left: number;
  #isIn = false;
  #isOver = false;
  /** Why it could not go on. */
  failure: string | undefined;

  constructor(config: Run, ended: () => void) {
    this.#config = config;
    this.#ended = ended;
    this.#left = config.count ?? Infinity;
  }

  show(event: ClientEvent): void {
    if (this.#isOver) return;
    switch (event.event) {
      case "registered":
        this.#isIn = true;
        return;
      case "private":
        return this.#config.private ? this.#message(event) : undefined;
      case "broadcast":
        return this.#message(event);
      case "gap":
        return this.#aside(event);
      case "error":
        // Why it never got in is said at its end.
        if (this.#isIn || event.code === "store") this.#aside(event);
        if (event.code === "taken-over") this.#end(event.message);
    }
  }

  /** Resolves when all is written, or its reader has had its time. */
  drained(): Promise<void> {
    return this.#output.drained();
  }

  #message(event: ClientEvent): void {
    this.#print(event);
    if (--this.#left === 0) this.#end();
  }

  /** What is no message: for programs an event like any other. */
  #aside(event: ClientEvent): void {
    if (this.#config.json) this.#print(event);
    else writeLines(renderClientEvent(event), Deno.stderr);
  }

  #print(event: ClientEvent): void {
    const lines = this.#config.json ? [toJsonLine(event)] : renderClientEvent(event);
    if (!this.#output.write(lines)) this.#end("nobody reads the output");
  }

  #end(failure?: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.failure = failure;
    // Not within what tells of the event.
    queueMicrotask(this.#ended);
  }
}
