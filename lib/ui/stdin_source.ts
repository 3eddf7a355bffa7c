/** The most that is taken of standard input at once, in bytes. */
const READ_BYTES = 65_536;

const buffer = new Uint8Array(READ_BYTES);
let utf8: TextDecoder | undefined;
/** One read at a time, which outlives whoever began it: a read of a terminal cannot be called off. */
let pending: Promise<string | undefined> | undefined;

/**
 * Some of standard input that has not been taken yet: nothing is read ahead, so that after one reader
 * another one can go on, of lines or of keys.
 *
 * Until it is taken, each call gives the same piece.
 *
 * @returns `undefined` at its end
 */
export function peekStdin(): Promise<string | undefined> {
  return pending ??= read();
}

/**
 * Takes the piece that {@linkcode peekStdin} gave.
 *
 * @returns whether nobody else has
 */
export function takeStdin(piece: Promise<string | undefined>): boolean {
  if (pending !== piece) return false;
  pending = undefined;
  return true;
}

async function read(): Promise<string | undefined> {
  utf8 ??= new TextDecoder();
  try {
    for (;;) {
      const count = await Deno.stdin.read(buffer);
      if (count === null) return undefined;
      const text = utf8.decode(buffer.subarray(0, count), { stream: true });
      if (text !== "") return text;
    }
  } catch (error) {
    // A directory, a terminal that went away: no input is the end of input.
    if (!(error instanceof Error && "code" in error)) throw error;
    return undefined;
  }
}
