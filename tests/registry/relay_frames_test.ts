/** What is read of bytes is what is read of text: the two ways to look at RELAY and TAKEN never differ. */
import { ProtocolError } from "../../lib/protocol/error.ts";
import { parseClientMessage } from "../../lib/protocol/message.ts";
import { encodeUtf8 } from "../../lib/protocol/utf8.ts";
import { hasRelayData, namesLink, relayVerb, takenCount } from "../../lib/registry/relay_frames.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { Dice, seedOfRun } from "../support/dice.ts";
import { LINK } from "../support/relay_bench.ts";

const DIGITS = encodeUtf8(LINK);

/** As {@linkcode parseClientMessage} sees it. */
function isGood(text: string): boolean {
  try {
    const { verb } = parseClientMessage(text);
    return verb === "RELAY" || verb === "TAKEN";
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return false;
  }
}

/** As the relay does. */
function isTaken(text: string): boolean {
  const payload = encodeUtf8(text);
  const verb = relayVerb(payload);
  if (!verb || !namesLink(payload, DIGITS)) return false;
  return verb === "RELAY" ? hasRelayData(payload) : takenCount(payload) !== undefined;
}

Deno.test("relay frames: bytes and text are read alike", () => {
  const seed = seedOfRun();
  const random = new Dice(seed);
  let good = 0;
  const alphabet = ["A", "Q", "E", "g", "w", "b", "+", "/", "=", "0", "9", "1", "-", ":", "\u00e8"];
  for (let i = 0; i < 30_000; i++) {
    const length = random.below(12);
    const common = random.below(2) === 0 ? 7 : alphabet.length;
    const rest = Array.from({ length }, () => random.pick(alphabet.slice(0, common))).join("");
    const padded = random.below(3) === 0 ? rest + "=".repeat(random.below(4)) : rest;
    const number = String(
      random.below(2) === 0 ? random.below(2 ** 31) : 2 ** 53 - 2 + random.below(4),
    );
    const tail = random.pick([padded, number, `0${number}`, "0", ""]);
    const text = random.pick(["RELAY:", "TAKEN:"]) + LINK + random.pick([":", ":", ":", ""]) + tail;
    assertEquals(isTaken(text), isGood(text), `CONFAB_SEED=${seed}: ${text}`);
    if (isTaken(text)) good++;
  }
  assert(good > 1_000, `CONFAB_SEED=${seed}: ${good} were good`);
});
