/**
 * Bytes that are wrong, in numbers, against the machines: a registry and a client's engine go on
 * serving those who behave, no exception gets out, and nothing stays behind.
 *
 * `CONFAB_SEED=<number>` repeats a run.
 *
 * @module
 */
import { encodeFrame } from "../../lib/protocol/frame.ts";
import { encodeUtf8 } from "../../lib/protocol/utf8.ts";
import type { SessionLink } from "../../lib/registry/registry.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { Dice } from "../support/dice.ts";
import { RegistryBench } from "../support/registry_bench.ts";
import { VirtualWorld } from "../support/virtual_world.ts";
import { chunked, concat } from "../protocol/codecs.ts";
import { bytesOf, VECTORS } from "../protocol/vectors.ts";
import { HOSTILE } from "../ui/hostile_corpus.ts";

/** Inputs between two looks at whether all is well. */
const BATCH = 1_000;
/** How many hostile connections are open at once. */
const CROWD = 48;
/** What the heap may grow from one half of a long run to the other, in bytes: 2 KiB an input. */
const MAX_GROWTH = 96 * 1_024 * 1_024;

/** What is put in, put over or put in place of what should be there. */
const TOKENS = [
  ...["00", "00000000", "00000001", "00010000", "00010001", "7fffffff", "ffffffff", "0d0a", "0d"],
  ...["3a", "3a3a3a", "7e", "ff", "c3", "c0af", "eda080", "f8888080", "f09f99", "efbfbf", "cc81"],
].map(bytesOf).concat(
  ["9".repeat(400), "-1", "1e3", "[::1]", "{", "[".repeat(200), '"', "\\ud800", "null"].map((
    text,
  ) => encodeUtf8(text)),
);

/** A way to give a machine bytes, and to see that it is well. */
export interface Target {
  readonly samples: readonly Uint8Array[];
  /** Whether a sample begins with its length. */
  readonly framed: boolean;
  feed(bytes: Uint8Array, random: Dice): void;
  /** Somebody who behaves is served. */
  check(): void;
  /** All hostile ones leave; what is then left, as numbers. */
  settle(): Record<string, unknown>;
}

/** What can be fed. */
export const KINDS = ["frames", "lines", "datagrams", "private links"] as const;

/**
 * Feeds `count` inputs of one kind.
 *
 * @returns how many bytes that was
 */
export function feedHostileInput(kind: typeof KINDS[number], seed: number, count: number): number {
  return feedTarget(kind, TARGETS[kind](), seed, count);
}

/** The same for any target; `kind` is for messages. */
export function feedTarget(kind: string, target: Target, seed: number, count: number): number {
  const random = new Dice(seed);
  const before = target.settle();
  const heap: number[] = [];
  let fed = 0;
  for (let i = 0; i < count; i++) {
    const bytes = input(target, random);
    fed += bytes.length;
    try {
      target.feed(bytes, random);
      if (i % BATCH === BATCH - 1) target.check();
    } catch (cause) {
      const shown = bytes.subarray(0, 300).toHex();
      throw new Error(`CONFAB_SEED=${seed}, ${kind}, input ${i} (${shown}): ${cause}`, { cause });
    }
    if (i % BATCH === BATCH - 1) heap.push(Deno.memoryUsage().heapUsed);
  }
  assertEquals(target.settle(), before, `CONFAB_SEED=${seed}, ${kind}: something is left`);
  // What is there after a collection shows in the lowest of many looks.
  const half = heap.length / 2;
  const growth = Math.min(...heap.slice(half)) - Math.min(...heap.slice(0, half));
  assert(!(growth > MAX_GROWTH), `CONFAB_SEED=${seed}, ${kind}: the heap grew by ${growth}`);
  return fed;
}

/** Noise, a good message, or one or several with faults. */
function input({ samples, framed }: Target, random: Dice): Uint8Array {
  if (random.below(10) === 0) return random.bytes(random.below(300));
  const parts = Array.from({ length: 1 + random.below(3) }, () => {
    const sample = random.pick(samples);
    switch (random.below(4)) {
      case 0:
        return sample;
      case 1:
        return mutate(sample, samples, random);
      default:
        // With a length that is right, so that faults get to what reads the payload.
        return framed ? reframed(mutate(sample.subarray(4), samples, random)) : mutate(
          sample,
          samples,
          random,
        );
    }
  });
  return concat(...parts);
}

function reframed(payload: Uint8Array): Uint8Array {
  const header = new Uint8Array(4);
  new DataView(header.buffer).setUint32(0, payload.length);
  return concat(header, payload);
}

