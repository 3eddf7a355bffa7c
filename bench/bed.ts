import { taskArgs } from "../tests/support/program.ts";
import { Child, NotMeasured } from "./child.ts";
import type { FiguresOf, LoadLine, OptionsOf, ScenarioName } from "./load/scenarios.ts";
import type { Cores } from "./pinning.ts";
import { Usage } from "./usage.ts";

/** How long one load may take, in milliseconds: what does not end by itself must not hold up all the rest. */
const LOAD_MS = 60_000;

/** No limit is in the way of the load, and nothing is kept. */
const SERVER_FLAGS: readonly string[] = [
  ...["--host", "127.0.0.1", "--port", "0", "--json", "--ephemeral"],
  ...["--max-per-ip", "0", "--message-rate", "0", "--max-clients", "0"],
];

const LOAD_FLAGS: readonly string[] = [
  ...["run", "--allow-net", "--ignore-env", "--no-prompt", "--deny-import", "--quiet"],
  "bench/load/main.ts",
];

/** A server under test. */
export interface Server extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
}

/** What a load measured, and what its server took meanwhile. */
export interface Measurement<N extends ScenarioName> {
  readonly figures: FiguresOf<N>;
  /** How busy the server was between the marks, as a share of one core; `undefined` where the system does not tell. */
  readonly serverBusy: number | undefined;
  /** The same of the whole machine: 2 where two cores had no rest. */
  readonly machineBusy: number | undefined;
}

/** How a load differs from others. */
export interface LoadPlace {
  /**
   * Whose core it runs on.
   * @default {"load"}
   */
  readonly core?: keyof Cores;
  /** Called at each mark, while the load goes on. */
  readonly look?: () => void | Promise<void>;
}

/** Where a section measures: it starts servers and loads, each on its core. */
export class Bed {
  readonly #cores: Cores;
  readonly #signal: AbortSignal;
  /** Whether to measure less, for less long. */
  readonly quick: boolean;
  #loads = 0;

  /** @param signal ends everything that runs */
  constructor(cores: Cores, quick: boolean, signal: AbortSignal) {
    this.#cores = cores;
    this.#signal = signal;
    this.quick = quick;
  }

  /** A process of its own; not pinned to a core. */
  child(args: readonly string[]): Child {
    return new Child([Deno.execPath(), ...args], undefined, this.#signal);
  }

  /** The program as its task starts it. */
  program(task: "server" | "client", flags: readonly string[]): Child {
    return this.child([...taskArgs(task), ...flags]);
  }

  /**
   * The program in a pseudo-terminal.
   *
   * @throws {NotMeasured} where there is none to be had: it takes `script` of util-linux
   */
  terminal(task: "server" | "client", ...flags: readonly string[]): Child {
    if (Deno.build.os !== "linux") throw new NotMeasured("no pseudo-terminal");
    const command = [Deno.execPath(), ...taskArgs(task), ...flags].map((arg) => `'${arg}'`).join(
      " ",
    );
    return new Child(["script", "-qfec", `exec ${command}`, "/dev/null"], undefined, this.#signal);
  }

  /** A line for `sh`, on a core alone where that can be. */
  shell(line: string, core: keyof Cores): Child {
    return new Child(["sh", "-c", line], this.#cores[core], this.#signal);
  }

  /** A registry that listens. */
  async startServer(graceSeconds = 0): Promise<Server> {
    const flags = [...SERVER_FLAGS, "--grace", String(graceSeconds)];
    const command = [Deno.execPath(), ...taskArgs("server"), ...flags];
    const child = new Child(command, this.#cores.server, this.#signal);
    try {
      const { port } = JSON.parse(await child.nextLine());
      child.ignoreOutput();
      const { pid } = child;
      return { pid, port, [Symbol.asyncDispose]: () => child[Symbol.asyncDispose]() };
    } catch (error) {
      await child[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** What all names of the next load begin with: no two loads of a bench have a name in common. */
  nextPrefix(): string {
    return `u${this.#loads++}x`;
  }

  /**
   * Has a load process measure.
   *
   * @throws {NotMeasured} if the server does not serve it, or something went wrong
   */
  async load<N extends ScenarioName>(
    scenario: N,
    options: OptionsOf<N>,
    { pid }: Pick<Server, "pid">,
    { core = "load", look = () => {} }: LoadPlace = {},
  ): Promise<Measurement<N>> {
    const late = AbortSignal.timeout(LOAD_MS);
    const command = [Deno.execPath(), ...LOAD_FLAGS, scenario, JSON.stringify(options)];
    await using child = new Child(
      command,
      this.#cores[core],
      AbortSignal.any([this.#signal, late]),
    );
    const usage = new Usage(pid);
    for (;;) {
      const line: LoadLine<N> = JSON.parse(
        await child.nextLine().catch((error) => {
          if (!late.aborted) throw error;
          throw new NotMeasured(`no end within ${LOAD_MS / 1_000} s`);
        }),
      );
      if (line.kind === "figures") return { figures: line.figures, ...usage.told };
      if (line.kind === "not-served") throw new NotMeasured("not served");
      if (line.kind === "fault") throw new NotMeasured(line.fault);
      await usage.look();
      await look();
      await child.type("looked");
    }
  }
}
