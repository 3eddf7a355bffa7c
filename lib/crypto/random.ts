/** So many lower-case hexadecimal digits, an even number, that nobody can guess. */
export function randomHex(digits: number): string {
  return crypto.getRandomValues(new Uint8Array(digits / 2)).toHex();
}
