/** What is done to the bytes of a sealed link on their way: nothing of it is ever delivered. */
import { keyPair } from "../../lib/crypto/x25519.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { Dice, seedOfRun } from "../support/dice.ts";
import {
  type Carried,
  type Meddle,
  otherRole,
  type Role,
  SealedPair,
} from "../support/sealed_pair.ts";
import { someOf } from "../support/thorough.ts";

const SEED = seedOfRun();
const HEADER_BITS = 32;
const HANDSHAKE = 3;
/** The frame with OPEN in it. */
const OPEN = 3;

/** The conversation that nobody meddles with. */
function undisturbed(): SealedPair {
  const pair = new SealedPair();
  pair.converse();
  return pair;
}

const SCRIPT: readonly Carried[] = undisturbed().carried;

/** A conversation in which something else than frame `index` arrives. */
function disturbed(
  index: number,
  change: (frame: Uint8Array) => readonly Uint8Array[],
): SealedPair {
  const pair = new SealedPair((carried) =>
    carried.index === index ? change(carried.frame) : [carried.frame]
  );
  pair.converse();
  return pair;
}

/** Texts of `from` in frames before `index`. */
function saidBefore(index: number, from: Role): string[] {
  const said = new Map([[4, "b1"], [5, "a1"], [6, "b2"], [7, "a2"]]);
  return SCRIPT.filter((carried) => carried.index < index && carried.from === from)
    .flatMap(({ index }) => said.get(index) ?? []);
}

function frameAt(index: number): Carried {
  const carried = SCRIPT[index];
  assert(carried, `frame ${index}`);
  return carried;
}

/** What must hold after frame `index` was meddled with: of it and of what followed nothing was delivered. */
function assertNothingOf(pair: SealedPair, index: number, label: string): void {
  const { from } = frameAt(index);
  const reader = pair[otherRole(from)];
  assertEquals(reader.texts, saidBefore(index, from), label);
  if (index <= OPEN) assertEquals(reader.opened, 0, `${label}: opened`);
  if (index < HANDSHAKE) {
    const { dialler, listener } = pair;
    assertEquals([dialler.opened, listener.opened], [0, 0], `${label}: opened at either`);
  }
  // What the reader's own side said before stays; nothing is told twice, and an end but once.
  const ours = pair[from].texts;
  assertEquals(ours, saidBefore(SCRIPT.length, otherRole(from)).slice(0, ours.length), label);
  for (const { closed } of [pair.dialler, pair.listener]) assert(closed.length <= 1, label);
}

/** Who gives up, and why, where no length was changed: the first who opens something that depends on it. */
function assertRefused(pair: SealedPair, index: number, label: string): void {
  const { from } = frameAt(index);
  // The first message is in the clear: its reader cannot tell, but answers with what does not open.
  const judge = index === 0 ? from : otherRole(from);
  assertEquals(pair[judge].closed, ["bad-tag"], label);
}

Deno.test("undisturbed: nine frames, opened once at both ends, all texts in order", () => {
  const { carried, dialler, listener } = undisturbed();
  assertEquals(carried.map(({ from }) => from[0]).join(""), "dldldldld");
  assertEquals(dialler.told, { opened: 1, texts: ["a1", "a2"], closed: [] });
  assertEquals(listener.told, { opened: 1, texts: ["b1", "b2"], closed: ["quit"] });
  const bytes = carried.map(({ frame }) => new TextDecoder().decode(frame)).join("");
  for (const plain of ["b1", "a1", "TEXT", "OPEN", "CLOSE", "IDENTITY"]) {
    assert(!bytes.includes(plain), `${plain} in the clear`);
  }
});

