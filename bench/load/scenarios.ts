import { crowd } from "./crowd.ts";
import { fanout } from "./fanout.ts";
import { latency } from "./latency.ts";
import type { Mark, Marks } from "./marks.ts";
import { presence } from "./presence.ts";
import { privateReceiver, privateSender } from "./private_chat.ts";
import { registrations } from "./registrations.ts";
import { relay } from "./relay.ts";
import { resume } from "./resume.ts";

/** What a load process can be asked for, by name. */
export const SCENARIOS = {
  crowd: scenario(crowd),
  fanout: scenario(fanout),
  latency: scenario(latency),
  presence: scenario(presence),
  privateReceiver: scenario(privateReceiver),
  privateSender: scenario(privateSender),
  registrations: scenario(registrations),
  relay: scenario(relay),
  resume: scenario(resume),
} as const;

/** The name of one. */
export type ScenarioName = keyof typeof SCENARIOS;
type MeasureOf<N extends ScenarioName> = (typeof SCENARIOS)[N]["measure"];
/** What it is given. */
export type OptionsOf<N extends ScenarioName> = Parameters<MeasureOf<N>>[0];
/** What it measures. */
export type FiguresOf<N extends ScenarioName> = Awaited<ReturnType<MeasureOf<N>>>;

/** A line that a load process prints. */
export type LoadLine<N extends ScenarioName> =
  | { readonly kind: "mark"; readonly mark: Mark }
  | { readonly kind: "figures"; readonly figures: FiguresOf<N> }
  | { readonly kind: "not-served" }
  | { readonly kind: "fault"; readonly fault: string };

interface Scenario<O, F> {
  readonly measure: (options: O, marks: Marks) => Promise<F>;
  /** The same, of options as JSON. */
  readonly run: (options: string, marks: Marks) => Promise<F>;
}

function scenario<O, F>(measure: (options: O, marks: Marks) => Promise<F>): Scenario<O, F> {
  return { measure, run: (options, marks) => measure(JSON.parse(options), marks) };
}
