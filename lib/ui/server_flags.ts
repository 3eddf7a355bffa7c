import { parseIp } from "../protocol/address.ts";
import { DEFAULT_LIMITS, type RegistryLimits } from "../registry/limits.ts";
import { DEFAULT_PORT } from "../registry/serve.ts";
import { Flags, UsageError } from "./flags.ts";

/** What a call of the server asks for. */
export type ServerConfig =
  | { readonly mode: "help" }
  | { readonly mode: "version" }
  | {
    readonly mode: "run";
    readonly hostname: string;
    readonly port: number;
    readonly json: boolean;
  }
    & RegistryLimits;

/** The answer to `--help`. */
export const SERVER_HELP = `Starts a registry: the place where clients meet.

Usage: confab-server [flags]      (or: deno task server [flags])

  --host IP             address to listen on; :: serves IPv6 and IPv4   [0.0.0.0]
  --port N              TCP port, 0 = chosen by the system              [${DEFAULT_PORT}]
  --max-clients N       registered users at most, 0 = no limit          [${DEFAULT_LIMITS.maxClients}]
  --max-per-ip N        connections of one address, 0 = no limit        [${DEFAULT_LIMITS.maxPerIp}]
  --message-rate N      messages a second of one client, 0 = no limit   [${DEFAULT_LIMITS.messageRate}]
  --grace S             seconds a dropped session that can resume keeps its name  [30]
                        (no session of this version can: clients register anew)
  --profile NAME        which stored keys to use                        [default]
  --ephemeral           store nothing (this version stores nothing in any case)
  --json                events as one JSON object a line
  --help, --version
`;

/**
 * Reads the server's arguments.
 *
 * @throws {UsageError}
 */
export function parseServerFlags(args: readonly string[]): ServerConfig {
  const flags = new Flags(args, {
    values: ["host", "port", "grace", "max-per-ip", "message-rate", "max-clients", "profile"],
    switches: ["ephemeral", "json", "help", "version"],
  });
  if (flags.has("help")) return { mode: "help" };
  if (flags.has("version")) return { mode: "version" };
  if (flags.has("ephemeral") && flags.text("profile") !== undefined) {
    throw new UsageError("--profile and --ephemeral exclude each other");
  }
  flags.whole("grace", 0);
  const hostname = parseIp(flags.text("host") ?? "0.0.0.0");
  if (hostname === undefined) throw new UsageError("--host takes an IP address");
  return {
    mode: "run",
    hostname,
    port: flags.port("port") ?? DEFAULT_PORT,
    json: flags.has("json"),
    maxClients: flags.whole("max-clients", 0) ?? DEFAULT_LIMITS.maxClients,
    maxPerIp: flags.whole("max-per-ip", 0) ?? DEFAULT_LIMITS.maxPerIp,
    messageRate: flags.whole("message-rate", 0) ?? DEFAULT_LIMITS.messageRate,
  };
}
