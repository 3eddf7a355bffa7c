import process from "node:process";

/** Asks one question on the terminal. */
export interface Question {
  readonly message: string;
  /** Taken for an empty answer, and shown. */
  readonly default?: string;
  /** What is wrong with an answer, for people; `undefined` if nothing is. */
  readonly refuse: (answer: string) => string | undefined;
}

/**
 * Asks, until the answer will do.
 *
 * @param onStderr whether standard output is for something else
 * @returns the answer; `undefined` if the user gave up (Ctrl-C)
 */
export async function ask(question: Question, onStderr: boolean): Promise<string | undefined> {
  // Loaded here: who is asked nothing does not wait for it.
  const { default: input } = await import("@inquirer/input");
  const context = onStderr ? { output: process.stderr } : {};
  try {
    return await input({
      message: question.message,
      ...(question.default !== undefined && { default: question.default }),
      validate: (answer) => question.refuse(answer) ?? true,
    }, context);
  } catch (error) {
    if (error instanceof Error && error.name === "ExitPromptError") return undefined;
    throw error;
  }
}
