import { cpuSeconds, machineCpuSeconds } from "./process_figures.ts";

interface Look {
  /** Seconds, of any beginning. */
  readonly at: number;
  /** CPU seconds, likewise; `undefined` where the system does not tell. */
  readonly server: number | undefined;
  readonly machine: number | undefined;
}

/** Who was busy between the first and the second look, the third and the fourth, and so on. */
export class Usage {
  readonly #pid: number;
  #looks: Look[] = [];

  /** @param pid of the server */
  constructor(pid: number) {
    this.#pid = pid;
  }

  /** Shares of one core. */
  get told(): {
    readonly serverBusy: number | undefined;
    readonly machineBusy: number | undefined;
  } {
    const seconds = this.#between(({ at }) => at);
    const share = (value: (look: Look) => number | undefined): number | undefined => {
      const used = this.#between(value);
      return used === undefined || !seconds ? undefined : used / seconds;
    };
    return {
      serverBusy: share(({ server }) => server),
      machineBusy: share(({ machine }) => machine),
    };
  }

  async look(): Promise<void> {
    const at = performance.now() / 1_000;
    const [server, machine] = await Promise.all([cpuSeconds(this.#pid), machineCpuSeconds()]);
    this.#looks.push({ at, server, machine });
  }

  /** The sum of what a value has grown by from each odd look to the next. */
  #between(value: (look: Look) => number | undefined): number | undefined {
    let sum = 0;
    for (let i = 0; i + 1 < this.#looks.length; i += 2) {
      const [from, to] = this.#looks.slice(i, i + 2).map(value);
      if (from === undefined || to === undefined) return undefined;
      sum += to - from;
    }
    return sum;
  }
}
