/** How the server is called. */
import { UsageError } from "../../lib/ui/flags.ts";
import { parseServerFlags, SERVER_HELP } from "../../lib/ui/server_flags.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";

const DEFAULTS = {
  mode: "run",
  hostname: "0.0.0.0",
  port: 1337,
  profile: "default",
  udpPort: undefined,
  json: false,
  metrics: undefined,
  maxClients: 5_000,
  maxPerIp: 64,
  messageRate: 10,
  grace: 30,
  classic: true,
  replay: 50,
  relay: "fallback",
} as const;

const RUNS: readonly [args: string, changed: object][] = [
  ["", {}],
  ["--host ::1 --port 0 --ephemeral --json", {
    hostname: "::1",
    port: 0,
    profile: undefined,
    json: true,
  }],
  ["--grace 0 --max-clients 0 --max-per-ip 0 --message-rate 0 --no-classic", {
    grace: 0,
    maxClients: 0,
    maxPerIp: 0,
    messageRate: 0,
    classic: false,
  }],
  ["--relay never", { relay: "never" }],
  ["--relay=fallback", {}],
  ["--grace 120", { grace: 120 }],
  ["--udp-port 0", { udpPort: 0 }],
  ["--udp-port 65534", { udpPort: 65_534 }],
  ["--replay 0", { replay: 0 }],
  ["--replay 4096", { replay: 4_096 }],
  ["--metrics 9137", { metrics: { hostname: "127.0.0.1", port: 9137 } }],
  ["--metrics 0", { metrics: { hostname: "127.0.0.1", port: 0 } }],
  ["--metrics 0.0.0.0:9137", { metrics: { hostname: "0.0.0.0", port: 9137 } }],
  ["--metrics [::1]:0", { metrics: { hostname: "::1", port: 0 } }],
  ["--metrics=[::]:9137", { metrics: { hostname: "::", port: 9137 } }],
];

for (const [args, changed] of RUNS) {
  Deno.test(`server ${args || "without flags"}`, () => {
    assertEquals(parseServerFlags(args.split(" ").filter(Boolean)), { ...DEFAULTS, ...changed });
  });
}

for (
  const args of [
    "--udp-port 65535",
    "--udp-port -1",
    "--metrics",
    "--metrics=",
    "--metrics :9137",
    "--metrics 65536",
    "--metrics 09137",
    "--metrics -1",
    "--metrics localhost:9137",
    "--metrics ::1:9137",
    "--metrics [::1]",
    "--metrics [127.0.0.1]:9137",
    "--metrics 127.0.0.1",
    "--metrics 127.0.0.1:",
    "--metrics 127.0.0.1:9137:1",
    "--relay",
    "--relay always",
    "--grace -1",
    "--grace 1.5",
    "--grace",
    "--replay",
    "--replay -1",
    "--replay 4097",
  ]
) {
  Deno.test(`server ${args}: wrong usage`, () => {
    assertThrows(() => parseServerFlags(args.split(" ")), UsageError);
  });
}

Deno.test("server --help fits into 80 columns and names every flag", () => {
  for (const line of SERVER_HELP.split("\n")) assert(line.length <= 80, line);
  for (
    const flag of [
      "host",
      "port",
      "grace",
      "metrics",
      "json",
      "forget",
      "ephemeral",
      "replay",
      "relay",
    ]
  ) {
    assert(SERVER_HELP.includes(`  --${flag}`), flag);
  }
});
