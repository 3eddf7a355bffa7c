/** The earliest of `times`; `undefined` if there is none. */
export function earliest(times: Iterable<number | undefined>): number | undefined {
  let first = Infinity;
  for (const time of times) if (time !== undefined && time < first) first = time;
  return first === Infinity ? undefined : first;
}
