/** Private chats between two clients of ours, in a virtual network. */
import { assert, assertEquals } from "../support/assert.ts";
import { signedOffer } from "../support/signed_offers.ts";
import { VirtualClassic, type VirtualClient, VirtualWorld } from "../support/virtual_world.ts";

/** Two clients that know each other. */
function pair(names: [string, string] = ["ann", "bob"], accept: "ask" | "all" | "none" = "ask"): {
  world: VirtualWorld;
  ann: VirtualClient;
  bob: VirtualClient;
} {
  const world = new VirtualWorld();
  const [ann, bob] = [world.add(names[0]), world.add(names[1], { accept })];
  world.pass(100);
  assertEquals(ann.engine.peers.length, 1);
  return { world, ann, bob };
}

/** What must hold once all is quiet: no port, no connection beyond those of open chats. */
function assertQuiet(clients: readonly VirtualClient[], connections: number): void {
  for (const client of clients) {
    assertEquals([client.listening, client.connections], [0, connections], client.name);
  }
}

Deno.test("start, invite, accept: the chat is open at both ends", () => {
  const { world, ann, bob } = pair();
  ann.do({ command: "start", to: "bob" });
  world.pass(20);
  assertEquals(bob.told("invite"), [{ event: "invite", from: "ann" }]);
  world.pass(50_000);
  assertEquals(bob.told("invite").length, 1, "repeats do not ask again");
  bob.do({ command: "accept", to: "ANN" });
  world.pass(100);
  assertEquals([ann.chats, bob.chats], [["bob open"], ["ann open"]]);
  ann.do({ command: "chat", to: "bob", text: "one" });
  ann.do({ command: "chat", to: "Bob", text: "two\r\nlines: 🙂" });
  bob.do({ command: "chat", to: "ann", text: "three" });
  world.pass(100);
  assertEquals(bob.told("private").map(({ text }) => text), ["one", "two\r\nlines: 🙂"]);
  assertEquals(ann.told("private").map(({ from, text }) => [from, text]), [["bob", "three"]]);
  assertQuiet([ann, bob], 1);
  assertEquals([...ann.told("error"), ...bob.told("error")], []);
});

Deno.test("accept all: no invite; chat opens the chat first, then delivers in order", () => {
  const { world, ann, bob } = pair(["ann", "bob"], "all");
  for (const text of ["1", "2", "3"]) ann.do({ command: "chat", to: "bob", text });
  world.pass(200);
  assertEquals(bob.told("invite"), []);
  assertEquals(bob.told("private").map(({ text }) => text), ["1", "2", "3"]);
});

Deno.test("reject: both are told, nothing is left", () => {
  const { world, ann, bob } = pair();
  ann.do({ command: "chat", to: "bob", text: "hello?" });
  world.pass(20);
  bob.do({ command: "reject", to: "ann" });
  world.pass(100);
  assertEquals(ann.told("error").map(({ code }) => code), ["rejected"]);
  assertEquals([ann.chats, bob.chats], [["bob closed rejected"], ["ann closed rejected"]]);
  assertQuiet([ann, bob], 0);
});

Deno.test("reject: a lost answer is heard with the next repeat", () => {
  const { world, ann, bob } = pair();
  ann.do({ command: "start", to: "bob" });
  world.pass(20);
  world.fate = (from) => from.ip === bob.ip ? undefined : 5;
  bob.do({ command: "reject", to: "ann" });
  world.pass(100);
  world.fate = () => 5;
  world.pass(6_000);
  assertEquals(ann.chats, ["bob closed rejected"]);
});

Deno.test("nobody answers the invite for 60 s: expired at both ends", () => {
  const { world, ann, bob } = pair();
  ann.do({ command: "start", to: "bob" });
  world.pass(59_000);
  assertEquals(bob.chats, []);
  world.pass(2_000);
  assertEquals(bob.chats, ["ann closed expired"]);
  assertEquals(ann.chats, ["bob closed expired"]);
  assertEquals(ann.told("error").map(({ code }) => code), ["no-answer"]);
  bob.do({ command: "accept", to: "ann" });
  assertEquals(bob.told("error").map(({ code }) => code), ["bad-command"]);
  assertQuiet([ann, bob], 0);
});

