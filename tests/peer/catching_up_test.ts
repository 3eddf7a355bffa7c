/** What the room says to us: each message once and in order, what is missing told, and who is here. */
import { assertEquals, assertStringIncludes } from "../support/assert.ts";
import { EPOCH, PlayedRegistry, RUN, said, user } from "../support/played_registry.ts";

const NEXT_EPOCH = "1".repeat(16);
const BOBS = "b".repeat(16);
const BOB = user("bob", "b0");
const CAROL = user("carol", "c0");

function inRoom(others: readonly string[] = [], number = 0): PlayedRegistry {
  const it = new PlayedRegistry();
  it.register({ number }, others);
  it.events.length = 0;
  return it;
}

/** The registry is another run of itself, and lets the client in. */
function restarted(it: PlayedRegistry, number = 0, others: readonly string[] = []): void {
  it.reconnect();
  it.greet();
  it.tell("ERROR:no-session:gone");
  it.tell(`WELCOME:${NEXT_EPOCH}:${number}:1:${"52".repeat(16)}:30:0`, it.roster(others));
}

function told(it: PlayedRegistry): string[] {
  return it.events.map((event) => {
    switch (event.event) {
      case "join":
      case "leave":
        return `${event.event} ${event.username}`;
      case "gap":
        return `gap ${event.missed} ${event.epoch}`;
      case "broadcast":
        return `${event.from}: ${event.text}`;
      case "error":
        return `error ${event.code}`;
      default:
        return event.event;
    }
  });
}

Deno.test("each message is told once, whatever the registry repeats of it", () => {
  const it = inRoom([BOB]);
  const first = said(1, "bob", `${BOBS}.1`, "one");
  it.tell(first, first);
  it.tell(said(2, "bob", `${BOBS}.1`, "one"), said(3, "BOB", `${BOBS}.1`, "one"));
  it.tell(said(4, "bob", `${BOBS}.2`, "two"), said(5, "old", "-", "hi"), said(6, "old", "-", "hi"));
  it.tell(said(6, "old", "-", "hi"), said(2, "carol", `${"c".repeat(16)}.1`, "late"));
  assertEquals(it.heard, ["bob: one", "bob: two", "old: hi", "old: hi"]);
});

Deno.test("a message that a restarted registry brings again is no new one, by whichever of its sender's names", () => {
  for (const [before, after] of [["bob", "bob"], ["bob", "bob~2"], ["Bob~2", "bob"]] as const) {
    const it = inRoom([BOB]);
    it.tell(said(1, before, `${BOBS}.1`, "one"), said(2, before, `${BOBS}.2`, "two"));
    restarted(it);
    it.tell(said(1, after, `${BOBS}.2`, "two", NEXT_EPOCH));
    it.tell(said(2, after, `${BOBS}.3`, "three", NEXT_EPOCH));
    it.tell(said(3, "carol", `${BOBS}.2`, "mine", NEXT_EPOCH));
    const heard = [`${before}: one`, `${before}: two`, `${after}: three`, "carol: mine"];
    assertEquals(it.heard, heard, "another name with the same run is another sender");
  }
});

Deno.test("senders are told apart by their keys: who takes a name and a run makes nobody else unheard", () => {
  const [key, other] = ["1".repeat(64), "2".repeat(64)];
  const it = inRoom([user("bob", "b0", { key })]);
  it.tell(said(1, "bob", `${BOBS}.1`, "one"), "LEFT:2:b0b0b0b0b0b0b0b0");
  it.tell(`JOINED:3:${user("bob", "b1", { key: other })}`);
  it.tell(said(2, "bob", `${BOBS}.1000`, "I am bob"), "LEFT:4:b1b1b1b1b1b1b1b1");
  it.tell(`JOINED:5:${user("bob", "b2", { key })}`);
  it.tell(said(3, "bob", `${BOBS}.1`, "one"), said(4, "bob", `${BOBS}.2`, "two"));
  assertEquals(it.heard, ["bob: one", "bob: I am bob", "bob: two"]);
});

