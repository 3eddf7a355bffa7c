/** Where lines go, who is here, whom not to show; and how that looks. */
import type { ClientEvent } from "../../lib/peer/events.ts";
import { BELL_POLICIES, type BellPolicy } from "../../lib/ui/bell.ts";
import { parseLine } from "../../lib/ui/command_line.ts";
import { Conversation } from "../../lib/ui/conversation.ts";
import { wordsOf } from "../../lib/ui/mentions.ts";
import { isPrivateLine } from "../../lib/ui/private_line.ts";
import { FOLD_MS, Presenter } from "../../lib/ui/presenter.ts";
import { colourOf, NAME_COLOURS } from "../../lib/ui/style.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";

const AT = { ip: "127.0.0.1", udpPort: 5001 } as const;

function room(...names: string[]): Conversation {
  const conversation = new Conversation();
  const peers = names.map((username) => ({ username, ...AT }));
  conversation.heard({ event: "registered", username: "ann", pid: 1, peers });
  return conversation;
}

function presence(event: "join" | "leave", username: string): ClientEvent {
  return { event, username, ...AT };
}

function says(from: string, text = "hi"): ClientEvent {
  return { event: "broadcast", from, text };
}

function whispers(from: string, text = "hi"): ClientEvent {
  return { event: "private", from, text, encrypted: true, verified: false };
}

function chat(peer: string, state: "open" | "closed", encrypted = true): ClientEvent {
  const how = { path: "direct", encrypted, verified: false, classic: !encrypted } as const;
  return { event: "session", peer, state, ...how };
}

function types(conversation: Conversation, line: string): unknown {
  const asked = parseLine(line, { json: false });
  const resolved = asked && conversation.resolve(asked);
  return resolved && ("told" in resolved ? resolved.told.join("\n") : resolved.command);
}

Deno.test("/to: plain lines and /me go there, /broadcast to the room, and the prompt says so", () => {
  const conversation = room("Bob");
  assertEquals(conversation.prompt, "room> ");
  assertEquals(types(conversation, "hi"), { command: "broadcast", text: "hi" });
  assertMatch(`${types(conversation, "/to bob")}`, /go to Bob, in private/);
  assertEquals(conversation.prompt, "Bob> ");
  assertEquals(types(conversation, "hi"), { command: "chat", to: "Bob", text: "hi" });
  assertEquals(types(conversation, "/me waves"), { command: "chat", to: "Bob", text: "/me waves" });
  assertEquals(types(conversation, "/broadcast all"), { command: "broadcast", text: "all" });
  types(conversation, "/to room");
  assertEquals(types(conversation, "/me waves"), { command: "broadcast", text: "/me waves" });
});

Deno.test("/to somebody who is not here, or oneself, changes nothing", () => {
  const conversation = room("bob");
  types(conversation, "/to bob");
  assertMatch(`${types(conversation, "/to eve")}`, /^! eve is not here/);
  assertMatch(`${types(conversation, "/to ANN")}`, /^! that is yourself/);
  assertEquals(types(conversation, "secret"), { command: "chat", to: "bob", text: "secret" });
});

Deno.test("a chat that ends, and a peer that leaves: nothing private ever goes to the room", () => {
  const conversation = room("bob");
  types(conversation, "/to bob");
  assertEquals(conversation.heard(chat("bob", "open")), []);
  assertMatch(conversation.heard(chat("bob", "closed")).join(), /still go to bob.*\/to room/);
  conversation.heard(presence("leave", "bob"));
  conversation.heard({ event: "registered", username: "ann", pid: 1, peers: [] });
  assertEquals(types(conversation, "secret"), { command: "chat", to: "bob", text: "secret" });
  assertEquals(conversation.prompt, "bob> ");
  types(conversation, "/to room");
  assertEquals(conversation.prompt, "room> ");
});

Deno.test("the prompt says which open chats others can read", () => {
  const conversation = room("bob", "old");
  conversation.heard(chat("old", "open", false));
  assertEquals(conversation.prompt, "[old: not encrypted] room> ");
  types(conversation, "/to old");
  assertEquals(conversation.prompt, "old (not encrypted)> ");
  types(conversation, "/to bob");
  assertEquals(conversation.prompt, "[old: not encrypted] bob> ");
  conversation.heard(chat("old", "closed", false));
  assertEquals(conversation.prompt, "bob> ");
});

