/** Sessions that outlive their links: `docs/PROTOCOL.md` 9.6. */
import { MAX_UNSEEN_BYTES, MAX_UNSEEN_TEXTS, SEEN_AFTER_TEXTS } from "../../lib/peer/limits.ts";
import { SealedSession } from "../../lib/peer/sealed_session.ts";
import type { Path } from "../../lib/peer/events.ts";
import { ProtocolError } from "../../lib/protocol/error.ts";
import { formatPrivate, type SessionMessage } from "../../lib/protocol/private.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";
import { Dice, seedOfRun } from "../support/dice.ts";
import type { Role } from "../support/sealed_pair.ts";
import { SessionPair } from "../support/session_pair.ts";

const SEED = seedOfRun();
const ROLES: readonly Role[] = ["dialler", "listener"];
const PATHS: readonly Path[] = ["direct", "reversed", "punched", "relay"];

/** A session by itself, with what it says on each link. */
class Lone {
  readonly said: string[] = [];
  readonly texts: string[] = [];
  readonly moves: Path[] = [];
  readonly retired: Path[] = [];
  readonly session: SealedSession<{ readonly path: Path }>;

  constructor(retires = false) {
    this.session = new SealedSession(retires, {
      tell: ({ path }, message) => void this.said.push(`${path} ${shown(message)}`),
      text: (text) => void this.texts.push(text),
      about: () => {},
      moved: ({ path }) => void this.moves.push(path),
      retire: ({ path }) => void this.retired.push(path),
    });
  }

  /** A link that is ready. */
  open(path: Path, seen = 0): { readonly path: Path } {
    const link = { path };
    this.session.linkOpened(link);
    this.session.message(link, { verb: "SEEN", number: seen }, 0);
    return link;
  }

  take(): string[] {
    return this.said.splice(0);
  }
}

function shown(message: SessionMessage): string {
  return formatPrivate(message);
}

for (const order of ["in turns", "all at once"] as const) {
  Deno.test(`10,000 numbered messages each way, links cut and replaced at random, ${order}: each once, in order`, () => {
    const dice = new Dice(SEED);
    const pair = new SessionPair();
    const said: Record<Role, number> = { dialler: 0, listener: 0 };
    const count = 10_000;
    const burst = order === "in turns" ? 1 : 200;
    while (said.dialler < count || said.listener < count) {
      if (pair.links.length === 0 || dice.below(300) === 0) {
        pair.connect(dice.pick(PATHS), dice.pick(ROLES));
      }
      if (pair.links.length > 0 && dice.below(400) === 0) pair.cut(dice.pick(pair.links));
      const role = dice.pick(ROLES);
      for (let i = 0; i < burst && said[role] < count; i++) {
        pair.sides[role].session.say(`${++said[role]}`);
      }
      const steps = dice.below(3 * burst + 1);
      for (let i = 0; i < steps; i++) pair.step(dice);
      pair.now += dice.below(20);
      for (const { session } of Object.values(pair.sides)) session.timeout(pair.now);
    }
    if (pair.links.length === 0) pair.connect("direct");
    pair.settle(dice);
    const all = Array.from({ length: count }, (_, i) => `${i + 1}`);
    const label = `CONFAB_SEED=${SEED}`;
    assertEquals(pair.ends, [], label);
    for (const role of ROLES) {
      assertEquals(pair.sides[role].texts, all, `${role} ${label}`);
      assertEquals(pair.sides[role].session.unseen, { count: 0, bytes: 0 }, label);
    }
    assert(order === "all at once" || pair.made > 30, `${pair.made} links ${label}`);
  });
}

