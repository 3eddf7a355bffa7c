/** Connections from a port of our own choice, as they are needed to meet through NATs. */
import { dialFrom } from "../../lib/net/dial_from.ts";
import type { Link } from "../../lib/net/link.ts";
import { Listener } from "../../lib/net/listener.ts";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";
import { testWith } from "../support/permitted.ts";

const HOST = "127.0.0.1";
const ANY = { hostname: HOST, port: 0 };
const BIG = 300_000;

/** A listener that echoes, with the ports that it saw. */
function echoing(): { listener: Listener; ports: number[]; links: Link[] } {
  const [ports, links]: [number[], Link[]] = [[], []];
  const listener = new Listener(HOST, 0, {
    accepted: (link) => {
      ports.push(link.remoteAddr.port);
      links.push(link);
      link.start({ received: (chunk) => link.send(chunk.slice()), ended: () => {} });
    },
    acceptFailed: () => {},
  });
  return { listener, ports, links };
}

/** Has `link` say so many bytes, and hears as many. */
function exchanged(link: Link, count: number): Promise<number> {
  const heard = Promise.withResolvers<number>();
  let total = 0;
  link.start({
    received: (chunk) => {
      total += chunk.length;
      if (total >= count) heard.resolve(total);
    },
    ended: () => heard.resolve(total),
  });
  link.send(new Uint8Array(count).fill(7));
  return heard.promise;
}

testWith(
  ["net"],
  "dialFrom: two connections to different places from one port, both carry bytes",
  async () => {
    const [one, other] = [echoing(), echoing()];
    await using _one = one.listener;
    await using _other = other.listener;
    const { signal } = new AbortController();
    await using first = await dialFrom(HOST, one.listener.addr.port, ANY, signal);
    const { port } = first.localAddr;
    assert(port > 0);
    await using second = await dialFrom(
      HOST,
      other.listener.addr.port,
      { hostname: HOST, port },
      signal,
    );
    assertEquals([second.localAddr.port, second.remoteAddr.port], [port, other.listener.addr.port]);
    assertEquals(await Promise.all([exchanged(first, BIG), exchanged(second, BIG)]), [BIG, BIG]);
    assertEquals([one.ports, other.ports], [[port], [port]]);
    for (const link of [...one.links, ...other.links]) link.abort();
  },
);

testWith(
  ["net"],
  "dialFrom: its end is told to the other side, and the other's to it",
  async () => {
    const { listener, links } = echoing();
    await using _ = listener;
    await using link = await dialFrom(HOST, listener.addr.port, ANY, new AbortController().signal);
    assertEquals(await exchanged(link, 10), 10);
    link.end();
    await Promise.all([link.closed, ...links.map(({ closed }) => closed)]);
  },
);

testWith(
  ["net"],
  "dialFrom: refused and aborted attempts reject, and leave nothing behind",
  async () => {
    const nobody = Deno.listen({ hostname: HOST, port: 0 });
    nobody.close();
    await assertRejects(() => dialFrom(HOST, nobody.addr.port, ANY, new AbortController().signal));
    const abort = new AbortController();
    const attempt = dialFrom("192.0.2.1", 9, { hostname: "0.0.0.0", port: 0 }, abort.signal);
    abort.abort();
    await assertRejects(() => attempt);
  },
);

testWith(["net"], "dialFrom: two that dial each other at once from fixed ports meet", async () => {
  // On one host both connects can be there before either answers; a few tries, as between any two.
  for (let attempt = 0; attempt < 20; attempt++) {
    const [a, b] = [0, 0].map(() => {
      const probe = Deno.listen({ hostname: HOST, port: 0 });
      probe.close();
      return probe.addr.port;
    });
    const abort = new AbortController();
    const both = await Promise.allSettled([
      dialFrom(HOST, b ?? 0, { hostname: HOST, port: a ?? 0 }, abort.signal),
      dialFrom(HOST, a ?? 0, { hostname: HOST, port: b ?? 0 }, abort.signal),
    ]);
    const links = both.flatMap((each) => each.status === "fulfilled" ? [each.value] : []);
    for (const link of links) link.abort();
    if (links.length === 2) return;
  }
  // Loopback answers at once: there it is luck, through NATs it is not (tests/long/namespaces.ts).
});