Deno.test("accept none: silent, the other hears no-answer", () => {
  const { world, ann, bob } = pair(["ann", "bob"], "none");
  ann.do({ command: "start", to: "bob" });
  world.pass(20_000);
  assertEquals(bob.events.filter(({ event }) => event !== "registered"), []);
  assertEquals(ann.told("error").map(({ code }) => code), ["no-answer"]);
  assertEquals(ann.chats, ["bob closed no-answer"]);
  assertQuiet([ann, bob], 0);
});

Deno.test("offers to a peer with a key are repeated with backoff, then no-answer", () => {
  const { world, ann, bob } = pair();
  const sent: number[] = [];
  const began = world.now;
  world.fate = () => void sent.push(world.now - began);
  ann.do({ command: "start", to: "bob" });
  world.pass(60_000);
  assertEquals(sent, [0, 250, 750, 1_750, 3_750, 7_750]);
  assertEquals(ann.chats, ["bob closed no-answer"]);
  assertEquals(bob.told("invite"), []);
});

Deno.test("offers to a peer without a key are repeated at 0, 3 and 9 s, then no-answer", () => {
  const world = new VirtualWorld();
  const ann = world.add("ann");
  new VirtualClassic(world, "old", "10.0.0.9");
  world.pass(100);
  const sent: number[] = [];
  const began = world.now;
  world.fate = () => void sent.push(world.now - began);
  ann.do({ command: "start", to: "old" });
  world.pass(60_000);
  assertEquals(sent, [0, 3_000, 9_000]);
  assertEquals(ann.chats, ["old closed no-answer"]);
});

for (const lost of [1, 2]) {
  Deno.test(`the first ${lost} datagrams of each side are lost: the chat opens all the same`, () => {
    const { world, ann, bob } = pair(["ann", "bob"], "all");
    const seen = new Map<string, number>();
    world.fate = (from) => {
      const count = (seen.get(from.ip) ?? 0) + 1;
      seen.set(from.ip, count);
      return count <= lost ? undefined : 5;
    };
    ann.do({ command: "chat", to: "bob", text: "at last" });
    world.pass(11_000);
    assertEquals(bob.told("private").map(({ text }) => text), ["at last"]);
    assertEquals([ann.chats, bob.chats], [["bob open"], ["ann open"]]);
    assertQuiet([ann, bob], 1);
  });
}

Deno.test("crossing offers end with one chat, whoever is first and by however much", () => {
  for (const names of [["ann", "bob"], ["zoe", "bob"], ["Ann", "ann2"]] as [string, string][]) {
    for (let lead = -40; lead <= 40; lead += 1) {
      const { world, ann, bob } = pair(names);
      const [first, second] = lead < 0 ? [bob, ann] : [ann, bob];
      first.do({ command: "start", to: second.name });
      world.pass(Math.abs(lead));
      // Later than the way of the offer, this is consent to it.
      second.do({ command: "chat", to: first.name, text: "hi" });
      world.pass(1_000);
      const label = `${names} ${lead}`;
      assertEquals([ann.chats, bob.chats], [[`${names[1]} open`], [`${names[0]} open`]], label);
      assertEquals(first.told("private").map(({ text }) => text), ["hi"], label);
      world.pass(70_000);
      assertQuiet([ann, bob], 1);
      assertEquals([...ann.told("error"), ...bob.told("error")], [], label);
      assertEquals(ann.told("invite").length + bob.told("invite").length <= 1, true, label);
    }
  }
});

Deno.test("crossing offers, all of the lower name's lost: the other's is used", () => {
  const { world, ann, bob } = pair();
  world.fate = (from) => from.ip === ann.ip ? undefined : 5;
  ann.do({ command: "start", to: "bob" });
  bob.do({ command: "start", to: "ann" });
  world.pass(13_000);
  assertEquals([ann.chats, bob.chats], [["bob open"], ["ann open"]]);
});