for (const { index, from, frame } of SCRIPT) {
  const name = `frame ${index}, of the ${from}, ${frame.length} bytes`;

  Deno.test(`${name}: bits changed, each in a new link: refused`, () => {
    for (const bit of someOf(frame.length * 8, 7)) {
      const label = `bit ${bit}`;
      const pair = disturbed(index, (frame) => [flip(frame, bit)]);
      if (index === SCRIPT.length - 1) assertNotClosedBy("quit", pair, label);
      assertNothingOf(pair, index, label);
      if (bit >= HEADER_BITS) assertRefused(pair, index, label);
    }
  });

  Deno.test(`${name}: cut after a byte, whatever follows: nothing of it`, () => {
    for (const length of someOf(frame.length, 3)) {
      const label = `${length} bytes`;
      const pair = disturbed(index, (frame) => [frame.subarray(0, length)]);
      assertNothingOf(pair, index, label);
      if (index === SCRIPT.length - 1) assertNotClosedBy("quit", pair, label);
    }
  });

  Deno.test(`${name}: twice: the second one ends the link, and nothing after it is heard`, () => {
    const pair = disturbed(index, (frame) => [frame, frame.slice()]);
    const reader = pair[otherRole(from)];
    assertEquals(reader.closed, [index === SCRIPT.length - 1 ? "quit" : "bad-tag"]);
    assertEquals(reader.texts, saidBefore(index + 1, from));
    assert(reader.opened <= 1);
  });

  Deno.test(`${name}: back to its sender: refused`, () => {
    const pair = new SealedPair((carried) => {
      if (carried.index === index) pair[from].chat.receive(frame);
      return [carried.frame];
    });
    pair.converse();
    const sender = pair[from];
    // Whoever has just ended the link does not listen any more.
    assertEquals(sender.closed, index === SCRIPT.length - 1 ? [] : ["bad-tag"]);
    assertEquals(sender.texts, saidBefore(index, otherRole(from)));
    assertEquals(sender.opened, index < OPEN || (index === OPEN && from === "dialler") ? 0 : 1);
  });

  if (index < HANDSHAKE) continue;
  Deno.test(`${name}: left out: the next one does not open`, () => {
    const pair = disturbed(index, () => []);
    assertNothingOf(pair, index, "left out");
    const later = SCRIPT.some((carried) => carried.index > index && carried.from === from);
    if (later && index > OPEN) assertEquals(pair[otherRole(from)].closed, ["bad-tag"]);
  });
}

Deno.test("two frames in another order: neither of what follows the gap is delivered", () => {
  for (const from of ["dialler", "listener"] as const) {
    for (let first = 0; first < 4; first++) {
      const held: Uint8Array[] = [];
      let texts = 0;
      const pair = new SealedPair(({ index, from: by, frame }) => {
        if (index <= OPEN || by !== from) return [frame];
        if (texts++ !== first) return [frame, ...held.splice(0)];
        held.push(frame);
        return [];
      });
      pair.carry();
      pair.say(from, "0", "1", "2", "3", "4", "5");
      const reader = pair[otherRole(from)];
      assertEquals(reader.texts, ["0", "1", "2", "3", "4", "5"].slice(0, first), from);
      assertEquals(reader.closed, ["bad-tag"]);
    }
  }
});

Deno.test("frames of one session in another of the same two, for the same offer: refused", () => {
  const again = {
    dialler: { ephemeral: keyPair(new Uint8Array(32).fill(0xb3)) },
    listener: { ephemeral: keyPair(new Uint8Array(32).fill(0xa3)) },
  };
  for (const { index, from } of SCRIPT) {
    const foreign: Meddle = (now) => [now.index === index ? frameAt(index).frame : now.frame];
    const pair = new SealedPair(foreign, again);
    pair.converse();
    assertNothingOf(pair, index, `frame ${index}`);
    assertRefused(pair, index, `frame ${index}`);
    if (from === "dialler" && index < HANDSHAKE) assertEquals(pair.listener.opened, 0);
  }
});

