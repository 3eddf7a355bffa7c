/**
 * `docs/ndjson.schema.json` as something that lines are held against.
 *
 * @module
 */
import { type Schema, Validator } from "@cfworker/json-schema";
import document from "../../docs/ndjson.schema.json" with { type: "json" };

/** What a line can be. */
export type LineKind = "client-event" | "command" | "server-event" | "doctor-event";

/** One kind of event or command, as the schema has it. */
export interface Definition {
  readonly properties: Readonly<Record<string, unknown>>;
  readonly required: readonly string[];
  readonly examples: readonly Readonly<Record<string, unknown>>[];
}

/** Which part of the schema lists all of a kind. */
const LISTS = {
  "client-event": "clientEvent",
  "command": "clientCommand",
  "server-event": "serverEvent",
  "doctor-event": "doctorEvent",
} as const;

const $defs: Readonly<Record<string, unknown>> = document.$defs;
const validators = new Map<string, Validator>();

/** Everything of a kind that the schema knows, by its name. */
export function definitionsOf(kind: LineKind): Map<string, Definition> {
  const prefix = `${kind}-`;
  return new Map(
    Object.entries($defs)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, definition]) => [name.slice(prefix.length), definition as Definition]),
  );
}

/** Every name that the list of a kind has. */
export function listOf(kind: LineKind): string[] {
  const prefix = `#/$defs/${kind}-`;
  return document.$defs[LISTS[kind]].oneOf.map(({ $ref }) => $ref.replace(prefix, ""));
}

/** What is wrong with a line of that kind, for people; `undefined` if nothing is. */
export function faultOf(kind: LineKind, line: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return `not JSON: ${line}`;
  }
  const named = (value as Record<string, unknown> | null)?.[kind === "command" ? kind : "event"];
  const name = `${kind}-${named}`;
  if (!Object.hasOwn($defs, name)) {
    return `docs/ndjson.schema.json knows no ${kind} "${named}": add $defs/${name}, and put it into ` +
      `$defs/${LISTS[kind]}: ${line}`;
  }
  let validator = validators.get(name);
  if (!validator) {
    validator = new Validator({ $ref: `#/$defs/${name}`, $defs } as Schema, "2020-12");
    validators.set(name, validator);
  }
  const { valid, errors } = validator.validate(value);
  if (valid) return undefined;
  const [{ instanceLocation = "", error = "" } = {}] = errors.slice(-1);
  return `not as docs/ndjson.schema.json has ${name}: ${instanceLocation} ${error}: ${line}`;
}
