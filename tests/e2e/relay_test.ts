/** Private links through a registry over real sockets, of clients written from the page alone. */
import { startRegistry } from "../../mod.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { LINK, linkNumber } from "../support/relay_bench.ts";
import { RelayingClient } from "../support/relaying_client.ts";

const BYTES = 200_000;

Deno.test("relay: two clients say to each other more than a window, and each gets it all", async () => {
  await using registry = startRegistry({ hostname: "127.0.0.1", port: 0 });
  const { port } = registry.addr;
  await using ann = await RelayingClient.join(port, "ann");
  await using bob = await RelayingClient.join(port, "bob");
  ann.pass(bob.session, '{"offer":"it"}');
  await bob.hears(`PASSED:${ann.session}:{"offer":"it"}`);
  ann.meet(bob.session, LINK);
  bob.meet(ann.session, LINK);
  await Promise.all([ann.met(LINK), bob.met(LINK)]);
  const said = crypto.getRandomValues(new Uint8Array(60_000));
  const all = Uint8Array.from({ length: BYTES }, (_, i) => said[i % said.length] ?? 0);
  ann.write(LINK, all);
  bob.write(LINK, all.toReversed());
  await Promise.all([ann.gets(LINK, BYTES), bob.gets(LINK, BYTES)]);
  assertEquals(bob.read(LINK).toBase64(), all.toBase64());
  assertEquals(ann.read(LINK).toBase64(), all.toReversed().toBase64());
  await ann[Symbol.asyncDispose]();
  await bob.hears(`PARTED:${LINK}:gone`);
});

Deno.test("relay: a reader that has stopped keeps nobody else waiting", async () => {
  await using registry = startRegistry({ hostname: "127.0.0.1", port: 0, messageRate: 0 });
  const { port } = registry.addr;
  await using ann = await RelayingClient.join(port, "ann");
  await using bob = await RelayingClient.join(port, "bob");
  await using carol = await RelayingClient.join(port, "carol");
  for (const [peer, link] of [[bob, LINK], [carol, linkNumber(2)]] as const) {
    ann.meet(peer.session, link);
    peer.meet(ann.session, link);
    await Promise.all([ann.met(link), peer.met(link)]);
  }
  bob.stopReading();
  const all = new Uint8Array(1_000_000);
  ann.write(LINK, all);
  ann.write(linkNumber(2), all);
  await carol.gets(linkNumber(2), all.length);
  assert(bob.read(LINK).length < 65_536, "it did not read");
  bob.readOn();
  await bob.gets(LINK, all.length);
});
