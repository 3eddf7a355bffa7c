/** A UDP port that strangers know is read at its own pace. */
import { DatagramPort } from "../../lib/net/datagrams.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { Inbox } from "../support/eventually.ts";
import { testWith } from "../support/permitted.ts";

testWith(
  ["net"],
  "datagrams: a flood is read no faster than is allowed, and then goes on",
  async () => {
    const heard = new Inbox<number>("the port");
    const startedAt = performance.now();
    const datagram = (bytes: Uint8Array): void => heard.push(bytes[0] ?? -1);
    await using port = new DatagramPort("127.0.0.1", 0, { datagram }, { perSecond: 200 });
    await using flooder = new DatagramPort("127.0.0.1", 0, { datagram: () => {} });
    const to = { ip: "127.0.0.1", port: port.addr.port };
    for (let n = 0; n < 5_000; n++) await flooder.send(Uint8Array.of(1), to);
    const read = heard.all.length;
    const allowed = 21 + 200 * (performance.now() - startedAt) / 1_000;
    assert(read <= allowed, `${read} read, ${allowed} allowed`);
    await heard.next(() => heard.all.length > read, "more of them");
  },
);

testWith(["net"], "datagrams: without a limit all that arrive are read, in order", async () => {
  const heard = new Inbox<number>("the port");
  const datagram = (bytes: Uint8Array): void => heard.push(bytes[0] ?? -1);
  await using port = new DatagramPort("127.0.0.1", 0, { datagram });
  await using other = new DatagramPort("127.0.0.1", 0, { datagram: () => {} });
  for (let n = 0; n < 50; n++) {
    await other.send(Uint8Array.of(n), { ip: "127.0.0.1", port: port.addr.port });
  }
  await heard.next((n) => n === 49, "the last");
  assertEquals(heard.all, Array.from({ length: 50 }, (_, n) => n));
});
