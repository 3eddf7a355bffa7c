/** Somebody stops to read while the others go on. */
import { type RegistryEvent, startRegistry } from "../../mod.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { readMetric } from "../support/metrics.ts";
import { Crowd } from "./crowd.ts";
import type { CapableParticipant } from "./participants.ts";

/** Characters of one message: the longest, so that what the kernels hold is soon full. */
const PADDING = 4_000;
/** No queue is ever longer, in bytes. */
const MAX_QUEUED_BYTES = 300 * 1_024;
/** What no kernel holds for one connection, in bytes. */
const MAX_KERNEL_BYTES = 64 * 1_024 * 1_024;
/** How long a client may be over the bound, in milliseconds. */
const CUT_WITHIN_MS = 12_000;
/** Messages of one talker that are under way at once. */
const WINDOW = 8;
/** A queue of so many bytes is full, as no further turn fits under the bound of 256 KiB. */
const FULL_BYTES = 262_144 - WINDOW * (PADDING + 200);

/** A room in which one stops to read, and others talk. */
class SlowRoom implements AsyncDisposable {
  readonly #registry;
  readonly #metricsPort: number;
  readonly crowd = new Crowd();
  readonly events: RegistryEvent[] = [];

  constructor() {
    this.#registry = startRegistry({
      hostname: "127.0.0.1",
      port: 0,
      messageRate: 0,
      maxPerIp: 0,
      onEvent: (event) => {
        this.events.push(event);
        this.crowd.room.pulse.beat();
      },
    });
    this.#metricsPort = this.#registry.serveMetrics({ hostname: "127.0.0.1", port: 0 });
  }

  get port(): number {
    return this.#registry.addr.port;
  }

  /** The longest queue so far, in bytes. */
  highWater(): Promise<number> {
    return readMetric(this.#metricsPort, "confab_queue_high_water_bytes");
  }

  /** Fills the room: one who talks, two who read, and `stuck`, who does not any more. */
  async fill(): Promise<{ talker: CapableParticipant; stuck: CapableParticipant }> {
    await this.crowd.join("capable", 3, this.port);
    await this.crowd.join("product", 1, this.port);
    const [talker, , stuck] = this.crowd.capable;
    assert(talker && stuck);
    stuck.client.stopReading();
    return { talker, stuck };
  }

  /** Has `talker` say as much as the kernels take for one who does not read, until the queue is full. */
  async clog(talker: CapableParticipant): Promise<void> {
    for (let bytes = 0; await this.highWater() < FULL_BYTES; bytes += WINDOW * PADDING) {
      assert(bytes < MAX_KERNEL_BYTES, `the queue is never full: ${await this.highWater()}`);
      await this.talk(talker, WINDOW);
    }
  }

  /** Has `talker` say `count` messages; resolves when they are acknowledged. */
  async talk(talker: CapableParticipant, count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      talker.say(PADDING);
      await this.crowd.until("an answer", () => talker.pending < WINDOW);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.crowd[Symbol.asyncDispose]();
    await this.#registry.stop();
  }
}

/** Who reads again in time has lost nothing, and its connection never broke. */
export async function playPause(): Promise<string> {
  await using room = new SlowRoom();
  const { talker, stuck } = await room.fill();
  await room.clog(talker);
  // A quarter of what the registry keeps for it.
  await room.talk(talker, 256);
  stuck.client.readOn();
  const { said } = talker;
  await room.crowd.until(
    "all heard",
    () => room.crowd.others(talker).every((one) => one.heard === said),
  );
  assertEquals([stuck.ledger.missed, stuck.client.comebacks.resumed], [0, 0]);
  const { complaints } = room.crowd.room.truth;
  assertEquals(complaints.count, 0, `${complaints}`);
  const highest = await room.highWater();
  assert(highest <= MAX_QUEUED_BYTES, `${highest} bytes waited`);
  await room.crowd.quit();
  return `${said} messages of ${PADDING} characters, at most ${highest} bytes queued`;
}

/** Who does not read is cut and told; back again, it gets what is kept, and is told how much is not. */
export async function playStandstill(): Promise<string> {
  await using room = new SlowRoom();
  const { talker, stuck } = await room.fill();
  stuck.ledger.expected = /^ERROR:slow:/;
  await room.clog(talker);
  const from = performance.now();
  const isCut = (): boolean =>
    room.events.some((event) => event.event === "drop" && event.username === stuck.name);
  // The others go on, so that the ring passes what it has not read.
  await room.talk(talker, 2_000);
  await room.crowd.until("the cut", isCut);
  const took = performance.now() - from;
  assert(took < CUT_WITHIN_MS, `cut after ${took} ms`);
  const [drop] = room.events.filter(({ event }) => event === "drop");
  assertEquals(drop?.event === "drop" && drop.reason, "slow");
  stuck.client.readOn();
  const { said } = talker;
  await room.crowd.until("all heard", () => stuck.ledger.position === said);
  await room.crowd.until(
    "all heard by the others",
    () => room.crowd.others(talker).every((one) => one === stuck || one.heard === said),
  );
  const { heard, missed, odds } = stuck.ledger;
  assertEquals(heard + missed, said, "what it did not get it was told of");
  assertEquals(stuck.client.comebacks.resumed, 1);
  const { complaints } = room.crowd.room.truth;
  assertEquals(complaints.count, 0, `${complaints}`);
  const highest = await room.highWater();
  assert(highest <= MAX_QUEUED_BYTES, `${highest} bytes waited`);
  await room.crowd.quit();
  return `cut after ${
    Math.round(took)
  } ms, told ${odds.length} times, ${missed} of ${said} missed, ` +
    `at most ${highest} bytes queued`;
}
