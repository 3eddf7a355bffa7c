import { Flags, UsageError } from "../lib/ui/flags.ts";
import type { Section } from "./section.ts";

/** What one run of the bench is to do. */
export interface BenchConfig {
  readonly sections: readonly Section[];
  readonly quick: boolean;
  /** Where the figures go as JSON. */
  readonly json: string | URL;
}

/** Not tracked by git. */
const DEFAULT_JSON = new URL("results.json", import.meta.url);

/** The answer to `--help`. */
export function helpText(sections: readonly Section[]): string {
  return `Measures this machine's confab; what each row means is in bench/README.md.

Usage: deno task bench [flags]

  --only A,B     these sections alone: ${sections.map(({ key }) => key).join(", ")}
  --quick        less of everything, within a minute
  --json FILE    where the figures go as JSON    [bench/results.json]
  --help
`;
}

/**
 * Reads the bench's arguments; `undefined` if they ask for help.
 *
 * @throws {UsageError}
 */
export function parseBenchFlags(
  args: readonly string[],
  all: readonly Section[],
): BenchConfig | undefined {
  const flags = new Flags(args, { values: ["only", "json"], switches: ["quick", "help"] });
  if (flags.has("help")) return undefined;
  const wanted = flags.text("only")?.split(",") ?? all.map(({ key }) => key);
  const unknown = wanted.find((key) => !all.some((section) => section.key === key));
  if (unknown !== undefined) throw new UsageError(`--only: no section ${unknown}`);
  return {
    sections: all.filter(({ key }) => wanted.includes(key)),
    quick: flags.has("quick"),
    json: flags.text("json") ?? DEFAULT_JSON,
  };
}
