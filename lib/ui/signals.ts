/** SIGINT everywhere, SIGTERM where the system has it. */
const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM"];

/** Calls `asked` each time the process is asked to end; dispose of the result to stop that. */
export function onStopSignal(asked: () => void): Disposable {
  for (const signal of SIGNALS) Deno.addSignalListener(signal, asked);
  return {
    [Symbol.dispose]: () => {
      for (const signal of SIGNALS) Deno.removeSignalListener(signal, asked);
    },
  };
}
