/**
 * Clients that do random things in a network that loses, delays and cuts; then the network heals, all
 * becomes quiet, and what must hold is checked. One seed, one run.
 *
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { Dice } from "../support/dice.ts";
import { VirtualClassic, type VirtualClient, VirtualWorld } from "../support/virtual_world.ts";

const NAMES = ["ann", "bob", "carol", "Dan"] as const;
const STEPS = 80;

/** Plays one seed to its end and checks it. */
export function playRandomWorld(seed: number): void {
  const random = new Dice(seed);
  const world = new VirtualWorld();
  const clients = NAMES.map((name) => world.add(name, { accept: random.pick(["ask", "all"]) }));
  const classic = new VirtualClassic(world, "old", "10.0.0.99");
  world.pass(100);
  const loss = random.below(60);
  world.fate = () => random.below(100) < loss ? undefined : 1 + random.below(80);
  let texts = 0;
  /** What each of them has said to the room. */
  const said = new Map(clients.map(({ name }) => [name, [] as string[]]));
  const say = (client: VirtualClient): void => {
    const text = `${++texts}`;
    said.get(client.name)?.push(text);
    client.do({ command: "broadcast", text });
  };
  const act = (client: VirtualClient): void => {
    const to = random.pick([...NAMES, "old"]);
    const commands = [
      () => client.do({ command: "start", to }),
      () => client.do({ command: "accept", to }),
      () => client.do({ command: "reject", to }),
      () => client.do({ command: "close", to }),
      () => client.do({ command: "chat", to, text: `${++texts}` }),
      () => client.do({ command: "chat", to, text: `${++texts}` }),
      () => say(client),
      () => say(client),
      () => client.cable.cut(),
      () => client.cable.die(),
      () => classic.start(client),
      () => classic.say(`${++texts}`),
    ];
    random.pick(commands)();
  };
  for (let step = 0; step < STEPS; step++) {
    act(random.pick(clients));
    if (random.below(40) === 0) world.setRegistry(!world.registryUp);
    if (random.below(20) === 0) replug(random.pick(clients));
    world.pass(random.below(3) === 0 ? random.below(4_000) : random.below(60));
  }
  world.fate = () => 5;
  for (const client of clients) if (client.unplugged) replug(client);
  if (!world.registryUp) world.setRegistry(true);
  world.pass(150_000);
  check(clients);
  for (const client of clients) checkRoom(client, said);
}

/** Takes a client off the network, for longer than its place is kept perhaps, or puts it back. */
function replug(client: VirtualClient): void {
  client.unplugged = !client.unplugged;
  client.cable.cut();
}

function check(clients: readonly VirtualClient[]): void {
  for (const client of clients) {
    const open = openChats(client);
    const ours = open.filter((peer) => peer !== "old");
    for (const peer of ours) {
      const other = clients.find(({ name }) => name === peer);
      assert(other && openChats(other).includes(client.name), `${client.name} alone with ${peer}`);
    }
    if (!open.includes("old")) {
      assertEquals([client.listening, client.connections], [0, open.length], client.name);
    }
    for (const peer of NAMES) {
      const numbers = client.told("private").filter(({ from }) => from === peer)
        .map(({ text }) => Number(text));
      const rising = numbers.every((n, i) => i === 0 || n > (numbers[i - 1] ?? 0));
      assert(rising, `${client.name} hears ${peer} in order, once: ${numbers}`);
    }
    const room = clients.map(({ name }) => name).filter((name) => name !== client.name);
    const seen = client.engine.peers.map(({ username }) => username).filter((name) =>
      name !== "old"
    );
    assertEquals(seen.toSorted(), room.toSorted(), `${client.name} sees everybody again`);
  }
}

/** What was said to the room is heard once and in order; what is missing a gap has told of. */
function checkRoom(client: VirtualClient, said: ReadonlyMap<string, readonly string[]>): void {
  assertEquals(client.engine.pending, 0, `${client.name} got rid of all`);
  let missing = 0;
  for (const [name, texts] of said) {
    if (name === client.name) continue;
    const heard = client.told("broadcast").filter(({ from }) => from === name);
    const numbers = heard.map(({ text }) => text);
    assertEquals(
      numbers,
      texts.filter((text) => numbers.includes(text)),
      `${client.name}: ${name}`,
    );
    missing += texts.length - numbers.length;
  }
  const gaps = client.told("gap").map(({ missed }) => missed ?? Infinity);
  const told = gaps.reduce((sum, missed) => sum + missed, 0);
  assert(missing <= told, `${client.name} misses ${missing} and was told of ${told}`);
}

/** With whom a client says it has a chat; its session events have to alternate. */
function openChats(client: VirtualClient): string[] {
  const open = new Set<string>();
  for (const { peer, state, reason } of client.told("session")) {
    if (state === "open") {
      assert(!open.has(peer), `${client.name} opens ${peer} twice: ${client.chats}`);
      open.add(peer);
    } else if (["closed", "quit", "lost", "replaced"].includes(reason ?? "")) {
      open.delete(peer);
    } else {
      assert(!open.has(peer), `${client.name} has ${peer} open and hears ${reason}`);
    }
  }
  return [...open];
}
