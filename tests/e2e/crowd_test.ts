/** Many users in one process, over real sockets: the leak sanitizers watch. */
import { startRegistry } from "../../mod.ts";
import { assertEquals } from "../support/assert.ts";
import { testWith } from "../support/permitted.ts";
import { RawClient } from "../support/raw_client.ts";

testWith(["net"], "500 clients join, each broadcasts once, each hears 499, all leave", async () => {
  const count = 500;
  let leaves = 0;
  const allLeft = Promise.withResolvers<void>();
  await using registry = startRegistry({
    hostname: "127.0.0.1",
    port: 0,
    maxPerIp: 0,
    onEvent: ({ event }) => {
      if (event === "leave" && ++leaves === count) allLeft.resolve();
    },
  });
  const { port } = registry.addr;
  const names = Array.from({ length: count }, (_, i) => `u${i}`);
  const dialect = (i: number) => i % 5 === 0 ? "classic" : "framed";
  const clients: RawClient[] = [];
  // Some at a time: the listener's backlog is no part of this.
  for (let i = 0; i < count; i += 50) {
    const some = names.slice(i, i + 50);
    clients.push(
      ...await Promise.all(some.map((name, j) => RawClient.join(port, name, dialect(i + j)))),
    );
  }
  assertEquals(registry.size, count);
  // Two messages each, so that an order can be seen.
  await Promise.all(clients.map(async (client, i) => {
    await client.say(`BROADCAST:${names[i]}:1:1`);
    await client.say(`BROADCAST:${names[i]}:1:2`);
  }));
  const isBroadcast = (line: string): boolean => line.startsWith("BROADCAST:");
  for (const [i, client] of clients.entries()) {
    for (let n = 0; n < 2 * (count - 1); n++) await client.hears(isBroadcast, "a broadcast");
    const heard = client.heard.all.filter(isBroadcast);
    assertEquals(heard.length, 2 * (count - 1));
    const next = new Map(names.map((name) => [name, 1]));
    for (const line of heard) {
      const [, name = "", , text] = line.split(":");
      assertEquals(Number(text), next.get(name), `${names[i]} hears ${name} in order, once`);
      next.set(name, Number(text) + 1);
    }
    assertEquals(next.get(names[i] ?? ""), 1, "nobody hears oneself");
  }
  await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()));
  await allLeft.promise;
  assertEquals(registry.size, 0);
});