Deno.test("crossing offers of which one is late: one chat, no invite for the late one", () => {
  for (const accept of ["ask", "all"] as const) {
    for (const late of ["ann", "bob"]) {
      for (const delay of [12, 25, 40, 300, 2_900]) {
        const world = new VirtualWorld();
        const [ann, bob] = [world.add("ann", { accept }), world.add("bob", { accept })];
        world.pass(100);
        const from = late === "ann" ? ann.ip : bob.ip;
        world.fate = (sender) => sender.ip === from ? delay : 5;
        ann.do({ command: "start", to: "bob" });
        bob.do({ command: "start", to: "ann" });
        world.pass(30_000);
        const label = `${accept}, ${late} late by ${delay}`;
        assertEquals([ann.chats, bob.chats], [["bob open"], ["ann open"]], label);
        assertEquals([...ann.told("error"), ...bob.told("error")], [], label);
        assertEquals([...ann.told("invite"), ...bob.told("invite")], [], label);
        assertQuiet([ann, bob], 1);
      }
    }
  }
});

Deno.test("many offers of one peer at once: one dial at a time, one chat", () => {
  const { world, ann, bob } = pair(["ann", "bob"], "all");
  let dials = 0;
  const dial = bob.dial.bind(bob);
  bob.dial = (id, to) => {
    dials++;
    dial(id, to);
  };
  for (let i = 0; i < 50; i++) {
    const offer = i.toString(16).padStart(32, "0");
    const datagram = signedOffer(world, ann, bob, { offer, counter: i + 1 });
    bob.engine.datagram(datagram, ann.address, world.now);
  }
  assertEquals(bob.connections, 0);
  world.pass(1_000);
  assertEquals(bob.chats, ["ann closed unreachable"], "the last one's end");
  assertEquals(dials, 50);
  assertQuiet([ann, bob], 0);
});

Deno.test("a registry that accepts and says nothing is given up after 10 s, and tried again", () => {
  const world = new VirtualWorld();
  world.mute = true;
  const early = world.add("early");
  world.pass(9_900);
  assertEquals(early.engine.outcome, undefined);
  world.pass(200);
  assertEquals(early.engine.outcome?.reason, "not-connected");
  world.mute = false;
  const ann = world.add("ann");
  world.pass(100);
  world.mute = true;
  world.setRegistry(false);
  world.setRegistry(true);
  world.pass(20_000);
  world.mute = false;
  world.pass(30_000);
  assertEquals(ann.told("registered").length, 2);
});

Deno.test("broadcasts that waited when the registry was lost go out when it is back", () => {
  const { world, ann, bob } = pair();
  const lines = Array.from({ length: 40 }, (_, i) => `line ${i}`);
  for (const text of lines) ann.do({ command: "broadcast", text });
  world.pass(500);
  world.setRegistry(false);
  world.pass(5);
  world.setRegistry(true);
  world.pass(5_000);
  ann.engine.quit(true, world.now);
  world.pass(30_000);
  assertEquals(ann.engine.outcome?.reason, "quit");
  const heard = bob.told("broadcast").map(({ text }) => text);
  assertEquals(heard.at(-1), "line 39");
  assertEquals(new Set(heard).size, heard.length, "none twice");
});

Deno.test("at the end of input, what a peer has not read is waited for, and told if in vain", () => {
  for (const reads of [true, false]) {
    const { world, ann } = pair(["ann", "bob"], "all");
    ann.do({ command: "chat", to: "bob", text: "long" });
    world.pass(100);
    ann.queuedBytes = 5_000;
    ann.engine.quit(true, world.now);
    for (let i = 0; i < 40; i++) {
      world.pass(1_000);
      if (reads && i < 39) ann.queuedBytes -= 100;
      if (reads) assertEquals(ann.engine.outcome, undefined);
    }
    if (reads) ann.queuedBytes = 0;
    world.pass(1_000);
    assertEquals(ann.engine.outcome?.reason, "quit");
    const told = ann.told("error").map(({ message }) => message);
    const vain = ["Left before all was sent: peers had not read 5000 bytes"];
    assertEquals(told, reads ? [] : vain);
    assertEquals(ann.engine.outcome?.message, reads ? "" : vain[0]);
    assertEquals(ann.told("bye").length, 1);
  }
});

