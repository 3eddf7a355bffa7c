/** Observation over real sockets: both ports, both families, ports that are taken, and datagrams of strangers. */
import { parseServerMessage } from "../../lib/protocol/message.ts";
import { encodeDatagram, parseDatagram } from "../../lib/protocol/datagram.ts";
import { type RegistryEvent, type RunningRegistry, startRegistry } from "../../mod.ts";
import { DatagramPort } from "../../lib/net/datagrams.ts";
import { assert, assertEquals, assertMatch, assertThrows } from "../support/assert.ts";
import { Inbox } from "../support/eventually.ts";
import { testWith } from "../support/permitted.ts";
import { RawClient } from "../support/raw_client.ts";

const NONCE = "c0c1c2c3c4c5c6c7c8c9cacbcccdcecf";

/** A registry with two UDP ports; the system may have given away the one after. */
function withUdp(hostname: string): RunningRegistry {
  for (let tries = 0; tries < 20; tries++) {
    const registry = startRegistry({ hostname, port: 0 });
    if (registry.udpPorts.length === 2) return registry;
    registry.stop();
  }
  throw new Error("no two UDP ports in a row are free");
}

/** Asks a registry where it sees a connection. */
async function observe(client: RawClient) {
  await client.say(`CAPS:1:${NONCE}:keys`, "OBSERVE");
  const told = parseServerMessage(await client.hears((line) => line.startsWith("OBSERVED"), "it"));
  assert(told.verb === "OBSERVED");
  return told;
}

/** A UDP socket and what arrives there. */
function udpSocket(hostname: string): { port: DatagramPort; heard: Inbox<Uint8Array> } {
  const heard = new Inbox<Uint8Array>("UDP");
  const datagram = (bytes: Uint8Array): void => heard.push(bytes.slice());
  return { port: new DatagramPort(hostname, 0, { datagram }), heard };
}

for (
  const [host, from] of [["127.0.0.1", "127.0.0.1"], ["::", "127.0.0.1"], ["::", "::1"]] as const
) {
  testWith(["net"], `observation: a registry at ${host} tells who comes from ${from}`, async () => {
    await using registry = withUdp(host);
    await using client = await RawClient.connect(registry.addr.port, "framed", from);
    const { ip, token, udpPorts } = await observe(client);
    assertEquals([ip, udpPorts], [from, registry.udpPorts]);
    const { port, heard } = udpSocket(from);
    await using _ = port;
    for (const each of udpPorts) {
      await port.send(encodeDatagram({ kind: "observe", token }), { ip: from, port: each });
      const answer = await heard.next(() => true, "an answer");
      const expected = { kind: "observed", token, ip: from, port: port.addr.port } as const;
      assertEquals(parseDatagram(answer), expected);
    }
  });
}

testWith(
  ["net"],
  "observation: strangers' datagrams are not answered, and hurt nobody",
  async () => {
    await using registry = withUdp("127.0.0.1");
    const metrics = registry.serveMetrics({ hostname: "127.0.0.1", port: 0 });
    await using client = await RawClient.connect(registry.addr.port, "framed");
    const { token, udpPorts: [udpPort = 0] } = await observe(client);
    const { port, heard } = udpSocket("127.0.0.1");
    await using _ = port;
    const to = { ip: "127.0.0.1", port: udpPort };
    const good = encodeDatagram({ kind: "observe", token });
    const hostile = [
      new Uint8Array(0),
      new Uint8Array(1_999),
      good.subarray(0, 159),
      encodeDatagram({ kind: "observe", token: "f".repeat(32) }),
      encodeDatagram({ kind: "observed", token, ip: "127.0.0.1", port: 1 }),
      encodeDatagram({ kind: "offer", username: "ann", tcpPort: 1 }),
      new TextEncoder().encode(JSON.stringify({ type: "confab_observe", confab: 1, token })),
      new TextEncoder().encode(
        JSON.stringify({ type: "confab_observe", confab: 2, token, pad: "0".repeat(200) }),
      ),
      new TextEncoder().encode("[".repeat(900)),
    ];
    for (const bytes of hostile) await port.send(bytes, to);
    // It is read in order: once this is answered, nothing before it will be.
    await port.send(good, to);
    await heard.next(() => true, "an answer");
    assertEquals(heard.all.length, 1);
    const text = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
    const drops = /^confab_observation_drops_total\{reason="malformed"\} (\d+)$/m.exec(text);
    assertEquals(drops?.[1], "7");
    assertMatch(text, /^confab_observation_drops_total\{reason="unknown-token"\} 1$/m);
    assertMatch(text, /^confab_observation_drops_total\{reason="too-short"\} 1$/m);
    assertMatch(text, /^confab_observations_total 1$/m);
  },
);

testWith(
  ["net"],
  "observation: ports that are taken: by default without, by number not at all",
  async () => {
    await using busy = udpSocket("127.0.0.1").port;
    const taken = busy.addr.port;
    const events: RegistryEvent[] = [];
    assertThrows(
      () => startRegistry({ hostname: "127.0.0.1", port: 0, udpPort: taken }),
      Deno.errors.AddrInUse,
    );
    for (const wrong of [-1, 1.5, 65_535]) {
      assertThrows(() => startRegistry({ hostname: "127.0.0.1", udpPort: wrong }), RangeError);
    }
    await using none = startRegistry({ hostname: "127.0.0.1", port: 0, udpPort: 0 });
    assertEquals(none.udpPorts, []);
    await using client = await RawClient.connect(none.addr.port, "framed");
    assertEquals((await observe(client)).udpPorts, []);
    // The TCP port of that number is free, or this says nothing.
    const open = Deno.listen({ hostname: "127.0.0.1", port: taken });
    open.close();
    await using without = startRegistry({
      hostname: "127.0.0.1",
      port: taken,
      onEvent: (event) => events.push(event),
    });
    assertEquals(without.udpPorts, []);
    assertEquals(events.map((event) => event.event === "error" && event.code), ["observe"]);
  },
);