/** `bytes` with one to four faults. */
function mutate(bytes: Uint8Array, samples: readonly Uint8Array[], random: Dice): Uint8Array {
  let mutant = bytes.slice();
  for (let faults = 1 + random.below(4); faults > 0; faults--) {
    const at = random.below(mutant.length + 1);
    const [head, tail] = [mutant.subarray(0, at), mutant.subarray(at)];
    const other = random.pick(samples);
    mutant = random.pick([
      () => concat(head, tail.map((byte, i) => i === 0 ? byte ^ (1 << random.below(8)) : byte)),
      () => head.slice(),
      () => concat(head, tail.subarray(random.below(8))),
      () => concat(head, tail.subarray(0, random.below(40)), tail),
      () => concat(head, other.subarray(random.below(other.length))),
      () => concat(head, random.pick(TOKENS), tail),
      () => concat(head, random.pick(TOKENS), tail.subarray(random.below(8))),
      () => concat(random.pick(TOKENS), mutant.subarray(4)),
    ])();
  }
  return mutant;
}

const TARGETS: Record<typeof KINDS[number], () => Target> = {
  "frames": () => registryTarget("client"),
  "lines": () => registryTarget("classic client"),
  "datagrams": datagramTarget,
  "private links": linkTarget,
};

/** A link to whom the registry has said the last word must not be written to. */
class Sink implements SessionLink {
  readonly queued = 0;
  #over = false;

  send(): void {
    if (this.#over) throw new Error("written to after its end");
  }

  end(): void {
    this.#over = true;
  }

  cut(last?: Uint8Array): void {
    if (last) this.send();
    this.end();
  }
}

function registryTarget(kind: "client" | "classic client"): Target {
  const bench = new RegistryBench({ maxPerIp: 0 });
  const { registry } = bench;
  const framed = kind === "client";
  const message = (text: string): Uint8Array =>
    framed ? encodeFrame(text) : encodeUtf8(text + "\r\n");
  const registers = ["eve", "Eve", "mallory", "\u0645\u062d\u0645\u062f", "o\u0308o", "語"]
    .map((name) => message(`REGISTER:${name}:127.0.0.1:5001`));
  const samples = VECTORS.filter((vector) => vector.kind === kind).map(({ hex }) => bytesOf(hex))
    .concat(
      Object.values(HOSTILE).map((text) => new Uint8Array(message(`BROADCAST:eve:9:${text}`))),
    );
  const crowd: number[] = [];
  return {
    samples: [...samples, ...registers],
    framed,
    feed(bytes, random) {
      const id = registry.open(
        new Sink(),
        { ip: `127.0.0.${1 + random.below(9)}`, port: 9 },
        bench.now,
      );
      crowd.push(id);
      if (random.below(2) === 0) registry.receive(id, random.pick(registers), bench.now);
      const cuts = Array.from({ length: random.below(4) }, () => random.below(40));
      for (const chunk of chunked(bytes, cuts)) registry.receive(id, chunk, bench.now);
      if (random.below(20) === 0) bench.pass(random.below(2_000));
      const [oldest] = crowd;
      if (oldest === undefined || crowd.length <= CROWD) return;
      crowd.shift();
      registry.ended(oldest, bench.now);
    },
    check() {
      const joins = bench.events.filter(({ event }) => event === "join").length;
      assert(joins > BATCH / 20, "hostile ones register at all");
      const [one, other] = [
        bench.join("well-1"),
        bench.join("well-2", framed ? "framed" : "classic"),
      ];
      one.say("BROADCAST:well-1:5:hello");
      assert(other.heard().includes("BROADCAST:well-1:5:hello"), "the registry serves");
      for (const client of [one, other]) client.hangUp();
      bench.events.length = 0;
    },
    settle() {
      for (const id of crowd.splice(0)) registry.ended(id, bench.now);
      bench.pass(120_000);
      return { registered: registry.size, timer: registry.nextTimeout() !== undefined };
    },
  };
}

/** Three in a room: one who is attacked, one in whose name, one who behaves. */
class Room {
  readonly world = new VirtualWorld();
  readonly ann = this.world.add("ann", { accept: "all" });
  readonly bob = this.world.add("bob", { accept: "all" });
  readonly well = this.world.add("well", { accept: "all" });
  #said = 0;
  #newestLink = 0;

  constructor() {
    const { engine } = this.ann;
    const next = engine.newLinkId.bind(engine);
    engine.newLinkId = () => this.#newestLink = next();
    this.world.pass(1_000);
  }

