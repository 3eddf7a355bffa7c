/** A room that fills and empties again and again, over real sockets; half of the users just vanish. */
import { startRegistry } from "../../mod.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { budgetMs } from "../support/budget.ts";
import { Dice, seedOfRun } from "../support/dice.ts";
import { RawClient } from "../support/raw_client.ts";

const SEED = seedOfRun();
const USERS = 300;

Deno.test("crowds for long: every join and leave is told once, nothing stays behind", async () => {
  const random = new Dice(SEED);
  const until = performance.now() + budgetMs();
  await using registry = startRegistry({ hostname: "127.0.0.1", port: 0, maxPerIp: 0 });
  const { port } = registry.addr;
  let rounds = 0;
  for (; performance.now() < until; rounds++) {
    const witness = await RawClient.join(port, "witness");
    const users: RawClient[] = [];
    for (let i = 0; i < USERS; i += 30) {
      const names = Array.from({ length: 30 }, (_, j) => `u${i + j}`);
      const dialect = random.pick(["framed", "classic"] as const);
      users.push(...await Promise.all(names.map((name) => RawClient.join(port, name, dialect))));
    }
    await Promise.all(users.map((user, i) => user.say(`BROADCAST:u${i}:2:hi`)));
    await Promise.all(users.map(async (user) => {
      if (user.dialect === "framed" && random.below(2) === 0) await user.say("QUIT");
      await user[Symbol.asyncDispose]();
    }));
    for (let i = 0; i < USERS; i++) {
      await witness.hears((line) => line.startsWith("UPDATE:LEAVE:"), `leave ${i}`);
    }
    const count = (start: string): number =>
      new Set(witness.heard.all.filter((line) => line.startsWith(start))).size;
    assertEquals([count("UPDATE:JOIN:"), count("UPDATE:LEAVE:")], [USERS, USERS], `seed ${SEED}`);
    assertEquals(witness.heard.all.filter((line) => line.startsWith("UPDATE:")).length, 2 * USERS);
    await witness.say("QUIT");
    await witness.hears("(closed)");
    await witness[Symbol.asyncDispose]();
    assertEquals(registry.size, 0);
  }
  console.log(`CONFAB_SEED=${SEED}: ${rounds} rounds of ${USERS}`);
  assert(rounds > 0);
});
