/** Bytes changed on the links of whole clients: what does not open is closed, also where it only waits. */
import { assert, assertEquals } from "../support/assert.ts";
import { type VirtualClient, VirtualWorld } from "../support/virtual_world.ts";
import { someOf } from "../support/thorough.ts";

/** A chat in which frame `index` of the link, counted from 0, both ways together, has one bit changed. */
function meddled(index: number, bit: number): {
  world: VirtualWorld;
  ann: VirtualClient;
  bob: VirtualClient;
  hit: string;
} {
  const world = new VirtualWorld();
  const [ann, bob] = [world.add("ann"), world.add("bob", { accept: "all" })];
  world.pass(100);
  let count = 0;
  let hit = "";
  world.tap = (bytes, from) => {
    if (count++ !== index) return [bytes];
    hit = from;
    return [bytes.map((byte, at) => at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte)];
  };
  ann.do({ command: "chat", to: "bob", text: "first" });
  ann.do({ command: "chat", to: "bob", text: "second" });
  // bob dials; 20 s are enough for every deadline, and too few for a second attempt of anybody's.
  world.pass(20_000);
  return { world, ann, bob, hit };
}

function texts(client: VirtualClient): string[] {
  return client.told("private").map(({ text }) => text);
}

for (
  const [index, by, frame] of [[0, "bob", "-> e"], [1, "ann", "<- e, s"], [
    2,
    "bob",
    "-> s",
  ]] as const
) {
  Deno.test(`${frame}: each bit of its header, and some of the rest: no chat, no text, all closed`, () => {
    for (const bit of [...Array(32).keys(), 33, 100, 250, 280]) {
      const { ann, bob, hit } = meddled(index, bit);
      const label = `bit ${bit}`;
      assertEquals(hit, by);
      assertEquals([ann.told("private"), bob.told("private")], [[], []], label);
      assert(![...ann.chats, ...bob.chats].some((chat) => chat.includes("open")), label);
      assertEquals([ann.connections, bob.connections, ann.listening], [0, 0, 0], label);
      assertEquals(bob.chats.length, 1, label);
      assertEquals(ann.chats, ["bob closed no-answer"], label);
    }
  });
}

Deno.test("OPEN: each bit of it: the dialler has no chat, the listener's ends, no text is heard", () => {
  for (const bit of someOf(24 * 8, 5)) {
    const { ann, bob, hit } = meddled(3, bit);
    assertEquals([hit, texts(bob)], ["ann", []], `bit ${bit}`);
    assert(!bob.chats.includes("ann open"), `bit ${bit}`);
    assertEquals([ann.chats[0], ann.chats.length], ["bob open", 2], `bit ${bit}`);
    assertEquals([ann.connections, bob.connections], [0, 0], `bit ${bit}`);
  }
});

Deno.test("the first text: each bit of it: it is not heard, nor is what follows it", () => {
  for (let bit = 0; bit < 26 * 8; bit++) {
    const { world, ann, bob } = meddled(4, bit);
    assertEquals(texts(bob), [], `bit ${bit}`);
    // Where its length was made longer it still waits: whatever comes, it does not open.
    ann.do({ command: "chat", to: "bob", text: "x".repeat(4_096) });
    for (let i = 0; i < 20; i++) {
      if (!ann.chats.at(-1)?.endsWith("open")) break;
      ann.do({ command: "chat", to: "bob", text: "x".repeat(4_096) });
      world.pass(20);
    }
    assert(bob.chats.some((chat) => /^ann closed bad-(tag|frame)$/.test(chat)), `bit ${bit}`);
    assert(!texts(bob).some((text) => ["first", "second"].includes(text)), `bit ${bit}`);
  }
});
