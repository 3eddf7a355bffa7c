/** Edits that a slip of the fingers makes. */
const MAX_EDITS = 2;

/** The one of `choices` that `typed` was most likely meant to be; `undefined` if none is near. */
export function nearest(typed: string, choices: readonly string[]): string | undefined {
  if (typed.length > 32) return undefined;
  const limit = Math.min(MAX_EDITS, Math.floor(typed.length / 2));
  const [best] = choices
    .map((choice) => ({ choice, edits: editDistance(typed.toLowerCase(), choice) }))
    .filter(({ edits }) => edits <= limit)
    .toSorted((a, b) => a.edits - b.edits);
  return best?.choice;
}

/** Characters to put in, take out, replace or exchange with their neighbour (Damerau, restricted). */
export function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number): number => rows[i]?.[j] ?? 0;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      let edits = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + (isSame ? 0 : 1));
      const crossed = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (crossed) edits = Math.min(edits, at(i - 2, j - 2) + 1);
      row.push(edits);
    }
  }
  return at(a.length, b.length);
}
