import { taskArgs } from "../tests/support/program.ts";
import type { Bed } from "./bed.ts";
import { type Child, NotMeasured } from "./child.ts";
import { machineCpuSeconds } from "./process_figures.ts";
import { type Row, rowOf, type Section } from "./section.ts";

const MIB = 1_024 * 1_024;

/** Bytes from one program to another over loopback: ours, and what others would use. */
export const PIPE: Section = {
  key: "pipe",
  title: "Pipe: zeros from one process to another over loopback, a core each",
  columns: [
    { key: "what", title: "what" },
    { key: "mib", title: "MiB" },
    { key: "rate", title: "MB/s" },
    { key: "ratio", title: "of ncat", digits: 2 },
    { key: "machine", title: "machine %" },
  ],
  async *measure(bed) {
    const mib = bed.quick ? 256 : 1_024;
    const ways: [string, (bed: Bed, bytes: number) => Promise<Figures>][] = [
      ["ncat, not encrypted", ncat],
      ["confab-client pipe", confab],
      ["scp, with its handshake", scp],
    ];
    let plain: number | undefined;
    for (const [what, measure] of ways) {
      const row = await rowOf({ what, mib }, async () => ({ ...await measure(bed, mib * MIB) }));
      if (measure === ncat) plain = Number(row["rate"]) || undefined;
      const ratio = plain === undefined ? undefined : Number(row["rate"]) / plain;
      yield { ...row, ratio: ratio === undefined || isNaN(ratio) ? undefined : ratio };
    }
  },
};

type Figures = Row & { readonly rate: number };

async function confab(bed: Bed, bytes: number): Promise<Figures> {
  await using server = await bed.startServer();
  const names = [bed.nextPrefix(), bed.nextPrefix()] as const;
  const pipe = (...args: string[]): string =>
    [Deno.execPath(), ...taskArgs("client"), "pipe", ...args, "--ephemeral"]
      .concat("--port", String(server.port)).map((arg) => `'${arg}'`).join(" ");
  const [ann, bob] = names;
  await using taking = bed.shell(
    `${pipe("--from", ann, "--username", bob)} 2>&3 | wc -c`
      .replace(/^/, "exec 3>&1; "),
    "load",
  );
  await taking.until("waiting for");
  await using sending = bed.shell(
    `${input(bytes)} | ${pipe(bob, "--username", ann)} 2>&1`,
    "server",
  );
  await sending.until("sending to");
  return await timed(sending, taking, bytes);
}

async function ncat(bed: Bed, bytes: number): Promise<Figures> {
  await needs(bed, "ncat");
  const port = anyPort();
  await using taking = bed.shell(
    `exec 3>&1; ncat -v -l --recv-only 127.0.0.1 ${port} 2>&3 | wc -c`,
    "load",
  );
  await taking.until("Listening on");
  await using sending = bed.shell(
    `${input(bytes)} | ncat -v --send-only 127.0.0.1 ${port} 2>&1`,
    "server",
  );
  await sending.until("Connected");
  return await timed(sending, taking, bytes);
}

/** An `sshd` with keys of its own; from a file that is in the cache to nowhere. */
async function scp(bed: Bed, bytes: number): Promise<Figures> {
  for (const tool of ["scp", "ssh-keygen", "/usr/sbin/sshd"]) await needs(bed, tool);
  const folder = await Deno.makeTempDir({ prefix: "confab-bench-" });
  try {
    const port = anyPort();
    await bed.shell(
      `cd '${folder}' && ssh-keygen -q -t ed25519 -N '' -f host && ssh-keygen -q -t ed25519 -N '' -f user` +
        ` && cp user.pub allowed && head -c ${bytes} /dev/zero > data && mkdir -p /run/sshd; echo made`,
      "load",
    ).until("made");
    await using _sshd = bed.shell(
      `exec /usr/sbin/sshd -D -e -f /dev/null -p ${port} -h '${folder}/host' -o ListenAddress=127.0.0.1` +
        ` -o AuthorizedKeysFile='${folder}/allowed' -o StrictModes=no -o PidFile=none` +
        ` -o PermitRootLogin=yes -o Subsystem='sftp internal-sftp' 2>&1`,
      "server",
    );
    await _sshd.until("listening on");
    const began = await begin();
    await using taking = bed.shell(
      `scp -q -P ${port} -i '${folder}/user' -o IdentitiesOnly=yes -o StrictHostKeyChecking=no` +
        ` -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR "$(id -un)@127.0.0.1:${folder}/data"` +
        ` '${folder}/copy' 2>&1; wc -c < '${folder}/copy'`,
      "load",
    );
    await taking.until(`${bytes}\n`);
    return await figures(began, bytes);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Zeros, once a line was typed. */
function input(bytes: number): string {
  return `(read go; exec head -c ${bytes} /dev/zero)`;
}

async function timed(sending: Child, taking: Child, bytes: number): Promise<Figures> {
  const began = await begin();
  await sending.type("go");
  await taking.until(`${bytes}\n`);
  return await figures(began, bytes);
}

async function begin(): Promise<{ at: number; machine: number | undefined }> {
  return { machine: await machineCpuSeconds(), at: performance.now() };
}

async function figures(
  { at, machine }: { at: number; machine: number | undefined },
  bytes: number,
): Promise<Figures> {
  const seconds = (performance.now() - at) / 1_000;
  const now = await machineCpuSeconds();
  const used = now === undefined || machine === undefined ? undefined : now - machine;
  return {
    rate: bytes / seconds / 1e6,
    machine: used === undefined ? undefined : used / seconds * 100,
  };
}

/** @throws {NotMeasured} if the tool is not there */
async function needs(bed: Bed, tool: string): Promise<void> {
  await using found = bed.shell(`command -v ${tool} || echo missing`, "load");
  if ((await found.nextLine()) === "missing") throw new NotMeasured(`${tool} is not here`);
}

/** Most likely free; the row says so if it is not. */
function anyPort(): number {
  return 20_000 + Math.floor(Math.random() * 10_000);
}
