import { type Client, joinRegistry } from "../../mod.ts";
import { type Marks, type Measured, Span } from "./marks.ts";
import { pause } from "./pause.ts";

/** Which two users chat. */
export interface ChatOptions {
  readonly port: number;
  /** Our own name. */
  readonly username: string;
}

/** One who sends as fast as the other one reads. */
export interface SenderOptions extends ChatOptions {
  readonly peer: string;
  /** Of each text. */
  readonly bytes: number;
  /** Texts on their way at most. */
  readonly window: number;
  readonly warmMs: number;
  readonly measureMs: number;
}

/** What came of it. */
export interface SenderFigures extends Measured {
  /** Texts that the other one has told to have read. */
  readonly texts: number;
}

/** What the other one has seen. */
export interface ReceiverFigures {
  readonly texts: number;
  readonly disordered: number;
}

/** The receiver answers one text in so many. */
const ANSWER_EVERY = 64;
/** Digits of a text's number, at its start. */
const NUMBER_DIGITS = 10;

/** Sends numbered texts over a private link, as a program with the library would, for as long as it is told. */
export async function privateSender(options: SenderOptions, marks: Marks): Promise<SenderFigures> {
  const { peer, bytes, window, warmMs, measureMs } = options;
  await using client = await join(options);
  const filler = "x".repeat(bytes - NUMBER_DIGITS);
  let sent = 0;
  let read = 0;
  let running = true;
  const topUp = (): void => {
    while (running && sent - read < window) client.chat(peer, numbered(sent++, filler));
  };
  const opened = Promise.withResolvers<void>();
  const hearing = hear(client, {
    opened: opened.resolve,
    text: () => {
      read += ANSWER_EVERY;
      topUp();
    },
  });
  client.command({ command: "start", to: peer });
  await opened.promise;
  topUp();
  await pause(warmMs);
  const span = await Span.begin(marks);
  const before = read;
  await pause(measureMs);
  const texts = read - before;
  const measured = await span.end();
  running = false;
  await client.quit();
  await hearing;
  return { texts, ...measured };
}

/** Reads numbered texts until the chat ends, and tells of each {@linkcode ANSWER_EVERY} of them. */
export async function privateReceiver(
  options: ChatOptions,
  marks: Marks,
): Promise<ReceiverFigures> {
  await using client = await join(options);
  let texts = 0;
  let disordered = 0;
  const hearing = hear(client, {
    opened: () => {},
    text: (text, from) => {
      if (Number(text.slice(0, NUMBER_DIGITS)) !== texts) disordered++;
      if (++texts % ANSWER_EVERY === 0) client.chat(from, numbered(texts, ""));
    },
  });
  await marks.reached("begin");
  await hearing;
  return { texts, disordered };
}

function join({ port, username }: ChatOptions): Promise<Client> {
  return joinRegistry({ port, username, accept: "all" });
}

function numbered(number: number, filler: string): string {
  return String(number).padStart(NUMBER_DIGITS, "0") + filler;
}

/** Hears a client's events until its chat, or it, has ended. */
async function hear(
  client: Client,
  heard: { opened: () => void; text: (text: string, from: string) => void },
): Promise<void> {
  for await (const event of client.events()) {
    if (event.event === "private") heard.text(event.text, event.from);
    else if (event.event === "session" && event.state === "open") heard.opened();
    else if (event.event === "session") return;
    else if (event.event === "error") throw new Error(`${event.code}: ${event.message}`);
  }
}
