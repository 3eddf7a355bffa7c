/** How a connection to the registry speaks. */
export type Dialect = "framed" | "classic";

/** The dialect that a connection's first byte chooses; `undefined` for one that is no dialect's. */
export function dialectOf(firstByte: number): Dialect | undefined {
  if (firstByte === 0x00) return "framed";
  if (firstByte === 0x52) return "classic"; // the R of REGISTER
  return undefined;
}
