/** The cores of server and load, where there are two and Linux' `taskset`: neither takes time from the other. */
export interface Cores {
  readonly server: number | undefined;
  readonly load: number | undefined;
}

/** The cores to use. */
export async function findCores(): Promise<Cores> {
  const pinned = Deno.build.os === "linux" && await canPin(0) && await canPin(1);
  return pinned ? { server: 0, load: 1 } : { server: undefined, load: undefined };
}

/** `command`, to run on `core` alone; as it is without one. */
export function onCore(core: number | undefined, command: readonly string[]): string[] {
  return core === undefined ? [...command] : ["taskset", "--cpu-list", String(core), ...command];
}

async function canPin(core: number): Promise<boolean> {
  const [program = "", ...args] = onCore(core, ["true"]);
  try {
    const { success } = await new Deno.Command(program, {
      args,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
