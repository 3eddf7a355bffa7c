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
  const act = (client: VirtualClient): void => {
    const to = random.pick([...NAMES, "old"]);
    const commands = [
      () => client.do({ command: "start", to }),
      () => client.do({ command: "accept", to }),
      () => client.do({ command: "reject", to }),
      () => client.do({ command: "close", to }),
      () => client.do({ command: "chat", to, text: `${++texts}` }),
      () => client.do({ command: "chat", to, text: `${++texts}` }),
      () => client.do({ command: "broadcast", text: `${++texts}` }),
      () => classic.start(client),
      () => classic.say(`${++texts}`),
    ];
    random.pick(commands)();
  };
  for (let step = 0; step < STEPS; step++) {
    act(random.pick(clients));
    if (random.below(40) === 0) world.setRegistry(!world.registryUp);
    world.pass(random.below(3) === 0 ? random.below(4_000) : random.below(60));
  }
  world.fate = () => 5;
  if (!world.registryUp) world.setRegistry(true);
  world.pass(150_000);
  check(clients);
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