Deno.test("10,000 messages each way: from relay to direct, which is then cut, back to relay", () => {
  const dice = new Dice(SEED);
  const pair = new SessionPair();
  const relay = pair.connect("relay");
  const count = 10_000;
  for (let i = 1; i <= count; i++) {
    for (const role of ROLES) pair.sides[role].session.say(`${i}`);
    for (let n = dice.below(5); n > 0; n--) pair.step(dice);
    if (i === 3_000) pair.connect("direct");
    if (i === 6_000) {
      const [direct] = pair.links;
      assert(direct && direct !== relay, "the relay is not needed any more");
      pair.cut(direct);
      pair.connect("relay");
    }
    pair.now += 1;
    for (const { session } of Object.values(pair.sides)) session.timeout(pair.now);
  }
  pair.settle(dice);
  const all = Array.from({ length: count }, (_, i) => `${i + 1}`);
  for (const role of ROLES) {
    assertEquals(pair.sides[role].texts, all, `${role} CONFAB_SEED=${SEED}`);
    assertEquals(pair.sides[role].paths, ["relay", "direct", "relay"], role);
  }
});

Deno.test("a link begins with SEEN, and what the peer may lack is repeated on it", () => {
  const lone = new Lone();
  for (const text of ["a", "b", "c"]) lone.session.say(text);
  assertEquals(lone.take(), []);
  const link = lone.open("relay");
  assertEquals(lone.take(), ["relay SEEN:0", "relay TEXT:1:a", "relay TEXT:2:b", "relay TEXT:3:c"]);
  lone.session.message(link, { verb: "SEEN", number: 1 }, 0);
  lone.session.linkClosed(link);
  lone.session.say("d");
  assertEquals([lone.take(), lone.session.active], [[], undefined]);
  lone.open("direct", 2);
  assertEquals(lone.take(), ["direct SEEN:0", "direct TEXT:3:c", "direct TEXT:4:d"]);
  assertEquals(lone.moves, ["relay", "direct"]);
});

Deno.test("nothing is said on a link before its SEEN, nor heard", () => {
  const lone = new Lone();
  const link = { path: "direct" } as const;
  lone.session.linkOpened(link);
  lone.session.say("a");
  assertEquals(lone.take(), ["direct SEEN:0"]);
  const early = { verb: "TEXT", number: 1, text: "early" } as const;
  assertEquals(
    assertThrows(() => lone.session.message(link, early, 0), ProtocolError).code,
    "bad-message",
  );
  assertEquals(lone.texts, []);
});

Deno.test("hostile numbers: gaps and confirmations of what was never said are refused, repeats ignored", () => {
  const lone = new Lone();
  const link = lone.open("direct");
  const text = (number: number): void =>
    lone.session.message(link, { verb: "TEXT", number, text: `${number}` }, 0);
  text(1);
  text(1);
  text(2);
  text(1);
  for (const gap of [4, 5, 2 ** 31, Number.MAX_SAFE_INTEGER]) {
    assertEquals(assertThrows(() => text(gap), ProtocolError).code, "bad-message", `${gap}`);
  }
  assertEquals(lone.texts, ["1", "2"]);
  lone.session.say("a");
  const seen = (number: number): void => lone.session.message(link, { verb: "SEEN", number }, 0);
  for (const never of [2, Number.MAX_SAFE_INTEGER]) {
    assertEquals(assertThrows(() => seen(never), ProtocolError).code, "bad-message", `${never}`);
  }
  seen(1);
  seen(0);
  seen(1);
  assertEquals(lone.session.unseen, { count: 0, bytes: 0 });
  // Of a link that is over nothing is heard any more.
  lone.session.linkClosed(link);
  text(9);
  assertEquals(lone.texts, ["1", "2"]);
});

