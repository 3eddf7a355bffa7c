/** What a test cannot do without. */
export type Need = "net" | "run" | "read" | "write" | "env";

/** Whether all of `needs` are granted; asking never prompts. */
export function granted(...needs: readonly Need[]): boolean {
  return needs.every((name) => Deno.permissions.querySync({ name }).state === "granted");
}

/**
 * A test that needs permissions: ignored without them, with the reason in its name, so that a plain
 * `deno test` passes.
 *
 * @param also another condition, and what to say where it does not hold
 */
export function testWith(
  needs: readonly Need[],
  name: string,
  fn: () => void | Promise<void>,
  also?: { readonly holds: boolean; readonly need: string },
): void {
  const ignore = !granted(...needs) || also?.holds === false;
  const reason = [...needs.map((need) => `--allow-${need}`), ...(also ? [also.need] : [])].join(
    ", ",
  );
  Deno.test({ name: ignore ? `${name} (needs ${reason})` : name, ignore, fn });
}
