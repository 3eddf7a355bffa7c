/** Lost connections, restarts and takeovers at a real registry: what clients see of them. */
import { assert, assertEquals } from "../support/assert.ts";
import { type VirtualClient, VirtualWorld } from "../support/virtual_world.ts";

function room(names: readonly string[] = ["ann", "bob", "carol"]): {
  world: VirtualWorld;
  clients: VirtualClient[];
} {
  const world = new VirtualWorld();
  const clients = names.map((name) => world.add(name, { accept: "all" }));
  world.pass(100);
  for (const client of clients) client.events.length = 0;
  return { world, clients };
}

/** The kinds of events told so far, with what matters of each. */
function told(client: VirtualClient): string[] {
  return client.events.map((event) => {
    switch (event.event) {
      case "join":
      case "leave":
        return `${event.event} ${event.username}`;
      case "gap":
        return `gap ${event.missed}`;
      case "broadcast":
        return `${event.from}: ${event.text}`;
      case "error":
        return `error ${event.code}`;
      default:
        return event.event;
    }
  });
}

function heard(client: VirtualClient, from: string): string[] {
  return client.told("broadcast").filter((event) => event.from === from).map(({ text }) => text);
}

function lines(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `line ${i}`);
}

Deno.test("a lost connection: nobody notices but its own user, who misses nothing", () => {
  const { world, clients } = room();
  const [ann, bob, carol] = clients;
  assert(ann && bob && carol);
  ann.cable.cut();
  bob.do({ command: "broadcast", text: "while ann was away" });
  const dan = world.add("Dan");
  world.pass(100);
  carol.do({ command: "quit" });
  dan.do({ command: "broadcast", text: "hello" });
  world.pass(2_000);
  const missed = ["bob: while ann was away", "leave carol", "join Dan", "Dan: hello"];
  assertEquals(told(ann).slice(0, 2), ["error not-connected", "resumed"]);
  assertEquals(told(ann).slice(2).toSorted(), missed.toSorted());
  assert(told(ann).indexOf("join Dan") < told(ann).indexOf("Dan: hello"));
  assertEquals(told(bob), ["join Dan", "leave carol", "Dan: hello"]);
  assertEquals(ann.engine.peers.map(({ username }) => username), ["bob", "Dan"]);
});

Deno.test("a connection that is dead and does not say so: found out, resumed, nothing lost or twice", () => {
  const { world, clients } = room();
  const [ann, bob] = clients;
  assert(ann && bob);
  for (const text of lines(5)) ann.do({ command: "broadcast", text });
  world.pass(2);
  ann.cable.die();
  for (const text of lines(5)) bob.do({ command: "broadcast", text });
  ann.do({ command: "broadcast", text: "into the void" });
  world.pass(40_000);
  assertEquals([told(ann), ann.engine.pending], [[], 6]);
  world.pass(10_000);
  assertEquals(told(ann).slice(0, 2), ["error not-connected", "resumed"]);
  assertEquals(heard(ann, "bob"), lines(5));
  assertEquals([heard(bob, "ann"), ann.engine.pending], [[...lines(5), "into the void"], 0]);
  assertEquals(told(bob).filter((each) => !each.startsWith("ann: ")), [], "nobody left");
});

Deno.test("acknowledgements that were lost: sent again, and nobody hears it twice", () => {
  const { world, clients } = room();
  const [ann, bob] = clients;
  assert(ann && bob);
  for (const text of lines(5)) ann.do({ command: "broadcast", text });
  world.pass(7);
  // They are there, their answers on the way.
  ann.cable.cut();
  world.pass(2_000);
  assertEquals([heard(bob, "ann"), ann.engine.pending], [lines(5), 0]);
  assertEquals(told(ann), ["error not-connected", "resumed"]);
});

