import { type Marks, type Measured, Span } from "./marks.ts";
import { pause } from "./pause.ts";
import { type Account, Room, type RoomOptions } from "./room.ts";

/** A room whose members all lose their connection at once, but the one who speaks. */
export interface ResumeOptions extends RoomOptions {
  /** Messages that are said while they are away. */
  readonly missed: number;
  readonly rounds: number;
}

/** What came of it. */
export interface ResumeFigures extends Measured, Account {
  /** Of each round: from the first connection to the last message at the last member, in milliseconds. */
  readonly rounds: readonly number[];
}

/** How long one step may take, in milliseconds. */
const STEP_MS = 10_000;
const POLL_MS = 1;

/** Cuts everybody, speaks, has everybody come back at once and waits until they have what they missed. */
export async function resume(options: ResumeOptions, marks: Marks): Promise<ResumeFigures> {
  const room = await Room.fill({ ...options, kind: "resume", publishers: 1 });
  const [speaker, ...others] = room.members;
  const rounds: number[] = [];
  let lastAt = 0;
  room.onMessage(() => lastAt = performance.now());
  let seconds = 0;
  let busySeconds = 0;
  for (let round = 0; round < options.rounds; round++) {
    for (const member of others) member.close();
    room.say(options.missed, 0);
    await until(() => speaker?.acknowledged === room.said, "what was said was acknowledged");
    const span = await Span.begin(marks);
    const began = performance.now();
    await Promise.all(others.map((member) => member.resume()));
    await until(() => room.outstanding === 0, "all had what they missed");
    rounds.push(lastAt - began);
    const measured = await span.end();
    seconds += measured.seconds;
    busySeconds += measured.loadBusy * measured.seconds;
  }
  return { rounds, seconds, loadBusy: busySeconds / seconds, ...await room.settle() };
}

async function until(holds: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + STEP_MS;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`not after ${STEP_MS / 1_000} s: ${what}`);
    await pause(POLL_MS);
  }
}
