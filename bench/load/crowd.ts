import { type ClientKind, DEAF, Member } from "./member.ts";
import { type Marks, type Measured, Span } from "./marks.ts";
import { pause } from "./pause.ts";

/** Members who do nothing. */
export interface CrowdOptions {
  readonly port: number;
  /** What all names begin with. */
  readonly prefix: string;
  readonly kind: ClientKind;
  readonly members: number;
  /** After the last has come, in milliseconds, until the server is looked at. */
  readonly restMs: number;
}

/** What came of it. */
export interface CrowdFigures extends Measured {
  /** Until all were in the room. */
  readonly fillSeconds: number;
}

/** Clients that join at the same time. */
const JOINING = 64;

/** Fills a room with members, who stay while the server's memory is looked at. */
export async function crowd(options: CrowdOptions, marks: Marks): Promise<CrowdFigures> {
  const { port, prefix, kind, members, restMs } = options;
  const span = await Span.begin(marks);
  const began = performance.now();
  let next = 0;
  const joinOneAfterAnother = async (): Promise<void> => {
    while (next < members) {
      await new Member({ port, name: `${prefix}${next++}`, kind }, DEAF).join();
    }
  };
  await Promise.all(Array.from({ length: JOINING }, joinOneAfterAnother));
  const fillSeconds = (performance.now() - began) / 1_000;
  await pause(restMs);
  return { fillSeconds, ...await span.end() };
}
