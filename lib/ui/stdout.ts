const encoder = new TextEncoder();

/** Writes lines to standard output or error; says whether anybody still reads there. */
export function writeLines(
  lines: readonly string[],
  stream: { writeSync(bytes: Uint8Array): number } = Deno.stdout,
): boolean {
  let bytes = encoder.encode(lines.map((line) => line + "\n").join(""));
  try {
    while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) return false;
    throw error;
  }
}