Deno.test("a message is known again, whether its sender was in the roster when it came or is now", () => {
  const bob = user("bob", "b0", { key: "1".repeat(64) });
  for (const first of ["here", "gone", "never here"]) {
    const it = inRoom(first === "never here" ? [] : [bob]);
    if (first === "gone") it.tell("LEFT:2:b0b0b0b0b0b0b0b0");
    it.tell(said(1, "bob", `${BOBS}.1`, "one"));
    restarted(it, 0, [bob]);
    it.tell(said(1, "bob", `${BOBS}.1`, "one", NEXT_EPOCH), "LEFT:2:b0b0b0b0b0b0b0b0");
    it.tell(said(2, "bob", `${BOBS}.1`, "one", NEXT_EPOCH));
    it.tell(said(3, "bob", `${BOBS}.2`, "two", NEXT_EPOCH));
    assertEquals(it.heard, ["bob: one", "bob: two"], first);
  }
});

Deno.test("several runs of one name are told apart; sixteen of them are remembered", () => {
  const it = inRoom([BOB]);
  const run = (n: number): string => n.toString(16).padStart(16, "0");
  let number = 0;
  const says = (n: number): number => {
    const before = it.heard.length;
    it.tell(said(++number, "bob", `${run(n)}.1`, `of ${n}`));
    return it.heard.length - before;
  };
  for (let n = 0; n < 16; n++) assertEquals(says(n), 1);
  for (let n = 0; n < 16; n++) assertEquals(says(n), 0);
  assertEquals([says(16), says(1)], [1, 0]);
  assertEquals(says(0), 1, "the one heard the longest ago is forgotten");
});

Deno.test("the message of somebody blocked is not told, and missed by nobody", () => {
  const it = inRoom([BOB]);
  it.do({ command: "block", to: "bob" });
  it.events.length = 0;
  it.tell(said(1, "bob", `${BOBS}.1`, "one"), said(2, "carol", "-", "two"));
  assertEquals(told(it), ["carol: two"]);
});

Deno.test("who is blocked by key is not heard under another name, when gone before the replay, either", () => {
  const key = "1".repeat(64);
  const robert = user("robert", "d0", { key });
  for (const told of ["ROSTER", "LEFT"]) {
    const it = inRoom([user("bob", "b0", { key }), robert, CAROL]);
    it.do({ command: "block", to: "bob" });
    it.reconnect();
    it.resume({ number: 2, presence: 9 });
    it.tell(told === "LEFT" ? "LEFT:9:d0d0d0d0d0d0d0d0" : it.roster([CAROL]));
    it.tell(said(1, "robert", `${BOBS}.1`, "one"), said(2, "carol", "-", "two"));
    // Somebody else may have the name now, without a key.
    it.tell(`JOINED:10:${user("robert", "d1")}`, said(3, "robert", "-", "three"));
    it.tell("LEFT:11:d1d1d1d1d1d1d1d1", said(4, "robert", "-", "four"));
    assertEquals(it.heard, ["carol: two", "robert: three", "robert: four"], told);
  }
});

Deno.test("gap: what the registry has not kept; the message after it is heard", () => {
  const it = inRoom([BOB]);
  it.reconnect();
  const [resume = ""] = it.resume({ number: 5_000 });
  assertStringIncludes(resume, `:${EPOCH}:0:1:`);
  it.events.length = 0;
  it.tell("GAP:904:4999", said(5_000, "bob", `${BOBS}.9`, "hi"));
  assertEquals(told(it), [`gap 904 ${EPOCH}`, "bob: hi"]);
  it.reconnect();
  assertStringIncludes(it.greet()[1] ?? "", `:${EPOCH}:5000:1:`);
});

Deno.test("gap: none where only messages of our own were not kept", () => {
  const it = inRoom();
  it.tell("GAP:0:7");
  assertEquals(told(it), []);
  it.reconnect();
  assertStringIncludes(it.greet()[1] ?? "", `:${EPOCH}:7:1:`);
});

Deno.test("gap: registered anew in the same run, so many numbers on; none if nothing was said", () => {
  for (const number of [10, 13]) {
    const it = inRoom([BOB], 10);
    it.reconnect();
    it.greet();
    it.tell("ERROR:no-session:the grace is over");
    it.events.length = 0;
    it.tell(`WELCOME:${EPOCH}:${number}:9:${"52".repeat(16)}:30:0`, it.roster([BOB]));
    assertEquals(told(it), ["registered", ...(number > 10 ? [`gap 3 ${EPOCH}`] : [])]);
    it.tell(said(number + 1, "bob", "-", "on"));
    assertEquals(it.heard, ["bob: on"]);
  }
});

/** The grace is over: in anew in the same run, so many numbers on. The client's messages are unanswered. */
function registeredAnew(it: PlayedRegistry, number: number): void {
  it.reconnect();
  it.greet();
  it.tell("ERROR:no-session:the grace is over");
  it.events.length = 0;
  it.tell(`WELCOME:${EPOCH}:${number}:9:${"52".repeat(16)}:30:0`, it.roster([BOB]));
}