Deno.test("at the end of input, broadcasts wait for a registry that comes back, 60 s", () => {
  for (const back of [true, false]) {
    const { world, ann, bob } = pair();
    for (let i = 0; i < 40; i++) ann.do({ command: "broadcast", text: `line ${i}` });
    world.pass(500);
    ann.engine.quit(true, world.now);
    world.setRegistry(false);
    world.pass(3_000);
    assertEquals(ann.engine.outcome, undefined);
    if (back) world.setRegistry(true);
    world.pass(70_000);
    assertEquals(ann.engine.outcome?.message === "", back);
    if (back) assertEquals(bob.told("broadcast").at(-1)?.text, "line 39");
  }
});

Deno.test("quitting and talking from within an event: one bye, texts in their order", () => {
  const { world, ann, bob } = pair(["ann", "bob"], "all");
  const emit = ann.emit.bind(ann);
  ann.emit = (event) => {
    emit(event);
    if (event.event !== "session") return;
    if (event.state === "open") ann.do({ command: "chat", to: "bob", text: "second" });
    else ann.engine.quit(false, world.now);
  };
  ann.do({ command: "chat", to: "bob", text: "first" });
  world.pass(100);
  assertEquals(bob.told("private").map(({ text }) => text), ["first", "second"]);
  ann.do({ command: "quit" });
  world.pass(200);
  assertEquals(ann.told("bye").length, 1);
});

Deno.test("silent links to an offer's port are closed, and keep nobody out", () => {
  const { world, ann, bob } = pair(["ann", "bob"], "all");
  world.fate = () => undefined;
  ann.do({ command: "chat", to: "bob", text: "through all that" });
  world.pass(20);
  const [[, accept] = []] = [...world.tcp].filter(([at]) => at.startsWith(ann.ip));
  let closed = 0;
  const crowd = (): void => {
    for (let i = 0; i < 8; i++) {
      accept?.({ ip: "10.0.0.66", port: 1 }, { deliver: () => {}, end: () => closed++ });
    }
  };
  crowd();
  assertEquals([closed, ann.connections], [4, 4], "four at once are enough");
  world.fate = () => 5;
  world.pass(4_000);
  assertEquals(bob.told("private").map(({ text }) => text), ["through all that"]);
  world.pass(20);
  assertEquals([closed, ann.connections], [8, 1]);
});

Deno.test("close is told to both; quit, too", () => {
  for (const reason of ["closed", "quit"]) {
    const { world, ann, bob } = pair(["ann", "bob"], "all");
    ann.do({ command: "start", to: "bob" });
    world.pass(100);
    if (reason === "closed") bob.do({ command: "close", to: "ann" });
    else bob.do({ command: "quit" });
    world.pass(100);
    assertEquals(ann.chats, ["bob open", `bob closed ${reason}`]);
    assertEquals(bob.chats, ["ann open", `ann closed ${reason}`]);
    assertQuiet([ann, bob], 0);
  }
});

Deno.test("close gives up an offer under way", () => {
  const { world, ann, bob } = pair();
  ann.do({ command: "start", to: "bob" });
  world.pass(20);
  ann.do({ command: "close", to: "bob" });
  world.pass(20);
  assertEquals(ann.chats, ["bob closed closed"]);
  bob.do({ command: "accept", to: "ann" });
  world.pass(10_000);
  assertEquals(bob.chats, ["ann closed unreachable"]);
  assertEquals(bob.told("error").map(({ code }) => code), ["no-answer"]);
  assertQuiet([ann, bob], 0);
});

Deno.test("a link that breaks is told as lost", () => {
  const { world, ann, bob } = pair(["ann", "bob"], "all");
  ann.do({ command: "start", to: "bob" });
  world.pass(100);
  bob.endLink(2);
  bob.endLink(1);
  world.pass(100);
  assertEquals(ann.chats.at(-1), "bob closed lost");
});

Deno.test("the registry goes away: private chats go on, and the client comes back by itself", () => {
  const { world, ann, bob } = pair(["ann", "bob"], "all");
  ann.do({ command: "start", to: "bob" });
  world.pass(100);
  world.setRegistry(false);
  world.pass(3_000);
  assertEquals(ann.told("error").map(({ code }) => code), ["not-connected"]);
  ann.do({ command: "chat", to: "bob", text: "still here" });
  ann.do({ command: "broadcast", text: "when it is back" });
  world.pass(100);
  assertEquals(bob.told("private").map(({ text }) => text), ["still here"]);
  assertEquals([ann.told("error").length, ann.engine.pending], [1, 1]);
  world.setRegistry(true);
  world.pass(60_000);
  assertEquals(ann.told("registered").length, 2);
  assertEquals(bob.told("broadcast").map(({ text }) => text), ["when it is back"]);
  assertEquals(bob.engine.peers.map(({ username }) => username), ["ann"]);
  ann.do({ command: "chat", to: "bob", text: "same chat" });
  world.pass(100);
  assertEquals(bob.told("private").at(-1)?.text, "same chat");
  assertEquals(ann.chats, ["bob open"]);
});

