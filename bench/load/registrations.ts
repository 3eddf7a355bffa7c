import { type ClientKind, DEAF, Member } from "./member.ts";
import { type Marks, type Measured, Span } from "./marks.ts";
import { pause } from "./pause.ts";

/** Clients that come and go as fast as they can. */
export interface RegistrationsOptions {
  readonly port: number;
  /** What all names begin with. */
  readonly prefix: string;
  readonly kind: ClientKind;
  /** Clients at the same time. */
  readonly atOnce: number;
  readonly warmMs: number;
  readonly measureMs: number;
}

/** What came of it. */
export interface RegistrationsFigures extends Measured {
  readonly registrations: number;
}

/** Each client connects, registers, reads the answer and closes; then the next takes its place. */
export async function registrations(
  options: RegistrationsOptions,
  marks: Marks,
): Promise<RegistrationsFigures> {
  const { port, prefix, kind, atOnce, warmMs, measureMs } = options;
  let running = true;
  let names = 0;
  let count = 0;
  const comeAndGo = async (): Promise<void> => {
    while (running) {
      const member = new Member({ port, name: `${prefix}${names++}`, kind }, DEAF);
      await member.join();
      member.close();
      count++;
    }
  };
  const measure = async (): Promise<RegistrationsFigures> => {
    await pause(warmMs);
    const span = await Span.begin(marks);
    const before = count;
    await pause(measureMs);
    const figures = { registrations: count - before, ...await span.end() };
    running = false;
    return figures;
  };
  const clients = Promise.all(Array.from({ length: atOnce }, comeAndGo));
  const [figures] = await Promise.all([measure(), clients]);
  return figures;
}
