/** What was said before we came: asked for once, told before all else, never taken for something that we have heard. */
import { assert, assertEquals } from "../support/assert.ts";
import { PlayedRegistry, said, user } from "../support/played_registry.ts";
import { VirtualWorld } from "../support/virtual_world.ts";

/** ann, who asks for so many, at a registry that gives some, or none. */
function asking(replay: number | undefined, capabilities = "keys,resume,replay"): PlayedRegistry {
  const it = new PlayedRegistry(() => 0.5, replay);
  it.capabilities = capabilities;
  return it;
}

function past(number: number, from: string, text: string, age = 9): string {
  return `PAST:${number}:${age}:${from}:${text.length}:${text}`;
}

/** The events of the room, shortly. */
function story(it: PlayedRegistry): string[] {
  return it.events.flatMap((event) => {
    if (event.event === "broadcast") {
      return [`${event.from}: ${event.text}${event.replayed ? ` (${event.age} s ago)` : ""}`];
    }
    if (event.event === "replay") return [`${event.state} ${event.count} of ${event.limit}`];
    return event.event === "gap" ? [`gap ${event.missed}`] : [];
  });
}

Deno.test("asked for when we are in, told between begin and end, and what is said since after it", () => {
  const it = asking(20);
  assertEquals(it.register({ number: 7 }), ["REPLAY:20"]);
  it.tell(said(8, "bob", `${"b".repeat(16)}.3`, "live"));
  it.tell("REPLAYING:2:50", past(6, "bob", "one", 70), said(9, "bob", "-", "live, too"));
  it.tell(past(7, "ann", "my own of yesterday"), "REPLAYED:2", said(10, "bob", "-", "later"));
  assertEquals(story(it), [
    "begin 2 of 50",
    "bob: one (70 s ago)",
    "ann: my own of yesterday (9 s ago)",
    "end 2 of 50",
    "bob: live",
    "bob: live, too",
    "bob: later",
  ]);
  it.reconnect();
  const [resume = "", ...more] = it.resume({ number: 10 });
  assert(/:10:\d+:10\.0\.0\.1:5000$/.test(resume), resume);
  assertEquals([more, it.errors], [[], ["not-connected"]], "not asked again");
});

Deno.test("asking counts in the rate that the registry takes", () => {
  for (const [replay, sent] of [[20, ["REPLAY:20"]], [undefined, []]] as const) {
    const it = asking(replay);
    assertEquals(it.register({ rate: 2 }), [...sent]);
    it.say("one", "two");
    assertEquals(it.take().length, 2 - sent.length);
    it.pass(1_000);
    assertEquals(it.take().length, sent.length);
  }
});

Deno.test("who does not ask tells no capability, and is told nothing; nor is a registry asked that gives none", () => {
  const it = asking(undefined);
  assertEquals([it.register(), story(it)], [[], []]);
  for (const capabilities of ["keys,resume", "keys,resume,ephemeral"]) {
    const other = asking(50, capabilities);
    assertEquals([other.register(), story(other)], [[], ["end 0 of 0"]]);
  }
});

Deno.test("not asked again after a restart of the registry, nor after a session that was gone", () => {
  const it = asking(20);
  it.register();
  it.tell("REPLAYING:1:50", past(1, "bob", "hi"), "REPLAYED:1");
  it.reconnect();
  it.greet();
  it.tell("ERROR:no-session:gone");
  it.take();
  it.tell(`WELCOME:${"1".repeat(16)}:1:1:${"51".repeat(16)}:30:0`, it.roster());
  assertEquals(it.take(), []);
  assertEquals(story(it), ["begin 1 of 50", "bob: hi (9 s ago)", "end 1 of 50", "gap null"]);
});

