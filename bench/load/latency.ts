import { type Marks, type Measured, Span } from "./marks.ts";
import { pause } from "./pause.ts";
import { type Account, Room, type RoomOptions } from "./room.ts";
import { timeAt } from "./stamp.ts";

/** A room with a message now and then. */
export interface LatencyOptions extends RoomOptions {
  /** Messages a second. */
  readonly rate: number;
  readonly warmMs: number;
  readonly measureMs: number;
}

/** From before a message is written to when a member has read it, in microseconds, over all members. */
export interface LatencyFigures extends Measured, Account {
  readonly samples: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

/** Says messages at a steady rate, however long they take, and times each delivery. */
export async function latency(options: LatencyOptions, marks: Marks): Promise<LatencyFigures> {
  const room = await Room.fill(options);
  const { rate, bytes, warmMs, measureMs } = options;
  const micros = (): number => Math.floor(performance.now() * 1_000);
  const samples: number[] = [];
  let sampling = false;
  room.onMessage((view, end) => {
    if (sampling) samples.push(micros() - timeAt(view, end - bytes));
  });
  const began = performance.now();
  const saying = setInterval(() => {
    const due = Math.floor((performance.now() - began) * rate / 1_000) - room.said;
    if (due > 0) room.say(due, micros());
  }, 1);
  await pause(warmMs);
  const span = await Span.begin(marks);
  sampling = true;
  await pause(measureMs);
  sampling = false;
  const measured = await span.end();
  clearInterval(saying);
  const account = await room.settle();
  samples.sort((a, b) => a - b);
  const at = (share: number): number => samples[Math.floor(samples.length * share)] ?? NaN;
  const percentiles = { p50: at(0.5), p99: at(0.99), p999: at(0.999) };
  return { samples: samples.length, ...percentiles, ...measured, ...account };
}
