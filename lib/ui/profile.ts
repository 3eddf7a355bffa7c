import { type Flags, UsageError } from "./flags.ts";

/** The profile where none is named. */
export const DEFAULT_PROFILE = "default";

/**
 * Which stored values `--profile` or `--ephemeral` ask for; `undefined`: none, and none are stored.
 *
 * @throws {UsageError}
 */
export function checkProfile(flags: Flags): string | undefined {
  const profile = flags.text("profile");
  if (flags.has("ephemeral")) {
    if (profile === undefined) return undefined;
    throw new UsageError("--profile and --ephemeral exclude each other");
  }
  if (profile !== undefined && !/^[A-Za-z0-9_-]{1,32}$/.test(profile)) {
    throw new UsageError(`--profile takes 1 to 32 letters, digits, - and _, not ${profile}`);
  }
  return profile ?? DEFAULT_PROFILE;
}
