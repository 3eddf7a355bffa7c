import type { WireEvent } from "../peer/events.ts";
import { safe } from "./safe.ts";

/** Bytes in hexadecimal on one line. */
const HEX_DIGITS = 64;

/** Something that travels: what it is, and its first bytes below; safe for a terminal. */
export function renderWire({ direction, channel, peer, bytes, text, hex }: WireEvent): string[] {
  const whose = peer === undefined ? "" : safe` ${peer}`;
  const line = `~ ${direction.padEnd(3)} ${channel}${whose} ${bytes} B  ` + safe`${text}`;
  if (hex === undefined || hex === "") return [line];
  const shown = hex.slice(0, HEX_DIGITS).replace(/..(?!$)/g, "$& ");
  return [line, `~       ${shown}${bytes > hex.length / 2 ? " …" : ""}`];
}