Deno.test("the peer is told after so many texts, or after a while, on the link over which we speak", () => {
  const lone = new Lone();
  const link = lone.open("direct");
  lone.take();
  for (let number = 1; number < SEEN_AFTER_TEXTS; number++) {
    lone.session.message(link, { verb: "TEXT", number, text: "x" }, 0);
  }
  assertEquals(lone.take(), []);
  lone.session.message(link, { verb: "TEXT", number: SEEN_AFTER_TEXTS, text: "x" }, 10);
  assertEquals(lone.take(), [`direct SEEN:${SEEN_AFTER_TEXTS}`]);
  assertEquals(lone.session.nextTimeout(), undefined);
  lone.session.message(link, { verb: "TEXT", number: SEEN_AFTER_TEXTS + 1, text: "x" }, 20);
  const due = lone.session.nextTimeout() ?? Infinity;
  assert(due <= 220);
  lone.session.timeout(due);
  assertEquals(lone.take(), [`direct SEEN:${SEEN_AFTER_TEXTS + 1}`]);
});

Deno.test("what was confirmed on a link that is lost is confirmed again on one that was open before", () => {
  const lone = new Lone();
  const relay = lone.open("relay");
  const direct = lone.open("direct");
  lone.take();
  lone.session.message(direct, { verb: "TEXT", number: 1, text: "x" }, 0);
  lone.session.timeout(1_000);
  assertEquals(lone.take(), ["direct SEEN:1"]);
  lone.session.linkClosed(direct);
  assertEquals(lone.take(), ["relay SEEN:1"]);
  assertEquals(lone.session.active, relay);
});

Deno.test("the best link is used whatever the order; one of the two ends the others", () => {
  for (const retires of [true, false]) {
    const lone = new Lone(retires);
    lone.open("punched");
    lone.open("relay");
    lone.open("direct");
    lone.open("reversed");
    assertEquals(lone.moves, ["punched", "direct"]);
    assertEquals(lone.session.active?.path, "direct");
    assertEquals(lone.retired, retires ? ["relay", "punched", "reversed"] : []);
  }
});

Deno.test("what is not confirmed is bounded in number and bytes: slow, and nothing else is harmed", () => {
  const [many, long] = [new Lone(), new Lone()];
  for (let i = 0; i < MAX_UNSEEN_TEXTS; i++) many.session.say("x");
  const text = "🙂".repeat(4_096);
  const fit = Math.floor(MAX_UNSEEN_BYTES / (4 * 4_096));
  for (let i = 0; i < fit; i++) long.session.say(text);
  for (const [lone, count] of [[many, MAX_UNSEEN_TEXTS], [long, fit]] as const) {
    const refused = assertThrows(() => lone.session.say(text), ProtocolError);
    assertEquals(refused.code, "slow");
    assertEquals(lone.session.unseen.count, count);
    const link = lone.open("direct");
    assertEquals(lone.said.length, 1 + count);
    lone.session.message(link, { verb: "SEEN", number: count }, 0);
    lone.session.say("again");
    assertEquals(lone.said.at(-1), `direct TEXT:${count + 1}:again`);
    assertEquals(lone.session.unseen, { count: 1, bytes: 5 });
  }
});

Deno.test("a link that ends of what is said on it: the rest goes over the next, in order", () => {
  const said: string[] = [];
  const session = new SealedSession<{ path: Path }>(false, {
    tell: (link, message) => {
      said.push(`${link.path} ${shown(message)}`);
      if (link.path === "direct" && message.verb === "TEXT" && message.number === 2) {
        session.linkClosed(link);
      }
    },
    text: () => {},
    about: () => {},
    moved: () => {},
    retire: () => {},
  });
  for (const text of ["a", "b", "c"]) session.say(text);
  const [relay, direct] = [{ path: "relay" }, { path: "direct" }] as const;
  session.linkOpened(direct);
  session.linkOpened(relay);
  session.message(relay, { verb: "SEEN", number: 0 }, 0);
  said.length = 0;
  session.message(direct, { verb: "SEEN", number: 0 }, 0);
  assertEquals(said.map((each) => each.slice(0, -2)), [
    "direct TEXT:1",
    "direct TEXT:2",
    "relay TEXT:1",
    "relay TEXT:2",
    "relay TEXT:3",
  ]);
});