Deno.test("it does not count as heard: the same text said again is live, and positions stay", () => {
  const it = asking(20);
  it.register({ number: 7 }, [user("bob", "b")]);
  it.tell("REPLAYING:1:50", past(7, "bob", "hi"), "REPLAYED:1");
  it.tell(said(8, "bob", `${"b".repeat(16)}.1`, "hi"));
  assertEquals(story(it).slice(1), ["bob: hi (9 s ago)", "end 1 of 50", "bob: hi"]);
});

Deno.test("who is blocked is not heard in it, and not counted", () => {
  const it = asking(20);
  it.register({ number: 2 }, [user("bob", "b")]);
  it.do({ command: "block", to: "bob" });
  it.tell("REPLAYING:2:50", past(1, "bob", "hi"), past(2, "cam", "ho"), "REPLAYED:2");
  assertEquals(story(it), ["begin 2 of 50", "cam: ho (9 s ago)", "end 1 of 50"]);
});

Deno.test("the connection breaks in the middle: the end is told, and what was said since", () => {
  const it = asking(20);
  it.register({ number: 2 });
  it.tell(said(3, "bob", "-", "live"), "REPLAYING:2:50", past(1, "bob", "one"));
  it.lose();
  assertEquals(story(it), ["begin 2 of 50", "bob: one (9 s ago)", "end 1 of 50", "bob: live"]);
  it.pass(30_000, () => it.connected);
  it.resume({ number: 3 });
  it.tell(said(4, "bob", "-", "more"));
  assertEquals(story(it).at(-1), "bob: more");
});

Deno.test("what nobody asked for, more than that, twice, out of order, too early: the registry is wrong", () => {
  const begin = "REPLAYING:2:50";
  const wrong: Record<string, readonly string[]> = {
    "more than asked for": ["REPLAYING:3:50"],
    "no begin": [past(1, "bob", "x")],
    "an end alone": ["REPLAYED:0"],
    "twice": [begin, begin],
    "a second answer": ["REPLAYING:0:50", "REPLAYED:0", "REPLAYING:0:50"],
    "more than announced": [begin, ...[1, 2, 3].map((n) => past(n, "bob", "x"))],
    "out of order": [begin, past(2, "bob", "x"), past(2, "bob", "x")],
  };
  for (const [what, lines] of Object.entries(wrong)) {
    const it = asking(2);
    it.register();
    it.tell(...lines);
    assertEquals(it.errors, ["bad-message", "not-connected"], what);
    assertEquals(it.connected, false, what);
  }
  const never = asking(undefined);
  never.register();
  never.tell("REPLAYING:0:50");
  assertEquals(never.errors, ["bad-message", "not-connected"]);
});

Deno.test("a registry that never ends it hides 256 messages at most, and all are told in order", () => {
  const it = asking(2);
  it.register();
  for (let i = 1; i <= 300; i++) it.tell(said(i, "bob", "-", `${i}`));
  assertEquals(it.heard, Array.from({ length: 300 }, (_, i) => `bob: ${i + 1}`));
});

Deno.test("with a real registry: who comes later is told what was said, and then what is", () => {
  const world = new VirtualWorld();
  const ann = world.add("ann", { replay: 50 });
  world.pass(1_000);
  for (const text of ["one", "two"]) ann.do({ command: "broadcast", text });
  world.pass(120_000);
  const bob = world.add("bob", { replay: 50 });
  const cam = world.add("cam");
  world.pass(1_000);
  ann.do({ command: "broadcast", text: "three" });
  world.pass(1_000);
  const heard = (it: typeof bob) =>
    it.told("broadcast").map(({ text, age }) => `${text} ${age ?? "live"}`);
  assertEquals(heard(bob), ["one 120", "two 120", "three live"]);
  assertEquals(heard(cam), ["three live"]);
  assertEquals(cam.told("replay"), []);
  assertEquals(ann.told("replay").map(({ state, count }) => [state, count]), [
    ["begin", 0],
    ["end", 0],
  ]);
  world.setRegistry(false);
  world.pass(1_000);
  world.setRegistry(true);
  world.pass(40_000);
  assertEquals(bob.told("broadcast").length, 3, "not again");
});
