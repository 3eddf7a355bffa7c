/** A connection that carries nothing any more, and does not end: both ends find out by themselves. */
import { type RegistryEvent, startRegistry } from "../../mod.ts";
import { Crowd } from "../faults/crowd.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { FaultProxy, type Passage } from "../support/fault_proxy.ts";
import { testWith } from "../support/permitted.ts";

/** Silence until a connection counts as dead is 45 s; then up to half a second until the client is back. */
const PATIENCE_MS = 60_000;

testWith(
  ["net"],
  "a connection that carries nothing is found out, and nothing is lost",
  async () => {
    const events: RegistryEvent[] = [];
    const crowd = new Crowd();
    await using registry = startRegistry({
      hostname: "127.0.0.1",
      port: 0,
      maxPerIp: 0,
      onEvent: (event) => {
        events.push(event);
        crowd.room.pulse.beat();
      },
    });
    await using _ = crowd;
    const passages: Passage[] = [];
    const { port } = registry.addr;
    await using proxy = await FaultProxy.start(port, (passage) => void passages.push(passage));
    await crowd.join("capable", 1, port);
    // This one never asks whether the registry is alive; the product's does.
    await crowd.join("capable", 1, proxy.port);
    await crowd.join("product", 1, proxy.port);
    const [speaker, patient] = crowd.capable;
    const [product] = crowd.product;
    assert(speaker && patient && product);
    patient.ledger.expected = /^ERROR:idle:/;
    const dead = passages.slice();
    for (const passage of dead) for (const way of ["up", "down"] as const) passage.stall(way);
    for (const one of crowd.everybody) one.say();
    await crowd.until(
      "the registry gives up one of them",
      () =>
        events.some((event) =>
          event.event === "drop" && event.username === patient.name && event.reason === "idle"
        ),
      PATIENCE_MS,
    );
    await crowd.until("the product is back", () => product.count("resumed") === 1, PATIENCE_MS);
    await crowd.until("what the product said", () => speaker.heard === 1 && product.pending === 0);
    for (const passage of dead) passage.release();
    await crowd.until("all heard", () => crowd.everybody.every((one) => one.heard === 2));
    assertEquals(passages.length, 4);
    const { complaints } = crowd.room.truth;
    assertEquals(complaints.count, 0, `${complaints}`);
    await crowd.quit();
  },
);
