import { LocalStore } from "../store/local_store.ts";
import { forgetName } from "./names.ts";

/**
 * Takes `username` from the key that has it. A registry that runs with that profile sees it when the name is next
 * asked for.
 *
 * @returns whether it belonged to any
 * @throws {Error} if the store could not be read or written; the message is for people
 */
export async function forgetUsername(profile: string, username: string): Promise<boolean> {
  const problems: string[] = [];
  const store = new LocalStore(profile, (message) => problems.push(message));
  const found = forgetName(store, username);
  await store.settled();
  const [problem] = problems;
  if (problem !== undefined) throw new Error(problem);
  return found;
}
