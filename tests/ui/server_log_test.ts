/** What the server's log says. */
import type { RegistryEvent } from "../../lib/registry/events.ts";
import { renderRegistryEvent } from "../../lib/ui/render_registry.ts";
import { type ProgramEvent, ServerLog } from "../../lib/ui/server_log.ts";
import { assertEquals, assertMatch } from "../support/assert.ts";

const AT = { ip: "127.0.0.1", udpPort: 5001 } as const;
const NOON = Date.UTC(2026, 0, 2, 12, 0, 0, 7);

const SHOWN: readonly [event: RegistryEvent, line: string][] = [
  [{ event: "join", username: "ann", ...AT }, "ann joined (127.0.0.1:5001)"],
  [{ event: "join", username: "b\u202e", ip: "::1", udpPort: 1 }, "b\\u202e joined ([::1]:1)"],
  [{ event: "leave", username: "ann", ...AT, reason: "quit" }, "ann left (127.0.0.1:5001)"],
  [{ event: "leave", username: "ann", ...AT, reason: "ended" }, "ann left (127.0.0.1:5001)"],
  [
    { event: "leave", username: "ann", ...AT, reason: "taken-over" },
    "ann left (127.0.0.1:5001): taken-over",
  ],
  [
    { event: "drop", username: "ann", ...AT, reason: "idle" },
    "ann lost the connection (127.0.0.1:5001): idle",
  ],
  [{ event: "resume", username: "ann", ...AT }, "ann is back (127.0.0.1:5001)"],
  [{ event: "error", code: "accept", message: "no\u001b[1m" }, "! accept: no\\u001b[1m"],
];

for (const [event, line] of SHOWN) {
  Deno.test(`log for people: ${line}`, () => assertEquals(renderRegistryEvent(event), line));
}

const TOLD: readonly [event: RegistryEvent | ProgramEvent, json: string, line: RegExp][] = [
  [
    { event: "listening", host: "127.0.0.1", port: 1337, udpPorts: [7, 8], pid: 7, metricsPort: 9 },
    '{"event":"listening","time":"2026-01-02T12:00:00.007Z","host":"127.0.0.1","port":1337,"udpPorts":[7,8],"pid":7,"metricsPort":9}',
    /listening on 127\.0\.0\.1 port 1337, UDP ports 7 and 8, metrics on port 9 \(pid 7\)/,
  ],
  [
    { event: "listening", host: "::", port: 1337, udpPorts: [], pid: 7 },
    '{"event":"listening","time":"2026-01-02T12:00:00.007Z","host":"::","port":1337,"udpPorts":[],"pid":7}',
    /listening on :: port 1337 \(pid 7\)/,
  ],
  [
    { event: "drop", username: "ann", ...AT, reason: "ended" },
    '{"event":"drop","time":"2026-01-02T12:00:00.007Z","username":"ann","ip":"127.0.0.1","udpPort":5001,"reason":"ended"}',
    /ann lost the connection/,
  ],
  [{ event: "closing" }, '{"event":"closing","time":"2026-01-02T12:00:00.007Z"}', /closing/],
  [
    { event: "closed", flushed: true },
    '{"event":"closed","time":"2026-01-02T12:00:00.007Z","flushed":true}',
    /closed$/,
  ],
  [
    { event: "closed", flushed: false },
    '{"event":"closed","time":"2026-01-02T12:00:00.007Z","flushed":false}',
    /closed, before everybody had taken all$/,
  ],
];

for (const [event, json, line] of TOLD) {
  Deno.test(`log, both faces: ${json}`, () => {
    const at = new Date(NOON);
    assertEquals(new ServerLog(true).line(event, at), json);
    const shown = new ServerLog(false).line(event, at) ?? "";
    assertMatch(shown, /^\d\d:\d\d:\d\d /);
    assertMatch(shown, line);
    // The clock on the wall, wherever this runs.
    assertEquals(shown.slice(0, 8), at.toTimeString().slice(0, 8));
  });
}

Deno.test("log: an error that repeats is told ten times, then twice a minute with a count", () => {
  const json = new ServerLog(true);
  const people = new ServerLog(false);
  const slow = { event: "error", code: "slow", message: "192.0.2.7: too slow" } as const;
  const told: number[] = [];
  for (let second = 0; second <= 90; second++) {
    const at = new Date(NOON + second * 1_000);
    const line = json.line(slow, at);
    const shown = people.line(slow, at);
    assertEquals(line === undefined, shown === undefined);
    if (line === undefined || shown === undefined) continue;
    const { skipped } = JSON.parse(line);
    told.push(skipped ?? 0);
    assertEquals(/ \(and (\d+) more since/.exec(shown)?.[1], skipped?.toString());
  }
  // The bucket also fills while it empties, but not to a whole one before second 30.
  assertEquals(told, [...Array(10).fill(0), 20, 29, 29]);
});

Deno.test("log: one kind of error does not silence another, nor anything else", () => {
  const log = new ServerLog(true);
  const at = new Date(NOON);
  for (let i = 0; i < 50; i++) log.line({ event: "error", code: "accept", message: "none" }, at);
  assertMatch(log.line({ event: "error", code: "store", message: "full" }, at) ?? "", /store/);
  for (let i = 0; i < 50; i++) {
    assertMatch(log.line({ event: "join", username: `u${i}`, ...AT }, at) ?? "", /"join"/);
  }
});
