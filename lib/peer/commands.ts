/** What a client can be told to do. */
export type ClientCommand =
  | { readonly command: "broadcast"; readonly text: string }
  | { readonly command: "start" | "accept" | "reject" | "close" | "why"; readonly to: string }
  | { readonly command: TrustVerb; readonly to: string }
  /** Left out: the other way round than now. */
  | { readonly command: "wire"; readonly on?: boolean }
  | { readonly command: "chat"; readonly to: string; readonly text: string }
  | { readonly command: "peers" | "whoami" | "quit" };

/** What our user can decide about somebody's key, or about somebody. */
export type TrustVerb = "verify" | "verified" | "trust" | "forget" | "block" | "unblock";

/** Who may open a private chat without being asked about: DESIGN 6. */
export type AcceptPolicy = "ask" | "known" | "all" | "none";

/** Every policy, the default first. */
export const ACCEPT_POLICIES: readonly AcceptPolicy[] = ["ask", "known", "all", "none"];

/** Whether private chats may go through the registry where there is no direct way. */
export type RelayPolicy = "fallback" | "never";

/** Every policy, the default first. */
export const RELAY_POLICIES: readonly RelayPolicy[] = ["fallback", "never"];
