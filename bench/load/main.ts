/**
 * A load process: `load/main.ts SCENARIO OPTIONS-AS-JSON`. It prints one line for each mark, and waits for a line
 * after it; then one with its figures, or with what went wrong. It ends with its input: no bench, no load.
 *
 * @module
 */
import { TextLineStream } from "../../lib/std/text_line_stream.ts";
import type { Marks } from "./marks.ts";
import { NotServed } from "./member.ts";
import { type LoadLine, type ScenarioName, SCENARIOS } from "./scenarios.ts";

let looked = Promise.withResolvers<void>();

const marks: Marks = {
  reached(mark) {
    looked = Promise.withResolvers();
    print({ kind: "mark", mark });
    return looked.promise;
  },
};

function print(line: LoadLine<ScenarioName>): void {
  console.log(JSON.stringify(line));
}

async function listen(): Promise<never> {
  const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream());
  for await (const _ of lines) looked.resolve();
  Deno.exit(1);
}

async function measure(name: string, options: string): Promise<LoadLine<ScenarioName>> {
  const [, scenario] = Object.entries(SCENARIOS).find(([each]) => each === name) ?? [];
  if (!scenario) return { kind: "fault", fault: `no scenario ${name}` };
  try {
    return { kind: "figures", figures: await scenario.run(options, marks) };
  } catch (error) {
    if (error instanceof NotServed) return { kind: "not-served" };
    return { kind: "fault", fault: String(error) };
  }
}

listen();
const [name = "", options = "{}"] = Deno.args;
print(await measure(name, options));
Deno.exit(0);