/** The answers to two messages that were sent again, in a room 3 numbers on: what is told of them. */
const ANSWERS: Record<string, [answers: readonly string[], told: readonly string[]]> = {
  "both had been taken": [[`ACK:${RUN}.1:${EPOCH}:0`, `ACK:${RUN}.2:${EPOCH}:0`], [
    `gap 1 ${EPOCH}`,
  ]],
  "one had, as is said twice": [
    [`ACK:${RUN}.1:${EPOCH}:0`, `ACK:${RUN}.1:${EPOCH}:0`, `ACK:${RUN}.2:${EPOCH}:14`],
    [`gap 2 ${EPOCH}`],
  ],
  "none had": [[`ACK:${RUN}.1:${EPOCH}:14`, `ACK:${RUN}.2:${EPOCH}:15`], [`gap 3 ${EPOCH}`]],
  "one had, one is refused": [
    [`ACK:${RUN}.1:${EPOCH}:0`, `NAK:${RUN}.2:flood:too much`],
    [`gap 2 ${EPOCH}`, "error flood"],
  ],
  "one is open when somebody speaks": [
    [`ACK:${RUN}.1:${EPOCH}:0`, said(14, "bob", "-", "hi"), `ACK:${RUN}.2:${EPOCH}:0`],
    [`gap 2 ${EPOCH}`, "bob: hi"],
  ],
  "one is open when more is missed": [
    [`ACK:${RUN}.1:${EPOCH}:0`, "GAP:5:18", `ACK:${RUN}.2:${EPOCH}:0`],
    [`gap 2 ${EPOCH}`, `gap 5 ${EPOCH}`],
  ],
};
for (const [what, [answers, expected]] of Object.entries(ANSWERS)) {
  Deno.test(`gap: less our own that are sent again: ${what}`, () => {
    const it = inRoom([BOB], 10);
    it.say("one", "two");
    registeredAnew(it, 13);
    assertEquals(told(it), ["registered"]);
    it.tell(...answers);
    assertEquals(told(it), ["registered", ...expected]);
  });
}

Deno.test("gap: none where all that was said was our own, whose acknowledgement was lost", () => {
  const it = inRoom([BOB], 10);
  it.say("mine");
  registeredAnew(it, 11);
  it.tell(`ACK:${RUN}.1:${EPOCH}:0`, said(12, "bob", "-", "hi"));
  it.do({ command: "quit" });
  assertEquals(told(it), ["registered", "bob: hi", "bye"]);
});

Deno.test("gap: at a quit or the next loss it is told with what is known, once", () => {
  const it = inRoom([BOB], 10);
  it.say("one", "two");
  registeredAnew(it, 13);
  it.tell(`ACK:${RUN}.2:${EPOCH}:0`);
  it.lose();
  assertEquals(told(it), ["registered", `gap 2 ${EPOCH}`, "error not-connected"]);
  it.pass(30_000, () => it.connected);
  it.greet();
  it.tell("ERROR:no-session:the grace is over");
  it.events.length = 0;
  it.tell(`WELCOME:${EPOCH}:15:9:${"53".repeat(16)}:30:0`, it.roster([BOB]));
  assertEquals(told(it), ["registered"]);
  it.do({ command: "quit" });
  it.pass(60_000);
  assertEquals(told(it), ["registered", "error closing", `gap 2 ${EPOCH}`, "bye"]);
});

Deno.test("gap: another run of the registry, once, of unknown size; not the first time", () => {
  const it = new PlayedRegistry();
  it.register({ number: 41 });
  assertEquals(told(it), ["registered"]);
  restarted(it, 2);
  assertEquals(told(it).slice(1), ["error not-connected", "registered", `gap null ${NEXT_EPOCH}`]);
  it.reconnect();
  assertStringIncludes(it.greet()[1] ?? "", `:${NEXT_EPOCH}:2:1:`);
});

Deno.test("gap: a number that is left out is told as what it is", () => {
  const it = inRoom([BOB]);
  it.tell(said(1, "bob", "-", "one"), said(4, "bob", "-", "four"));
  assertEquals(told(it), ["bob: one", `gap 2 ${EPOCH}`, "bob: four"]);
});

