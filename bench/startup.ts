import type { Bed } from "./bed.ts";
import type { Child } from "./child.ts";
import { median } from "./figures.ts";
import { rowOf, type Section } from "./section.ts";

const STARTS = 7;
const QUICK_STARTS = 3;

/** How long one waits for the programs. */
export const STARTUP: Section = {
  key: "startup",
  title: "Start-up, with Deno's cache warm",
  columns: [
    { key: "what", title: "what" },
    { key: "time", title: "ms (median)" },
    { key: "slowest", title: "slowest ms" },
  ],
  async *measure(bed) {
    const server = ["--host", "127.0.0.1", "--port", "0", "--json", "--ephemeral"];
    const listening = async (child: Child): Promise<void> => void await child.nextLine();
    const ended = async (child: Child): Promise<void> => void await child.allOutput();
    const asking = (child: Child): Promise<void> => child.until("Enter server IP:");
    const starts: [string, () => Child, (child: Child) => Promise<void>][] = [
      ["server, to `listening`", () => bed.program("server", server), listening],
      ["client --version", () => bed.program("client", ["--version"]), ended],
      ["client in a terminal, to its first question", () => bed.terminal("client"), asking],
      ["deno, an empty program", () => bed.child(["eval", ""]), ended],
    ];
    for (const [what, start, done] of starts) {
      yield await rowOf({ what }, () => timed(bed, start, done));
    }
  },
};

async function timed(
  bed: Bed,
  start: () => Child,
  done: (child: Child) => Promise<void>,
): Promise<{ time: number | undefined; slowest: number }> {
  const times: number[] = [];
  for (let i = 0; i < (bed.quick ? QUICK_STARTS : STARTS); i++) {
    const began = performance.now();
    await using child = start();
    await done(child);
    times.push(performance.now() - began);
  }
  return { time: median(times), slowest: Math.max(...times) };
}
