/** A connection that breaks at each place of the introduction and of what is caught up after it. */
import { startRegistry } from "../../mod.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { Dice } from "../support/dice.ts";
import { FaultProxy, type Passage, type Way } from "../support/fault_proxy.ts";
import { Crowd } from "./crowd.ts";
import { Jitter } from "./jitter.ts";

/** More bytes than go either way until a client that comes back has all that it missed. */
const BYTES: Readonly<Record<Way, number>> = { up: 600, down: 1_200 };

/** Less than one ACK. */
const ACK_BYTES = 50;

/**
 * Has a client come back, on a connection that ends after `step`, twice `step` and so on bytes; each time it has to have
 * everything in the end.
 */
export async function playOffsets(kind: "capable" | "product", step: number): Promise<string> {
  // One that fails so often would wait for half a minute.
  using _ = new Jitter(new Dice(step), 0.001);
  await using registry = startRegistry({
    hostname: "127.0.0.1",
    port: 0,
    messageRate: 0,
    maxPerIp: 0,
  });
  const passages: Passage[] = [];
  let [fate, hits] = [(_: Passage): void => {}, 0];
  await using proxy = await FaultProxy.start(registry.addr.port, (passage) => {
    passages.push(passage);
    fate(passage);
    fate = () => {};
  });
  await using crowd = new Crowd();
  await crowd.join("capable", 1, registry.addr.port);
  await crowd.join(kind, 1, proxy.port);
  const [speaker, victim] = crowd.everybody;
  assert(speaker && victim);
  for (const way of ["up", "down"] as const) {
    for (let bytes = 1; bytes < BYTES[way]; bytes += step) {
      fate = (passage) =>
        passage.after(way, bytes, () => {
          hits++;
          passage.close();
        });
      // Its next connection, and not this one again.
      passages.at(-1)?.after("down", Infinity, () => {});
      passages.at(-1)?.reset();
      // Somebody comes meanwhile, somebody says something, and it says something itself.
      crowd.visit(registry.addr.port);
      speaker.say();
      victim.say();
      await crowd.answered();
      const all = crowd.said + speaker.said + victim.said;
      await crowd.until(
        `all of it, cut after ${bytes} ${way}`,
        () => crowd.everybody.every((one) => one.heard + one.said === all && one.others === 1),
      );
    }
  }
  // Nothing but the acknowledgement comes down: it is lost, the message is not.
  for (let bytes = 1; bytes < ACK_BYTES; bytes += step) {
    const passage = passages.at(-1);
    passage?.after("down", bytes, () => {
      hits++;
      passage.close();
    });
    victim.say();
    await crowd.answered();
  }
  await crowd.until(
    "all of it",
    () =>
      crowd.everybody.every((one) =>
        one.heard + one.said === crowd.said + speaker.said + victim.said
      ),
  );
  const { complaints } = crowd.room.truth;
  assertEquals(complaints.count, 0, `${complaints}`);
  assert(hits > 10, `${hits} connections broke`);
  await crowd.quit();
  return `${hits} connections broke while ${victim.name} came back`;
}
