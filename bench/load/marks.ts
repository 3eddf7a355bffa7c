import process from "node:process";

/** A moment at which the bench looks at the server under test. */
export type Mark = "begin" | "end";

/** How a load tells the bench where its measured time begins and ends. */
export interface Marks {
  /** Resolves once the bench has looked. The load goes on meanwhile. */
  reached(mark: Mark): Promise<void>;
}

/** What a load measured of itself between its marks. */
export interface Measured {
  readonly seconds: number;
  /** Of one core, that this process was busy: near 1 it is the load that is measured, not the server. */
  readonly loadBusy: number;
}

/** Between two marks, by this process's own clock. */
export class Span {
  readonly #marks: Marks;
  readonly #began = performance.now();
  readonly #cpu = process.cpuUsage();

  private constructor(marks: Marks) {
    this.#marks = marks;
  }

  static async begin(marks: Marks): Promise<Span> {
    await marks.reached("begin");
    return new Span(marks);
  }

  /** Ends it: the figures of the time up to this call, once the bench has looked. */
  async end(): Promise<Measured> {
    const seconds = (performance.now() - this.#began) / 1_000;
    const { user, system } = process.cpuUsage(this.#cpu);
    await this.#marks.reached("end");
    return { seconds, loadBusy: (user + system) / 1e6 / seconds };
  }
}
