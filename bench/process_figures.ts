/**
 * What Linux tells of a process. Its `/proc` is read by `sh` and `cat`: Deno itself opens nothing there without all
 * permissions.
 *
 * @module
 */

/** Memory of a process, in bytes. */
export interface Memory {
  readonly resident: number;
  /** The most since it started, or since {@linkcode forgetPeak}. */
  readonly peak: number;
}

/** The unit of `/proc/stat`, on every Linux that Deno runs on. */
const TICKS_PER_SECOND = 100;

/** CPU seconds of the threads that a process has; `undefined` where the system does not tell. */
export async function cpuSeconds(pid: number): Promise<number | undefined> {
  const lines = await shell('cat /proc/"$0"/task/*/schedstat', pid);
  if (!lines) return undefined;
  const nanoseconds = lines.trimEnd().split("\n").map((line) => Number(line.split(" ")[0]));
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e9;
}

/** CPU seconds of all that runs on this machine; `undefined` where the system does not tell. */
export async function machineCpuSeconds(): Promise<number | undefined> {
  const [, times] = /^cpu +(.*)$/m.exec(await shell("cat /proc/stat")) ?? [];
  if (times === undefined) return undefined;
  const [user = 0, nice = 0, system = 0, _idle, _wait, irq = 0, softIrq = 0, steal = 0] = times
    .split(" ").map(Number);
  return (user + nice + system + irq + softIrq + steal) / TICKS_PER_SECOND;
}

/** Memory of a process; `undefined` where the system does not tell. */
export async function memoryOf(pid: number): Promise<Memory | undefined> {
  const status = await shell('cat /proc/"$0"/status', pid);
  const [, resident] = /^VmRSS:\s*(\d+) kB$/m.exec(status) ?? [];
  const [, peak] = /^VmHWM:\s*(\d+) kB$/m.exec(status) ?? [];
  if (resident === undefined || peak === undefined) return undefined;
  return { resident: Number(resident) * 1_024, peak: Number(peak) * 1_024 };
}

/** Counts the peak of a process's memory from now on, where the system can. */
export async function forgetPeak(pid: number): Promise<void> {
  await shell('echo 5 > /proc/"$0"/clear_refs', pid);
}

async function shell(command: string, pid = 0): Promise<string> {
  if (Deno.build.os !== "linux") return "";
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", command, String(pid)],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).output();
  return new TextDecoder().decode(stdout);
}
