import type { Datagram } from "../protocol/datagram.ts";
import type { ClientMessage, ServerMessage } from "../protocol/message.ts";

/** What each verb between client and registry is for, in a few words: `docs/PROTOCOL.md` has all of it. */
export const MEANINGS: Readonly<Record<(ClientMessage | ServerMessage)["verb"], string>> = {
  REGISTER: "into the room, under that name; offers of private chats go to that address",
  BROADCAST: "to everybody in the room",
  QUIT: "out of the room",
  LIST: "who is here, oneself first",
  UPDATE: "somebody came or left",
  ERROR: "refused",
  CAPS:
    "what this side understands; the nonces are signed, so that keys are proven for this connection",
  IDENTITY: "the name's key, with its signature over both nonces",
  ROSTER: "who is here, with their keys, oneself first",
  PING: "are you there?",
  PONG: "yes",
  SAY: "to everybody in the room, to be acknowledged",
  SAID: "somebody's message to the room, with its number",
  ACK: "the room has it, under that number",
  NAK: "refused; nobody gets it",
  WELCOME: "in; the token lets a lost session go on",
  RESUME: "goes on with a lost session, from these numbers",
  JOINED: "somebody came",
  LEFT: "somebody left",
  GAP: "so many messages were not kept for us",
  RETRY: "come back after so many seconds",
  REPLAY: "what was said last, before we came?",
  REPLAYING: "so many of the last messages follow, of so many that the registry gives",
  PAST: "a message from before we came, and how many seconds ago it was said",
  REPLAYED: "these were all",
  PASS: "hands an offer, or the answer to one, to that session",
  PASSED: "an offer, or the answer to one, from that session",
  UNPASSED: "what was to be handed on came to nothing",
  MEET:
    "wants a private link through here with that session; it opens once the other one wants it, too",
  MET: "the link is there; so much may be under way, in a second, in all, for so long",
  RELAY: "sealed bytes of a private link, handed on as they are",
  TAKEN: "so much of the link's has been read",
  PART: "ends the link",
  PARTED: "the link is over, or there is none",
  OBSERVE: "what address do you see?",
  OBSERVED: "the address that it sees; with the token it tells the same by UDP",
};

/** The same of datagrams. */
export const DATAGRAM_MEANINGS: Readonly<Record<Datagram["kind"], string>> = {
  offer: "a private chat: dial this TCP port at the address that this comes from",
  answer: "what has become of an offer",
  observe: "from where do you see this come?",
  observed: "from there",
};