Deno.test("all that one side of a session ever said, said again to a new link: nothing", () => {
  for (const from of ["dialler", "listener"] as const) {
    const pair = new SealedPair(() => [], {
      [otherRole(from)]: { ephemeral: keyPair(new Uint8Array(32).fill(0xc3)) },
    });
    pair.carry();
    const reader = pair[otherRole(from)];
    for (const carried of SCRIPT) if (carried.from === from) reader.chat.receive(carried.frame);
    assertEquals(reader.told, { opened: 0, texts: [], closed: ["bad-tag"] }, from);
  }
});

Deno.test("whoever opened the frame that was changed is told to both: bad-tag", () => {
  for (const index of [4, 5, 6, 7]) {
    const { from } = frameAt(index);
    const { dialler, listener } = disturbed(index, (frame) => [flip(frame, 8 * frame.length - 1)]);
    // The dialler closes in the end, and does not hear what comes after that.
    assertEquals([dialler.closed, listener.closed], [["bad-tag"], ["bad-tag"]], `${index} ${from}`);
  }
});

Deno.test("a text after CLOSE in the same write, and after an end from within, is not heard", () => {
  const pair = undisturbed();
  const late = frameAt(6).frame;
  pair.listener.chat.receive(late);
  assertEquals(pair.listener.told, { opened: 1, texts: ["b1", "b2"], closed: ["quit"] });
  const second = new SealedPair();
  second.carry();
  second.listener.onText = () => second.listener.chat.close("closed");
  for (const text of ["1", "2", "3"]) second.dialler.say(text);
  const frames = second.dialler.take();
  second.listener.chat.receive(Uint8Array.from(frames.flatMap((frame) => [...frame])));
  assertEquals(second.listener.texts, ["1"]);
});

Deno.test("3,500 messages each way, in any chunks, across changes of the key", () => {
  const random = new Dice(SEED);
  const parts: Meddle = ({ frame }) => {
    const at = random.below(frame.length);
    return random.below(4) === 0 ? [frame.subarray(0, at), frame.subarray(at)] : [frame];
  };
  const pair = new SealedPair(parts);
  pair.carry();
  const said: Record<Role, string[]> = { dialler: [], listener: [] };
  while (said.dialler.length < 3_500 || said.listener.length < 3_500) {
    const from = random.pick(["dialler", "listener"] as const);
    const text = `${from} ${said[from].length} ${"🙂".repeat(random.below(20))}`;
    said[from].push(text);
    pair.say(from, text);
  }
  assertEquals(pair.listener.texts, said.dialler, `CONFAB_SEED=${SEED}`);
  assertEquals(pair.dialler.texts, said.listener, `CONFAB_SEED=${SEED}`);
  assertEquals([pair.dialler.closed, pair.listener.closed], [[], []]);
});

Deno.test("a change at the rekey, right before, right after: refused", () => {
  // OPEN is the first message of the listener; the dialler's first is a text.
  for (const from of ["dialler", "listener"] as const) {
    for (const at of [998, 999, 1_000, 1_001, 1_002]) {
      let count = 0;
      const pair = new SealedPair(({ index, from: by, frame }) => {
        if (index < HANDSHAKE || by !== from) return [frame];
        return [++count === at ? flip(frame, 40) : frame];
      });
      pair.carry();
      for (let i = 0; i < 1_010; i++) pair[from].say(`${i}`);
      pair.carry();
      const delivered = from === "dialler" ? at - 1 : at - 2;
      const reader = pair[otherRole(from)];
      assertEquals([reader.texts.length, reader.closed], [delivered, ["bad-tag"]], `${from} ${at}`);
    }
  }
});

function assertNotClosedBy(reason: string, pair: SealedPair, label: string): void {
  assert(!pair.listener.closed.some((each) => each === reason), `${label}: closed by ${reason}`);
}

function flip(frame: Uint8Array, bit: number): Uint8Array {
  const changed = frame.slice();
  const at = bit >> 3;
  changed[at] = (changed[at] ?? 0) ^ (1 << (bit & 7));
  return changed;
}