Deno.test("own messages have their place: an acknowledgement is no gap, but can show one", () => {
  const it = inRoom([BOB]);
  it.say("mine", "and mine");
  const ack = (count: number, number: number): string => `ACK:${RUN}.${count}:${EPOCH}:${number}`;
  it.tell(said(1, "bob", "-", "one"), ack(1, 2), said(3, "bob", "-", "three"));
  // The answer to one that was sent again has no place; the one in its place may come before it or after it.
  it.tell(ack(2, 0), said(4, "bob", "-", "four"), ack(2, 5), said(6, "bob", "-", "six"), ack(2, 0));
  assertEquals(told(it), ["bob: one", "bob: three", "bob: four", "bob: six"]);
  it.say("third");
  it.tell(ack(3, 9));
  assertEquals(told(it).slice(4), [`gap 2 ${EPOCH}`]);
  it.reconnect();
  assertStringIncludes(it.greet()[1] ?? "", `:${EPOCH}:9:1:`);
});

Deno.test("resumed: told once, before what was missed; who came and left, by their sessions", () => {
  const it = inRoom([BOB, CAROL]);
  it.tell(`JOINED:2:${user("Dan", "d0")}`, "LEFT:3:d0d0d0d0d0d0d0d0");
  assertEquals(told(it).splice(0), ["join Dan", "leave Dan"]);
  it.events.length = 0;
  it.reconnect();
  const [resume = ""] = it.resume({ presence: 7, number: 1 });
  assertStringIncludes(resume, `:${EPOCH}:0:3:`);
  it.tell("LEFT:3:c0c0c0c0c0c0c0c0", `JOINED:7:${user("eve", "e0")}`, `JOINED:3:${BOB}`);
  it.tell(said(1, "eve", "-", "hi"));
  const after = ["leave carol", "join eve", "eve: hi"];
  assertEquals(told(it), ["error not-connected", "resumed", ...after]);
  assertEquals(it.engine.peers.map(({ username }) => username), ["bob", "eve"]);
  assertEquals(it.told("resumed"), [{ event: "resumed", username: "ann" }]);
  it.reconnect();
  assertStringIncludes(it.greet()[1] ?? "", `:${EPOCH}:1:7:`);
});

Deno.test("notices that change nothing are nothing; one that changes an address is a leave and a join", () => {
  const it = inRoom([BOB]);
  it.tell(`JOINED:2:${BOB}`, "LEFT:2:c0c0c0c0c0c0c0c0");
  assertEquals(told(it), []);
  it.tell(`JOINED:3:${user("bob", "b0", { ip: "10.0.0.77" })}`);
  assertEquals(told(it), ["leave bob", "join bob"]);
  assertEquals(it.engine.peers.map(({ ip }) => ip), ["10.0.0.77"]);
  it.events.length = 0;
  it.tell(`JOINED:4:${user("Bob", "b1")}`, `JOINED:5:${user("robert", "b1")}`);
  assertEquals(told(it), ["leave bob", "join Bob", "leave Bob", "join robert"]);
});

Deno.test("a whole roster after RESUME, in several frames: told as who left and who came", () => {
  const it = inRoom([BOB, CAROL]);
  it.reconnect();
  it.resume({ presence: 9_000 });
  it.events.length = 0;
  it.tell(it.roster([CAROL]).replace("ROSTER:0", "ROSTER:1"));
  assertEquals(told(it), []);
  it.tell(`ROSTER:0:${user("eve", "e0")}`);
  assertEquals(told(it), ["leave bob", "join eve"]);
  it.reconnect();
  assertStringIncludes(it.resume({ presence: 9_000 })[0] ?? "", `:${EPOCH}:0:9000:`);
  it.tell(`JOINED:9001:${user("Dan", "d0")}`);
  it.reconnect();
  assertStringIncludes(it.greet()[1] ?? "", `:${EPOCH}:0:9001:`);
});

Deno.test("half a roster is none: the next connection asks from where the last whole one was", () => {
  const it = inRoom([BOB, CAROL]);
  it.reconnect();
  it.resume({ presence: 9_000 });
  it.tell(it.roster([user("eve", "e0")]).replace("ROSTER:0", "ROSTER:1"));
  it.events.length = 0;
  it.reconnect();
  const [resume = ""] = it.resume({ presence: 9_000 });
  assertStringIncludes(resume, `:${EPOCH}:0:1:`);
  it.tell(it.roster([BOB, CAROL]));
  assertEquals(told(it), ["error not-connected", "resumed"]);
});
