import { cpus } from "node:os";
import { VERSION } from "../lib/version.ts";
import type { Cores } from "./pinning.ts";

/** On what was measured, and what. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly kernel: string;
  /** Whether server and load had a core each. */
  readonly pinned: boolean;
  readonly deno: string;
  readonly confab: string;
}

/** This machine. */
export function describeMachine(cores: Cores): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model ?? "unknown",
    cores: all.length,
    kernel: `${Deno.build.os} ${Deno.osRelease()}`,
    pinned: cores.server !== undefined,
    deno: Deno.version.deno,
    confab: VERSION,
  };
}
