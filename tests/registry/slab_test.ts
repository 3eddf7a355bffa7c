/** Who is in the room, encoded once for all who come: what they are given, and what is kept for them. */
import type { KeyedUser } from "../../lib/protocol/keyed.ts";
import { decodeUtf8, encodeUtf8 } from "../../lib/protocol/utf8.ts";
import { Slab } from "../../lib/registry/slab.ts";
import { Welcome } from "../../lib/registry/welcome.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { Dice, seedOfRun } from "../support/dice.ts";

function user(username: string): KeyedUser {
  const session = "a0a1a2a3a4a5a6a7";
  return { username, ip: "127.0.0.1", udpPort: 5001, session, key: undefined };
}

Deno.test("a slab holds those who are here, in order; what it has handed out stays as it was", () => {
  const seed = seedOfRun();
  const random = new Dice(seed);
  const slab = new Slab(({ username }) => encodeUtf8(username));
  const here: KeyedUser[] = [];
  const handedOut: { readonly bytes: Uint8Array; readonly text: string }[] = [];
  for (let i = 0; i < 3_000; i++) {
    if (random.below(9) < 5) {
      // Some have no bytes.
      const newcomer = user("x".repeat(random.below(9)) + (random.below(9) === 0 ? "" : `${i};`));
      here.push(newcomer);
      slab.add(newcomer);
    } else {
      for (const gone of here.splice(random.below(here.length + 1), 1)) slab.remove(gone);
    }
    if (random.below(20) > 0) continue;
    assertEquals(slab.size, here.length, `seed ${seed}`);
    const from = random.below(here.length + 1);
    const to = from + random.below(here.length + 1 - from);
    const text = here.slice(from, to).map(({ username }) => username).join("");
    assertEquals(slab.bytesBetween(from, to), text.length, `seed ${seed}`);
    handedOut.push({ bytes: slab.view(from, to), text });
    for (const [index, each] of here.entries()) {
      if (index % 7 === 0) assertEquals(slab.indexOf(each), index, `seed ${seed}`);
    }
    assertEquals(slab.indexOf(user("stranger")), -1);
  }
  for (const { bytes, text } of handedOut) assertEquals(decodeUtf8(bytes), text, `seed ${seed}`);
});

Deno.test("nothing is kept of those who have gone for an audience of which nobody comes any more", () => {
  const welcome = new Welcome();
  const stay = user("stay");
  welcome.add(stay);
  welcome.pieces("classic", stay);
  /** How often a newcomer is encoded: not, where no audience is ready for the next one. */
  const encoded = (): number => {
    let reads = 0;
    const newcomer = {
      ...user("newcomer"),
      get username(): string {
        reads++;
        return "newcomer";
      },
    };
    welcome.add(newcomer);
    welcome.remove(newcomer);
    return reads;
  };
  assert(encoded() > 0, "the audience was there a moment ago");
  for (let i = 0; i < 100; i++) {
    const passer = user(`passer-${i}`);
    welcome.add(passer);
    welcome.remove(passer);
  }
  assertEquals(encoded(), 0);
  const late = user("late");
  welcome.add(late);
  const told = welcome.pieces("classic", late).map((piece) => decodeUtf8(piece)).join("");
  const [own, other] = ["late:127.0.0.1:5001", "stay:127.0.0.1:5001"];
  assertEquals(told, `UPDATE:JOIN:${own}\r\nLIST:${own}:${other}\r\n`);
});
