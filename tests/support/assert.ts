// The typed face of `@std/assert`, for tests; see docs/decisions/0001-std-from-npm.md.
import * as untyped from "@std/assert";

// deno-lint-ignore no-explicit-any -- an error class with any constructor, as in the original.
type ErrorClass<E extends Error> = abstract new (...args: any[]) => E;

export const assert: (expr: unknown, msg?: string) => asserts expr = untyped.assert;
export const assertEquals: <T>(actual: T, expected: T, msg?: string) => void = untyped.assertEquals;
export const assertNotEquals: <T>(actual: T, expected: T, msg?: string) => void =
  untyped.assertNotEquals;
export const assertMatch: (actual: string, expected: RegExp, msg?: string) => void =
  untyped.assertMatch;
export const assertStringIncludes: (actual: string, expected: string, msg?: string) => void =
  untyped.assertStringIncludes;
export const assertThrows: <E extends Error = Error>(
  fn: () => unknown,
  errorClass?: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
) => E = untyped.assertThrows;
export const assertRejects: <E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  errorClass?: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
) => Promise<E> = untyped.assertRejects;
