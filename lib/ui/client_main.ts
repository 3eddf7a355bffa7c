import { Client } from "../peer/client.ts";
import { VERSION } from "../version.ts";
import { CLIENT_HELP, parseClientFlags } from "./client_flags.ts";
import { clientRun } from "./faces.ts";
import { complain, exitCodeOf } from "./complaint.ts";
import { completeJoining } from "./joining.ts";
import { writeLines } from "./stdout.ts";

type Main = (args: readonly string[]) => Promise<number>;

/** The programs in the client's first argument, each loaded when it is asked for. */
const SUBCOMMANDS: Readonly<Record<string, () => Promise<Main>>> = {
  doctor: async () => (await import("./doctor_main.ts")).doctorMain,
  key: async () => (await import("./key_main.ts")).keyMain,
  pipe: async () => (await import("./pipe_main.ts")).pipeMain,
  send: async () => (await import("./send_main.ts")).sendMain,
  tail: async () => (await import("./tail_main.ts")).tailMain,
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
  const { joining, face, replay } = config;
  const isAsked = Deno.stdin.isTerminal();
  let { settings } = joining;
  for (;;) {
    const asks = async () => {
      const { completeSettings } = await import("./setup.ts");
      // A file or a program at the other end of standard output is not the one to be asked.
      const onStderr = face.json || !Deno.stdout.isTerminal();
      return completeSettings(settings, { onStderr, plain: face.plain });
    };
    const joined = await completeJoining({ ...joining, settings }, isAsked ? asks : undefined);
    if (!joined) return 0;
    const { options, keys } = joined;
    const run = await clientRun(face, keys.store);
    const outcome = await run.until((onEvent) => new Client({ ...options, replay, onEvent }, keys));
    if (outcome.reason === "quit" && outcome.message === "") return 0;
    complain(outcome.message, outcome.reason);
    const another = isAsked && !face.json && joining.settings.username === undefined;
    if (!another || !NAME_REFUSED.has(outcome.reason)) return 1;
    // Another name may do; the other answers were right.
    settings = { ...settings, ...options, ip: options.ip, username: undefined };
  }
}

/** What a registry says of a name that it does not take. */
const NAME_REFUSED: ReadonlySet<string> = new Set(["name-taken", "bad-name"]);
