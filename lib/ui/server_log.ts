import { TokenBucket } from "../protocol/token_bucket.ts";
import type { RegistryEvent } from "../registry/events.ts";
import { toJsonLine } from "./escape.ts";
import { renderRegistryEvent } from "./render_registry.ts";
import { safe } from "./safe.ts";

/** What the program tells besides what happens at the registry. */
export type ProgramEvent =
  /** First of all: it can be joined. */
  | {
    readonly event: "listening";
    readonly host: string;
    readonly port: number;
    /** From which clients are told where they are seen: two, or none. */
    readonly udpPorts: readonly number[];
    readonly pid: number;
    /** Where `--metrics` is given. */
    readonly metricsPort?: number;
  }
  /** It was asked to stop: nobody gets in any more, everybody is told. */
  | { readonly event: "closing" }
  /** Last of all; `flushed`: whether everybody has taken what was there for them. */
  | { readonly event: "closed"; readonly flushed: boolean };

/** Errors of one code that are told at once, and how many more in an hour: a day of them is half a megabyte at most. */
const ERRORS_BURST = 10;
const ERRORS_PER_HOUR = 120;

/** The lines of a registry's log: what is told, when, and in which form. */
export class ServerLog {
  readonly #json: boolean;
  readonly #budgets = new Map<string, { bucket: TokenBucket; skipped: number }>();

  /** @param json whether for programs; else for people */
  constructor(json: boolean) {
    this.#json = json;
  }

  /**
   * The line for `event`, without its end; `undefined` for an error of a kind that has been told often
   * lately. The next one that is told says how many were left out (`skipped`).
   *
   * @param at when it happened
   */
  line(event: RegistryEvent | ProgramEvent, at: Date): string | undefined {
    const skipped = event.event === "error" ? this.#skipped(event.code, at.getTime()) : 0;
    if (skipped === undefined) return undefined;
    if (!this.#json) {
      const more = skipped === 0 ? "" : ` (and ${skipped} more since the last such line)`;
      return `${localTime(at)} ${render(event)}${more}`;
    }
    const { event: kind, ...fields } = event;
    const more = skipped === 0 ? {} : { skipped };
    return toJsonLine({ event: kind, time: at.toISOString(), ...fields, ...more });
  }

  /** How many errors of that kind were left out before this one; `undefined` if it is left out, too. */
  #skipped(code: string, now: number): number | undefined {
    let budget = this.#budgets.get(code);
    if (!budget) {
      budget = { bucket: new TokenBucket(ERRORS_PER_HOUR / 3_600, ERRORS_BURST), skipped: 0 };
      this.#budgets.set(code, budget);
    }
    if (!budget.bucket.take(1, now)) {
      budget.skipped++;
      return undefined;
    }
    const { skipped } = budget;
    budget.skipped = 0;
    return skipped;
  }
}

function render(event: RegistryEvent | ProgramEvent): string {
  switch (event.event) {
    case "listening": {
      const { host, port, udpPorts, pid, metricsPort } = event;
      const udp = udpPorts.length === 0 ? "" : `, UDP ports ${udpPorts.join(" and ")}`;
      const metrics = metricsPort === undefined ? "" : `, metrics on port ${metricsPort}`;
      return safe`confab registry listening on ${host} port ${port}${udp}${metrics} (pid ${pid}); Ctrl-C stops it`;
    }
    case "closing":
      return "closing: nobody gets in any more, everybody is told (Ctrl-C again: at once)";
    case "closed":
      return event.flushed ? "closed" : "closed, before everybody had taken all";
    default:
      return renderRegistryEvent(event);
  }
}

/** HH:MM:SS, as the clock on the wall. */
function localTime(at: Date): string {
  const parts = [at.getHours(), at.getMinutes(), at.getSeconds()];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}
