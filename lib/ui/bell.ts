/** What rings: nothing; private texts and invites; those and texts with our name in them; every text. */
export type BellPolicy = "off" | "private" | "mention" | "all";

/** Every policy, the default first. */
export const BELL_POLICIES: readonly BellPolicy[] = ["off", "private", "mention", "all"];
