/** `/why` of the real programs: a port that nobody listens on, and a UDP port that is dead. */
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { testWith } from "../support/permitted.ts";
import { startClient, startServer } from "../support/program.ts";
import { RawClient } from "../support/raw_client.ts";
import { identityNumber } from "../support/registry_bench.ts";

const NEEDS = ["net", "run", "read"] as const;

/** What one attempt of an event `why` is. */
type Told = { step: string; outcome: string; count: number; advice?: string };

function attemptsOf(event: Record<string, unknown>): Told[] {
  assert(Array.isArray(event["attempts"]));
  return event["attempts"];
}

testWith(NEEDS, "/why after a dial that was refused says so, and what to do", async () => {
  const { server, port } = await startServer();
  await using _ = server;
  await using ann = await startClient("ann", port);
  await using old = await RawClient.join(port, "old");
  await ann.next("join", { username: "old" });
  const list = old.heard.all.find((line) => line.startsWith("LIST:")) ?? "";
  const [, udpPort = ""] = /:ann:127\.0\.0\.1:(\d+)/.exec(list) ?? [];
  const nobody = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  nobody.close();
  const offer = { type: "tcp_port_info", username: "old", "tcp_port": nobody.addr.port };
  const udp = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  await udp.send(
    new TextEncoder().encode(JSON.stringify(offer)),
    { transport: "udp", hostname: "127.0.0.1", port: Number(udpPort) },
  );
  udp.close();
  await ann.next("invite", { from: "old" });
  await ann.type("/accept old");
  await ann.next("session", { peer: "old", state: "closed" });
  await ann.type('{"command":"why","to":"old"}');
  const attempts = attemptsOf(await ann.next("why", { peer: "old" }));
  assertEquals(
    attempts.map(({ step, outcome }) => `${step} ${outcome}`),
    ["invite asked", "invite accepted", "dial refused"],
  );
  assertMatch(attempts.at(-1)?.advice ?? "", /nothing listens there any more/);
});

testWith(
  NEEDS,
  "/why while a dead UDP port is asked: what was sent, and nothing that came",
  async () => {
    const { server, port } = await startServer();
    await using _ = server;
    await using ann = await startClient("ann", port);
    // Registers UDP port 5001, at which nobody listens.
    await using _dead = await RawClient.ask(port, "dead", identityNumber(7, false));
    await ann.next("join", { username: "dead" });
    await ann.type("/why dead");
    assertEquals(attemptsOf(await ann.next("why", { peer: "dead" })), []);
    await ann.type("/start dead", "/why dead", "/close dead", "/why dead");
    const asked = attemptsOf(await ann.next("why", { peer: "dead" }));
    assertEquals(asked.map(({ step }) => step), ["listen", "offer"]);
    const ended = attemptsOf(await ann.next("why", { peer: "dead" }));
    assertEquals(ended.at(-1)?.outcome, "withdrawn");
  },
);
