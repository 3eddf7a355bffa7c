import { steadyNow } from "../net/alarm.ts";
import { ProtocolError } from "../protocol/error.ts";
import type { RegistryEvent } from "../registry/events.ts";
import { forgetUsername } from "../registry/forget_username.ts";
import { type RunningRegistry, startRegistry } from "../registry/serve.ts";
import { VERSION } from "../version.ts";
import { escapeForTerminal, toJsonLine } from "./escape.ts";
import { UsageError } from "./flags.ts";
import { parseServerFlags, SERVER_HELP, type ServerConfig } from "./server_flags.ts";
import { type ProgramEvent, ServerLog } from "./server_log.ts";
import { onStopSignal } from "./signals.ts";
import { LineOutput, writeLines } from "./stdout.ts";

/**
 * Signals that come so close together are one, in milliseconds: at Ctrl-C a terminal tells all programs of its
 * foreground, and `deno task` tells us once more.
 */
const ONE_SIGNAL_MS = 500;

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

  return await run(config);
}

async function run(config: Extract<ServerConfig, { mode: "run" }>): Promise<number> {
  const stop = Promise.withResolvers<number>();
  const hurry = Promise.withResolvers<number>();
  const output = new LineOutput();
  const log = new ServerLog(config.json);
  const tell = (event: RegistryEvent | ProgramEvent): void => {
    const line = log.line(event, new Date());
    // Who closed our output is not coming back; a registry without a reader is not what was asked for.
    if (line !== undefined && !output.write([line])) stop.resolve(1);
  };
  // Before anybody is told that it runs, and may ask it to stop.
  let askedAt: number | undefined;
  using _signals = onStopSignal(() => {
    const now = steadyNow();
    askedAt ??= now;
    if (now - askedAt > ONE_SIGNAL_MS) hurry.resolve(0);
    stop.resolve(0);
  });
  const registry = await start(config, tell);
  if (!registry) return 1;
  const code = await stop.promise;
  tell({ event: "closing" });
  const ended = registry.stop().then(async (flushed) => {
    tell({ event: "closed", flushed });
    await output.drained();
    return code;
  });
  return await Promise.race([ended, hurry.promise]);
}

/** A registry that listens and has said so; `undefined` if it cannot, which it has said, too. */
async function start(
  config: Extract<ServerConfig, { mode: "run" }>,
  tell: (event: RegistryEvent | ProgramEvent) => void,
): Promise<RunningRegistry | undefined> {
  let registry: RunningRegistry;
  try {
    registry = startRegistry({ ...config, onEvent: tell });
  } catch (error) {
    const udp = config.udpPort ? ` or UDP ports ${config.udpPort} and ${config.udpPort + 1}` : "";
    complain(`cannot listen on ${config.hostname} port ${config.port}${udp}: ${reasonOf(error)}`);
    return undefined;
  }
  const { hostname: host, port } = registry.addr;
  const { udpPorts } = registry;
  const listening = { event: "listening", host, port, udpPorts, pid: Deno.pid } as const;
  if (!config.metrics) {
    tell(listening);
    return registry;
  }
  try {
    tell({ ...listening, metricsPort: registry.serveMetrics(config.metrics) });
    return registry;
  } catch (error) {
    const { hostname, port } = config.metrics;
    complain(`cannot serve metrics on ${hostname} port ${port}: ${reasonOf(error)}`);
    await registry.stop();
    return undefined;
  }
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
    complain(reasonOf(error));
    return 1;
  }
  const line = json
    ? toJsonLine({ event: "forgotten", username })
    : escapeForTerminal(`${username} is free: whoever comes next under that name has it`);
  return writeLines([line]) ? 0 : 1;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function complain(message: string): void {
  writeLines([escapeForTerminal(`confab-server: ${message}`)], Deno.stderr);
}
