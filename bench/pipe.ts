import { taskArgs } from "../tests/support/program.ts";
import type { Bed, Server } from "./bed.ts";
import { NotMeasured } from "./child.ts";
import { type Row, rowOf, type Section } from "./section.ts";

const BYTES = 1_024 * 1_024 * 1_024;
const QUICK_BYTES = BYTES / 4;

/** How fast bytes go from program to program, beside what people use for that. */
export const PIPE: Section = {
  key: "pipe",
  title: "Pipes: bytes from one process to another on this machine",
  columns: [
    { key: "what", title: "what" },
    { key: "megabytes", title: "MB/s" },
    { key: "ratio", title: "`pipe` is so many times that", digits: 2 },
  ],
  async *measure(bed) {
    const bytes = bed.quick ? QUICK_BYTES : BYTES;
    await using server = await bed.startServer();
    const pipe = await rowOf(
      { what: "`confab-client pipe`, encrypted" },
      () => ours(bed, server, bytes),
    );
    yield pipe;
    for (
      const [what, measure] of [
        ["`ncat`, not encrypted", ncat],
        ["`scp`, with its handshake", scp],
      ] as const
    ) {
      const row = await rowOf({ what }, () => measure(bed, bytes));
      const [mine, its] = [pipe["megabytes"], row["megabytes"]];
      const isKnown = typeof mine === "number" && typeof its === "number";
      yield { ...row, ...(isKnown && { ratio: mine / its }) };
    }
  },
};

/** From the moment at which both ends know each other. */
async function ours(bed: Bed, { port }: Server, bytes: number): Promise<Row> {
  const [ann, bob] = [bed.nextPrefix(), bed.nextPrefix()];
  const program = [Deno.execPath(), ...taskArgs("client"), "pipe"];
  const where = ["--ephemeral", "--port", String(port)];
  const taking = [...program, "--from", ann, "--username", bob, ...where];
  const giving = [...program, bob, "--username", ann, ...where];
  await using receiver = bed.shell('exec "$0" "$@" 2>&1 >/dev/null', taking);
  await receiver.until("waiting for");
  await using sender = bed.shell(`head -c ${bytes} /dev/zero | "$0" "$@" 2>&1`, giving);
  await sender.until("sending to");
  const began = performance.now();
  const told = [await sender.allOutput(), await receiver.allOutput()];
  const rate = rateOf(bytes, began);
  if (!told.every((text) => text.includes("all there"))) throw new NotMeasured(told.join("; "));
  return rate;
}

async function ncat(bed: Bed, bytes: number): Promise<Row> {
  await needs(bed, "ncat");
  const port = anyPort();
  await using receiver = bed.shell(
    'ncat -v -l --recv-only 127.0.0.1 "$1" 2>&1 >/dev/null',
    ["sh", String(port)],
  );
  await receiver.until("Listening");
  const began = performance.now();
  const send = `head -c ${bytes} /dev/zero | ncat --send-only 127.0.0.1 "$1" 2>&1`;
  await using sender = bed.shell(send, ["sh", String(port)]);
  await sender.allOutput();
  await receiver.allOutput();
  return rateOf(bytes, began);
}

/** With a server and keys of its own, for this one file of zeros, which takes no room on the disk. */
async function scp(bed: Bed, bytes: number): Promise<Row> {
  await needs(bed, "scp");
  await needs(bed, "/usr/sbin/sshd");
  const folder = await Deno.makeTempDir();
  try {
    const port = anyPort();
    await using server = bed.shell(SSH_SERVER, ["sh", folder, String(port), String(bytes)]);
    await server.until("Server listening");
    const began = performance.now();
    await using copy = bed.shell(SSH_COPY, ["sh", folder, String(port)]);
    const told = await copy.allOutput();
    if (!told.includes("copied")) throw new NotMeasured(told.trim());
    return rateOf(bytes, began);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const SSH_SERVER = `
cd "$1" && ssh-keygen -q -t ed25519 -N '' -f host && ssh-keygen -q -t ed25519 -N '' -f user &&
truncate -s "$3" zeros && { mkdir -p /run/sshd || true; } &&
exec /usr/sbin/sshd -D -e -f /dev/null -p "$2" -o ListenAddress=127.0.0.1 -o HostKey="$1/host" \\
  -o AuthorizedKeysFile="$1/user.pub" -o StrictModes=no -o UsePAM=no -o PidFile=none \\
  -o Subsystem='sftp internal-sftp' 2>&1`;

const SSH_COPY = `
scp -q -P "$2" -i "$1/user" -o BatchMode=yes -o StrictHostKeyChecking=no \\
  -o UserKnownHostsFile=/dev/null "$1/zeros" "$(id -un)@127.0.0.1:/dev/null" 2>&1 && echo copied`;

async function needs(bed: Bed, program: string): Promise<void> {
  await using asked = bed.shell('command -v "$1" >/dev/null && echo yes', ["sh", program]);
  if (!(await asked.allOutput()).includes("yes")) throw new NotMeasured(`${program} is not here`);
}

/** Below those that the system gives away; should it not be free, the row says so. The bench itself may not listen. */
function anyPort(): number {
  return 20_000 + (crypto.getRandomValues(new Uint16Array(1))[0] ?? 0) % 10_000;
}

function rateOf(bytes: number, began: number): { megabytes: number } {
  return { megabytes: bytes / 1e3 / (performance.now() - began) };
}
