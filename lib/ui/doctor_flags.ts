import { DEFAULT_REGISTRY } from "../peer/client.ts";
import { parseIp } from "../protocol/address.ts";
import { Flags, UsageError } from "./flags.ts";
import { checkProfile } from "./profile.ts";

/** What a call of `doctor` asks for. */
export type DoctorConfig =
  | { readonly mode: "help" }
  | ({ readonly mode: "run"; readonly json: boolean } & DoctorSettings);

/** What is to be looked at. */
export interface DoctorSettings {
  /** The registry: an IP literal or a host name. */
  readonly server: string;
  readonly port: number;
  /** What the client would register; `undefined`: that of its own end of the connection. */
  readonly ip: string | undefined;
  /** 0: any free one. */
  readonly udpPort: number;
  /** `undefined`: nothing is kept. */
  readonly profile: string | undefined;
}

/** The answer to `doctor --help`. */
export const DOCTOR_HELP =
  `Looks at everything that the client needs, and tells what will work and what to do.
It does not come into the room: nobody there sees it.

Usage: confab-client doctor [flags]      (or: deno task client doctor [flags])

  --server HOST         the registry                                    [${DEFAULT_REGISTRY.server}]
  --port N              its TCP port                                    [${DEFAULT_REGISTRY.port}]
  --ip IP               the address that you would give the client
                                         [the address that reaches the registry]
  --udp-port N          the UDP port that you would give it             [0 = any free one]
  --profile NAME        which kept keys to look for                     [default]
  --ephemeral           none
  --json                each check as one JSON object a line
  --help

Exit code: 0 if the client can join with these flags, 1 if not.
`;

/**
 * Reads the arguments after `doctor`.
 *
 * @throws {UsageError}
 */
export function parseDoctorFlags(args: readonly string[]): DoctorConfig {
  const flags = new Flags(args, {
    values: ["server", "port", "ip", "udp-port", "profile"],
    switches: ["ephemeral", "json", "help"],
  });
  if (flags.has("help")) return { mode: "help" };
  const given = flags.text("ip");
  const ip = given === undefined ? undefined : parseIp(given);
  if (given !== undefined && ip === undefined) {
    throw new UsageError(`--ip takes an IP address, not ${given}`);
  }
  const port = flags.port("port") ?? DEFAULT_REGISTRY.port;
  if (port === 0) throw new UsageError("--port takes a port from 1 to 65535, not 0");
  return {
    mode: "run",
    server: flags.text("server") ?? DEFAULT_REGISTRY.server,
    port,
    ip,
    udpPort: flags.port("udp-port") ?? 0,
    profile: checkProfile(flags),
    json: flags.has("json"),
  };
}
