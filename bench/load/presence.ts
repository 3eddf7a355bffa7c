import { DEAF, Member } from "./member.ts";
import { type Marks, type Measured, Span } from "./marks.ts";
import { pause } from "./pause.ts";
import { Room, type RoomOptions } from "./room.ts";

/** A room in which people come and go. */
export interface PresenceOptions extends RoomOptions {
  /** Joins a second, and leaves. */
  readonly rate: number;
  readonly warmMs: number;
  readonly measureMs: number;
}

/** What came of it. */
export interface PresenceFigures extends Measured {
  /** Of the measured time. */
  readonly joins: number;
  /** Notices that members have read in it. */
  readonly notices: number;
  /** Joins or leaves that members have not been told of at the end, in all. */
  readonly mistaken: number;
}

/** Who has come stays for so many others. */
const STAYING = 100;
/** How long the last notices may take, in milliseconds. */
const SETTLE_MS = 3_000;
const SETTLE_POLL_MS = 20;

/** Has newcomers join at a steady rate, each leaving after a while, and reads what everybody is told of it. */
export async function presence(options: PresenceOptions, marks: Marks): Promise<PresenceFigures> {
  const room = await Room.fill(options);
  const { port, prefix, kind, rate, warmMs, measureMs } = options;
  await balance(room);
  const guests: Member[] = [];
  let arrivals = 0;
  let inRoom = 0;
  const arrive = async (): Promise<void> => {
    const guest = new Member({ port, name: `${prefix}g${arrivals++}`, kind }, DEAF);
    await guest.join();
    inRoom++;
    guests.push(guest);
    if (guests.length > STAYING) guests.shift()?.close();
  };
  const began = performance.now();
  const under: Promise<void>[] = [];
  const coming = setInterval(() => {
    const due = Math.floor((performance.now() - began) * rate / 1_000) - arrivals;
    for (let i = 0; i < due; i++) under.push(arrive());
  }, 1);
  await pause(warmMs);
  const span = await Span.begin(marks);
  const before = { joins: inRoom, notices: room.notices };
  await pause(measureMs);
  const figures = { joins: inRoom - before.joins, notices: room.notices - before.notices };
  const measured = await span.end();
  clearInterval(coming);
  await Promise.all(under);
  for (const guest of guests) guest.close();
  return { ...figures, ...measured, mistaken: await balance(room) };
}

/** Waits until each pair of members has met, and no guest is there; answers how many joins or leaves that lacks. */
async function balance(room: Room): Promise<number> {
  const members = room.members.length;
  // Who joined later was told of to those who joined before: each pair once.
  const expected = members * (members - 1) / 2;
  for (let ms = 0; room.acquainted !== expected && ms < SETTLE_MS; ms += SETTLE_POLL_MS) {
    await pause(SETTLE_POLL_MS);
  }
  return Math.abs(room.acquainted - expected);
}
