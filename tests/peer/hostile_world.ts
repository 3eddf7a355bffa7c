/**
 * Clients that do random things in a network in which somebody records, changes, repeats and makes up datagrams
 * and the bytes of links. One seed, one run.
 *
 * @module
 */
import { encodeFrame } from "../../lib/protocol/frame.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { Dice } from "../support/dice.ts";
import { changedOffer } from "../support/signed_offers.ts";
import { type VirtualClient, VirtualWorld } from "../support/virtual_world.ts";

const NAMES = ["ann", "bob", "carol", "Dan"] as const;
const STEPS = 60;
const QUIET = { deliver: (): void => {}, end: (): void => {} };

/** What became of a run: that it was one in which something happened. */
export interface Played {
  readonly delivered: number;
  readonly attacks: number;
  readonly dropped: number;
  readonly broken: number;
}

/** Plays one seed to its end and checks it. */
export function playHostileWorld(seed: number): Played {
  const random = new Dice(seed);
  const world = new VirtualWorld();
  const clients = NAMES.map((name) => world.add(name, { accept: random.pick(["ask", "all"]) }));
  world.pass(100);
  const said = new Map<string, string[]>();
  const frames: Uint8Array[] = [];
  let [texts, attacks] = [0, 0];
  const harm = random.below(12);
  world.fate = () => random.below(100) < 10 ? undefined : 1 + random.below(60);
  world.tap = (bytes) => {
    frames.push(bytes);
    if (random.below(100) >= harm) return [bytes];
    attacks++;
    const other = random.pick(frames);
    return random.pick([
      () => [mutated(random, bytes)],
      () => [bytes, bytes],
      () => [],
      () => [other],
      () => [other, bytes],
      () => [bytes, other],
      () => [bytes.subarray(0, random.below(bytes.length))],
      () => [encodeFrame(random.bytes(1 + random.below(300)))],
    ])();
  };
  /** A datagram of any, changed or not, from anywhere, to anybody. */
  const inject = (): void => {
    if (world.datagrams.length === 0) return;
    attacks++;
    const { bytes, from } = random.pick(world.datagrams);
    const to = random.pick(clients);
    const source = random.pick([from, random.pick(clients).address, { ip: "10.6.6.6", port: 6 }]);
    const made = random.pick([
      () => bytes,
      () => bytes,
      () => mutated(random, bytes),
      () => changedOffer(bytes, { "tcp_port": 1 + random.below(65_535) }),
      () => changedOffer(bytes, { username: random.pick(NAMES) }),
      () => changedOffer(bytes, { counter: 1 + random.below(1_000) }),
      () => changedOffer(bytes, { confab: undefined }),
      () => changedOffer(bytes, { to: to.name }),
      () => random.bytes(random.below(1_200)),
    ])();
    to.engine.datagram(made, source, world.now);
  };
  /** A link to any open port, with bytes that were seen, or any. */
  const connect = (): void => {
    const ports = [...world.tcp.values()];
    if (ports.length === 0) return;
    attacks++;
    const pipe = random.pick(ports)({ ip: random.pick(clients).ip, port: 6 }, QUIET);
    for (let i = random.below(4); i >= 0; i--) {
      const bytes = frames.length > 0 && random.below(3) > 0
        ? random.pick(frames)
        : random.bytes(random.below(100));
      world.after(random.below(50), () => pipe.deliver(bytes));
    }
    if (random.below(2) === 0) world.after(100, () => pipe.end());
  };
  const act = (client: VirtualClient): void => {
    const to = random.pick(NAMES);
    const chat = (): void => {
      const text = `${++texts}`;
      const way = `${client.name} ${to}`;
      said.set(way, [...said.get(way) ?? [], text]);
      client.do({ command: "chat", to, text });
    };
    random.pick([
      () => client.do({ command: "start", to }),
      () => client.do({ command: "accept", to }),
      () => client.do({ command: "close", to }),
      ...[chat, chat, chat, chat],
    ])();
  };
  for (let step = 0; step < STEPS; step++) {
    act(random.pick(clients));
    if (random.below(2) === 0) inject();
    if (random.below(3) === 0) connect();
    if (random.below(40) === 0) world.setRegistry(!world.registryUp);
    world.pass(random.below(4) === 0 ? random.below(4_000) : random.below(120));
  }
  world.pass(20_000);
  checkDials(world);
  return { ...check(clients, said), attacks };
}

/** Every port that was dialled is one that its owner has offered, to the one who dialled. */
function checkDials(world: VirtualWorld): void {
  const offered = new Set<string>();
  for (const { bytes, from } of world.datagrams) {
    const { type, to, tcp_port: port } = JSON.parse(new TextDecoder().decode(bytes));
    if (type === "tcp_port_info") offered.add(`${to} dials ${from.ip} ${port}`);
  }
  for (const { from, to } of world.dials) {
    const dial = `${from} dials ${to.ip} ${to.port}`;
    assert(offered.has(dial), `${dial}, which nobody has offered`);
  }
}

function check(
  clients: readonly VirtualClient[],
  said: ReadonlyMap<string, readonly string[]>,
): Omit<Played, "attacks"> {
  let [delivered, dropped, broken] = [0, 0, 0];
  for (const client of clients) {
    for (const { from, encrypted } of client.told("private")) {
      assert(
        encrypted && clients.some(({ name }) => name === from),
        `${client.name} hears ${from}`,
      );
    }
    for (const { name } of clients) {
      const heard = client.told("private").filter(({ from }) => from === name);
      const numbers = heard.map(({ text }) => text);
      const sent = said.get(`${name} ${client.name}`) ?? [];
      const known = numbers.filter((text) => sent.includes(text));
      assertEquals(numbers, known, `${client.name} hears ${name} say what was never said`);
      const inOrder = sent.filter((text) => numbers.includes(text));
      assertEquals(numbers, inOrder, `${client.name} hears ${name} in order, once`);
      delivered += numbers.length;
    }
    client.do({ command: "whoami" });
    const counts = Object.values(client.told("whoami").at(-1)?.dropped ?? {});
    dropped += counts.reduce((sum, count) => sum + count, 0);
    broken += client.told("session").filter(({ reason }) =>
      reason === "bad-tag" || reason === "bad-frame"
    ).length;
  }
  return { delivered, dropped, broken };
}

function mutated(random: Dice, bytes: Uint8Array): Uint8Array {
  const changed = bytes.slice();
  for (let i = random.below(3); i >= 0 && changed.length > 0; i--) {
    const at = random.below(changed.length);
    changed[at] = (changed[at] ?? 0) ^ (1 << random.below(8));
  }
  return changed;
}
