/** Somebody says 10,000 messages in a second while the others talk. */
import { identityOf, newSeed } from "../../lib/crypto/identity.ts";
import { type RegistryEvent, startRegistry } from "../../mod.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { CapableClient } from "../support/capable_client.ts";
import { RawClient } from "../support/raw_client.ts";
import { Crowd } from "./crowd.ts";
import { textOf, visitorName } from "./truth.ts";

/** What a flooder says at once. */
const FLOOD = 10_000;
/** Messages of each of the others: within the burst that everybody has. */
const WORDS = 8;

const [PLAIN, CAPABLE] = [visitorName("p"), visitorName("c")];

/** Plays it with a plain flooder and a capable one; how many messages of theirs came through. */
export async function playFlood(): Promise<string> {
  const events: RegistryEvent[] = [];
  const crowd = new Crowd();
  await using _ = crowd;
  await using registry = startRegistry({
    hostname: "127.0.0.1",
    port: 0,
    maxPerIp: 0,
    onEvent: (event) => {
      events.push(event);
      crowd.room.pulse.beat();
    },
  });
  const { port } = registry.addr;
  await crowd.join("capable", 8, port);
  await crowd.join("product", 2, port);
  const all = [...crowd.capable, ...crowd.product];
  await using plain = await RawClient.join(port, PLAIN);
  const told: string[] = [];
  await using capable = await joinFlooder(port, told);
  for (const one of all) one.say();
  const flood = Array.from({ length: FLOOD }, (_, i) => textOf(PLAIN, i + 1));
  // The registry may close before all is written.
  plain.say(...flood.map((text) => `BROADCAST:${PLAIN}:${text.length}:${text}`)).catch(() => {});
  for (let i = 0; i < FLOOD; i++) capable.say(textOf(CAPABLE, i + 1));
  for (let word = 1; word < WORDS; word++) {
    for (const one of all) one.say();
    await crowd.until("answers", () => all.every(({ pending }) => pending === 0));
  }
  const left = (name: string): boolean =>
    events.some((event) =>
      event.event === "leave" && event.username === name && event.reason === "flood"
    );
  await plain.hears((line) => line.startsWith("ERROR:flood:"), "a warning");
  await plain.hears("(closed)");
  await crowd.until("both cut", () => left(PLAIN) && left(CAPABLE));
  const taken = crowd.room.truth.size;
  await crowd.until("all heard", () => all.every(({ heard, said }) => heard + said >= taken));
  const { complaints } = crowd.room.truth;
  assertEquals(complaints.count, 0, `${complaints}`);
  assert(taken - WORDS * all.length < FLOOD / 10, `${taken} messages came through`);
  assert(told.some((line) => /^NAK:\S+:flood:/.test(line)), "refused one by one");
  assert(told.at(-1)?.startsWith("ERROR:flood:"), "told before the end");
  assert(plain.heard.all.filter((line) => line.startsWith("ERROR:flood:")).length >= 2);
  await crowd.quit();
  return `${taken - WORDS * all.length} of ${2 * FLOOD} came through`;
}

/** One that says again what was not answered would flood again: it is gone once it has been told. */
async function joinFlooder(port: number, told: string[]): Promise<CapableClient> {
  const ignore = (): void => {};
  const odd = (line: string): void => {
    told.push(line);
    if (line.startsWith("ERROR:")) client[Symbol.asyncDispose]();
  };
  const client = await CapableClient.join({
    port,
    username: CAPABLE,
    identity: identityOf(newSeed(), false),
    witness: {
      ...{ welcomed: ignore, said: ignore, acknowledged: ignore, gap: ignore },
      ...{ listed: ignore, presence: ignore, odd },
    },
  });
  return client;
}
