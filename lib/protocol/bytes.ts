/** All `parts`, one after the other, in new memory. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** `memory` if so many bytes fit into it, else at least twice as much, with the first `used` bytes of it. */
export function withRoom(
  memory: Uint8Array<ArrayBuffer>,
  used: number,
  size: number,
): Uint8Array<ArrayBuffer> {
  if (size <= memory.length) return memory;
  const grown = new Uint8Array(Math.max(size, 2 * memory.length));
  grown.set(memory.subarray(0, used));
  return grown;
}