Deno.test("names: who was heard or spoken to last is the first", () => {
  const conversation = room("bob", "eve");
  conversation.heard(presence("join", "new"));
  conversation.heard(says("bob"));
  assertEquals(conversation.names, ["bob", "eve", "new"]);
  types(conversation, "/msg eve hi");
  assertEquals(conversation.names, ["eve", "bob", "new"]);
  conversation.heard(presence("leave", "eve"));
  assertEquals(conversation.names, ["bob", "new"]);
});

function presenter(
  conversation: Conversation,
  looks: Partial<{ bell: BellPolicy; colour: boolean }>,
) {
  return new Presenter({ colour: false, time: false, bell: "off", ...looks }, conversation);
}

Deno.test("joins and leaves wait for each other, and come before what follows", () => {
  const shown = presenter(room(), {});
  for (let i = 0; i < 15; i++) {
    assertEquals(shown.present(presence("join", `u${i}`), 1_000 + i).lines, []);
  }
  assertEquals(shown.nextTimeout, 1_000 + FOLD_MS);
  shown.present(presence("leave", "u3"), 1_020);
  shown.present(presence("leave", "u4~2"), 1_021);
  assertEquals(shown.present(says("u1"), 1_022).lines, [
    "+ u0, u1, u2, u3, u4 and 10 others joined",
    "- u3, u4~2 left",
    "<u1> hi",
  ]);
  assertEquals(shown.nextTimeout, Infinity);
  shown.present(presence("join", "ann~2"), 2_000);
  assertEquals(shown.flush(), ["+ ann~2 joined (another session of ann)"]);
  assertEquals(shown.flush(), []);
});

Deno.test("joins and leaves that alternate are a few lines, too, with each name once", () => {
  const shown = presenter(room(), {});
  for (let i = 0; i < 1_000; i++) {
    shown.present(presence("join", `u${i % 8}`), 0);
    shown.present(presence("leave", `u${i % 8}`), 0);
  }
  assertEquals(shown.flush(), [
    "+ u0 joined",
    "- u0 left",
    "+ u1, u2, u3, u4, u5 and 3 others joined",
    "- u1, u2, u3, u4, u5 and 3 others left",
  ]);
});

Deno.test("a crowd that comes is behind those who were heard, in the order of its coming", () => {
  const conversation = room("bob", "cam");
  const crowd = Array.from({ length: 100_000 }, (_, i) => `u${i}`);
  for (const name of crowd) conversation.heard(presence("join", name));
  assertEquals(conversation.names, ["cam", "bob", ...crowd]);
  conversation.heard(says("u7"));
  conversation.heard(presence("leave", "u0"));
  conversation.heard(presence("join", "bob"));
  const [first, second, third] = conversation.names;
  assertEquals([first, second, third, conversation.names.at(-1)], ["u7", "cam", "u1", "bob"]);
  assertMatch(`${types(conversation, "/to U9")}`, /go to u9, in private/);
});

Deno.test("/ignore: nothing of that name is shown, whatever its case, until /unignore", () => {
  const conversation = room("bob");
  const shown = presenter(conversation, {});
  types(conversation, "/ignore BOB");
  assertMatch(`${types(conversation, "/ignore")}`, /not shown: BOB/);
  const events = [says("bob"), whispers("bob"), presence("leave", "bob"), presence("join", "bob")];
  for (const event of events) assertEquals(shown.present(event, 0).lines, [], event.event);
  assertEquals(shown.flush(), []);
  assertEquals(shown.present(says("eve"), 0).lines, ["<eve> hi"]);
  types(conversation, "/unignore bob");
  assertEquals(shown.present(says("bob"), 0).lines, ["<bob> hi"]);
  assertMatch(`${types(conversation, "/unignore bob")}`, /was not ignored/);
});

Deno.test("/ignore holds for further sessions of the same key, too", () => {
  const conversation = room("bob", "bob~2");
  const shown = presenter(conversation, {});
  types(conversation, "/ignore bob");
  for (const event of [says("Bob~2"), whispers("bob~13"), presence("join", "bob~2")]) {
    assertEquals(shown.present(event, 0).lines, [], event.event);
  }
  assertEquals(shown.flush(), []);
  assertEquals(shown.present(says("bobby"), 0).lines, ["<bobby> hi"]);
  types(conversation, "/unignore bob");
  types(conversation, "/ignore bob~2");
  assertEquals(shown.present(says("bob~2"), 0).lines, []);
  assertEquals(shown.present(says("bob"), 0).lines, ["<bob> hi"], "that session alone");
});

