/**
 * What `docs/PROTOCOL.md` says in a form that a test can hold against the code.
 *
 * @module
 */
import { bytesOf } from "./vectors.ts";

/** The heading of the section whose examples are sealed. */
export const LINK_SECTION = "### 9.1 Between two users with keys";

/** A text and its bytes in hexadecimal. */
export interface Example {
  readonly text: string;
  readonly hex: string;
}

const HEX_BLOCK = /(?:^ {4}[0-9a-f]{2}(?: [0-9a-f]{2})*\n)+/gm;

/** The page. Needs `--allow-read`. */
export function readPage(): string {
  return Deno.readTextFileSync(new URL("../../docs/PROTOCOL.md", import.meta.url));
}

/**
 * A section with its heading, up to the next heading of its level or one above.
 *
 * @throws {RangeError} unless there is just one of that heading
 */
export function sectionOf(page: string, heading: string): string {
  const [before, after, ...more] = page.split(`\n${heading}\n`);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new RangeError(`Cannot tell the section "${heading}": has the page changed?`);
  }
  const level = heading.indexOf(" ");
  const end = after.search(new RegExp(`^#{1,${level}} `, "m"));
  return `${heading}\n${end < 0 ? after : after.slice(0, end)}`;
}

/** Every block of bytes in hexadecimal, in the order of the page. */
export function hexBlocks(page: string): string[] {
  return Array.from(page.matchAll(HEX_BLOCK), ([block]) => bytesOf(block).toHex());
}

/** A text and, one empty line on, its bytes; or a datagram, which is a text alone. */
export function examplesOf(page: string): Example[] {
  const framed = page.matchAll(/^ {4}(.+)\n\n((?: {4}[0-9a-f]{2}(?: [0-9a-f]{2})*\n)+)/gm);
  return [
    ...Array.from(framed, ([, text = "", hex = ""]) => ({ text, hex: bytesOf(hex).toHex() })),
    ...datagramsOf(page).map((text) => ({ text, hex: new TextEncoder().encode(text).toHex() })),
  ];
}

/** The texts of the datagrams. */
export function datagramsOf(page: string): string[] {
  return Array.from(page.matchAll(/^```json\n(.+)\n```$/gm), ([, text = ""]) => text);
}

/**
 * What the groups of `pattern` matched.
 *
 * @throws {RangeError} unless the page has it just once
 */
export function told(page: string, pattern: RegExp): string[] {
  const [match, ...more] = page.matchAll(new RegExp(pattern, `${pattern.flags}g`));
  if (!match || more.length > 0) {
    throw new RangeError(`Cannot find ${pattern} once: has the page changed?`);
  }
  return match.slice(1);
}
