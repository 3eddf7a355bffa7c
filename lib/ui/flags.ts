import { parsePort } from "../protocol/address.ts";
import { parseArgs } from "../std/parse_args.ts";

/** The program was called wrongly: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** A program's flags, by name without `--`: those with a value, and those without. */
export interface FlagNames {
  readonly values: readonly string[];
  readonly switches: readonly string[];
}

/** The flags of one call. */
export class Flags {
  readonly #parsed: Record<string, unknown>;

  /** @throws {UsageError} for anything that is not a flag in `names`, and for a missing value */
  constructor(args: readonly string[], names: FlagNames) {
    for (const name of names.switches) {
      const wrong = args.find((arg) => arg.startsWith(`--${name}=`));
      if (wrong !== undefined) throw new UsageError(`--${name} takes no value: ${wrong}`);
    }
    if (args.includes("--")) throw new UsageError("unknown argument --");
    this.#parsed = parseArgs([...args], {
      string: [...names.values],
      boolean: [...names.switches],
      unknown: (arg) => {
        throw new UsageError(`unknown argument ${arg}`);
      },
    });
    for (const name of names.values) {
      if (this.#parsed[name] === "") throw new UsageError(`--${name} needs a value`);
    }
  }

  /** Whether a flag without value was given. */
  has(name: string): boolean {
    return this.#parsed[name] === true;
  }

  /** The value of a flag; `undefined` if it was not given. */
  text(name: string): string | undefined {
    const value = this.#parsed[name];
    return typeof value === "string" ? value : undefined;
  }

  /** The value of a flag as a whole number from `least` on; `undefined` if it was not given. */
  whole(name: string, least: number): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const number = /^[0-9]{1,9}$/.test(value) ? Number(value) : NaN;
    if (number >= least) return number;
    throw new UsageError(`--${name} takes a whole number from ${least} on, not ${value}`);
  }

  /** The value of a flag as a port, 0 for one that the system chooses. */
  port(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const port = value === "0" ? 0 : parsePort(value);
    if (port !== undefined) return port;
    throw new UsageError(`--${name} takes a port from 0 to 65535, not ${value}`);
  }

  /** The value of a flag as one of `choices`. */
  choice<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const value = this.text(name);
    const choice = choices.find((each) => each === value);
    if (value === undefined || choice) return choice;
    throw new UsageError(`--${name} takes ${choices.join(", ")}, not ${value}`);
  }
}