Deno.test("the bell rings for what was asked for, once a second at most", () => {
  const rung = (bell: BellPolicy, event: ClientEvent): boolean =>
    presenter(room("bob"), { bell }).present(event, 0).bell;
  const rings = (event: ClientEvent) => BELL_POLICIES.filter((bell) => rung(bell, event));
  assertEquals(rings(whispers("bob")), ["private", "mention", "all"]);
  assertEquals(rings({ event: "invite", from: "bob" }), ["private", "mention", "all"]);
  assertEquals(rings(says("bob", "hello Ann!")), ["mention", "all"]);
  assertEquals(rings(says("bob", "hello joanna")), ["all"]);
  assertEquals(rings({ event: "bye", reason: "quit" }), []);
  const shown = presenter(room("bob"), { bell: "all" });
  const times = [0, 500, 999, 1_000, 1_500];
  assertEquals(times.map((now) => shown.present(says("bob"), now).bell), [
    ...[true, false, false, true, false],
  ]);
});

Deno.test("time before texts alone; own name marked; a colour for each name", () => {
  const conversation = room("bob");
  const shown = new Presenter({ colour: true, time: true, bell: "off" }, conversation);
  const [line = ""] = shown.present(says("bob", "hi ann"), Date.UTC(2026, 0, 2, 3, 4)).lines;
  const name = `\x1b[38;5;${colourOf("bob")}mbob\x1b[39m`;
  assertMatch(line.replaceAll("\x1b[", "^"), /^\^2m\d\d:\d\d\^22m /);
  assert(line.endsWith(`<${name}> hi \x1b[1;7mann\x1b[22;27m`), JSON.stringify(line));
  assertEquals(colourOf("BOB"), colourOf("bob"));
  assertEquals(shown.present({ event: "bye", reason: "quit" }, 0).lines, ["-!- bye"]);
});

Deno.test("every colour of a name can be read on black and on white", () => {
  const levels = [0, 95, 135, 175, 215, 255];
  for (const colour of NAME_COLOURS) {
    const at = colour - 16;
    const rgb = [Math.floor(at / 36), Math.floor(at / 6) % 6, at % 6].map((i) => levels[i] ?? 0);
    const [r = 0, g = 0, b = 0] = rgb.map((level) => ((level / 255 + 0.055) / 1.055) ** 2.4);
    const luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    assert((luminance + 0.05) / 0.05 >= 3.9, `${colour} on black`);
    assert(1.05 / (luminance + 0.05) >= 3.9, `${colour} on white`);
  }
});

Deno.test("names are found as words", () => {
  const found = (text: string, name: string) =>
    wordsOf(text, name).map(({ start, end }) => text.slice(start, end));
  assertEquals(found("ann, Ann: joanna annie ann's @ann", "ann"), ["ann", "Ann", "ann", "ann"]);
  assertEquals(found("a.b axb", "a.b"), ["a.b"]);
  assertEquals(found("hi ann", "ann~2"), ["ann"]);
  assertEquals(found("\u6f22\u5b57 \u6f22", "\u6f22"), ["\u6f22"]);
  assertEquals(found("(*) [x] ^$", "(*)"), ["(*)"]);
  assertEquals(found("x", ""), []);
  for (let code = 0x21; code < 0x7f; code++) {
    const name = `x${String.fromCharCode(code)}y`;
    if (!/[:~]/.test(name)) {
      assertEquals(found(`hi ${name}!`, name), [name], "any name that may be");
    }
  }
});

const PRIVATE: readonly [line: string, isPrivate: boolean][] = [
  ["/chat bob hi", true],
  [" /msg bob hi", true],
  ["/chta bob hi", true],
  ["/quit", false],
  ["/broadcast hi", false],
  ["hi", false],
];

for (const [line, isPrivate] of PRIVATE) {
  Deno.test(`private by itself: ${JSON.stringify(line)} ${isPrivate}`, () => {
    assertEquals(isPrivateLine(line), isPrivate);
  });
}
