import { isV6, parseIp, parsePort } from "../protocol/address.ts";
import { checkName } from "../protocol/name.ts";
import { MAX_GRACE } from "../registry/options.ts";
import { DEFAULT_LIMITS, HISTORY_MESSAGES, type RegistryLimits } from "../registry/limits.ts";
import { DEFAULT_GRACE, DEFAULT_PORT } from "../registry/serve.ts";
import { Flags, UsageError } from "./flags.ts";
import { checkProfile } from "./profile.ts";

/** What a call of the server asks for. */
export type ServerConfig =
  | { readonly mode: "help" }
  | { readonly mode: "version" }
  | {
    readonly mode: "forget";
    readonly profile: string;
    readonly username: string;
    readonly json: boolean;
  }
  | {
    readonly mode: "run";
    readonly hostname: string;
    readonly port: number;
    /** `undefined`: nothing is stored. */
    readonly profile: string | undefined;
    readonly json: boolean;
    /** The first of two; 0: none; `undefined`: that of the TCP port's number, if it is free. */
    readonly udpPort: number | undefined;
    /** Seconds. */
    readonly grace: number;
    /** Where metrics are served, if they are. */
    readonly metrics: { readonly hostname: string; readonly port: number } | undefined;
  }
    & RegistryLimits;

/** The answer to `--help`. */
export const SERVER_HELP = `Starts a registry: the place where clients meet.

Usage: confab-server [flags]      (or: deno task server [flags])

  --host IP             address to listen on; :: serves IPv6 and IPv4 [0.0.0.0]
  --port N              TCP port, 0 = chosen by the system            [${DEFAULT_PORT}]
  --udp-port N          UDP port, and the one after it, that tell clients
                        where they are seen, 0 = none      [that of --port]
  --max-clients N       registered users at most, 0 = no limit        [${DEFAULT_LIMITS.maxClients}]
  --max-per-ip N        connections of one address, 0 = no limit      [${DEFAULT_LIMITS.maxPerIp}]
  --message-rate N      messages a second of one client, 0 = no limit [${DEFAULT_LIMITS.messageRate}]
  --grace S             seconds a user whose connection was lost keeps name
                        and place, 0 = none                           [${DEFAULT_GRACE}]
  --replay N            the last messages to all that newcomers are given, up to
                        ${HISTORY_MESSAGES}; 0 = none, nothing is remembered for them   [${DEFAULT_LIMITS.replay}]
  --relay MODE          fallback: private chats go through here, sealed, where
                        two clients cannot reach each other; never    [${DEFAULT_LIMITS.relay}]
  --no-classic          serve no clients of the original program
  --profile NAME        which stored values to use: the registry's key, and
                        which names belong to which keys              [default]
  --ephemeral           store nothing: a key of this run alone, names kept
                        for their keys as long as it runs
  --forget NAME         take a name from the key it belongs to, then end; a
                        registry that runs with that profile need not be stopped
  --metrics [IP:]PORT   numbers for Prometheus (/metrics) and /healthz, on
                        127.0.0.1 if no address is given; port 0 = chosen
                        by the system
  --json                events as one JSON object a line
  --help, --version
`;

/**
 * Reads the server's arguments.
 *
 * @throws {UsageError}
 * @throws {ProtocolError} `bad-name`
 */
export function parseServerFlags(args: readonly string[]): ServerConfig {
  const flags = new Flags(args, {
    values: [
      ...["host", "port", "grace", "max-per-ip", "message-rate", "max-clients", "udp-port"],
      ...["profile", "forget", "metrics", "replay", "relay"],
    ],
    switches: ["no-classic", "ephemeral", "json", "help", "version"],
  });
  if (flags.has("help")) return { mode: "help" };
  if (flags.has("version")) return { mode: "version" };
  const profile = checkProfile(flags);
  const json = flags.has("json");
  const username = flags.text("forget");
  if (username !== undefined) {
    if (profile === undefined) {
      throw new UsageError("--forget and --ephemeral exclude each other");
    }
    checkName(username);
    return { mode: "forget", profile, username, json };
  }
  const hostname = parseIp(flags.text("host") ?? "0.0.0.0");
  if (hostname === undefined) throw new UsageError("--host takes an IP address");
  return {
    mode: "run",
    hostname,
    port: flags.port("port") ?? DEFAULT_PORT,
    profile,
    json,
    udpPort: udpPortOf(flags),
    metrics: parseMetricsAddress(flags.text("metrics")),
    maxClients: flags.whole("max-clients", 0) ?? DEFAULT_LIMITS.maxClients,
    maxPerIp: flags.whole("max-per-ip", 0) ?? DEFAULT_LIMITS.maxPerIp,
    messageRate: flags.whole("message-rate", 0) ?? DEFAULT_LIMITS.messageRate,
    grace: graceOf(flags),
    replay: replayOf(flags),
    classic: !flags.has("no-classic"),
    relay: relayOf(flags),
  };
}

/** `PORT`, `IP:PORT` or `[IPv6]:PORT`. */
function parseMetricsAddress(
  text: string | undefined,
): { readonly hostname: string; readonly port: number } | undefined {
  if (text === undefined) return undefined;
  const [, v6, v4, digits = ""] = /^(?:(?:\[(.*)\]|([^:]*)):)?(\d+)$/.exec(text) ?? [];
  const hostname = parseIp(v6 ?? v4 ?? "127.0.0.1");
  const port = digits === "0" ? 0 : parsePort(digits);
  if (hostname === undefined || port === undefined || (v6 !== undefined && !isV6(hostname))) {
    throw new UsageError(
      `--metrics takes a port, or an IP address and a port (IPv6 in brackets), not ${text}`,
    );
  }
  return { hostname, port };
}

function udpPortOf(flags: Flags): number | undefined {
  const port = flags.port("udp-port");
  if (port === 65_535) {
    throw new UsageError("--udp-port takes at most 65534: the next one is used, too");
  }
  return port;
}

function replayOf(flags: Flags): number {
  const replay = flags.whole("replay", 0) ?? DEFAULT_LIMITS.replay;
  if (replay <= HISTORY_MESSAGES) return replay;
  throw new UsageError(`--replay takes at most ${HISTORY_MESSAGES}, not ${replay}`);
}

function graceOf(flags: Flags): number {
  const grace = flags.whole("grace", 0) ?? DEFAULT_GRACE;
  if (grace > MAX_GRACE) throw new UsageError(`--grace takes at most ${MAX_GRACE}, not ${grace}`);
  return grace;
}

function relayOf(flags: Flags): RegistryLimits["relay"] {
  const mode = flags.text("relay") ?? DEFAULT_LIMITS.relay;
  if (mode === "fallback" || mode === "never") return mode;
  throw new UsageError("--relay takes fallback or never");
}