  /** Bytes for the one who is attacked, on the private link that was made last. */
  onNewestLink(bytes: Uint8Array): void {
    this.ann.engine.linkReceived(this.#newestLink, bytes, this.world.now);
  }

  /** The one who behaves talks to the one who is attacked, in the room and in private. */
  check(): void {
    const text = `hello ${++this.#said}`;
    this.well.do({ command: "broadcast", text });
    this.well.do({ command: "chat", to: "ann", text });
    this.world.pass(15_000);
    assert(this.ann.told("broadcast").some((event) => event.text === text), "hears the room");
    assert(this.ann.told("private").some((event) => event.text === text), "opens private chats");
    this.well.do({ command: "close", to: "ann" });
    this.world.pass(1_000);
    for (const { events } of this.world.clients) events.length = 0;
  }

  /** Ends the chat between the one who is attacked and the one whose name is used. */
  close(): void {
    this.ann.do({ command: "close", to: "bob" });
    this.bob.do({ command: "close", to: "ann" });
  }

  settle(): Record<string, unknown> {
    this.close();
    this.world.pass(300_000);
    return Object.fromEntries(this.world.clients.map((client) => [client.name, {
      listening: client.listening,
      connections: client.connections,
      timer: client.engine.nextTimeout() !== undefined,
    }]));
  }
}

/** What goes over the wires while two chat: samples of today's protocol, whatever that is. */
function record(): { datagrams: Uint8Array[]; links: Uint8Array[] } {
  const datagrams: Uint8Array[] = [];
  const links: Uint8Array[] = [];
  const { world, ann, bob } = new Room();
  for (const [at, deliver] of world.udp) {
    world.udp.set(at, (bytes, from) => {
      datagrams.push(bytes.slice());
      deliver(bytes, from);
    });
  }
  for (const { engine } of [ann, bob]) {
    const received = engine.linkReceived.bind(engine);
    engine.linkReceived = (id, bytes, now) => {
      links.push(bytes.slice());
      received(id, bytes, now);
    };
  }
  for (const [one, other] of [[ann, bob], [bob, ann]] as const) {
    one.do({ command: "chat", to: other.name, text: "héllo" });
    world.pass(5_000);
    other.do({ command: "chat", to: one.name, text: "x".repeat(500) });
    world.pass(1_000);
    one.do({ command: "close", to: other.name });
    world.pass(5_000);
  }
  assert(datagrams.length > 1 && links.length > 3, "something to change was said");
  return { datagrams, links };
}

function datagramTarget(): Target {
  const room = new Room();
  const { world, ann, bob } = room;
  const { datagrams } = record();
  const vectors = VECTORS.filter(({ kind }) => kind === "datagram").map(({ hex }) => bytesOf(hex));
  const samples = [...datagrams, ...vectors];
  return {
    samples,
    framed: false,
    feed(bytes, random) {
      const from = random.pick([bob.address, { ip: bob.ip, port: 9 }, { ip: "10.9.9.9", port: 9 }]);
      const changed = random.below(2) === 0 ? bytes : otherValue(random.pick(samples), random);
      world.udp.get(`${ann.address.ip} ${ann.address.port}`)?.(changed, from);
      if (random.below(200) === 0) ann.do({ command: "start", to: "bob" });
      if (random.below(4) === 0) world.pass(random.below(300));
    },
    check: () => room.check(),
    settle: () => room.settle(),
  };
}

/** A new offer or answer in which one value may be another one: faults that get behind the parser. */
function otherValue(bytes: Uint8Array, random: Dice): Uint8Array {
  const value = JSON.parse(new TextDecoder().decode(bytes));
  if (random.below(2) === 0) value.offer = random.bytes(16).toHex();
  const values = ["", "ann", "bob", "well", "ANN", 0, 1, 65_535, -1, 1e300, null, true, [], {}];
  const key = random.pick(Object.keys(value));
  value[key] = random.pick([...values, random.bytes(16).toHex(), random.bytes(64).toHex()]);
  return encodeUtf8(JSON.stringify(value));
}

function linkTarget(): Target {
  const { links } = record();
  let room = new Room();
  let checks = 0;
  return {
    samples: links,
    framed: true,
    feed(bytes, random) {
      const { world, ann, bob } = room;
      // At any moment of a chat's beginning and after it; or on a link that nobody has asked for.
      const [one, to] = random.pick([[ann, "bob"], [bob, "ann"]] as const);
      one.do({ command: "chat", to, text: "hello" });
      world.pass(random.below(80));
      const port = [...world.tcp.keys()].find((at) => at.startsWith(`${ann.ip} `)) ?? "";
      const pipe = random.below(2) === 0 && world.tcp.get(port)?.({ ip: bob.ip, port: 9 }, NOBODY);
      const cuts = Array.from({ length: random.below(3) }, () => random.below(40));
      for (const chunk of chunked(bytes, cuts)) room.onNewestLink(chunk);
      world.pass(random.below(40));
      if (pipe && random.below(2) === 0) pipe.end();
      if (random.below(4) > 0) return;
      room.close();
      world.pass(500);
    },
    check() {
      assert(room.ann.told("private").length > BATCH / 10, "chats are opened at all");
      room.check();
      // A virtual world has 25,000 ports, and each chat takes one.
      if (++checks % 8 > 0) return;
      const next = new Room();
      assertEquals(room.settle(), next.settle(), "something is left");
      room = next;
    },
    settle: () => room.settle(),
  };
}

/** The other end of a link that hears nothing. */
const NOBODY = { deliver: () => {}, end: () => {} };
