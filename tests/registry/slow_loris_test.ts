/** Those who connect and never finish a message. */
import { encodeFrame } from "../../lib/protocol/frame.ts";
import { encodeLine } from "../../lib/protocol/line.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { RegistryBench } from "../support/registry_bench.ts";

Deno.test("500 connections of one byte a second: all closed within 6 s, 20 users lose nothing", () => {
  const bench = new RegistryBench({ maxPerIp: 0 });
  const users = Array.from(
    { length: 20 },
    (_, i) => bench.join(`user${i}`, i % 2 ? "classic" : "framed"),
  );
  for (const user of users) user.heard();
  const message = "REGISTER:slow:127.0.0.1:5001";
  const slow = Array.from({ length: 500 }, (_, i) => {
    const dialect = i % 2 ? "classic" : "framed";
    const bytes = dialect === "framed" ? encodeFrame(message) : encodeLine(message);
    return { client: bench.connect(dialect), bytes };
  });
  const said: string[] = [];
  for (let second = 0; second < 6; second++) {
    for (const { client, bytes } of slow) client.raw(bytes.subarray(second, second + 1));
    users.forEach((user, i) => user.say(`BROADCAST:user${i}:1:${second}`));
    said.push(...users.map((_, i) => `BROADCAST:user${i}:1:${second}`));
    bench.pass(1_000);
  }
  assert(slow.every(({ client }) => client.closed));
  for (const [i, user] of users.entries()) {
    assertEquals(user.heard(), said.filter((line) => !line.startsWith(`BROADCAST:user${i}:`)));
    assertEquals(user.closed, false);
  }
  assertEquals(bench.registry.nextTimeout(), undefined);
});
