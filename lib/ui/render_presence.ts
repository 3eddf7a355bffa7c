import { baseName } from "../protocol/name.ts";
import { safe } from "./safe.ts";
import type { Style } from "./style.ts";

/** Names that are told; of more, how many. */
const MAX_NAMES = 5;

/** Who came, or who left, in one line. */
export function renderPresence(
  what: "join" | "leave",
  names: readonly string[],
  style: Style,
): string[] {
  const [first] = names;
  if (first === undefined) return [];
  const told = names.length > MAX_NAMES + 1 ? names.slice(0, MAX_NAMES) : names;
  const rest = names.length - told.length;
  const list = told.map((name) => safe`${name}`).join(", ") +
    (rest > 0 ? ` and ${rest} others` : "");
  if (what === "leave") return [style.dim(`- ${list} left`)];
  const base = baseName(first);
  const which = names.length > 1 || base === first ? "" : safe` (another session of ${base})`;
  return [style.dim(`+ ${list} joined${which}`)];
}