Deno.test("a restarted registry: told by gap; what it had not acknowledged is said again, once", () => {
  for (const taken of [2, 7, 100]) {
    const { world, clients } = room();
    const [ann, bob] = clients;
    assert(ann && bob);
    for (const text of lines(5)) ann.do({ command: "broadcast", text });
    world.pass(taken);
    world.setRegistry(false);
    bob.do({ command: "broadcast", text: "is anybody there?" });
    world.pass(1_000);
    world.setRegistry(true);
    world.pass(30_000);
    const all = heard(bob, "ann");
    assertEquals(all, lines(5).filter((line) => all.includes(line)), `${taken}: in order, once`);
    if (taken !== 7) assertEquals(all, lines(5), `${taken}: all`);
    assertEquals(heard(ann, "bob"), ["is anybody there?"]);
    for (const client of clients) {
      assertEquals([client.told("gap").map(({ missed }) => missed)], [[null]], client.name);
      assertEquals([client.told("registered").length, client.engine.pending], [1, 0]);
    }
  }
});

Deno.test("away for longer than the grace: in again under the same name, and nothing said is lost", () => {
  const { world, clients } = room();
  const [ann, bob] = clients;
  assert(ann && bob);
  ann.do({ command: "broadcast", text: "perhaps there" });
  world.pass(7);
  ann.unplugged = true;
  ann.cable.cut();
  ann.do({ command: "broadcast", text: "not yet" });
  for (const text of lines(3)) bob.do({ command: "broadcast", text });
  world.pass(40_000);
  assertEquals(told(bob), ["ann: perhaps there", "leave ann"]);
  ann.unplugged = false;
  world.pass(40_000);
  assertEquals(told(bob).slice(2), ["join ann", "ann: not yet"], "and the first one not again");
  assertEquals(told(ann).slice(0, 2), ["error not-connected", "registered"]);
  const missed = ann.told("gap").map((event) => event.missed ?? NaN);
  assert(missed.length === 1 && missed.every((count) => count >= 3 && count <= 4), `${missed}`);
});

Deno.test("another session takes the name of one that is away: that one stays away, its chats go on", () => {
  const { world, clients } = room();
  const [ann, bob] = clients;
  assert(ann && bob);
  ann.do({ command: "chat", to: "bob", text: "hello" });
  world.pass(100);
  ann.unplugged = true;
  ann.cable.cut();
  world.pass(100);
  const second = world.add("ann");
  world.pass(1_000);
  assertEquals(second.told("registered")[0]?.username, "ann");
  ann.unplugged = false;
  world.pass(60_000);
  assertEquals(ann.told("error").map(({ code }) => code), ["not-connected", "taken-over"]);
  assertEquals([ann.told("resumed"), ann.told("registered")], [[], []]);
  ann.do({ command: "chat", to: "bob", text: "still here" });
  world.pass(100);
  assertEquals(bob.told("private").map(({ text }) => text), ["hello", "still here"]);
  assertEquals(second.told("error"), [], "and takes nothing back");
});

Deno.test("an open private chat lives through all of it, and says nothing of it", () => {
  const { world, clients } = room();
  const [ann, bob] = clients;
  assert(ann && bob);
  ann.do({ command: "chat", to: "bob", text: "0" });
  world.pass(100);
  const interruptions = [
    () => ann.cable.cut(),
    () => bob.cable.die(),
    () => world.setRegistry(false),
    () => world.setRegistry(true),
    () => clients.forEach((client) => client.cable.cut()),
  ];
  let said = 0;
  for (const interrupt of interruptions) {
    interrupt();
    for (let i = 0; i < 30; i++) {
      ann.do({ command: "chat", to: "bob", text: `${++said}` });
      bob.do({ command: "chat", to: "ann", text: `${said}` });
      world.pass(2_000);
    }
  }
  const numbers = Array.from({ length: said }, (_, i) => `${i + 1}`);
  assertEquals(bob.told("private").map(({ text }) => text), ["0", ...numbers]);
  assertEquals(ann.told("private").map(({ text }) => text), numbers);
  assertEquals([ann.chats, bob.chats], [["bob open"], ["ann open"]]);
  assert(ann.told("resumed").length > 0 && ann.told("registered").length > 0);
});

Deno.test("a chat is opened by an offer after RESUME as before: the session is the same", () => {
  const { world, clients } = room();
  const [ann, bob] = clients;
  assert(ann && bob);
  ann.cable.cut();
  bob.cable.cut();
  world.pass(2_000);
  assertEquals([told(ann).at(-1), told(bob).at(-1)], ["resumed", "resumed"]);
  ann.do({ command: "chat", to: "bob", text: "hello" });
  world.pass(500);
  assertEquals(bob.told("private").map(({ text }) => text), ["hello"]);
});
