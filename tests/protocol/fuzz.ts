/**
 * Random and mutated input: a decoder gives back a value or throws `ProtocolError`, nothing else ever;
 * and what it gives back is written and read as the same value again.
 *
 * `CONFAB_SEED=<number> deno test --allow-env=CONFAB_SEED tests/protocol/fuzz_test.ts` repeats a run.
 *
 * @module
 */
import { assertEquals } from "../support/assert.ts";
import { ProtocolError } from "../../lib/protocol/error.ts";
import {
  chunked,
  concat,
  decode,
  decoderFor,
  encode,
  isStream,
  parse,
  type StreamKind,
} from "./codecs.ts";
import { Dice } from "../support/dice.ts";
import { bytesOf, type Message, VECTORS } from "./vectors.ts";

/** What the formats are made of, for mutations that get past the first check. */
const TOKENS = [
  ...["00000000", "00000001", "00010000", "00010001", "ffffffff", "0d0a", "0d", "0a", "3a", "3a3a"],
  ...["5b", "5d", "25", "5b3a3a315d", "3a3a312e322e332e34", "30", "2d31", "3635353336", "efbbbf"],
  ...["ff", "c3", "eda080", "f09f9982", "22", "7b", "7d", "5c75643830", "6e756c6c", "316530"],
  // `~`, `-`, `,`, `.`, `:-:`, `:~`, `.1:`, 2^53 - 1, 2^53, 16 hexadecimal digits, `session`.
  ...["7e", "2d", "2c", "2e", "3a2d3a", "3a7e", "2e313a", "39303037313939323534373430393931"],
  ...["39303037313939323534373430393932", "3a30313233343536373839616263646566", "73657373696f6e"],
].map(bytesOf);

/** Every kind of message. */
export const KINDS: readonly Message["kind"][] = [...new Set(VECTORS.map(({ kind }) => kind))];
const samples = (kind: Message["kind"]) =>
  VECTORS.filter((vector) => vector.kind === kind).map(({ hex }) => bytesOf(hex));

/** `bytes` with up to four faults, or none. */
function mutate(bytes: Uint8Array, random: Dice): Uint8Array {
  let mutant = bytes.slice();
  for (let faults = random.below(5); faults > 0; faults--) {
    const at = random.below(mutant.length + 1);
    const [head, tail] = [mutant.subarray(0, at), mutant.subarray(at)];
    const cut = tail.subarray(random.below(6));
    mutant = random.pick([
      () => concat(head, random.pick(TOKENS), tail),
      () => concat(head, random.pick(TOKENS), cut),
      () => concat(head, cut),
      () => concat(head, Uint8Array.of(random.below(256)), tail.subarray(1)),
      () => concat(head, head.subarray(random.below(head.length + 1)), tail),
      () => head,
    ])();
  }
  return mutant;
}

/** A payload after the right header, so that mutations reach the parser of what is inside. */
function reframed(kind: StreamKind, bytes: Uint8Array, random: Dice): Uint8Array {
  if (kind.startsWith("classic")) return concat(mutate(bytes.subarray(0, -2), random), CR_LF);
  const payload = mutate(bytes.subarray(4), random);
  return concat(Uint8Array.of(0, 0, payload.length >> 8, payload.length & 0xff), payload);
}

const CR_LF = Uint8Array.of(0x0d, 0x0a);

/** A stream, or one unit, of `kind`: noise, a mutant, or several mutants of what is inside. */
function input(kind: Message["kind"], random: Dice): Uint8Array {
  if (random.below(8) === 0) return random.bytes(random.below(200));
  const sample = () => random.pick(samples(kind));
  if (!isStream(kind) || random.below(4) === 0) return mutate(sample(), random);
  const units = Array.from({ length: 1 + random.below(3) }, () => reframed(kind, sample(), random));
  return concat(...units);
}

/** `read()`, or `undefined` if the other side is to blame; what else it throws is a bug. */
function refusable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}

/** How many payloads, lines or datagrams of `kind` in `bytes` were messages, and how many were not. */
function feed(kind: Message["kind"], bytes: Uint8Array, random: Dice): [good: number, bad: number] {
  const score: [number, number] = [0, 0];
  for (const unit of isStream(kind) ? unitsIn(kind, bytes, random) : [bytes]) {
    const value = refusable(() => parse(kind, unit));
    score[value === undefined ? 1 : 0]++;
    // To a classic client some of it is masked, split or hidden.
    if (value === undefined || kind === "classic server") continue;
    assertEquals(decode(kind, [encode({ kind, value } as Message)]), [value]);
  }
  return score;
}

/** The payloads or lines in `bytes`, as far as the stream is good. */
function* unitsIn(kind: StreamKind, bytes: Uint8Array, random: Dice): Generator<Uint8Array> {
  const decoder = decoderFor(kind);
  const cuts = Array.from({ length: random.below(6) }, () => random.below(40));
  for (const chunk of chunked(bytes, cuts)) {
    decoder.push(chunk);
    for (;;) {
      const read = refusable(() => [decoder.next()]);
      if (read === undefined) return;
      const [unit] = read;
      if (unit === undefined) break;
      yield unit;
    }
  }
}

/**
 * Feeds inputs of one kind until `enough`, and checks each: a value or a `ProtocolError`.
 *
 * @param enough asked before each input, with the number of those fed so far
 * @returns how many were messages, and how many were refused
 */
export function fuzz(
  kind: Message["kind"],
  seed: number,
  enough: (count: number) => boolean,
): { good: number; bad: number } {
  const random = new Dice(seed);
  let [good, bad] = [0, 0];
  for (let count = 0; !enough(count); count++) {
    const bytes = input(kind, random);
    try {
      const [more, worse] = feed(kind, bytes, random);
      good += more;
      bad += worse;
    } catch (cause) {
      const where = `CONFAB_SEED=${seed}, input ${count}: ${bytes.toHex()}`;
      throw new Error(`${where}: ${String(cause)}`, { cause });
    }
  }
  return { good, bad };
}
