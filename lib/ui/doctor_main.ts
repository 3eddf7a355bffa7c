import { complain, exitCodeOf } from "./complaint.ts";
import { type Check, type Feature, featuresOf } from "./diagnosis.ts";
import { DoctorChecks } from "./doctor_checks.ts";
import { DOCTOR_HELP, parseDoctorFlags } from "./doctor_flags.ts";
import { toJsonLine } from "./escape.ts";
import { safe } from "./safe.ts";
import { writeLines } from "./stdout.ts";

const FEATURE_NAMES: Record<Feature["feature"], string> = {
  "room": "the room",
  "private": "private chats, direct",
  "private-nat": "private chats with those behind a NAT",
  "pipes": "pipes",
  "keys": "keys and history",
};

/**
 * Runs `doctor`; resolves to the exit code.
 *
 * @param args those after `doctor`
 */
export async function doctorMain(args: readonly string[]): Promise<number> {
  return await exitCodeOf(async () => {
    const config = parseDoctorFlags(args);
    if (config.mode === "help") return writeLines([DOCTOR_HELP.trimEnd()]) ? 0 : 1;
    const { json, server, port } = config;
    const checks = new DoctorChecks(config);
    const failed: Check[] = [];
    for await (const check of checks.run()) {
      if (check.status === "fail") failed.push(check);
      if (!writeLines([json ? toJsonLine(check) : checkLine(check)])) return 1;
    }
    const features = featuresOf(checks.findings);
    if (!json) writeLines(["", "What will work:"]);
    writeLines(features.map((feature) => json ? toJsonLine(feature) : featureLine(feature)));
    const [first] = failed;
    if (checks.findings.registry && !first) return 0;
    const why = first ? `${first.check}: ${first.text}` : "it does not answer as it should";
    complain(`${server} port ${port} cannot be joined: ${why}`);
    return 1;
  }, "doctor --help");
}

function checkLine({ check, status, text }: Check): string {
  return `${status.toUpperCase().padEnd(5)}${check.padEnd(10)}` + safe`${text}`;
}

function featureLine({ feature, works, text }: Feature): string {
  const word = works === "yes" ? "OK" : works === "if" ? "WARN" : "NO";
  return `${word.padEnd(5)}${FEATURE_NAMES[feature]}: ` + safe`${text}`;
}
