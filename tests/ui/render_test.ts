/** What people read of what happens. */
import type { ClientEvent } from "../../lib/peer/events.ts";
import { CommandError, COMMANDS, parseLine } from "../../lib/ui/command_line.ts";
import { toJsonLine } from "../../lib/ui/escape.ts";
import { renderHelp } from "../../lib/ui/help.ts";
import { renderClientEvent } from "../../lib/ui/render.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";

const AT = { ip: "127.0.0.1", udpPort: 5001 } as const;
const GROUPS = Array.from({ length: 12 }, (_, i) => `${10_001 + i}`);
const NUMBER = {
  safetyNumber: GROUPS.join(" "),
  lines: [`-!-   ${GROUPS.slice(0, 6).join(" ")}`, `-!-   ${GROUPS.slice(6).join(" ")}`],
} as const;
const COMPARE = "-!- compare both lines with what bob sees, by phone or face to face; the same:";

const NO_CHAT = { session: "none", blocked: false } as const;

function trust(trust: "none" | "new" | "known" | "verified" | "changed"): ClientEvent {
  return { event: "trust", peer: "bob", trust, safetyNumber: NUMBER.safetyNumber };
}

function replay(state: "begin" | "end", count: number, limit = 50): ClientEvent {
  return { event: "replay", state, count, limit };
}

function past(age: number): ClientEvent {
  return { event: "broadcast", from: "b\u202e", text: "hi", replayed: true, age };
}

const SHOWN: readonly [event: ClientEvent, lines: readonly string[]][] = [
  [
    { event: "registered", username: "ann", pid: 1, peers: [] },
    ["-!- you are ann; here: nobody else yet"],
  ],
  [
    {
      ...{ event: "registered", username: "ann~2", pid: 1 },
      peers: [{ username: "ann", ...AT }, { username: "b\u202e", ...AT, looksLike: "b" }],
    },
    [
      "-!- you are ann~2: ann is here already, with your key; here: ann, b\\u202e",
      "! b\\u202e looks like b, and is somebody else",
    ],
  ],
  [{ event: "resumed", username: "ann" }, ["-!- back in the room"]],
  [
    { event: "gap", missed: 904, epoch: "0".repeat(16) },
    ["! 904 messages were missed while the connection was away"],
  ],
  [
    { event: "gap", missed: 1, epoch: "0".repeat(16) },
    ["! 1 message was missed while the connection was away"],
  ],
  [
    { event: "gap", missed: null, epoch: "0".repeat(16) },
    ["! the registry has started anew: messages may be missing"],
  ],
  [replay("begin", 12), [
    "-!- the registry keeps the last 50 messages for those who come: 12 follow",
  ]],
  [replay("begin", 1), [
    "-!- the registry keeps the last 50 messages for those who come: 1 follows",
  ]],
  [
    replay("begin", 1, 1),
    ["-!- the registry keeps the last message for those who come: 1 follows"],
  ],
  [
    replay("begin", 0),
    ["-!- the registry keeps the last 50 messages for those who come: none so far"],
  ],
  [replay("end", 12), ["-!- that was before you came"]],
  [replay("end", 0), []],
  [replay("end", 0, 0), ["-!- the registry gives newcomers nothing of what was said before"]],
  [past(0), ["[-0 s] <b\\u202e> hi"]],
  [past(59), ["[-59 s] <b\\u202e> hi"]],
  [past(60), ["[-1 min] <b\\u202e> hi"]],
  [past(3_600), ["[-1 h] <b\\u202e> hi"]],
  [past(200_000), ["[-2 d] <b\\u202e> hi"]],
  [{ event: "join", username: "ann", ...AT }, ["+ ann joined"]],
  [{ event: "join", username: "ann~12", ...AT }, ["+ ann~12 joined (another session of ann)"]],
  [{ event: "leave", username: "ann~12", ...AT }, ["- ann~12 left"]],
  [
    { event: "private", from: "bob", text: "hi", encrypted: true, verified: false },
    ["[bob] hi"],
  ],
  [
    { event: "private", from: "bob", text: "hi", encrypted: true, verified: true },
    ["[bob, verified] hi"],
  ],
  [
    { event: "private", from: "bob", text: "hi", encrypted: false, verified: false },
    ["[bob, not encrypted] hi"],
  ],
  [{ event: "broadcast", from: "ann", text: "hi" }, ["<ann> hi"]],
  [{ event: "broadcast", from: "ann", text: "/me waves" }, ["* ann waves"]],
  [{ event: "broadcast", from: "ann", text: "/me" }, ["<ann> /me"]],
  [{ event: "broadcast", from: "ann", text: "-!- bob left" }, ["<ann> -!- bob left"]],
  [{ event: "broadcast", from: "ann", text: "/me \n-!- bob left" }, [
    "* ann \\n-!- bob left",
  ]],
  [{ event: "broadcast", from: "-!-", text: "/me left" }, ["* -!- left"]],
  [
    { event: "private", from: "bob", text: "/me waves", encrypted: false, verified: false },
    ["[bob, not encrypted] * bob waves"],
  ],
  [{ event: "peers", peers: [] }, ["-!- nobody else is here"]],
  [
    {
      event: "peers",
      peers: [
        { username: "bob", ...AT, ...NO_CHAT, trust: "known" },
        {
          ...{ username: "\u6f22\u5b57", ...AT, trust: "verified", blocked: false },
          ...{ session: "open", path: "direct", encrypted: true },
        },
        { username: "x".repeat(30), ip: "::1", udpPort: 1, ...NO_CHAT, trust: "none" },
      ],
    },
    [
      "-!- bob   known key     -                       127.0.0.1:5001",
      "-!- \u6f22\u5b57  verified key  chat direct, encrypted  127.0.0.1:5001",
      `-!- ${"x".repeat(30)}  no key        -                       [::1]:1`,
    ],
  ],
  [trust("new"), ["-!- bob: new key", ...NUMBER.lines, `${COMPARE} /verified bob`]],
  [trust("known"), ["-!- bob: known key", ...NUMBER.lines, `${COMPARE} /verified bob`]],
  [trust("verified"), ["-!- bob is verified: private chats with bob say so", ...NUMBER.lines]],
  [
    trust("changed"),
    [
      "-!- bob: ANOTHER KEY than the one known",
      ...NUMBER.lines,
      `${COMPARE} /trust bob, then /verified bob`,
    ],
  ],
  [{ event: "trust", peer: "bob", trust: "new" }, ["-!- bob: no key is known now"]],
  [{ event: "trust", peer: "bob", trust: "none" }, ["-!- bob: no key is known now"]],
];

for (const [event, lines] of SHOWN) {
  Deno.test(`shown: ${toJsonLine(event)}`, () => {
    assertEquals(renderClientEvent(event), lines);
  });
}

Deno.test("/help fits into 80 columns; each command in it tells its own usage", () => {
  for (const line of renderHelp()) assert(line.length <= 80, line);
  for (const [usage] of COMMANDS) {
    const [verb = "", argument] = usage.split(" ");
    if (argument === undefined || argument.startsWith("[")) continue;
    const { message } = assertThrows(() => parseLine(verb, { json: false }), CommandError);
    assertEquals(message, `usage: ${usage}`);
  }
});
