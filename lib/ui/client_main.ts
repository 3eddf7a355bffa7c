import { Client } from "../peer/client.ts";
import { VERSION } from "../version.ts";
import { CLIENT_HELP, parseClientFlags } from "./client_flags.ts";
import { ClientRun } from "./client_run.ts";
import { complain, exitCodeOf } from "./complaint.ts";
import { completeJoining } from "./joining.ts";
import { writeLines } from "./stdout.ts";

type Main = (args: readonly string[]) => Promise<number>;

/** The programs in the client's first argument, each loaded when it is asked for. */
const SUBCOMMANDS: Readonly<Record<string, () => Promise<Main>>> = {
  pipe: async () => (await import("./pipe_main.ts")).pipeMain,
  key: async () => (await import("./key_main.ts")).keyMain,
};

/** Runs the client's program; resolves to its exit code. */
export async function clientMain(args: readonly string[]): Promise<number> {
  const [first = "", ...rest] = args;
  const load = Object.hasOwn(SUBCOMMANDS, first) ? SUBCOMMANDS[first] : undefined;
  if (load) return await (await load())(rest);
  return await exitCodeOf(() => chat(args), "--help");
}

async function chat(args: readonly string[]): Promise<number> {
  const config = parseClientFlags(args);
  if (config.mode === "help") return writeLines([CLIENT_HELP.trimEnd()]) ? 0 : 1;
  if (config.mode === "version") return writeLines([`confab-client ${VERSION}`]) ? 0 : 1;
  const { joining, json } = config;
  const asks = async () => {
    const { completeSettings } = await import("./setup.ts");
    return completeSettings(joining.settings, json);
  };
  const joined = await completeJoining(joining, Deno.stdin.isTerminal() ? asks : undefined);
  if (!joined) return 0;
  const { options, keys } = joined;
  const outcome = await new ClientRun(json).until((onEvent) =>
    new Client({ ...options, onEvent }, keys)
  );
  if (outcome.reason === "quit" && outcome.message === "") return 0;
  complain(outcome.message, outcome.reason);
  return 1;
}