Deno.test("what is wrong with a command is told, and nothing else happens", () => {
  const { world, ann, bob } = pair(["ann", "bob"], "all");
  ann.do({ command: "start", to: "bob" });
  world.pass(100);
  const before = ann.events.length;
  const wrong = [
    ["no-such-peer", { command: "start", to: "nobody" }],
    ["no-such-peer", { command: "chat", to: "Ann", text: "to myself" }],
    ["bad-command", { command: "start", to: "bob" }],
    ["bad-command", { command: "accept", to: "bob" }],
    ["bad-command", { command: "reject", to: "bob" }],
    ["bad-command", { command: "close", to: "nobody" }],
    ["bad-command", { command: "broadcast", text: "" }],
    ["bad-command", { command: "chat", to: "bob", text: "" }],
    ["too-long", { command: "broadcast", text: "x".repeat(4_097) }],
    ["too-long", { command: "chat", to: "bob", text: "🙂".repeat(4_097) }],
  ] as const;
  for (const [, command] of wrong) ann.do(command);
  world.pass(100);
  const told = ann.events.slice(before);
  assertEquals(told.map((event) => event.event === "error" && event.code), wrong.map(([c]) => c));
  assertEquals(bob.told("private"), []);
});

Deno.test("sixteen invites are open at once, the seventeenth is not shown", () => {
  const world = new VirtualWorld();
  const bob = world.add("bob");
  const others = Array.from({ length: 17 }, (_, i) => world.add(`user${i}`));
  world.pass(100);
  for (const other of others) other.do({ command: "start", to: "bob" });
  world.pass(1_000);
  assertEquals(bob.told("invite").length, 16);
  bob.do({ command: "reject", to: "user3" });
  world.pass(10_000);
  assertEquals(bob.told("invite").at(-1)?.from, "user16", "a repeat finds a place");
});

Deno.test("quitting at the end of input waits for what was asked for", () => {
  const { world, ann, bob } = pair();
  ann.do({ command: "chat", to: "bob", text: "last words" });
  for (let i = 0; i < 40; i++) ann.do({ command: "broadcast", text: `line ${i}` });
  ann.engine.quit(true, world.now);
  world.pass(10_000);
  assertEquals(ann.engine.outcome, undefined);
  bob.do({ command: "accept", to: "ann" });
  world.pass(200);
  assertEquals(ann.engine.outcome?.reason, "quit");
  assertEquals(bob.told("private").map(({ text }) => text), ["last words"]);
  assertEquals(
    bob.told("broadcast").map(({ text }) => text),
    Array.from({ length: 40 }, (_, i) => `line ${i}`),
  );
  assertEquals(bob.told("leave").length, 1);
  assertQuiet([ann, bob], 0);
});

Deno.test("quitting by command waits 2 s at most", () => {
  const { world, ann, bob } = pair();
  ann.do({ command: "start", to: "bob" });
  ann.do({ command: "quit" });
  world.pass(1_900);
  assertEquals(ann.engine.outcome, undefined);
  world.pass(200);
  assertEquals(ann.chats, ["bob closed quit"]);
  assertEquals(ann.told("bye"), [{ event: "bye", reason: "quit" }]);
  assert(bob.told("leave").length === 1);
  assertQuiet([ann, bob], 0);
});

Deno.test("a name that is taken ends the client with that code", () => {
  const world = new VirtualWorld();
  world.add("ann");
  world.pass(100);
  const second = world.add("ANN");
  world.pass(1_000);
  assertEquals(second.engine.outcome?.reason, "name-taken");
  assertEquals(second.told("error").map(({ code }) => code), ["name-taken"]);
  assertEquals(second.told("bye").length, 1);
});
