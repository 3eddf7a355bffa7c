import { type Marks, type Measured, Span } from "./marks.ts";
import { pause } from "./pause.ts";
import { type Account, Room, type RoomOptions } from "./room.ts";

/** A room that is kept full of messages. */
export interface FanoutOptions extends RoomOptions {
  readonly warmMs: number;
  readonly measureMs: number;
}

/** What came of it. */
export interface FanoutFigures extends Measured, Account {
  readonly deliveries: number;
}

/**
 * Keeps `window` messages on their way to everybody: another is said as soon as as many deliveries have come as one
 * message makes.
 */
export async function fanout(options: FanoutOptions, marks: Marks): Promise<FanoutFigures> {
  const room = await Room.fill(options);
  const { members, window, warmMs, measureMs } = options;
  const audience = members - 1;
  let running = true;
  let scheduled = false;
  const topUp = (): void => {
    scheduled = false;
    const count = window - Math.ceil(room.outstanding / audience);
    if (running && count > 0) room.say(count, 0);
  };
  room.onMessage(() => {
    if (scheduled) return;
    scheduled = true;
    queueMicrotask(topUp);
  });
  topUp();
  await pause(warmMs);
  const span = await Span.begin(marks);
  const before = room.delivered;
  await pause(measureMs);
  const deliveries = room.delivered - before;
  const measured = await span.end();
  running = false;
  return { deliveries, ...measured, ...await room.settle() };
}
