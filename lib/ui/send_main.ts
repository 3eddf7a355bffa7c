import { Client } from "../peer/client.ts";
import { complain, exitCodeOf } from "./complaint.ts";
import { completeJoining } from "./joining.ts";
import { splitIntoMessages } from "./message_split.ts";
import { parseSendFlags, ROOM, SEND_HELP, type SendConfig } from "./send_flags.ts";
import { Sending } from "./sending.ts";
import { onStopSignal } from "./signals.ts";
import { takeStdinLine } from "./stdin_lines.ts";
import { writeLines } from "./stdout.ts";

type Run = Extract<SendConfig, { mode: "run" }>;

/** Broadcasts on their way at most: the client paces them, and its own queue is bounded. */
const MAX_PENDING = 200;
/** Between two looks at how many there are, in milliseconds: no event tells it. */
const LOOK_MS = 20;

/**
 * Runs `send`; resolves to the exit code.
 *
 * @param args those after `send`
 */
export async function sendMain(args: readonly string[]): Promise<number> {
  return await exitCodeOf(() => send(args), "send --help");
}

async function send(args: readonly string[]): Promise<number> {
  const config = parseSendFlags(args);
  if (config.mode === "help") return writeLines([SEND_HELP.trimEnd()]) ? 0 : 1;
  const joined = await completeJoining(config.joining);
  if (!joined) return 1;
  const first = config.lines ? [] : splitIntoMessages(config.text ?? await allOfStdin());
  if (!config.lines && first.length === 0) {
    complain("nothing to send: standard input is empty");
    return 1;
  }
  const sending = new Sending(config.to);
  const client = new Client(
    { ...joined.options, onEvent: (event) => sending.heard(event) },
    joined.keys,
  );
  using _signals = onStopSignal(() => {
    sending.fail("quit", "asked to end before all was said");
    client.quit();
  });
  const isIn = await client.registered.then(() => true, () => false);
  if (isIn) {
    // What nobody says is not waited for: lines may take as long as they take.
    await say(config, client, sending, config.lines ? linesOfStdin() : first);
    await leave(config, client, sending);
  }
  const outcome = await client.finished;
  const { code, message } = sending.failure ?? { code: outcome.reason, message: outcome.message };
  if (!sending.failure && outcome.reason === "quit" && message === "") return 0;
  complain(message, code);
  return 1;
}

/** Says each text, until one of them fails. */
async function say(
  { to, wait }: Run,
  client: Client,
  sending: Sending,
  texts: Iterable<string> | AsyncIterable<string>,
): Promise<void> {
  let isFirst = true;
  for await (const text of texts) {
    if (to === ROOM) {
      client.broadcast(text);
      while (client.pending > MAX_PENDING && !sending.failure) await pause(LOOK_MS);
    } else {
      client.chat(to, text);
      // Later ones wait here: of those that wait for a chat the client takes few.
      if (isFirst) await opened(client, sending, to, wait);
      isFirst = false;
    }
    if (sending.failure) return;
  }
  sending.done();
}

/** Waits until the chat is open, has failed, or the time is over. */
async function opened(client: Client, sending: Sending, to: string, wait: number): Promise<void> {
  const timer = setTimeout(() => {
    sending.outOfTime(wait);
    client.command({ command: "close", to });
  }, wait * 1_000);
  await sending.decided;
  clearTimeout(timer);
}

/** Leaves once all is written, or acknowledged in time. */
async function leave({ to, wait }: Run, client: Client, sending: Sending): Promise<void> {
  const giveUp = (): void => {
    sending.fail("no-answer", `the registry has not acknowledged all within ${wait} s`);
    client.abort();
  };
  const timer = to === ROOM ? setTimeout(giveUp, wait * 1_000) : undefined;
  await client.quit({ drain: !sending.failure });
  clearTimeout(timer);
}

/** Standard input, without the line end at its end. */
async function allOfStdin(): Promise<string> {
  const lines: string[] = [];
  for (let line = await takeStdinLine(); line !== undefined; line = await takeStdinLine()) {
    lines.push(line);
  }
  return lines.join("\n");
}

async function* linesOfStdin(): AsyncGenerator<string> {
  for (let line = await takeStdinLine(); line !== undefined; line = await takeStdinLine()) {
    yield* splitIntoMessages(line);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
