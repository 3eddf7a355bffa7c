import { ProtocolError } from "../protocol/error.ts";
import { forgetUsername, type RunningRegistry, startRegistry } from "../registry/serve.ts";
import type { RegistryEvent } from "../registry/events.ts";
import { VERSION } from "../version.ts";
import { escapeForTerminal, toJsonLine } from "./escape.ts";
import { UsageError } from "./flags.ts";
import { renderRegistryEvent } from "./render.ts";
import { parseServerFlags, SERVER_HELP, type ServerConfig } from "./server_flags.ts";
import { onStopSignal } from "./signals.ts";
import { LineOutput, writeLines } from "./stdout.ts";

/** Runs the server's program; resolves to its exit code. */
export async function serverMain(args: readonly string[]): Promise<number> {
  let config: ServerConfig;
  try {
    config = parseServerFlags(args);
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof ProtocolError)) throw error;
    complain(`${error.message}; see --help`);
    return 2;
  }
  if (config.mode === "help") return writeLines([SERVER_HELP.trimEnd()]) ? 0 : 1;
  if (config.mode === "version") return writeLines([`confab-server ${VERSION}`]) ? 0 : 1;
  if (config.mode === "forget") return await forget(config);

  const stop = Promise.withResolvers<number>();
  const output = new LineOutput();
  const { json } = config;
  const tell = (event: RegistryEvent): void => {
    const line = json ? toJsonLine(event) : renderRegistryEvent(event);
    // Who closed our output is not coming back; a registry without a reader is not what was asked for.
    if (!output.write([line])) stop.resolve(1);
  };
  let registry: RunningRegistry;
  try {
    registry = startRegistry({ ...config, onEvent: tell });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    complain(`cannot listen on ${config.hostname} port ${config.port}: ${why}`);
    return 1;
  }
  const { hostname: host, port } = registry.addr;
  const pid = Deno.pid;
  output.write([
    json
      ? toJsonLine({ event: "listening", host, port, pid })
      : `confab registry listening on ${host} port ${port} (pid ${pid}); Ctrl-C stops it`,
  ]);
  using _signals = onStopSignal(() => stop.resolve(0));
  const code = await stop.promise;
  await registry.stop();
  await output.drained();
  return code;
}

async function forget(
  { profile, username, json }: Extract<ServerConfig, { mode: "forget" }>,
): Promise<number> {
  try {
    if (!await forgetUsername(profile, username)) {
      complain(`no key has the name ${username} (profile ${profile})`);
      return 1;
    }
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    return 1;
  }
  const line = json
    ? toJsonLine({ event: "forgotten", username })
    : escapeForTerminal(`${username} is free: whoever comes next under that name has it`);
  return writeLines([line]) ? 0 : 1;
}

function complain(message: string): void {
  writeLines([escapeForTerminal(`confab-server: ${message}`)], Deno.stderr);
}
