// The typed face of `@std/cli/parse-args`; see docs/decisions/0001-std-from-npm.md.
import { parseArgs as untyped } from "@std/cli/parse-args";

/** What this project uses of the options. */
export interface ParseArgsOptions {
  /** Flags that take a value; one without a value is "". */
  string?: string[];
  /** Flags that take none. */
  boolean?: string[];
  /** Called for each argument that is neither; what it returns as `false` is left out. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** Reads command line arguments. */
export const parseArgs: (
  args: string[],
  options?: ParseArgsOptions,
) => Record<string, unknown> = untyped;
