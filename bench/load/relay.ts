import { concatBytes } from "../../lib/protocol/bytes.ts";
import { encodeFrame } from "../../lib/protocol/frame.ts";
import { identityOf, newSeed } from "../../lib/crypto/identity.ts";
import { decodeUtf8 } from "../../lib/protocol/utf8.ts";
import { type FrameSink, FrameWalker } from "./frames.ts";
import { type Marks, type Measured, Span } from "./marks.ts";
import { NotServed } from "./member.ts";
import { pause } from "./pause.ts";
import { LoadSocket } from "./socket.ts";

/** Pairs that say as much to each other through the registry as its window lets them. */
export interface RelayOptions {
  readonly port: number;
  readonly prefix: string;
  readonly pairs: number;
  /** Of the pairs, those whose receiver takes nothing. */
  readonly stalled: number;
  /** Of one message, before base64. */
  readonly bytes: number;
  readonly warmMs: number;
  readonly measureMs: number;
}

/** What came of it. */
export interface RelayFigures extends Measured {
  /** Messages that arrived at each pair that reads. */
  readonly each: readonly number[];
}

const JOIN_MS = 5_000;

/** One side of a pair. */
class Side implements FrameSink {
  readonly #link: string;
  readonly #message: Uint8Array;
  readonly #weight: number;
  readonly #walker = new FrameWalker();
  #socket: LoadSocket | undefined;
  #window = 0;
  #sent = 0;
  #taken = 0;
  #told = 0;
  #isSending = false;
  /** Messages that have come. */
  came = 0;
  /** Takes nothing of what comes, so that its sender stops. */
  isStalled = false;
  session = "";
  caps: string | undefined;
  isOver = false;

  constructor(link: string, bytes: number) {
    this.#link = link;
    const payload = `RELAY:${link}:${crypto.getRandomValues(new Uint8Array(bytes)).toBase64()}`;
    this.#message = encodeFrame(payload);
    this.#weight = Math.max(256, payload.length);
  }

  get isOpen(): boolean {
    return this.#window > 0;
  }

  async join(port: number, name: string): Promise<void> {
    const nonce = crypto.getRandomValues(new Uint8Array(16)).toHex();
    this.#socket = await LoadSocket.open(port, {
      received: (chunk) => this.#walker.walk(chunk, this),
      ended: () => this.isOver = true,
    });
    this.say(`CAPS:1:${nonce}:keys,relay`);
    await until(() => this.caps !== undefined);
    const [, , registryNonce = "", key = "", , capabilities = ""] = this.caps?.split(":") ?? [];
    if (!capabilities.split(",").includes("relay")) throw new NotServed();
    const identity = identityOf(newSeed(), false);
    const signed = [key, name, "session", nonce, registryNonce];
    const signature = identity.sign("confab-register-v1", signed);
    this.say(`IDENTITY:${name}:${identity.publicKey}:session:${signature}`);
    this.say(`REGISTER:${name}:127.0.0.1:5001`);
    await until(() => this.session !== "");
  }

  say(payload: string): void {
    this.#socket?.write(encodeFrame(payload));
  }

  /** Says as much as is taken, from now on. */
  begin(): void {
    this.#isSending = true;
    this.#fill();
  }

  close(): void {
    this.#isSending = false;
    this.#socket?.close();
  }

  frame(view: DataView, start: number, end: number): void {
    // R of RELAY: the others are few.
    if (view.getUint8(start) === 0x52 && view.getUint8(start + 1) === 0x45) return this.#came();
    const text = decodeUtf8(new Uint8Array(view.buffer, view.byteOffset + start, end - start));
    const fields = text.split(":");
    if (fields[0] === "CAPS") this.caps = text;
    else if (fields[0] === "ROSTER" && this.session === "") this.session = fields[5] ?? "";
    else if (fields[0] === "MET") this.#window = Number(fields[3]);
    else if (fields[0] === "TAKEN") {
      this.#taken = Number(fields[2]);
      this.#fill();
    }
  }

  #came(): void {
    this.came++;
    const weight = this.came * this.#weight;
    if (this.isStalled || weight - this.#told < this.#window / 4) return;
    this.#told = weight;
    this.say(`TAKEN:${this.#link}:${weight}`);
  }

  #fill(): void {
    if (!this.#isSending) return;
    const room = this.#window - this.#sent + this.#taken;
    const count = Math.floor(room / this.#weight);
    if (count < 1) return;
    this.#sent += count * this.#weight;
    this.#socket?.write(concatBytes(Array<Uint8Array>(count).fill(this.#message)));
  }
}

/** Fills pairs, has one side of each speak, and counts what the other side gets. */
export async function relay(options: RelayOptions, marks: Marks): Promise<RelayFigures> {
  const { port, prefix, pairs, stalled, bytes, warmMs, measureMs } = options;
  const couples = Array.from({ length: pairs }, (_, i) => {
    const link = i.toString(16).padStart(32, "0");
    return { link, from: new Side(link, bytes), to: new Side(link, bytes), isStalled: i < stalled };
  });
  for (const [i, { link, from, to, isStalled }] of couples.entries()) {
    await from.join(port, `${prefix}a${i}`);
    await to.join(port, `${prefix}b${i}`);
    to.isStalled = isStalled;
    from.say(`MEET:${to.session}:${link}`);
    to.say(`MEET:${from.session}:${link}`);
    await until(() => from.isOpen && to.isOpen);
  }
  for (const { from } of couples) from.begin();
  await pause(warmMs);
  const reading = couples.filter(({ isStalled }) => !isStalled);
  const span = await Span.begin(marks);
  const before = reading.map(({ to }) => to.came);
  await pause(measureMs);
  const each = reading.map(({ to }, i) => to.came - (before[i] ?? 0));
  const measured = await span.end();
  if (couples.some(({ from, to }) => from.isOver || to.isOver)) throw new Error("one was closed");
  for (const { from, to } of couples) {
    from.close();
    to.close();
  }
  return { each, ...measured };
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + JOIN_MS;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error("the pairs did not meet in time");
    await pause(1);
  }
}
